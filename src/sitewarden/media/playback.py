"""Recordings as lists with their gaps, and as one fragmented MP4 over any span, made from the files alone.

`stream` is a plain generator: a web process runs it in a thread. It asks nobody but the disk.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import NotFound
from sitewarden.domain.video.model import Segment
from sitewarden.media.plan import Plan
from sitewarden.media.reading import open_segment
from sitewarden.media.scan import Place, Scan, scan_fd
from sitewarden.wire import flac
from sitewarden.wire.fmp4 import TIMESCALE, Sound, fragment_header
from sitewarden.wire.fmp4_init import init_segment
from sitewarden.wire.fmp4_read import Fmp4Error
from sitewarden.wire.formats import AudioFormat, VideoFormat

JOIN: Final = SECOND
"""Segments less than this apart (microseconds) are one recording."""


class Span(Struct, frozen=True, kw_only=True):
    """A piece of uninterrupted recording."""

    start: int
    end: int
    bytes: int
    codec: str
    """Of its pictures and maybe its sound, as RFC 6381 lists them."""


def spans(segments: Sequence[Segment]) -> list[Span]:
    """Return the recordings that `segments` (in order) make up, gaps and changes of the coding between them visible."""
    found: list[Span] = []
    for segment in segments:
        last = found[-1] if found else None
        if last and segment.start - last.end < JOIN and family(segment.codec) == family(last.codec):
            end, size = max(last.end, segment.end), last.bytes + segment.bytes
            found[-1] = Span(start=last.start, end=end, bytes=size, codec=last.codec)
        else:
            found.append(Span(start=segment.start, end=segment.end, bytes=segment.bytes, codec=segment.codec))
    return found


def family(codec: str) -> str:
    """Return what one track of pictures can hold: "avc1" of "avc1.64001f,mp4a.40.2"."""
    return codec.partition(",")[0].partition(".")[0]


class Film(Struct, frozen=True, kw_only=True):
    """One fragmented MP4 as it comes from the disk."""

    start: int
    """The day's time at time 0 of the file, microseconds since 1970 UTC."""
    codecs: str
    """Of its tracks by RFC 6381, as they stand in it: "avc1.64001f,flac"."""
    pieces: Iterator[bytes]


def film(plan: Plan) -> Film:
    """Return one fragmented MP4 of [plan.start, plan.end): ftyp, moov, then a fragment at a time.

    It begins at the last key frame at or before the start. Time 0 is that frame's, and stays true to the day: the last
    picture before a gap stands until the next. Where the picture format changes on the way, parameter sets stand before
    the key frames ("avc3", "hev1"); where the codec changes, the file ends. The sound is that of the first segment that has any,
    PCM as FLAC, which browsers play. Raises NotFound before the first byte where nothing is recorded in the span.
    """
    reader = _Reader(plan)
    _, head, places = reader.first
    return Film(start=places[0].wall, codecs=played(head.video, reader.audio, reader.mixed), pieces=_generate(reader))


def stream(plan: Plan) -> Iterator[bytes]:
    """Yield the bytes of `film`."""
    return film(plan).pieces


def played(video: VideoFormat, audio: AudioFormat | None, in_band: bool) -> str:
    """Return the codecs of what is played, by RFC 6381."""
    names = [video.codec]
    if in_band:
        names = [video.codec.replace("avc1", "avc3").replace("hvc1", "hev1")]
    if audio is not None:
        names.append("flac" if audio.plain else audio.codec)
    return ",".join(names)


class _Reader:
    """Finds the fragments; the first one is found at once, so that an empty span is refused before anything is sent."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._start, self._end = plan.start, plan.end
        found = [one for one in plan.segments if one.end > plan.start and one.start < plan.end]
        self._segments = list(itertools.takewhile(lambda one: family(one.codec) == family(found[0].codec), found))
        self._scans = self._walk()
        first = next(self._scans, None)
        if first is None:
            raise NotFound("nothing is recorded in this span", where="start", remedy="Choose a span with recordings.")
        self.first = first
        self.mixed = len({(one.codec.partition(",")[0], one.width, one.height) for one in self._segments}) > 1
        self.audio = self._sound()

    def all(self) -> Iterator[tuple[int, Scan, list[Place]]]:
        """Yield (open file, its heads, the fragments of the span) of each file; the file is open until the next."""
        yield self.first
        yield from self._scans

    def _sound(self) -> AudioFormat | None:
        """Return the sound of the first segment that has any."""
        if self.first[1].audio is not None:
            return self.first[1].audio
        for segment in self._segments:
            fd = open_segment(self._plan, segment) if "," in segment.codec else -1
            if fd >= 0:
                try:
                    audio = scan_fd(fd).audio
                except Fmp4Error:
                    audio = None
                finally:
                    os.close(fd)
                if audio is not None:
                    return audio
        return None

    def _walk(self) -> Iterator[tuple[int, Scan, list[Place]]]:
        for number, segment in enumerate(self._segments):
            fd = open_segment(self._plan, segment)
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

    def _chosen(self, content: Scan, *, leading: bool) -> list[Place]:
        places = [place for place in content.places if place.wall < self._end]
        first = 0
        for number, place in enumerate(places):
            if place.fragment.keys[0] and (place.wall <= self._start or number == 0):
                first = number
        return places[first:] if leading else places


def _generate(reader: _Reader) -> Iterator[bytes]:
    _, head, places = reader.first
    began = places[0].wall
    total = max(1, (min(reader._end, reader._segments[-1].end) - began) * TIMESCALE // SECOND)
    audio = reader.audio
    yield init_segment(head.video, audio, duration=total, in_band=reader.mixed, created=began, as_flac=True)
    pending: _Piece | None = None
    sequence = 0
    time = heard = 0
    for fd, content, chosen in reader.all():
        prefix = b""
        if reader.mixed or content.video != head.video:
            prefix = b"".join(len(nal).to_bytes(4, "big") + nal for nal in content.video.parameter_sets)
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
            if audio is not None and content.audio == audio:
                heard = pending.hear(fd, place, audio, base[1] - base[0], heard)
    if pending is not None:
        yield pending.encode(sequence + 1)


class _Piece:
    """A fragment with its pictures and its sound, at its place in the new file."""

    def __init__(self, fd: int, place: Place, time: int, prefix: bytes) -> None:
        fragment = place.fragment
        self._fragment = fragment
        self.time = time
        self.durations = list(fragment.durations)
        self.sizes = list(fragment.sizes)
        self._sound: Sound | None = None
        self._heard = b""
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

    def hear(self, fd: int, place: Place, audio: AudioFormat, shift: int, after: int) -> int:
        """Take the sound from `after` on, its time moved by `shift` (1/90,000 s); return where it ends."""
        sound = place.fragment.sound
        if sound is None:
            return after
        time = sound.decode_time + shift * audio.rate // TIMESCALE
        data = os.pread(fd, sum(sound.sizes), place.data + sum(place.fragment.sizes))
        frames, durations, position = [], [], 0
        begin: int | None = None
        for size, duration in zip(sound.sizes, sound.durations, strict=True):
            if time >= after:
                begin = time if begin is None else begin
                frames.append(data[position : position + size])
                durations.append(duration)
            position += size
            time += duration
        if begin is None:
            return after
        if audio.plain:
            frames = flac.frames(audio, frames, begin)
        self._sound = Sound(begin, durations, [len(frame) for frame in frames])
        self._heard = b"".join(frames)
        return time

    def stretch(self, until: int) -> None:
        """Let the last picture stand until `until`, as far as 32 bits of duration reach."""
        missing = until - (self.time + sum(self.durations))
        self.durations[-1] = min(0xFFFFFFFF, self.durations[-1] + max(0, missing))

    def encode(self, sequence: int) -> bytes:
        """Return head, pictures and sound."""
        fragment = self._fragment
        head = fragment_header(
            sequence, self.time, self.durations, self.sizes, fragment.keys, fragment.offsets, sound=self._sound
        )
        return head + self._data + self._heard
