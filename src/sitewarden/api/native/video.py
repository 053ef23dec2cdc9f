"""Video in the web process: live over a WebSocket, playback as a stream. Core says who may; the video never passes core."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import msgspec
from litestar import Request, WebSocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler
from litestar.response import Stream

from sitewarden.api.core import Core
from sitewarden.api.native.live_messages import error_frame
from sitewarden.api.native.requests import credentials, parameters, remote, same_origin
from sitewarden.api.routes import PREFIX, ROUTES, Route
from sitewarden.api.websocket import pour
from sitewarden.domain.errors import Invalid, Refusal, TooMany, Unauthenticated
from sitewarden.media import keyframes, playback
from sitewarden.media.live_client import LiveRelay, Viewer
from sitewarden.media.plan import Plan
from sitewarden.media.playback import Film
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.identity import Nothing, SessionInfo
from sitewarden.services.surface.video import PlaybackRange, VideoTicket

PLAYBACKS: Final = 32
"""Playbacks at once in one process; each has a thread while it reads."""
CHUNK: Final = 256 << 10
"""Bytes read from disk at a time, at least."""
STALLED: Final = 30.0
"""Seconds that a viewer may take nothing."""
RECHECK: Final = 60.0
"""Seconds after which it is looked at whether the viewer may still watch."""
START: Final = "x-sitewarden-start"
"""Header of a playback: the day's time at time 0 of the file, microseconds since 1970 UTC."""
CLOSE_UNAUTHENTICATED: Final = 4401
CLOSE_REFUSED: Final = 4403
CLOSE_TOO_SLOW: Final = 4408


def _route(operation: str) -> Route:
    return next(route for route in ROUTES if route.operation == operation)


def playback_handler(core: Core) -> HTTPRouteHandler:
    """Return the handler of a camera's playback.mp4."""
    route = _route("video.playback")
    free = asyncio.Semaphore(PLAYBACKS)

    async def play(request: Request[Any, Any, Any]) -> Stream:
        scope = request.scope
        params = parameters(route, request.path_params, scope["query_string"], "", b"")
        if free.locked():
            raise TooMany(f"{PLAYBACKS} playbacks run already.", remedy="Close one, or try again in a minute.")
        answer = await core.invoke(route.operation, params, credentials(scope), remote=remote(scope), form="msgpack")
        found = await asyncio.to_thread(_film, msgspec.msgpack.decode(answer.body, type=Plan), params)
        first = await asyncio.to_thread(take, found.pieces)
        headers = {"cache-control": "no-store", START: str(found.start)}
        return Stream(_read(first, found.pieces, free), media_type=f'video/mp4; codecs="{found.codecs}"', headers=headers)

    return HTTPRouteHandler(PREFIX + route.path.replace("}", ":str}"), http_method="GET", name=route.id)(play)


def _film(plan: Plan, asked: PlaybackRange) -> Film:
    if asked.frames == "keys":
        return keyframes.film(plan, backward=asked.direction == "backward", every=asked.every)
    return playback.film(plan)


def take(pieces: Iterator[bytes]) -> bytes:
    """Return the next `CHUNK` bytes or a little more; empty at the end."""
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size >= CHUNK:
            break
    return b"".join(parts)


async def _read(first: bytes, pieces: Iterator[bytes], free: asyncio.Semaphore) -> AsyncIterator[bytes]:
    async with free:
        chunk = first
        while chunk:
            yield chunk
            chunk = await asyncio.to_thread(take, pieces)


def camera_live_handler(core: Core, relay: LiveRelay) -> WebsocketRouteHandler:
    """Return the handler of a camera's live WebSocket."""

    async def camera_live(socket: WebSocket[Any, Any, Any]) -> None:
        if not same_origin(socket.scope):
            await socket.close(code=1008, reason="It comes from a page of another site.")
            return
        await socket.accept()
        code, reason = 1000, ""
        try:
            await _watch(socket, core, relay)
        except TimeoutError:
            code, reason = CLOSE_TOO_SLOW, "The connection is too slow."
        except Refusal as refusal:
            code = CLOSE_UNAUTHENTICATED if isinstance(refusal, Unauthenticated) else CLOSE_REFUSED
            reason = refusal.what
            with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                async with asyncio.timeout(1.0):
                    await socket.send({"type": "websocket.send", "text": error_frame("-", refusal), "bytes": None})
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(1.0):
                await socket.close(code=code, reason=reason[:100])

    return WebsocketRouteHandler(f"{PREFIX}/cameras/{{id:str}}/live", name="liveVideo")(camera_live)


async def _watch(socket: WebSocket[Any, Any, Any], core: Core, relay: LiveRelay) -> None:
    shown, peer = credentials(socket.scope), remote(socket.scope)
    camera = str(socket.path_params["id"])
    media = socket.query_params.get("media", "video")
    asked = {"id": camera, "media": media, "stream": socket.query_params.get("stream", "main")}
    frames = socket.query_params.get("frames", "all")
    if frames not in ("all", "keys") or (frames == "keys" and media == "audio"):
        raise Invalid(
            f'"{frames}" are no frames that are sent', where="frames", remedy='Ask for "all", or for "keys" of pictures.'
        )
    ticket = await _ticket(core, asked, shown, peer)
    viewer = relay.view(ticket.socket, ticket.channel or camera, media, pour(socket.scope), keys=frames == "keys")
    tasks = [
        asyncio.create_task(_send(socket, viewer), name=f"live {camera} sender"),
        asyncio.create_task(_until_gone(socket), name=f"live {camera} reader"),
        asyncio.create_task(_recheck(core, asked, shown, peer), name=f"live {camera} rights"),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        viewer.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        error = task.exception()
        if error is not None and not isinstance(error, WebSocketDisconnect):
            raise error


async def _ticket(core: Core, asked: dict[str, str], shown: Credentials, peer: str) -> VideoTicket:
    answer = await core.invoke("video.live", asked, shown, remote=peer, form="msgpack")
    return msgspec.msgpack.decode(answer.body, type=VideoTicket)


async def _send(socket: WebSocket[Any, Any, Any], viewer: Viewer) -> None:
    if pour(socket.scope) is not None:
        await viewer.pour(STALLED)
        return
    async for item in viewer:
        async with asyncio.timeout(STALLED):
            if isinstance(item, str):
                await socket.send({"type": "websocket.send", "text": item, "bytes": None})
            else:
                await socket.send({"type": "websocket.send", "text": None, "bytes": item})


async def _until_gone(socket: WebSocket[Any, Any, Any]) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _recheck(core: Core, asked: dict[str, str], shown: Credentials, peer: str) -> None:
    """Raise once the viewer may not watch any more; a look that changes nothing is not audited again."""
    before = await _grants(core, shown, peer)
    while True:
        await asyncio.sleep(RECHECK)
        now = await _grants(core, shown, peer)
        if now != before:
            await _ticket(core, asked, shown, peer)
            before = now


async def _grants(core: Core, shown: Credentials, peer: str) -> object:
    answer = await core.invoke("session.get", Nothing(), shown, remote=peer, form="msgpack")
    return msgspec.msgpack.decode(answer.body, type=SessionInfo).grants
