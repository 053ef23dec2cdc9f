"""Gaps in a recording that a camera can fill with what it recorded itself: which, and when to try. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct

from sitewarden.domain.clock import HOUR, MINUTE, SECOND
from sitewarden.domain.video.model import Gap, GapReason, Segment

Span = tuple[int, int]
"""[start, end), microseconds since 1970 UTC."""
FillState = Literal["waiting", "running", "done", "failed"]
FAULTS: Final[frozenset[GapReason]] = frozenset(
    ("camera-lost", "starting", "disk-full", "disk-failed", "disk-slow", "server-down")
)
"""Why nothing was recorded though it should have been: such gaps are filled without being asked."""
BY_HAND: Final[frozenset[GapReason]] = FAULTS | {"unknown", "no-event", "on-command", "schedule"}
"""What a person may ask for. Never what was switched off, kept private, or deleted: it is not there on purpose."""
SHORTEST: Final = SECOND
"""What is shorter is no gap."""
BACKOFF: Final = (MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR)
"""Pauses after tries that failed; after the last one it is given up."""


class Fill(Struct, frozen=True, kw_only=True):
    """A gap that is filled from its camera: [start, end), how far that is, and what stands in the way."""

    id: str
    camera: str
    start: int
    end: int
    by: str = ""
    """Who asked for it, as a reference; empty where the camera's setting does."""
    reason: str = ""
    made: int = 0
    state: FillState = "waiting"
    tries: int = 0
    due: int = 0
    """When it is tried next."""
    filled: int = 0
    """Microseconds that were taken so far."""
    detail: str = ""
    """Why the last try ended as it did."""


def missing(gaps: Iterable[Gap], reasons: frozenset[GapReason]) -> list[Span]:
    """Return what of these gaps can be filled, gaps that touch as one; `gaps` are in order, and over."""
    found: list[Span] = []
    for gap in gaps:
        if gap.reason not in reasons or not gap.end:
            continue
        if found and gap.start - found[-1][1] < SHORTEST:
            found[-1] = (found[-1][0], gap.end)
        else:
            found.append((gap.start, gap.end))
    return [(start, end) for start, end in found if end - start >= SHORTEST]


def holes(start: int, end: int, segments: Iterable[Segment]) -> list[Span]:
    """Return what of [start, end) no segment covers."""
    found: list[Span] = []
    position = start
    for one in sorted(segments, key=lambda each: each.start):
        if one.start - position >= SHORTEST:
            found.append((position, min(one.start, end)))
        position = max(position, one.end)
    if end - position >= SHORTEST:
        found.append((position, end))
    return found


def filled(segments: Iterable[Segment], fills: Sequence[Fill]) -> list[Span]:
    """Return what of these segments came from the camera's own recording: what lies where a gap was."""
    found: list[Span] = []
    for one in sorted(segments, key=lambda each: each.start):
        if any(fill.start <= one.start and one.end <= fill.end for fill in fills):
            if found and one.start - found[-1][1] < SHORTEST:
                found[-1] = (found[-1][0], one.end)
            else:
                found.append((one.start, one.end))
    return found


def next_try(tries: int) -> int | None:
    """Return the pause in microseconds after so many tries that failed; None where it is given up."""
    return BACKOFF[tries - 1] if 1 <= tries <= len(BACKOFF) else None
