"""Points' history in the web process: core says what may be read, the store is read here, and columns or files go out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.response.base import ASGIResponse

from sitewarden.api.core import Core
from sitewarden.api.native.requests import credentials, header, parameters, remote
from sitewarden.api.routes import PREFIX, ROUTES, Route
from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import TooMany, Unreachable
from sitewarden.services.points import parquet
from sitewarden.services.points.export import exported
from sitewarden.services.points.reading import encoded, page, read
from sitewarden.services.surface.samples import SamplesTicket
from sitewarden.store.interfaces import SampleReader

READS: Final = 4
"""Queries that read at once in one process; further ones wait."""
WAITING: Final = 64
"""Queries that wait; further ones are refused."""
EXPORTS: Final = 4
"""Files that are made at once in one process."""
ARROW: Final = "application/vnd.apache.arrow.stream"
_FILES: Final = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
_NO_STORE: Final = {"cache-control": "no-store", "vary": "accept"}


class _Turns:
    """So many at once, so many in the queue; who comes later is told so."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(READS)
        self._inside = 0

    @contextlib.asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it."""
        if self._inside >= READS + WAITING:
            raise TooMany(f"{self._inside} queries of history are under way already.", remedy="Try again in a moment.")
        self._inside += 1
        try:
            async with self._free:
                yield
        finally:
            self._inside -= 1


def history_handlers(core: Core, reader: SampleReader | None) -> list[HTTPRouteHandler]:
    """Return the handlers of all routes of points' history."""
    turns, exports = _Turns(), asyncio.Semaphore(EXPORTS)

    def opened() -> SampleReader:
        if reader is None:
            raise Unreachable("This process does not read points' history.", remedy="Ask the server that runs the connectors.")
        return reader

    async def raw(request: Request[Any, Any, Any]) -> ASGIResponse:
        params, _ = await _asked(core, _route("samples.raw"), request)
        async with turns.taken():
            found = await page(opened(), params)
        body = await asyncio.to_thread(msgspec.json.encode, found)
        return ASGIResponse(body=body, headers=_NO_STORE, media_type="application/json")

    async def series(request: Request[Any, Any, Any]) -> ASGIResponse:
        arrow = ARROW in header(request.scope, b"accept")
        if arrow:
            parquet.available()
        params, ticket = await _asked(core, _route("samples.series"), request)
        async with turns.taken():
            found = await read(opened(), ticket, params)
        if arrow:
            body = await asyncio.to_thread(parquet.stream, found.found)
            return ASGIResponse(body=body, headers=_NO_STORE, media_type=ARROW)
        body = await asyncio.to_thread(encoded, params, found)
        return ASGIResponse(body=body, headers=_NO_STORE, media_type="application/json")

    async def export(request: Request[Any, Any, Any]) -> Stream:
        if exports.locked():
            raise TooMany(f"{EXPORTS} exports run already.", remedy="Wait for one to end.")
        params, ticket = await _asked(core, _route("samples.export"), request)
        if params.form == "parquet":
            parquet.available()
        pieces = exported(opened(), ticket, params)
        name = ticket.points[0].id if len(ticket.points) == 1 else "points"
        moment = f"{datetime.fromtimestamp(params.start / SECOND, UTC):%Y%m%d}"
        headers = {**_NO_STORE, "content-disposition": f'attachment; filename="{name}-{moment}.{params.form}"'}
        return Stream(_held(pieces, exports), media_type=_FILES[params.form], headers=headers)

    return [
        _handler(_route(operation), handle)
        for operation, handle in (("samples.raw", raw), ("samples.series", series), ("samples.export", export))
    ]


def _route(operation: str) -> Route:
    return next(route for route in ROUTES if route.operation == operation)


def _handler(route: Route, handle: Any) -> HTTPRouteHandler:
    return HTTPRouteHandler(PREFIX + route.path.replace("}", ":str}"), http_method="GET", name=route.id)(handle)


async def _asked(core: Core, route: Route, request: Request[Any, Any, Any]) -> tuple[Any, SamplesTicket]:
    scope = request.scope
    params = parameters(route, request.path_params, scope["query_string"], "", b"")
    answer = await core.invoke(route.operation, params, credentials(scope), remote=remote(scope), form="msgpack")
    return params, msgspec.msgpack.decode(answer.body, type=SamplesTicket)


async def _held(pieces: AsyncIterator[bytes], free: asyncio.Semaphore) -> AsyncIterator[bytes]:
    async with free:
        async for piece in pieces:
            if piece:
                yield piece
