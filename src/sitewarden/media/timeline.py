"""Decode times for access units that come with presentation times only, as RTP brings them. Pure."""

from __future__ import annotations

import heapq
from typing import Final

JUMP: Final = 5 * 90000
"""A step of the presentation time beyond this, either way, is a new timeline of the camera."""
MAX_REORDER: Final = 16
"""Frames by which H.264 can be out of order (max_num_reorder_frames)."""
NOMINAL: Final = 3600
"""Interval in 1/90,000 s assumed before one was seen."""


class Timeline:
    """Gives each access unit a decode time that grows, and its presentation offset, in units of 1/90,000 s.

    While presentation times grow, both are the same. With B-frames the decode time is the presentation time of some frames
    earlier, as many as were seen out of order.
    """

    def __init__(self) -> None:
        self._shift: int | None = None
        self._last = -1
        self._highest = -1
        self._window: list[int] = []
        self._depth = 0
        self._reordered = False
        self.interval = NOMINAL
        """The last difference between two decode times."""

    def push(self, presentation: int, key: bool) -> tuple[int, int, bool]:
        """Return (decode time, presentation minus decode time, whether the camera began a new timeline)."""
        jumped = False
        if self._shift is None:
            self._shift = -presentation
        shown = presentation + self._shift
        if self._highest >= 0 and abs(shown - self._highest) > JUMP:
            jumped = True
            self._shift += self._highest + self.interval - shown
            shown = self._highest + self.interval
            self._window.clear()
        if key:
            if not self._reordered:
                self._depth = 0
            self._reordered = False
        if shown <= self._highest:
            self._reordered = True
            if shown <= self._last and self._depth < MAX_REORDER:
                self._depth += 1
        self._highest = max(self._highest, shown)
        decode = shown
        if self._depth:
            heapq.heappush(self._window, shown)
            decode = heapq.heappop(self._window) if len(self._window) > self._depth else self._last + 1
            while len(self._window) > self._depth:
                heapq.heappop(self._window)
        elif self._window:
            self._window.clear()
        if decode <= self._last:
            decode = self._last + 1
        if self._last >= 0 and decode - self._last > 90:
            self.interval = decode - self._last
        self._last = decode
        return decode, shown - decode, jumped
