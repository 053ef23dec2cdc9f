"""What of a camera's time is recorded, and why the rest is not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from sitewarden.domain.clock import SECOND
from sitewarden.domain.video.model import Gap, GapReason, Segment

SHORT: Final = SECOND
"""What is shorter than this between two recordings is no gap that a person needs to know of."""
NEAR: Final = 15 * SECOND
"""So much without a note, as a crash or a failing disk leaves it, has the reason of what is noted beside it."""


class Account:
    """One camera's gaps as they come and go; `tell` gets each when it begins (end 0) and when it is over.

    A gap that would end before it began, since the clock was put back, is told as empty: that time was accounted for before.
    """

    def __init__(self, camera: str, tell: Callable[[Gap], None]) -> None:
        self._camera = camera
        self._tell = tell
        self.gap: Gap | None = None
        """The gap that lasts; None while the camera is recorded, and before anything is known."""

    def missing(self, at: int, reason: GapReason, detail: str = "") -> None:
        """From `at` on nothing is recorded, for this reason."""
        last = self.gap
        if last is not None:
            if last.reason == reason and last.detail == detail:
                return
            self._end(last, at)
        self.gap = Gap(camera=self._camera, start=at, reason=reason, detail=detail)
        self._tell(self.gap)

    def recorded(self, at: int) -> None:
        """From `at` on it is recorded."""
        if self.gap is not None:
            self._end(self.gap, at)
            self.gap = None

    def lost(self, start: int, end: int, reason: GapReason, detail: str) -> None:
        """What was recorded of [start, end) cannot be seen."""
        self._tell(Gap(camera=self._camera, start=start, end=end, reason=reason, detail=detail))

    def stepped(self, before: int, now: int) -> None:
        """The clock was put from `before` to `now` while the camera was not recorded."""
        last = self.gap
        if last is None:
            return
        self._end(last, before)
        if now > before:
            detail = f"the clock was put forward by {(now - before) / SECOND:.0f} s"
            self._tell(Gap(camera=self._camera, start=before, end=now, reason="clock", detail=detail))
        self.gap = msgspec.structs.replace(last, start=now)
        self._tell(self.gap)

    def _end(self, gap: Gap, at: int) -> None:
        self._tell(msgspec.structs.replace(gap, end=max(gap.start, at)))


def gaps_of(
    camera: str, start: int, end: int, segments: Iterable[Segment], noted: Sequence[Gap], joined: int = SHORT
) -> list[Gap]:
    """Return why there is no recording where there is none, of [start, end): what no segment covers, cut by what is noted.

    `noted` reaches NEAR beyond the span on both sides. Where nothing is noted the reason is the neighbour's, up to NEAR;
    "unknown" beyond it. Uncovered spans of less than `joined` microseconds are left out.
    """
    found: list[Gap] = []
    position = start
    for segment in sorted(segments, key=lambda one: one.start):
        if segment.start - position >= joined:
            found += _explained(camera, position, min(segment.start, end), noted)
        position = max(position, segment.end)
    if end - position >= joined:
        found += _explained(camera, position, end, noted)
    return found


def _explained(camera: str, start: int, end: int, noted: Sequence[Gap]) -> list[Gap]:
    pieces: list[Gap] = []
    position = start
    for gap in noted:
        begin, over = max(gap.start, position), min(gap.end or end, end)
        if begin >= over:
            continue
        if begin > position:
            pieces.append(Gap(camera=camera, start=position, end=begin, reason="unknown"))
        pieces.append(msgspec.structs.replace(gap, start=begin, end=over))
        position = over
    if position < end:
        pieces.append(Gap(camera=camera, start=position, end=end, reason="unknown"))
    return _merged(_neighbours(pieces, noted))


def _neighbours(pieces: list[Gap], noted: Sequence[Gap]) -> list[Gap]:
    """Give a short piece without a note the reason of what follows it, or of what went before."""
    found: list[Gap] = []
    for piece in pieces:
        if piece.reason == "unknown" and piece.end - piece.start <= NEAR:
            near = next((one for one in noted if 0 <= one.start - piece.end <= NEAR), None) or next(
                (one for one in reversed(noted) if one.end and 0 <= piece.start - one.end <= NEAR), None
            )
            if near is not None:
                piece = msgspec.structs.replace(piece, reason=near.reason, detail=near.detail)
        found.append(piece)
    return found


def _merged(pieces: Iterable[Gap]) -> list[Gap]:
    found: list[Gap] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last is not None and (last.reason, last.detail, last.end) == (piece.reason, piece.detail, piece.start):
            found[-1] = msgspec.structs.replace(last, end=piece.end)
        else:
            found.append(piece)
    return found
