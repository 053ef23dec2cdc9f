"""Reads the init segment of a recording: which formats its tracks have."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from sitewarden.wire import h264, h265
from sitewarden.wire.fmp4_init import ENTRIES, OTI_AAC, OTI_JPEG
from sitewarden.wire.fmp4_read import Fmp4Error, boxes, find
from sitewarden.wire.formats import JPEG_CODEC, AudioFormat, VideoEncoding, VideoFormat
from sitewarden.wire.nal import NalError
from sitewarden.wire.nal_records import read_avc, read_hevc
from sitewarden.wire.rtp_audio import AudioError, aac_format

MAX_MOOV: Final = 256 * 1024


class Init(Struct, frozen=True, kw_only=True):
    """What an init segment says."""

    video: VideoFormat
    audio: AudioFormat | None
    timescale: int


def parse_init(data: bytes) -> Init:
    """Read ftyp and moov; raises Fmp4Error."""
    moov, stop = find(data, 0, len(data), b"moov")
    traks = [(start, end) for kind, start, end in boxes(data, moov, stop) if kind == b"trak"]
    if not 1 <= len(traks) <= 2:
        raise Fmp4Error("a file with another number of tracks")
    try:
        timescale, entry = _track(data, *traks[0])
        video = _video(data, *entry)
        audio = None
        if len(traks) == 2:
            rate, entry = _track(data, *traks[1])
            audio = _audio(data, *entry, rate)
    except (struct.error, IndexError, ValueError) as error:
        raise Fmp4Error(f"the init segment cannot be read: {error}") from error
    if timescale == 0:
        raise Fmp4Error("the init segment names no time scale")
    return Init(video=video, audio=audio, timescale=timescale)


def _track(data: bytes, start: int, end: int) -> tuple[int, tuple[bytes, int, int]]:
    """Return (time scale, (name, body start, body end) of the first sample entry) of a trak."""
    start, end = find(data, start, end, b"mdia")
    head, _ = find(data, start, end, b"mdhd")
    timescale: int = struct.unpack_from(">I", data, head + (20 if data[head] == 1 else 12))[0]
    table, stop = find(data, start, end, b"minf", b"stbl", b"stsd")
    entry = next(boxes(data, table + 8, stop), None)
    if entry is None:
        raise Fmp4Error("a track without a sample entry")
    return timescale, entry


def _video(data: bytes, name: bytes, start: int, end: int) -> VideoFormat:
    width, height = struct.unpack_from(">HH", data, start + 24)
    if name in (b"avc1", b"avc3"):
        where, stop = find(data, start + 78, end, b"avcC")
        sets = read_avc(data[where:stop])[1]
        return _described(h264.video_format, sets, "H264", "avc1", width, height)
    if name in (b"hvc1", b"hev1"):
        where, stop = find(data, start + 78, end, b"hvcC")
        sets = read_hevc(data[where:stop])[1]
        return _described(h265.video_format, sets, "H265", "hvc1", width, height)
    if name == b"mp4v" and _esds(data, *find(data, start + 78, end, b"esds"))[0] == OTI_JPEG:
        return VideoFormat(encoding="JPEG", codec=JPEG_CODEC, width=width, height=height)
    raise Fmp4Error("the first track has pictures of no known format")


def _described(
    read: Callable[[Sequence[bytes]], VideoFormat],
    sets: tuple[bytes, ...],
    encoding: VideoEncoding,
    codec: str,
    width: int,
    height: int,
) -> VideoFormat:
    """Return the format of parameter sets; those that cannot be read still tell what they belong to."""
    if not sets:
        raise Fmp4Error("a track without parameter sets")
    try:
        return read(sets)
    except NalError:
        return VideoFormat(encoding=encoding, codec=codec, width=width, height=height, parameter_sets=sets)


def _audio(data: bytes, name: bytes, start: int, end: int, rate: int) -> AudioFormat:
    channels = struct.unpack_from(">H", data, start + 16)[0]
    if not rate or not 1 <= channels <= 8:
        raise Fmp4Error("a track of sound with impossible values")
    if name == b"mp4a":
        object_type, config = _esds(data, *find(data, start + 28, end, b"esds"))
        if object_type != OTI_AAC:
            raise Fmp4Error("the sound is of no known format")
        try:
            return aac_format(config, rate)[0]
        except AudioError as error:
            raise Fmp4Error(str(error)) from error
    if name == b"Opus":
        return AudioFormat(encoding="OPUS", codec="opus", rate=rate, channels=channels)
    for encoding, entry in ENTRIES.items():
        if name == entry:
            return AudioFormat(encoding=encoding, codec=entry.decode(), rate=rate, channels=channels)
    raise Fmp4Error("the sound is of no known format")


def _esds(data: bytes, start: int, end: int) -> tuple[int, bytes]:
    """Return (object type, specific configuration) of an esds box's body."""
    position = start + 4
    tag, _, position = _descriptor(data, position, end)
    if tag != 3:
        raise Fmp4Error("an esds box of another form")
    tag, stop, position = _descriptor(data, position + 3, end)
    if tag != 4:
        raise Fmp4Error("an esds box of another form")
    object_type = data[position]
    position += 13
    if position < stop:
        tag, stop, position = _descriptor(data, position, stop)
        if tag == 5:
            return object_type, data[position:stop]
    return object_type, b""


def _descriptor(data: bytes, position: int, end: int) -> tuple[int, int, int]:
    """Return (tag, where its body ends, where it begins) of the descriptor at `position` (14496-1, 8.3.3)."""
    tag, size = data[position], 0
    for _ in range(4):
        position += 1
        size = size << 7 | data[position] & 0x7F
        if not data[position] & 0x80:
            break
    position += 1
    if position + size > end:
        raise Fmp4Error("a descriptor is cut")
    return tag, position + size, position
