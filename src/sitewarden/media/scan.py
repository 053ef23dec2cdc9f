"""Reads what lies in a recorded file without reading the pictures: its init segment and where its whole fragments are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitewarden.wire.fmp4_init_read import MAX_MOOV, parse_init
from sitewarden.wire.fmp4_read import MAX_MOOF, Fmp4Error, Fragment, box_header, parse_moof, parse_prft
from sitewarden.wire.formats import AudioFormat, VideoFormat

READ: Final = 4096
"""Bytes of one look at a fragment's head: enough for half a second of video."""
MAX_FRAGMENTS: Final = 100_000


class Place(Struct, frozen=True, kw_only=True):
    """One whole fragment of a file."""

    wall: int
    """When its first frame was seen, microseconds since 1970 UTC."""
    head: int
    """Where its moof begins."""
    data: int
    """Where its first sample begins."""
    end: int
    fragment: Fragment

    @property
    def duration(self) -> int:
        """In units of the track's scale."""
        return sum(self.fragment.durations)


class Scan(Struct, frozen=True, kw_only=True):
    """What a file holds."""

    init: bytes
    video: VideoFormat
    audio: AudioFormat | None
    timescale: int
    places: tuple[Place, ...]
    end: int
    """Where the last whole fragment ends; behind it a crash may have left a piece."""

    @property
    def start_wall(self) -> int:
        return self.places[0].wall

    @property
    def end_wall(self) -> int:
        last = self.places[-1]
        return last.wall + last.duration * 1_000_000 // self.timescale


def scan(path: Path) -> Scan:
    """Read the heads of a file; raises Fmp4Error where its init segment is not whole, OSError where it cannot be read."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return scan_fd(fd)
    finally:
        os.close(fd)


def scan_fd(fd: int) -> Scan:
    """Do as `scan` with an open file."""
    size = os.fstat(fd).st_size
    start = 0
    for wanted in (b"ftyp", b"moov"):
        kind, _, length = box_header(os.pread(fd, 16, start))
        if kind != wanted or length > MAX_MOOV or start + length > size or length < 8:
            raise Fmp4Error(f"no whole {wanted.decode()} box")
        start += length
    init = os.pread(fd, start, 0)
    head = parse_init(init)
    places: list[Place] = []
    while len(places) < MAX_FRAGMENTS:
        place = _place(fd, start, size)
        if place is None:
            break
        places.append(place)
        start = place.end
    return Scan(init=init, video=head.video, audio=head.audio, timescale=head.timescale, places=tuple(places), end=start)


def _place(fd: int, start: int, size: int) -> Place | None:
    """Return the fragment that begins at `start`; None where it is not whole."""
    try:
        data = os.pread(fd, READ, start)
        kind, head, length = box_header(data)
        if kind != b"prft":
            return None
        wall, _ = parse_prft(data[head:length])
        moof = length
        kind, _, length = box_header(data, moof)
        if kind != b"moof" or length > MAX_MOOF:
            return None
        if moof + length + 8 > len(data):
            data = os.pread(fd, moof + length + 8, start)
        fragment = parse_moof(data, moof)
        kind, head, body = box_header(data, moof + length)
    except Fmp4Error:
        return None
    payload = start + moof + length + head
    end = payload + body - head
    first = start + moof + fragment.data_offset
    if kind != b"mdat" or body < head or end > size or first < payload or first + fragment.octets > end:
        return None
    return Place(wall=wall, head=start + moof, data=first, end=end, fragment=fragment)
