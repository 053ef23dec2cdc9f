"""Where the units of a target come from: the live relay, or the recorded files at their own pace."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Final

import msgspec

from sitewarden.api.rtsp.rights import Rights
from sitewarden.api.rtsp.sending import Sending
from sitewarden.domain.errors import Unreachable
from sitewarden.media.live_client import LiveRelay, Viewer
from sitewarden.media.plan import Plan
from sitewarden.media.replay import Piece, first_head, replay
from sitewarden.media.units import Head, Picture, decode, head
from sitewarden.services.surface.video import VideoTicket
from sitewarden.wire.rtsp_server import Medium, Play
from sitewarden.wire.rtsp_target import Target

FIRST: Final = 8.0
"""Seconds that a camera has to say what it sends."""
AHEAD: Final = 0.3
"""Seconds by which recorded pictures are sent before their time."""
UNITS: Final = "units"


class Source:
    """A target that a client may see."""

    def __init__(self, target: Target, rights: Rights, relay: LiveRelay) -> None:
        self._target, self._rights, self._relay = target, rights, relay
        self._ticket: VideoTicket | None = None
        self._plan: Plan | None = None
        self.position = 0
        """Wall time of the recorded picture sent last, microseconds since 1970 UTC."""

    async def open(self) -> Medium:
        """Find out what it is; raises a Refusal."""
        target = self._target
        if target.kind == "recorded":
            plan = self._plan = await self._rights.recorded(target)
            found = await asyncio.to_thread(first_head, plan)
            # What is asked for from before the first recording begins there.
            start = max(plan.start, min((one.start for one in plan.segments), default=plan.start))
            return Medium(name=target.camera, video=found.video, audio=found.audio, start=start, end=plan.end)
        ticket = self._ticket = await self._rights.live(target.camera)
        with contextlib.closing(self._relay.view(ticket.socket, target.camera, UNITS)) as viewer:
            found = await _first_head(viewer)
        return Medium(name=target.camera, video=found.video, audio=found.audio)

    async def play(self, play: Play, sending: Sending) -> None:
        """Send until it ends; a live stream ends with its worker alone. Raises what `Sending.send` does."""
        if play.start is None or play.end is None:
            await self._live(sending)
        else:
            await self._recorded(play, play.start, play.end, sending)

    async def _live(self, sending: Sending) -> None:
        assert self._ticket is not None
        with contextlib.closing(self._relay.view(self._ticket.socket, self._target.camera, UNITS)) as viewer:
            async for item in viewer:
                if isinstance(item, bytes):
                    await sending.send(decode(item))
                elif (found := _head(item)) is not None:
                    sending.change(found)

    async def _recorded(self, play: Play, start: int, end: int, sending: Sending) -> None:
        assert self._plan is not None
        loop = asyncio.get_running_loop()
        began: float | None = None
        zero = 0
        async for piece in _threaded(replay(self._plan, start, end, keys_only=play.scale > 1)):
            if piece.head != sending.head:
                sending.change(piece.head)
            for unit in piece.units:
                if isinstance(unit, Picture):
                    if began is None:
                        began, zero = loop.time(), unit.time
                    wait = began + (unit.time - zero) / 90_000 / play.scale - AHEAD - loop.time()
                    if wait > 0:
                        await asyncio.sleep(wait)
                    self.position = unit.wall
                await sending.send(unit)


async def _threaded(pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece


async def _first_head(viewer: Viewer) -> Head:
    try:
        async with asyncio.timeout(FIRST):
            async for item in viewer:
                if isinstance(item, str) and (found := _head(item)) is not None:
                    return found
    except TimeoutError:
        pass
    raise Unreachable("the camera sends nothing at the moment", where="camera", remedy="See its page for the reason.")


def _head(item: str) -> Head | None:
    """Return the format that a message tells; None where the camera is lost, which may end."""
    if "lost" in msgspec.json.decode(item, type=dict[str, msgspec.Raw]):
        return None
    return head(item)
