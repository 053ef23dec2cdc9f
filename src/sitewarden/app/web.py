"""The web process: REST, WebSockets, the console and the integration API, on sockets that it shares with its like."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

from sitewarden import ports
from sitewarden.api.application import WebSettings, create_app
from sitewarden.api.digifort.face import create_digifort
from sitewarden.api.server import serve
from sitewarden.api.web.redirect import create_redirect
from sitewarden.app.places import Places
from sitewarden.app.worker import tell_ledger
from sitewarden.bus.client import BusClient
from sitewarden.config import Settings
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.net import Network
from sitewarden.net.tls import Authority, server_context, serves_tls

log = logging.getLogger(__name__)


async def run(name: str, settings: Settings, network: Network, clock: Clock, ready: Callable[[], None]) -> None:
    """Serve until cancelled. Without the ports beside the main one it goes on, and says so."""
    places = Places.of(settings)
    bus = BusClient(network, places.bus, name)
    tls = server_context(settings, places.tls) if serves_tls(settings) else None
    app = create_app(bus, WebSettings(tls=tls is not None), network)
    async with asyncio.TaskGroup() as group:
        group.create_task(bus.run(), name="bus")
        group.create_task(tell_ledger(bus, name, network), name="ledger")
        await bus.ready()
        main = [network.listen_socket("server", shared=True)]
        if integration := _beside(network, "http-api"):
            group.create_task(serve(create_digifort(bus, clock), [integration], tls, lifespan="off"), name="http-api")
        if page := _beside(network, "web"):
            if tls is None:
                main.append(page)
            else:
                number = ports.number_of("server", settings.ports)
                assert isinstance(number, int)
                certificate = b"" if settings.tls.certificate else Authority.open(places.tls).pem
                group.create_task(serve(create_redirect(number, certificate), [page], lifespan="off"), name="web")
        await serve(app, main, tls, ready=ready)


def _beside(network: Network, port: str) -> socket.socket | None:
    try:
        return network.listen_socket(port, shared=True)
    except Refusal as refusal:
        log.warning("goes on without port %s: %s", port, refusal)
        return None
