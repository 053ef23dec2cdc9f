"""Exports of recordings in the web process: a ZIP that is written while it is sent, signed by core at its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from sitewarden.api.core import Core
from sitewarden.api.native.requests import credentials, parameters, remote
from sitewarden.api.native.video import take
from sitewarden.api.routes import PREFIX, ROUTES
from sitewarden.domain.errors import Conflict, Refusal, TooMany
from sitewarden.media.export import Bundle
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.exports import ExportedBytes, ExportGo, ExportSign, ExportTicket, SignedManifest

log = logging.getLogger(__name__)
TELL: Final = 2.0
"""Seconds between two tellings of how far an export is."""
EXPORTS: Final = 4
"""Exports at once in one process; each has a thread while it reads."""
CONVERTED: Final = 2
"""Of them with masks or watermarks."""


def export_handler(core: Core) -> HTTPRouteHandler:
    """Return the handler of `/exports/video.zip`."""
    route = next(one for one in ROUTES if one.operation == "video.export")
    free, converting = asyncio.Semaphore(EXPORTS), asyncio.Semaphore(CONVERTED)

    async def export(request: Request[Any, Any, Any]) -> Stream:
        scope = request.scope
        params = parameters(route, request.path_params, scope["query_string"], "", b"")
        if free.locked():
            raise TooMany(f"{EXPORTS} exports run already.", remedy="Wait for one to end.")
        shown, peer = credentials(scope), remote(scope)
        answer = await core.invoke(route.operation, params, shown, remote=peer, form="msgpack")
        ticket = msgspec.msgpack.decode(answer.body, type=ExportTicket)
        # Held until the download ends; a process converts few at once, since each takes two cores for as long as it lasts.
        if any(one.look for one in ticket.cameras) and converting.locked():
            raise TooMany(f"{CONVERTED} exports with masks or watermarks are made already.", remedy="Wait for one to end.")
        headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="export-{ticket.id}.zip"'}
        busy = converting if any(one.look for one in ticket.cameras) else contextlib.nullcontext()
        return Stream(_write(core, ticket, shown, peer, free, busy), media_type="application/zip", headers=headers)

    return HTTPRouteHandler(PREFIX + route.path, http_method="GET", name=route.id)(export)


async def _write(
    core: Core,
    ticket: ExportTicket,
    shown: Credentials,
    peer: str,
    free: asyncio.Semaphore,
    busy: AbstractAsyncContextManager[None],
) -> AsyncIterator[bytes]:
    async with free, busy:
        bundle = Bundle()
        sent, converts = _Sent(), any(one.look for one in ticket.cameras)
        teller = asyncio.create_task(_tell(core, ticket.id, sent, shown, peer), name=f"export {ticket.id}")
        try:
            for one in ticket.cameras:
                async for chunk in _read(bundle.recordings(one.camera, one.name, one.plan, one.look)):
                    if not sent.go:
                        raise Conflict("this export was cancelled", where="id")
                    sent.bytes = _done(ticket, bundle) if converts else sent.bytes + len(chunk)
                    yield chunk
        finally:
            teller.cancel()
        written = ExportSign(id=ticket.id, files=tuple(bundle.files))
        answer = await core.invoke("video.export-sign", written, shown, remote=peer, form="msgpack")
        proof = msgspec.msgpack.decode(answer.body, type=SignedManifest)
        async for chunk in _read(bundle.finish(proof.manifest, proof.signature, proof.certificate, proof.authority)):
            yield chunk


@dataclass(slots=True)
class _Sent:
    bytes: int = 0
    go: bool = True


def _done(ticket: ExportTicket, bundle: Bundle) -> int:
    """Return how many bytes of the recordings are done, by time: what is converted has another size."""
    plans = [one.plan for one in ticket.cameras]
    total = sum(segment.bytes for plan in plans for segment in plan.segments)
    length = sum(max(0, min(one.end, plan.end) - max(one.start, plan.start)) for plan in plans for one in plan.segments)
    return round(total * min(1.0, bundle.covered / max(1, length)))


async def _tell(core: Core, id_: str, sent: _Sent, shown: Credentials, peer: str) -> None:
    """Tell core how far an export is, and learn whether it shall go on, until cancelled."""
    while sent.go:
        try:
            told = ExportedBytes(id=id_, bytes=sent.bytes)
            answer = await core.invoke("export.progress", told, shown, remote=peer, form="msgpack")
            sent.go = msgspec.msgpack.decode(answer.body, type=ExportGo).go
        except Refusal as refusal:
            # Core is away, or the session ended: the signature at the end tells whether that matters.
            log.info("export %s: %s", id_, refusal)
        await asyncio.sleep(TELL)


async def _read(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(take, pieces):
        yield chunk
