"""Recordings as access units and sound over any span, from the files alone: what RTSP out sends at its own pace. Reads files.

`replay` is a plain generator, for a thread. Time 0 is the first picture's; a gap is shortened to GAP, and every picture keeps its
wall time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import NotFound
from sitewarden.media.plan import Plan
from sitewarden.media.playback import family
from sitewarden.media.reading import open_segment
from sitewarden.media.scan import Place, scan_fd
from sitewarden.media.units import Head, Picture, Sound, Unit
from sitewarden.wire.fmp4 import TIMESCALE
from sitewarden.wire.fmp4_read import Fmp4Error

GAP: Final = SECOND // 2
"""Microseconds that a longer gap lasts in playback."""
LONG: Final = 2 * TIMESCALE
"""A picture that stands for longer, in 1/90,000 s, stands over a gap."""


class Piece(Struct, frozen=True, kw_only=True):
    """A fragment: at most half a second of video. `head` is what it is coded as."""

    head: Head
    units: tuple[Unit, ...]


def first_head(plan: Plan) -> Head:
    """Return what the plan's first recording is coded as; raises NotFound where nothing is recorded in it."""
    for segment in plan.segments:
        if segment.end > plan.start and segment.start < plan.end and (fd := open_segment(plan, segment)) >= 0:
            try:
                found = scan_fd(fd)
            except Fmp4Error:
                continue
            finally:
                os.close(fd)
            return Head(video=found.video, audio=found.audio)
    raise NotFound("nothing is recorded in this span", where="start", remedy="Choose a span with recordings.")


def replay(plan: Plan, start: int, end: int, *, keys_only: bool = False) -> Iterator[Piece]:
    """Yield what was recorded in [start, end), from the last key frame at or before `start` on; pictures in decoding order.

    `keys_only` leaves out all that is no key frame, and the sound. It ends where the codec changes.
    """
    found = [one for one in plan.segments if one.end > start and one.start < end]
    timeline = _Timeline()
    begun = False
    for segment in found:
        if family(segment.codec) != family(found[0].codec):
            return
        fd = open_segment(plan, segment)
        if fd < 0:
            continue
        try:
            try:
                content = scan_fd(fd)
            except Fmp4Error:
                continue
            places = [place for place in content.places if place.wall < end]
            if not begun:
                places = places[_last_key(places, start) :]
            begun = begun or bool(places)
            head = Head(video=content.video, audio=content.audio)
            timeline.file()
            for place in places:
                if units := _units(fd, place, head, timeline, end, keys_only=keys_only):
                    yield Piece(head=head, units=units)
        finally:
            os.close(fd)


class _Timeline:
    """Where fragments stand in the playback, in 1/90,000 s, as their wall times tell."""

    def __init__(self) -> None:
        self._shift = 0
        self._decode: int | None = None
        self._wall = self._end = 0
        self._end_wall = 0

    def file(self) -> None:
        """Begin another file, whose own times count from anywhere."""
        self._decode = None

    def place(self, place: Place) -> int:
        """Return what is added to the fragment's own times."""
        decode = place.fragment.decode_time
        if self._decode is None:
            gap = min(max(0, place.wall - self._end_wall), GAP) if self._end_wall else 0
            self._shift = self._end + gap * TIMESCALE // SECOND - decode
        elif place.wall - self._end_wall > LONG * SECOND // TIMESCALE:
            self._shift = min(self._shift, self._end + GAP * TIMESCALE // SECOND - decode)
        self._decode = decode
        self._end = decode + place.duration + self._shift
        self._end_wall = place.wall + place.duration * SECOND // TIMESCALE
        return self._shift

    def cut(self, time: int) -> None:
        """Take what a picture stood over a gap from all that follows."""
        self._shift -= time
        self._end -= time


def _units(fd: int, place: Place, head: Head, timeline: _Timeline, end: int, *, keys_only: bool) -> tuple[Unit, ...]:
    fragment = place.fragment
    shift = timeline.place(place)
    data = os.pread(fd, fragment.octets if not keys_only else sum(fragment.sizes), place.data)
    found: list[Unit] = []
    position, time = 0, fragment.decode_time
    first = time + fragment.offsets[0]
    cut = 0
    for size, duration, key, offset in zip(fragment.sizes, fragment.durations, fragment.keys, fragment.offsets, strict=True):
        # By decoding order, so that what refers to a later picture still has it.
        if place.wall + (time - fragment.decode_time) * SECOND // TIMESCALE >= end:
            return tuple(found)
        if key or not keys_only:
            wall = place.wall + (time + offset - first) * SECOND // TIMESCALE
            found.append(Picture(time + offset + shift - cut, wall, key, data[position : position + size]))
        position += size
        time += duration
        if duration > LONG:
            cut += duration - GAP * TIMESCALE // SECOND
    timeline.cut(cut)
    sound = fragment.sound
    if sound is not None and head.audio is not None and not keys_only:
        frames = []
        for size in sound.sizes:
            frames.append(data[position : position + size])
            position += size
        found.append(Sound(sound.decode_time + shift * head.audio.rate // TIMESCALE, sound.durations, frames))
    return tuple(found)


def _last_key(places: list[Place], start: int) -> int:
    first = 0
    for number, place in enumerate(places):
        if place.fragment.keys[0] and place.wall <= start:
            first = number
    return first
