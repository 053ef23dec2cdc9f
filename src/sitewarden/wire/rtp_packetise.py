"""Access units and frames of sound to RTP payloads, for what the hub carries. Pure; `wire.rtp_formats` is the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sitewarden.wire import h264, h265, jpeg, jpeg_read
from sitewarden.wire.formats import AudioFormat, VideoFormat

LIMIT: Final = 1400
"""Bytes of a payload: with RTP, UDP and IPv6 headers below 1500."""

Payload = tuple[bytes, bool]
"""A payload and its marker bit."""
Sound = tuple[bytes, bool, int]
"""A payload, its marker bit, and its time behind the first frame's in clock units."""
VideoPacketiser = Callable[[bytes, bool], Iterator[Payload]]
"""`(data, key)`: one access unit as it stands in a file."""
AudioPacketiser = Callable[[Sequence[bytes], Sequence[int]], Iterator[Sound]]
"""`(frames, durations)`: consecutive frames and their lengths in clock units."""


def nals(sample: bytes) -> list[bytes]:
    """Return the NAL units of a sample, which stand behind lengths of 4 bytes; what is cut at its end is left out."""
    found, position, end = [], 0, len(sample)
    while position + 4 < end:
        start = position + 4
        position = start + int.from_bytes(sample[position:start], "big")
        if start < position <= end:
            found.append(sample[start:position])
    return found


def video_packetiser(video: VideoFormat, limit: int = LIMIT) -> VideoPacketiser:
    """Return what cuts this format's access units, to `limit` bytes where it is H.264 or H.265.

    Key frames of both bring their parameter sets.
    """
    if video.encoding == "JPEG":
        return lambda data, key: _jpeg(data)
    sets = video.parameter_sets

    def units(data: bytes, key: bool) -> list[bytes]:
        return [*sets, *nals(data)] if key else nals(data)

    if video.encoding == "H265":
        return lambda data, key: h265.packetise(aggregated_h265(units(data, key), limit), limit)
    return lambda data, key: h264.packetise(aggregated_h264(units(data, key), limit), limit)


def aggregated_h264(units: Sequence[bytes], limit: int = LIMIT) -> list[bytes]:
    """Join neighbours that fit one payload into STAP-A packets (RFC 6184, 5.7.1)."""
    return [
        units[0] if len(units) == 1 else bytes((_stap_header(units),)) + _sized(units) for units in _groups(units, limit, head=1)
    ]


def _stap_header(units: Sequence[bytes]) -> int:
    forbidden = 0x80 if any(unit[0] & 0x80 for unit in units) else 0
    return forbidden | max(unit[0] & 0x60 for unit in units) | h264.STAP_A


def aggregated_h265(units: Sequence[bytes], limit: int = LIMIT) -> list[bytes]:
    """Join neighbours that fit one payload into aggregation packets (RFC 7798, 4.4.2)."""
    return [units[0] if len(units) == 1 else _ap_header(units) + _sized(units) for units in _groups(units, limit, head=2)]


def _ap_header(units: Sequence[bytes]) -> bytes:
    layer = min((unit[0] & 1) << 5 | unit[1] >> 3 for unit in units)
    temporal = min(unit[1] & 7 for unit in units)
    forbidden = 0x80 if any(unit[0] & 0x80 for unit in units) else 0
    return bytes((forbidden | h265.AP << 1 | layer >> 5, (layer & 31) << 3 | temporal))


def _sized(units: Sequence[bytes]) -> bytes:
    return b"".join(part for unit in units for part in (len(unit).to_bytes(2, "big"), unit))


def _groups(units: Sequence[bytes], limit: int, *, head: int) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    size = head
    for unit in units:
        if group and size + 2 + len(unit) > limit:
            yield group
            group, size = [], head
        group.append(unit)
        size += 2 + len(unit)
    if group:
        yield group


def _jpeg(data: bytes) -> Iterator[Payload]:
    """Raises JpegError where RTP cannot carry the picture."""
    found = jpeg_read.parse(data)
    width, height = _eighths(found.width), _eighths(found.height)
    if width > 2040 or height > 2040:
        width = height = 0
    return jpeg.packetise(
        found.scan, width, height, quantisation=found.quantisation, type_=found.type, restart=found.restart, limit=LIMIT
    )


def _eighths(side: int) -> int:
    # A scan has whole blocks: rounding up shows what is in them, and never needs another one.
    return -(-side // 8) * 8


def audio_packetiser(audio: AudioFormat) -> AudioPacketiser:
    """Return what cuts this format's frames."""
    if audio.encoding == "AAC":
        return aac
    if audio.encoding == "OPUS":
        return opus
    width = (2 if audio.encoding == "L16" else 1) * audio.channels
    return lambda frames, durations: plain(frames, width)


def aac(frames: Sequence[bytes], durations: Sequence[int]) -> Iterator[Sound]:
    """AAC-hbr (RFC 3640, 3.3.6): whole frames of one payload, or pieces of a frame that is larger."""
    time = begun = 0
    group: list[bytes] = []
    size = 2
    for frame, duration in zip(frames, durations, strict=True):
        if group and size + 2 + len(frame) > LIMIT:
            yield _aac(group), True, begun
            group, size = [], 2
        if not group:
            begun = time
        if len(frame) + 4 > LIMIT:
            head = b"\x00\x10" + (len(frame) << 3 & 0xFFFF).to_bytes(2, "big")
            step = LIMIT - 4
            for position in range(0, len(frame), step):
                yield head + frame[position : position + step], position + step >= len(frame), time
        else:
            group.append(frame)
            size += 2 + len(frame)
        time += duration
    if group:
        yield _aac(group), True, begun


def _aac(frames: Sequence[bytes]) -> bytes:
    heads = b"".join((len(frame) << 3).to_bytes(2, "big") for frame in frames)
    return (16 * len(frames)).to_bytes(2, "big") + heads + b"".join(frames)


def opus(frames: Sequence[bytes], durations: Sequence[int]) -> Iterator[Sound]:
    """A payload is one Opus packet (RFC 7587, 4.2)."""
    time = 0
    for frame, duration in zip(frames, durations, strict=True):
        yield frame, False, time
        time += duration


def plain(frames: Sequence[bytes], width: int) -> Iterator[Sound]:
    """G.711 and L16 (RFC 3551, 4.5): whole samples of `width` bytes."""
    whole = b"".join(frames)
    step = LIMIT // width * width
    for position in range(0, len(whole) // width * width, step):
        yield whole[position : position + step], False, position // width
