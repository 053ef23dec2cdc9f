"""What a camera sent last, in memory: whole groups of pictures with their sound, for recordings that begin before their event.

Bounds: as many seconds as the camera asks for, from the key frame before, and MOST_BYTES; beyond them the oldest group goes, and
a single group that is larger is not kept at all.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from sitewarden.media.channel import Frame, Run
from sitewarden.wire.fmp4 import TIMESCALE

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of one camera: 60 s at 4 Mbit/s."""


class _Group:
    __slots__ = ("bytes", "items", "start")

    def __init__(self, frame: Frame) -> None:
        self.start = frame.decode_time
        self.items: list[Frame | Run] = [frame]
        self.bytes = len(frame.data)


class Preroll:
    """The last groups of pictures of one camera."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._groups: deque[_Group] = deque()
        self.bytes = 0

    def frame(self, frame: Frame) -> None:
        """Keep a frame, and let go what is too old or too much."""
        groups = self._groups
        if frame.key:
            groups.append(_Group(frame))
        elif not groups:
            return
        else:
            groups[-1].items.append(frame)
            groups[-1].bytes += len(frame.data)
        self.bytes += len(frame.data)
        oldest = frame.decode_time - round(self.seconds * TIMESCALE)
        while (len(groups) > 1 and groups[1].start <= oldest) or (groups and self.bytes > MOST_BYTES):
            self.bytes -= groups.popleft().bytes

    def sound(self, run: Run) -> None:
        """Keep a run of sound with the pictures that it came with."""
        if self._groups:
            size = sum(map(len, run.frames))
            self._groups[-1].items.append(run)
            self._groups[-1].bytes += size
            self.bytes += size

    def take(self) -> list[Frame | Run]:
        """Return all that is kept, in the order in which it came, and keep it no more."""
        items = [item for group in self._groups for item in group.items]
        self.clear()
        return items

    def clear(self) -> None:
        """Keep nothing."""
        self._groups.clear()
        self.bytes = 0
