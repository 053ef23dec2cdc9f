"""The web process: REST, WebSockets, the console and the integration API, on sockets that it shares with its like."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from sitewarden.api.application import History, WebSettings, create_app
from sitewarden.api.core import Core
from sitewarden.api.digifort.face import create_digifort
from sitewarden.api.rtsp.face import RtspFace
from sitewarden.api.timeseries.face import create_timeseries
from sitewarden.api.web.redirect import create_redirect
from sitewarden.api.web.trial import Trying
from sitewarden.api.whep.face import WhepFace
from sitewarden.app.faces import Faces
from sitewarden.app.places import Places
from sitewarden.app.samples import sample_reader
from sitewarden.app.volumes import declare, volumes
from sitewarden.app.worker import tell_ledger
from sitewarden.bus.client import BusClient
from sitewarden.config import Settings
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.domain.portchange import Reach
from sitewarden.net import Network
from sitewarden.net.interfaces import Tls
from sitewarden.net.tls import Authority, server_context, serves_tls
from sitewarden.services.timeseries.desk import Desk
from sitewarden.services.timeseries.queries import Queries

log = logging.getLogger(__name__)


async def run(name: str, settings: Settings, network: Network, clock: Clock, ready: Callable[[], None]) -> None:
    """Serve until cancelled. Without the ports beside the main one it goes on, and says so."""
    places = Places.of(settings)
    bus = BusClient(network, places.bus, name)
    tls = server_context(settings, places.tls) if serves_tls(settings) else None
    trying = Trying()
    whep = WhepFace(Core(bus), network, settings.whep, settings.bind) if settings.whep.enabled else None
    reader = sample_reader(settings, network)
    history = History(clock, Queries(reader, settings.timeseries), Desk())
    web = WebSettings(tls=tls is not None, trying=trying, pictures=settings.pictures)
    app = create_app(bus, web, network, whep, reader, history)
    async with app.lifespan(), asyncio.TaskGroup() as group:
        group.create_task(bus.run(), name="bus")
        group.create_task(tell_ledger(bus, name, network), name="ledger")
        await bus.ready()
        declare(volumes(settings), network)
        faces = Faces(network, settings, trying, group)
        _beside(faces, "http-api", create_digifort(bus, clock), tls)
        _beside(faces, "timeseries", create_timeseries(bus, clock, history.queries, history.desk), tls, "anywhere")
        if tls is None:
            _beside(faces, "web", app, None)
        else:
            certificate = b"" if settings.tls.certificate else Authority.open(places.tls).pem
            _beside(faces, "web", create_redirect(lambda: faces.number("server"), certificate), None, "redirect")
        faces.start("server", app, tls, ready=ready)
        async with _whep(whep), _rtsp_out(bus, clock, network, settings, places):
            try:
                await faces.follow(bus, name)
            finally:
                await reader.close()


@contextlib.asynccontextmanager
async def _whep(face: WhepFace | None) -> AsyncIterator[None]:
    """Serve WebRTC meanwhile, where the settings say so."""
    if face is None:
        yield
        return
    try:
        await face.start()
        yield
    finally:
        await face.close()


@contextlib.asynccontextmanager
async def _rtsp_out(bus: BusClient, clock: Clock, network: Network, settings: Settings, places: Places) -> AsyncIterator[None]:
    """Serve RTSP to other systems meanwhile, where the settings say so."""
    if not settings.rtsp_out.enabled:
        yield
        return
    face = RtspFace(Core(bus), clock, network, settings.rtsp_out)
    try:
        await face.start(server_context(settings, places.tls))
        yield
    finally:
        await face.close()


def _beside(faces: Faces, row: str, app: Any, tls: Tls, reach: Reach = "console") -> None:
    try:
        faces.start(row, app, tls, reach)
    except Refusal as refusal:
        log.warning("goes on without port %s: %s", row, refusal)
