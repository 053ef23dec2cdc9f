"""Single pictures in the web process: a camera's last key frame, or a recorded one, decoded once and kept for all who ask."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from datetime import UTC, datetime
from typing import Any, Final
from weakref import WeakValueDictionary

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import Struct

from sitewarden.api.core import Core
from sitewarden.api.native.requests import credentials, header, parameters, remote
from sitewarden.api.routes import PREFIX, ROUTES, Route
from sitewarden.codec.stills import Stills
from sitewarden.domain.clock import SECOND
from sitewarden.media.live_picture import KeyFrame, last_key
from sitewarden.media.plan import Plan
from sitewarden.media.thumbnails import key_at
from sitewarden.net.interfaces import Network
from sitewarden.services.surface.video import VideoTicket

WIDTHS: Final = (160, 320, 640, 1280, 1920, 3840)
"""Widths that pictures are made in, so that few are kept of each; the next one up is taken."""
KEPT: Final = 64 << 20
"""Bytes of pictures that are kept, in memory; past it those asked for longest ago go."""
LIVE: Final = "private, no-cache"
PAST: Final = "private, max-age=3600, immutable"


class Kept(Struct, frozen=True):
    """A picture that was made."""

    wall: int
    data: bytes


class Gallery:
    """The pictures of one web process."""

    def __init__(self, network: Network, stills: Stills, *, room: int = KEPT) -> None:
        self._network, self._stills, self._room = network, stills, room
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self.made = 0
        """Pictures that were decoded, or taken over as they came."""

    async def live(self, ticket: VideoTicket, width: int) -> Kept:
        """Return a camera's last key frame; raises a Refusal."""
        key = (ticket.camera, width)
        async with self._lock(key):
            held = self._take(key)
            frame = await last_key(self._network, ticket.socket, ticket.camera, held.wall if held else 0)
            if frame is not None:
                held = await self._make(key, frame, width)
            assert held is not None
            return held

    async def recorded(self, plan: Plan, camera: str, at: int, width: int) -> Kept:
        """Return the recorded key frame at or before `at`; raises a Refusal."""
        frame = await asyncio.to_thread(key_at, plan, at)
        key = (camera, frame.wall, width)
        async with self._lock(key):
            return self._take(key) or await self._make(key, frame, width)

    def _lock(self, key: Hashable) -> asyncio.Lock:
        found = self._locks.get(key)
        if found is None:
            found = self._locks[key] = asyncio.Lock()
        return found

    def _take(self, key: Hashable) -> Kept | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    async def _make(self, key: Hashable, frame: KeyFrame, width: int) -> Kept:
        picture = await self._stills.jpeg(frame.video, frame.data, width)
        self.made += 1
        made = Kept(frame.wall, picture.data)
        old = self._kept.pop(key, None)
        self._kept[key] = made
        self._bytes += len(made.data) - (len(old.data) if old else 0)
        while self._bytes > self._room:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.data)
        return made


def picture_handlers(core: Core, gallery: Gallery) -> list[HTTPRouteHandler]:
    """Return the handlers of snapshots and of thumbnails."""
    return [_handler(core, gallery, route) for route in ROUTES if route.form == "jpeg"]


def _handler(core: Core, gallery: Gallery, route: Route) -> HTTPRouteHandler:
    async def picture(request: Request[Any, Any, Any]) -> ASGIResponse:
        scope = request.scope
        params = parameters(route, request.path_params, scope["query_string"], "", b"")
        answer = await core.invoke(route.operation, params, credentials(scope), remote=remote(scope), form="msgpack")
        width = next((one for one in WIDTHS if one >= params.width), 0) if params.width else 0
        if route.operation == "video.snapshot":
            found = await gallery.live(msgspec.msgpack.decode(answer.body, type=VideoTicket), width)
            keep = LIVE
        else:
            plan = msgspec.msgpack.decode(answer.body, type=Plan)
            found = await gallery.recorded(plan, params.id, params.at, width)
            # What is being recorded now may soon have a later key frame before that moment.
            keep = PAST if any(one.start <= params.at < one.end for one in plan.segments) else LIVE
        tag = f'"{found.wall}-{width}"'
        moment = f"{datetime.fromtimestamp(found.wall / SECOND, UTC):%Y%m%dT%H%M%SZ}"
        headers = {
            "cache-control": keep,
            "etag": tag,
            "x-picture-time": str(found.wall),
            "content-disposition": f'inline; filename="{params.id}-{moment}.jpg"',
        }
        if tag in header(scope, b"if-none-match"):
            return ASGIResponse(status_code=304, headers=headers)
        return ASGIResponse(body=found.data, media_type="image/jpeg", headers=headers)

    return HTTPRouteHandler(PREFIX + route.path.replace("}", ":str}"), http_method="GET", name=route.id)(picture)
