"""Key frames of recordings as one fragmented MP4: what is played faster than a browser decodes, or backward.

Each key frame is a fragment that stands until the next one. Synchronous, from the files alone, as `playback`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import NotFound
from sitewarden.domain.video.model import Segment
from sitewarden.media.plan import Plan
from sitewarden.media.playback import Film, family, played
from sitewarden.media.reading import open_segment
from sitewarden.media.scan import Scan, scan_fd
from sitewarden.wire.fmp4 import TIMESCALE, fragment_header
from sitewarden.wire.fmp4_init import init_segment
from sitewarden.wire.fmp4_read import Fmp4Error
from sitewarden.wire.formats import VideoFormat

MOST: Final = 4000
"""Key frames of one file; it ends there, and who wants more asks for what follows."""
LONGEST: Final = 0xFFFFFFFF
"""Of one picture, in units of TIMESCALE: what 32 bits hold, 13 hours."""


class _Key(Struct, frozen=True):
    """One key frame with its bytes."""

    wall: int
    data: bytes
    video: VideoFormat


def film(plan: Plan, *, backward: bool = False, every: int = 0) -> Film:
    """Return the key frames of [plan.start, plan.end), from the last one at or before the start on.

    Forward, time 0 is the first key frame's. Backward, time 0 is the end of the span (or of what is recorded of it), time runs
    towards its start, and each picture stands as long as it would forward. Of key frames closer than `every` microseconds only
    the first is taken. Where the codec changes, or after `MOST` key frames, the file ends. Raises NotFound where nothing is
    recorded.
    """
    segments = [one for one in plan.segments if one.end > plan.start and one.start < plan.end]
    if backward:
        segments.reverse()
    keys = _spaced(_keys(plan, segments, plan.start, plan.end, backward), every)
    first = next(keys, None)
    if first is None:
        raise NotFound("nothing is recorded in this span", where="start", remedy="Choose a span with recordings.")
    mixed = len({(one.codec.partition(",")[0], one.width, one.height) for one in segments}) > 1
    recorded = max(one.end for one in segments)
    start = max(first.wall, min(plan.end, recorded)) if backward else first.wall
    stop = max(plan.start, min(one.start for one in segments)) if backward else min(plan.end, recorded)
    pieces = _write(first, keys, start, stop, mixed, backward)
    return Film(start=start, codecs=played(first.video, None, mixed), pieces=pieces)


def _spaced(keys: Iterator[_Key], every: int) -> Iterator[_Key]:
    last: int | None = None
    for key in keys:
        if last is None or abs(key.wall - last) >= every:
            last = key.wall
            yield key


def _keys(plan: Plan, segments: Sequence[Segment], start: int, end: int, backward: bool) -> Iterator[_Key]:
    """Yield the key frames of the span in the order in which they are played."""
    for segment in segments:
        if family(segment.codec) != family(segments[0].codec):
            return
        fd = open_segment(plan, segment)
        if fd < 0:
            continue
        try:
            try:
                content = scan_fd(fd)
            except Fmp4Error:
                continue
            places = _places(content, start, end)
            for wall, offset, size in reversed(places) if backward else places:
                yield _Key(wall, os.pread(fd, size, offset), content.video)
        finally:
            os.close(fd)


def _places(content: Scan, start: int, end: int) -> list[tuple[int, int, int]]:
    """Return (wall time, offset, size) of a file's key frames in the span, from the last one at or before its start on."""
    found: list[tuple[int, int, int]] = []
    for place in content.places:
        if place.wall >= end:
            break
        wall, offset = place.wall * TIMESCALE, place.data
        fragment = place.fragment
        for duration, size, key in zip(fragment.durations, fragment.sizes, fragment.keys, strict=True):
            at = wall // TIMESCALE
            if key and at < end:
                if at <= start:
                    found.clear()
                found.append((at, offset, size))
            wall += duration * SECOND
            offset += size
    return found


def _write(first: _Key, keys: Iterator[_Key], start: int, stop: int, mixed: bool, backward: bool) -> Iterator[bytes]:
    way = -1 if backward else 1
    total = max(1, way * (stop - start) * TIMESCALE // SECOND)
    yield init_segment(first.video, duration=total, in_band=mixed, created=min(start, first.wall))
    shown: _Key | None = first
    time = 0
    for sequence in range(1, MOST + 1):
        if shown is None:
            return
        following = next(keys, None)
        until = shown.wall if backward else following.wall if following else stop
        duration = max(1, min(LONGEST, way * (until - start) * TIMESCALE // SECOND - time))
        data = shown.data
        if mixed or shown.video != first.video:
            data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in shown.video.parameter_sets) + data
        yield fragment_header(sequence, time, [duration], [len(data)], [True], [0]) + data
        time, shown = time + duration, following
