"""RTP timestamps of live pictures: what waited is shown in haste, what is live at the camera's pace. Pure."""

from __future__ import annotations

from typing import Final

LATE: Final = 2 * 90_000
"""How far behind what was shown before a picture may be until a new pace is found."""
STEADY: Final = 900
"""By how much (1/90,000 s) the pace may still be mended while it counts as found."""
SETTLED: Final = 8
"""Pictures at an unchanged pace after which it counts as found."""


class LiveTime:
    """Times of one stream, in 1/90,000 s.

    A viewer that begins gets the whole group of pictures up to now at once. Were they stamped with the camera's times, a player
    would show them at the camera's pace and stay behind by as much. Stamped with the time at which they are sent, until that
    falls behind no more, they are shown at once, and what follows stands at the camera's pace again.
    """

    def __init__(self) -> None:
        self._offset: int | None = None
        self._last = -1
        self._unchanged = 0

    @property
    def offset(self) -> int | None:
        """What is added to media times; None while the pace is not found, and sound would have no place."""
        return self._offset if self._unchanged >= SETTLED else None

    def begin(self) -> None:
        """Find the pace anew: the next picture is of another moment."""
        self._offset = None
        self._unchanged = 0

    def of(self, time: int, now: int) -> int:
        """Return when a picture of media time `time` is shown that is sent at `now`, of any steady clock."""
        behind = now - time
        if self._offset is None or behind - self._offset > LATE:
            self._offset, self._unchanged = behind, 0
        elif behind < self._offset:
            self._unchanged = self._unchanged + 1 if self._offset - behind <= STEADY else 0
            self._offset = behind
        else:
            self._unchanged += 1
        shown = time + self._offset
        if shown == self._last:
            shown += 1
        self._last = shown
        return shown
