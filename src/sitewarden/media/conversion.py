"""Live video that a browser cannot decode, converted to H.264 in a child: once a camera, however many watch.

Bounds: a picture that is LATE is left out with all up to the next key frame, so a machine that is too slow shows fewer pictures,
never older ones; what the first viewer finds of a group of pictures may be older. A child that fails is begun anew after RETRY.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from msgspec import Struct

from sitewarden.codec.children import Child
from sitewarden.codec.messages import Begin, Coded, Failed, Request, Shot
from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.media.live_wire import DELTA, HEAD, INIT, KEY, LOST
from sitewarden.media.units import Head, Picture, UnitError, decode, head
from sitewarden.wire.fmp4 import TIMESCALE, frame_header
from sitewarden.wire.fmp4_init import init_segment
from sitewarden.wire.formats import VideoFormat

if TYPE_CHECKING:
    from sitewarden.media.live_client import Viewer

log = logging.getLogger(__name__)
T = TypeVar("T")

WIDTH: Final = 1280
"""Greatest width of what is made."""
LATE: Final = 2.0
"""Seconds after which a picture is not worth its conversion any more."""
SECONDS: Final = 15.0
"""Longest that a child may take for one picture."""
RETRY: Final = 2.0
NICE: Final = 5
NAMES: Final = {"H264": "H.264", "H265": "H.265", "JPEG": "Motion JPEG"}


class Converted(Struct, frozen=True, kw_only=True):
    """What is told of a converted stream before its pictures, as of every other; and what it was."""

    codec: str
    width: int
    height: int
    audio: str
    converted: str


class Conversion:
    """One camera's. `run` ends when cancelled; messages as of the live socket go to `give`."""

    def __init__(self, give: Callable[[int, bytes], None], threads: ThreadPoolExecutor) -> None:
        self._give, self._threads = give, threads
        self._child: Child | None = None
        self._source: Head | None = None
        self._fresh = True
        """The child does not know the format yet."""
        self._waiting = True
        """Until the next key frame."""
        self._allowed = math.inf
        self._video: VideoFormat | None = None
        self._audio = ""
        self._sequence = self._last = 0

    @property
    def pid(self) -> int:
        """Process id of the child; 0 where there is none now."""
        return self._child.pid if self._child is not None else 0

    async def run(self, viewer: Viewer) -> None:
        """Convert what `viewer` gets (as "units") until it ends."""
        try:
            async for item in viewer:
                try:
                    await self._take(item)
                except (Refusal, UnitError) as error:
                    log.warning("conversion: %s", error)
                    self._lost(str(error))
                    self._drop()
                    await asyncio.sleep(RETRY)
        finally:
            self._drop()

    async def _take(self, item: str | bytes) -> None:
        if isinstance(item, str):
            told = _lost(item)
            if told is not None:
                self._lost(told)
            else:
                self._source, self._fresh, self._waiting = head(item), True, True
            return
        unit = decode(item) if item else None
        if not isinstance(unit, Picture) or self._source is None:
            return
        late = time.time() - unit.wall / 1_000_000
        if late > self._allowed:
            self._waiting = True
            return
        if self._waiting and not unit.key:
            return
        self._allowed = LATE if late < LATE else min(self._allowed, late + 1.0)
        if self._child is None:
            self._child = await self._aside(lambda: Child(NICE))
            await self._ask(Begin(live=True, width=WIDTH))
            self._fresh, self._video, self._allowed = True, None, math.inf
        video = self._source.video if self._fresh else None
        shot = Shot(video=video, time=unit.time, wall=unit.wall, key=unit.key or self._waiting, data=unit.data)
        self._fresh = self._waiting = False
        answer = await self._ask(shot)
        if isinstance(answer, Failed):
            self._waiting = self._fresh = True
        elif isinstance(answer, Coded):
            self._out(answer)

    def _out(self, coded: Coded) -> None:
        assert self._source is not None
        audio = self._source.audio.codec if self._source.audio else ""
        if (video := coded.video) is not None or audio != self._audio:
            self._audio, self._video = audio, video or self._video
            assert self._video is not None
            told = Converted(
                codec=self._video.codec,
                width=self._video.width,
                height=self._video.height,
                audio=audio,
                converted=NAMES[self._source.video.encoding],
            )
            self._give(HEAD, msgspec.json.encode(told))
            self._give(INIT, init_segment(self._video))
        for unit in coded.units:
            self._sequence += 1
            interval = min(max(1, unit.time - self._last), 2 * TIMESCALE) if self._last else TIMESCALE // 25
            self._last = unit.time
            fragment = frame_header(self._sequence, unit.time, interval, 0, unit.key, len(unit.data)) + unit.data
            self._give(KEY if unit.key else DELTA, fragment)

    def _lost(self, why: str) -> None:
        self._waiting = True
        self._give(LOST, msgspec.json.encode({"lost": why}))

    async def _ask(self, request: Request) -> Coded | Failed:
        child = self._child
        assert child is not None
        answer = await self._aside(lambda: child.ask(request, SECONDS))
        if not isinstance(answer, Coded | Failed):
            raise Unreachable("the decoder answers something else")
        return answer

    async def _aside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _drop(self) -> None:
        if self._child is not None:
            self._child.kill()
        self._child = None


def _lost(text: str) -> str | None:
    with contextlib.suppress(msgspec.MsgspecError):
        return msgspec.json.decode(text, type=_Lost).lost
    return None


class _Lost(Struct):
    lost: str
