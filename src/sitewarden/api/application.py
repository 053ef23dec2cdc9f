"""The application of the web process: REST, WebSockets, the OpenAPI document and the console, on one origin.

Litestar gives routing, body limits and WebSockets; parameters, schemas and rights come from the table of routes and from core.
It is kept because it costs little: 13 µs for an answer of its own, a fifth of a read that goes through core in one process.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.response.base import ASGIResponse
from msgspec import Struct, field

from sitewarden.api import openapi, problems
from sitewarden.api.core import Core
from sitewarden.api.native.exports import export_handler
from sitewarden.api.native.files import file_handlers
from sitewarden.api.native.handlers import BODY_LIMIT, rest_handlers
from sitewarden.api.native.history import history_handlers
from sitewarden.api.native.live import live_handler
from sitewarden.api.native.live_hub import LiveHub
from sitewarden.api.native.pictures import Gallery, picture_handlers
from sitewarden.api.native.timeseries import query_handlers
from sitewarden.api.native.video import camera_live_handler, playback_handler
from sitewarden.api.routes import PREFIX
from sitewarden.api.web.assets import Assets
from sitewarden.api.web.headers import SecurityHeaders
from sitewarden.api.web.pages import page_handlers
from sitewarden.api.web.trial import Trying
from sitewarden.api.whep.face import WhepFace
from sitewarden.api.whep.handlers import whep_handlers
from sitewarden.bus.interfaces import Bus
from sitewarden.codec.stills import Stills
from sitewarden.config import PicturesSettings
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Invalid, NotFound, Refusal, TooLarge
from sitewarden.media.live_client import LiveRelay
from sitewarden.net.interfaces import Network
from sitewarden.services.timeseries.desk import Desk
from sitewarden.services.timeseries.queries import Queries
from sitewarden.store.interfaces import SampleReader

_log = logging.getLogger("sitewarden.api")
CONSOLE: Final = Path(__file__).parent / "web" / "static"


class WebSettings(Struct, frozen=True, kw_only=True):
    """What the web process has to know. `tls`: people reach it under TLS, so the cookie is marked Secure."""

    tls: bool = False
    trying: Trying = field(default_factory=Trying)
    """The port that is tried in this process."""
    console: Path | None = CONSOLE
    pictures: PicturesSettings = field(default_factory=PicturesSettings)
    request_timeout: float = 65.0
    """Seconds that core has for the longest operation; each has a shorter limit of its own in core."""


@dataclass(frozen=True, slots=True)
class History:
    """Points' history in this process: queries over it, and whose points are whose."""

    clock: Clock
    queries: Queries
    desk: Desk


def create_app(
    bus: Bus,
    settings: WebSettings,
    network: Network | None = None,
    whep: WhepFace | None = None,
    samples: SampleReader | None = None,
    history: History | None = None,
) -> Litestar:
    """Return the ASGI application of port 8600. `network` reaches the media workers; without it there is no live video.

    `whep` takes offers of WebRTC viewers, where it is served. `samples` reads points' history, `history` answers PromQL over it.
    """
    core = Core(bus, timeout=settings.request_timeout)
    hub = LiveHub(bus)
    closing: list[Any] = [hub.close]
    video: list[Any] = []
    if network is not None:
        relay = LiveRelay(network, settings.pictures.conversions)
        stills = Stills(settings.pictures.decoders)
        video += [camera_live_handler(core, relay), *picture_handlers(core, Gallery(network, stills))]
        closing += [relay.close, stills.close]
    if whep is not None:
        video += whep_handlers(whep)
    if history is not None:
        video += query_handlers(core, history.clock, history.queries, history.desk)
    handlers: list[Any] = [
        *rest_handlers(core, secure=settings.tls),
        live_handler(core, hub),
        playback_handler(core),
        export_handler(core),
        *file_handlers(core),
        *history_handlers(core, samples),
        *video,
        _health,
        _document(),
        *page_handlers(Assets(settings.console)),
    ]
    return Litestar(
        handlers,
        state=State({"live": hub}),
        openapi_config=None,
        logging_config=None,
        middleware=[DefineMiddleware(SecurityHeaders, trying=settings.trying, scheme="https" if settings.tls else "http")],
        exception_handlers={Refusal: _refused, HTTPException: _litestar_refused, 500: _broken},
        request_max_body_size=BODY_LIMIT,
        on_shutdown=closing,
    )


@get(f"{PREFIX}/health", name="health")
async def _health() -> ASGIResponse:
    return _bytes(b'{"status":"ok"}', "application/json")


def _document() -> HTTPRouteHandler:
    encoded = cache(openapi.encode)

    @get("/openapi.json", name="openapi")
    async def document() -> ASGIResponse:
        # Half a second of work, which few nodes are ever asked for.
        return _bytes(await asyncio.to_thread(encoded), "application/json", {"cache-control": "no-cache"})

    return document


def _bytes(body: bytes, media_type: str, headers: dict[str, str] | None = None, status: int = 200) -> ASGIResponse:
    return ASGIResponse(body=body, media_type=media_type, headers=headers, status_code=status)


def _refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(problems.encode(refusal), status_code=refusal.status, media_type=problems.MEDIA_TYPE, headers=headers)


def _litestar_refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    if error.status_code == 404:
        return _refused(request, NotFound("There is nothing here.", remedy="See /openapi.json for what there is."))
    if error.status_code == 413:
        return _refused(request, TooLarge("The body is too large.", where="body", remedy="Send less at once."))
    refusal = Invalid(error.detail, remedy="See /openapi.json for what is expected.")
    shown = msgspec.structs.replace(problems.problem(refusal), status=error.status_code)
    return Response(
        msgspec.json.encode(shown), status_code=error.status_code, media_type=problems.MEDIA_TYPE, headers=error.headers
    )


def _broken(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    shown = problems.Problem(
        type=problems.TYPE_PREFIX + "defect",
        title="Defect",
        status=500,
        detail="The server failed at this request. It was written to its log.",
        where="",
        remedy="Try again; if it fails again, report it with the log.",
    )
    return Response(msgspec.json.encode(shown), status_code=500, media_type=problems.MEDIA_TYPE)
