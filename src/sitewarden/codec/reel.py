"""Times of a recording that is played, and played again: one timeline that never steps back. Pure.

Times of the file and of the timeline are in 1/90,000 s. A run goes from the file's first key frame to the end of its pictures.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

HELD: Final = 2048
"""Frames of sound that wait for their picture, at most; of a file that has its sound far ahead the oldest go first."""
OVERLAP: Final = 450
"""By how much a frame of sound may begin before the one before it ends: what containers that count milliseconds round away."""


class Reel:
    """The timeline of one recording."""

    def __init__(self) -> None:
        self._end = 0
        self._first: int | None = None
        self._shown = 0
        self._heard = 0
        self._waiting: deque[tuple[int, int, bytes]] = deque(maxlen=HELD)
        self.offset = 0
        """From the file's times to the timeline's, in this run."""

    @property
    def began(self) -> bool:
        """True where this run had a picture."""
        return self._first is not None

    def picture(self, shown: int, span: int, *, key: bool) -> int | None:
        """Return when a picture of the file is shown on the timeline; None where it is let go.

        Let go is what stands before the first key frame, or is shown before it: what that needs is not in the file.
        """
        if self._first is None:
            if not key:
                return None
            self._first = shown
            self.offset = self._end - shown
        if shown < self._first:
            return None
        time = shown + self.offset
        self._shown = max(self._shown, time)
        self._end = max(self._end, time + span)
        return time

    def sound(self, shown: int, span: int, data: bytes) -> None:
        """Take a frame of sound, which waits until its picture was shown."""
        self._waiting.append((shown, span, data))

    def heard(self) -> Iterator[tuple[int, bytes]]:
        """Yield the sound whose pictures were shown, with its time on the timeline."""
        if self._first is None:
            return
        waiting = self._waiting
        while waiting and waiting[0][0] + self.offset <= self._shown:
            shown, span, data = waiting.popleft()
            time = shown + self.offset
            if shown >= self._first and time >= self._heard - OVERLAP:
                self._heard = time + span
                yield time, data

    def rewind(self) -> Iterator[tuple[int, bytes]]:
        """End a run: yield the sound up to the end of its pictures, and let go what the file has beyond."""
        self._shown = self._end - 1
        yield from self.heard()
        self._waiting.clear()
        self._first = None
