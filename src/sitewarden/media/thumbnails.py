"""Single key frames of recordings, by time, from the files alone. Reads files; for a thread."""

from __future__ import annotations

import os
from typing import Final

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import NotFound
from sitewarden.media.live_picture import KeyFrame
from sitewarden.media.plan import Plan
from sitewarden.media.reading import open_segment
from sitewarden.media.scan import Place, Scan, scan_fd
from sitewarden.wire.fmp4 import TIMESCALE
from sitewarden.wire.fmp4_read import Fmp4Error

BACK: Final = 10 * SECOND
"""A recording that ended no longer than this before a moment (microseconds) still shows it."""


def key_at(plan: Plan, at: int) -> KeyFrame:
    """Return the last key frame at or before `at`; raises NotFound where the plan's recordings have none."""
    for segment in sorted(plan.segments, key=lambda one: one.start, reverse=True):
        if segment.start > at:
            continue
        fd = open_segment(plan, segment)
        if fd < 0:
            continue
        try:
            content = scan_fd(fd)
            if (found := _last(fd, content, at)) is not None:
                return found
        except Fmp4Error:
            continue
        finally:
            os.close(fd)
    raise NotFound("nothing is recorded at this time", where="at", remedy="Choose a time with recordings.")


def _last(fd: int, content: Scan, at: int) -> KeyFrame | None:
    for place in reversed(content.places):
        if place.wall <= at:
            for wall, position, size in reversed(_keys(place)):
                if wall <= at:
                    return KeyFrame(video=content.video, wall=wall, data=os.pread(fd, size, position))
    return None


def _keys(place: Place) -> list[tuple[int, int, int]]:
    """Return (wall time, position, bytes) of each key frame of a fragment."""
    fragment = place.fragment
    found, time, position = [], 0, place.data
    for size, duration, key in zip(fragment.sizes, fragment.durations, fragment.keys, strict=True):
        if key:
            found.append((place.wall + time * SECOND // TIMESCALE, position, size))
        position += size
        time += duration
    return found
