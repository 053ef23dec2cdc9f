"""Recordings as lists with their gaps, and as one fragmented MP4 over any span, made from the files alone.

`stream` is a plain generator: a web process runs it in a thread. It asks nobody but the disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import NotFound
from sitewarden.domain.video.model import Segment
from sitewarden.media.layout import OPEN, SEALED
from sitewarden.media.scan import Place, Scan, scan_fd
from sitewarden.wire.fmp4 import TIMESCALE, fragment_header, init_segment
from sitewarden.wire.fmp4_read import Fmp4Error

JOIN: Final = SECOND
"""Segments less than this apart (microseconds) are one recording."""


class Span(Struct, frozen=True, kw_only=True):
    """A piece of uninterrupted recording."""

    start: int
    end: int
    bytes: int


class Plan(Struct, frozen=True, kw_only=True):
    """All that a web process needs to play a span."""

    root: str
    """The media directory."""
    start: int
    end: int
    segments: tuple[Segment, ...]


def spans(segments: Sequence[Segment]) -> list[Span]:
    """Return the recordings that `segments` (in order) make up, gaps between them visible."""
    found: list[Span] = []
    for segment in segments:
        if found and segment.start - found[-1].end < JOIN:
            last = found[-1]
            found[-1] = Span(start=last.start, end=max(last.end, segment.end), bytes=last.bytes + segment.bytes)
        else:
            found.append(Span(start=segment.start, end=segment.end, bytes=segment.bytes))
    return found


def stream(plan: Plan) -> Iterator[bytes]:
    """Yield one fragmented MP4 of [plan.start, plan.end): ftyp, moov, then a fragment at a time.

    It begins at the last key frame at or before the start. Time 0 is that frame's, and stays true to the day: the last
    picture before a gap stands until the next. Where the picture format changes on the way, parameter sets stand before
    the key frames ("avc3"). Raises NotFound before the first byte where nothing is recorded in the span.
    """
    return _generate(_Reader(plan))


class _Reader:
    """Finds the fragments; the first one is found at once, so that an empty span is refused before anything is sent."""

    def __init__(self, plan: Plan) -> None:
        self._root = Path(plan.root)
        self._start, self._end = plan.start, plan.end
        self._segments = [one for one in plan.segments if one.end > plan.start and one.start < plan.end]
        self._scans = self._walk()
        first = next(self._scans, None)
        if first is None:
            raise NotFound("nothing is recorded in this span", where="start", remedy="Choose a span with recordings.")
        self.first = first
        self.mixed = len({(one.codec, one.width, one.height) for one in self._segments}) > 1

    def all(self) -> Iterator[tuple[int, Scan, list[Place]]]:
        """Yield (open file, its heads, the fragments of the span) of each file; the file is open until the next."""
        yield self.first
        yield from self._scans

    def _walk(self) -> Iterator[tuple[int, Scan, list[Place]]]:
        for number, segment in enumerate(self._segments):
            fd = self._open(segment)
            if fd < 0:
                continue
            try:
                try:
                    content = scan_fd(fd)
                except Fmp4Error:
                    continue
                places = self._chosen(content, leading=number == 0)
                if places:
                    yield fd, content, places
            finally:
                os.close(fd)

    def _open(self, segment: Segment) -> int:
        """Open a segment's file; one that was sealed, or opened, meanwhile is found under its other name."""
        for path in (segment.path, _other_name(segment.path)):
            try:
                return os.open(self._root / path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
        return -1

    def _chosen(self, content: Scan, *, leading: bool) -> list[Place]:
        places = [place for place in content.places if place.wall < self._end]
        first = 0
        for number, place in enumerate(places):
            if place.fragment.keys[0] and (place.wall <= self._start or number == 0):
                first = number
        return places[first:] if leading else places


def _other_name(path: str) -> str:
    return path.removesuffix(".part") if path.endswith(OPEN) else path.removesuffix(SEALED) + OPEN


def _generate(reader: _Reader) -> Iterator[bytes]:
    _, head, places = reader.first
    began = places[0].wall
    total = max(1, (min(reader._end, reader._segments[-1].end) - began) * TIMESCALE // SECOND)
    yield init_segment(head.sps, head.pps, duration=total, in_band=reader.mixed, created=began)
    pending: _Piece | None = None
    sequence = 0
    time = 0
    for fd, content, chosen in reader.all():
        prefix = b""
        if reader.mixed or (content.sps, content.pps) != (head.sps, head.pps):
            prefix = b"".join(len(nal).to_bytes(4, "big") + nal for nal in (*content.sps, *content.pps))
        base: tuple[int, int] | None = None
        for place in chosen:
            if base is None:
                at = (place.wall - began) * TIMESCALE // SECOND
                time = max(at, time)
                base = (place.fragment.decode_time, time)
                if pending is not None:
                    pending.stretch(time)
            if pending is not None:
                sequence += 1
                yield pending.encode(sequence)
            start = base[1] + place.fragment.decode_time - base[0]
            pending = _Piece(fd, place, max(start, time), prefix)
            time = pending.time + sum(pending.durations)
    if pending is not None:
        yield pending.encode(sequence + 1)


class _Piece:
    """A fragment with its pictures, at its place in the new file."""

    def __init__(self, fd: int, place: Place, time: int, prefix: bytes) -> None:
        fragment = place.fragment
        self._fragment = fragment
        self.time = time
        self.durations = list(fragment.durations)
        self.sizes = list(fragment.sizes)
        data = os.pread(fd, sum(fragment.sizes), place.data)
        if prefix and any(fragment.keys):
            parts, position = [], 0
            for number, size in enumerate(fragment.sizes):
                if fragment.keys[number]:
                    parts.append(prefix)
                    self.sizes[number] += len(prefix)
                parts.append(data[position : position + size])
                position += size
            data = b"".join(parts)
        self._data = data

    def stretch(self, until: int) -> None:
        """Let the last picture stand until `until`, as far as 32 bits of duration reach."""
        missing = until - (self.time + sum(self.durations))
        self.durations[-1] = min(0xFFFFFFFF, self.durations[-1] + max(0, missing))

    def encode(self, sequence: int) -> bytes:
        """Return head and pictures."""
        fragment = self._fragment
        head = fragment_header(sequence, self.time, self.durations, self.sizes, fragment.keys, fragment.offsets)
        return head + self._data
