"""Files in and out of the web process: an upload goes to the path that core names, a download comes from one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.response.base import ASGIResponse

from sitewarden.api.core import Core
from sitewarden.api.native.requests import credentials, header, parameters, remote
from sitewarden.api.routes import PREFIX, ROUTES, Route
from sitewarden.domain.errors import Refusal, TooLarge, TooMany
from sitewarden.services.surface.people import FileTicket, ImportRef, UploadTicket

UPLOADS: Final = 4
"""Uploads at once in one process."""
CHUNK: Final = 256 << 10
"""Bytes read from disk at a time."""
_NO_STORE: Final = {"cache-control": "no-store"}


def file_handlers(core: Core) -> list[HTTPRouteHandler]:
    """Return the handlers of all routes that take or give a file."""
    free = asyncio.Semaphore(UPLOADS)
    return [
        *(_upload(core, route, free) for route in ROUTES if route.upload),
        *(_download(core, route) for route in ROUTES if route.form == "file"),
    ]


def _upload(core: Core, route: Route, free: asyncio.Semaphore) -> HTTPRouteHandler:
    async def upload(request: Request[Any, Any, Any]) -> ASGIResponse:
        scope = request.scope
        params = parameters(route, request.path_params, scope["query_string"], "", b"")
        shown, peer = credentials(scope, route.method), remote(scope)
        if free.locked():
            raise TooMany(f"{UPLOADS} files are being sent already.", remedy="Try again in a minute.")
        async with free:
            opened = await core.invoke(route.operation, params, shown, remote=peer, form="msgpack")
            ticket = msgspec.msgpack.decode(opened.body, type=UploadTicket)
            whole = False
            try:
                await _store(request, ticket, header(scope, b"content-length"))
                whole = True
            finally:
                if not whole:
                    # Where core is away it clears the spool when it starts; the first refusal is the one to tell.
                    with contextlib.suppress(Refusal):
                        await core.invoke(ticket.otherwise, ImportRef(id=ticket.id), shown, remote=peer)
        answer = await core.invoke(ticket.then, ImportRef(id=ticket.id), shown, remote=peer)
        return ASGIResponse(body=answer.body, status_code=route.status, media_type="application/json", headers=_NO_STORE)

    # The limit is that of the ticket, held while the bytes come in; the framework's own would need them in memory.
    return HTTPRouteHandler(
        PREFIX + route.path, http_method="POST", status_code=route.status, request_max_body_size=None, name=route.id
    )(upload)


async def _store(request: Request[Any, Any, Any], ticket: UploadTicket, length: str) -> None:
    path = Path(ticket.path)
    too_large = TooLarge(f"The file is larger than {ticket.limit >> 20} MiB.", where="body", remedy="Send it in parts.")
    if length.isdigit() and int(length) > ticket.limit:
        raise too_large
    size = 0
    file = await asyncio.to_thread(path.open, "r+b")
    with file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > ticket.limit:
                raise too_large
            await asyncio.to_thread(file.write, chunk)


def _download(core: Core, route: Route) -> HTTPRouteHandler:
    async def download(request: Request[Any, Any, Any]) -> Stream:
        scope = request.scope
        params = parameters(route, request.path_params, scope["query_string"], "", b"")
        answer = await core.invoke(route.operation, params, credentials(scope), remote=remote(scope), form="msgpack")
        ticket = msgspec.msgpack.decode(answer.body, type=FileTicket)
        file = await asyncio.to_thread(_taken, Path(ticket.path))
        headers = {
            **_NO_STORE,
            "content-disposition": f'attachment; filename="{ticket.name}"',
            "content-length": str(ticket.size),
        }
        return Stream(_read(file), media_type=ticket.media_type, headers=headers)

    return HTTPRouteHandler(PREFIX + route.path.replace("}", ":str}"), http_method="GET", name=route.id)(download)


def _taken(path: Path) -> BinaryIO:
    """Open a file and take its name away, so that it is gone however the download ends."""
    file = path.open("rb")
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    return file


async def _read(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
