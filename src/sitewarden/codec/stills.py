"""A small pool of children that make JPEG pictures of key frames, for the event loop of a process.

Bounds: `children` decode at once; WAITING more may wait, and whoever comes then is refused. A child that nobody asked for IDLE
seconds is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sitewarden.codec.children import Child, demand
from sitewarden.codec.messages import Failed, Jpeg, Still
from sitewarden.domain.errors import Invalid, TooMany
from sitewarden.wire.formats import VideoFormat

WAITING: Final = 64
"""Pictures that may wait for a child."""
SECONDS: Final = 10.0
"""Longest that one picture may take."""
START: Final = 20.0
"""Longest that a child may take to start: it loads its libraries, at a low priority, on a machine that may be busy."""
IDLE: Final = 30.0


class Stills:
    """Makes JPEG pictures. One a process; `close` ends the children."""

    def __init__(self, children: int = 2) -> None:
        self._most = children
        self._threads = ThreadPoolExecutor(children, thread_name_prefix="stills")
        self._free: list[tuple[Child, float]] = []
        self._running: set[Child] = set()
        self._asked = 0
        self._tidy: asyncio.TimerHandle | None = None
        self._closed = False

    async def jpeg(self, video: VideoFormat, data: bytes, width: int = 0) -> Jpeg:
        """Return a key frame as JPEG, `width` wide at most (0: as it is).

        Motion JPEG that is no wider needs no decoder. Raises TooMany, TimedOut, Unreachable, Invalid.
        """
        if video.encoding == "JPEG" and (not width or 0 < video.width <= width):
            return Jpeg(data=data, width=video.width, height=video.height)
        demand()
        if self._asked >= self._most + WAITING:
            raise TooMany(f"{WAITING} pictures wait to be decoded already.", remedy="Ask again in a moment.")
        self._asked += 1
        try:
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._ask, Still(video=video, data=data, width=width))
        finally:
            self._asked -= 1
            self._later()
        return answer

    def close(self) -> None:
        """End all children."""
        self._closed = True
        if self._tidy is not None:
            self._tidy.cancel()
        for child in (*self._running, *(child for child, _ in self._free)):
            child.kill()
        self._free.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def pids(self) -> list[int]:
        """Process ids of the children."""
        return [child.pid for child in (*self._running, *(child for child, _ in self._free))]

    def _ask(self, request: Still) -> Jpeg:
        try:
            child, seconds = self._free.pop()[0], SECONDS
        except IndexError:
            child, seconds = Child(), START + SECONDS
        self._running.add(child)
        try:
            answer = child.ask(request, seconds)
        finally:
            self._running.discard(child)
            if child.alive and not self._closed:
                self._free.append((child, time.monotonic()))
        if not isinstance(answer, Jpeg):
            why = answer.why if isinstance(answer, Failed) else "the decoder answers something else"
            raise Invalid(f"There is no picture: {why}.", where="camera")
        return answer

    def _later(self) -> None:
        if self._tidy is None and not self._closed:
            self._tidy = asyncio.get_running_loop().call_later(IDLE, self._end_idle)

    def _end_idle(self) -> None:
        self._tidy = None
        old = time.monotonic() - IDLE
        for one in [one for one in self._free if one[1] <= old]:
            with contextlib.suppress(ValueError):
                self._free.remove(one)
                one[0].kill()
        if self._free or self._running:
            self._later()
