"""Sound over RTP: AAC (RFC 3640, RFC 6416), Opus (RFC 7587), G.711 and L16 (RFC 3551): payloads to coded frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from sitewarden.wire.formats import AudioFormat
from sitewarden.wire.nal import Bits
from sitewarden.wire.rtp_clock import unwrap

MAX_FRAME: Final = 64 * 1024
"""Bytes of one coded frame; of AAC with 8 channels it has 6144."""
MAX_FRAMES: Final = 64
"""Frames of one packet."""

RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
"""Sampling frequencies by their index (ISO/IEC 14496-3, 1.6.3.4)."""
_OPUS_SAMPLES = (
    *((480, 960, 1920, 2880) * 3),
    *((480, 960) * 2),
    *((120, 240, 480, 960) * 4),
)
"""Samples at 48 kHz of one frame by the configuration in a packet's first byte (RFC 6716, 3.1)."""

OnSound = Callable[[Sequence[bytes], int, int], None]
"""`(frames, duration, rtp_time)`: coded frames of `duration` clock units each, the first one's unwrapped RTP time."""


class AudioError(ValueError):
    """The description of the sound, or a frame, cannot be understood."""


class AudioDepacketiser(Protocol):
    """Takes payloads as `wire.rtp.Receiver` gives them."""

    def push(self, data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None: ...

    @property
    def time(self) -> int | None: ...


class _Timed:
    """Unwraps the clock."""

    def __init__(self, on_sound: OnSound) -> None:
        self._on_sound = on_sound
        self._time: int | None = None

    def _unwrapped(self, timestamp: int) -> int:
        self._time = timestamp if self._time is None else unwrap(self._time, timestamp)
        return self._time

    @property
    def time(self) -> int | None:
        """Unwrapped time of the last packet; None before the first."""
        return self._time


class Samples(_Timed):
    """G.711 and L16: a packet is one frame of whole samples."""

    def __init__(self, on_sound: OnSound, width: int) -> None:
        """`width`: bytes of a sample of all channels."""
        super().__init__(on_sound)
        self._width = width

    def push(self, data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None:
        """Take one payload; what is no whole sample at its end is left out."""
        count = (end - start) // self._width
        if count:
            self._on_sound((data[start : start + count * self._width],), count, self._unwrapped(timestamp))


class Opus(_Timed):
    """A packet is one Opus packet."""

    def push(self, data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None:
        """Take one payload; one that breaks RFC 6716 is left out."""
        samples = opus_samples(data[start:end])
        if samples:
            self._on_sound((data[start:end],), samples, self._unwrapped(timestamp))


def opus_samples(packet: bytes) -> int:
    """Return the samples at 48 kHz of an Opus packet (RFC 6716, 3.1 and 3.2); 0 where it is none."""
    if not packet:
        return 0
    code = packet[0] & 3
    frames = 1 if code == 0 else 2
    if code == 3:
        if len(packet) < 2:
            return 0
        frames = packet[1] & 0x3F
    samples = frames * _OPUS_SAMPLES[packet[0] >> 3]
    return samples if samples <= 5760 else 0


class Aac(_Timed):
    """AAC in MPEG4-GENERIC (RFC 3640): a packet has headers with sizes, then frames; a large frame comes in several packets."""

    def __init__(self, on_sound: OnSound, frame: int, size_bits: int = 13, index_bits: int = 3) -> None:
        super().__init__(on_sound)
        if not 1 <= size_bits <= 16 or not 0 <= index_bits <= 16:
            raise AudioError(f"AAC with sizes of {size_bits} bits")
        self._frame = frame
        self._size_bits, self._header_bits = size_bits, size_bits + index_bits
        self._parts: list[bytes] = []
        self._missing = 0

    def push(self, data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None:
        """Take one payload; what does not fit is left out."""
        if lost:
            self._parts, self._missing = [], 0
        if end - start < 4:
            return
        bits = data[start] << 8 | data[start + 1]
        count = bits // self._header_bits
        position = start + 2 + (bits + 7) // 8
        if not 0 < count <= MAX_FRAMES or position >= end:
            return
        headers = int.from_bytes(data[start + 2 : position], "big") >> -bits % 8
        mask = (1 << self._size_bits) - 1
        sizes = [headers >> (bits - number * self._header_bits - self._size_bits) & mask for number in range(count)]
        if count == 1 and (self._parts or position + sizes[0] > end):
            self._piece(data[position:end], sizes[0], timestamp)
            return
        self._parts = []
        frames = []
        for size in sizes:
            if size == 0 or position + size > end:
                break
            frames.append(data[position : position + size])
            position += size
        if frames:
            self._on_sound(frames, self._frame, self._unwrapped(timestamp))

    def _piece(self, piece: bytes, size: int, timestamp: int) -> None:
        """Take a part of a frame that is larger than a packet (RFC 3640, 3.1): each carries the whole frame's size."""
        if not self._parts:
            self._missing = size
        self._parts.append(piece)
        self._missing -= len(piece)
        if self._missing <= 0 or len(self._parts) > MAX_FRAMES:
            whole, exact = b"".join(self._parts), self._missing == 0
            self._parts, self._missing = [], 0
            if exact:
                self._on_sound((whole,), self._frame, self._unwrapped(timestamp))


class Latm(_Timed):
    """AAC in MP4A-LATM with its configuration out of band (RFC 6416, 6.1): frames behind lengths of 255s."""

    def __init__(self, on_sound: OnSound, frame: int) -> None:
        super().__init__(on_sound)
        self._frame = frame
        self._parts: list[bytes] = []
        self._size = 0

    def push(self, data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None:
        """Take one payload; the marker ends a frame."""
        if lost:
            self._parts, self._size = [], 0
        self._parts.append(data[start:end])
        self._size += end - start
        if self._size > MAX_FRAME:
            self._parts, self._size = [], 0
        if not marker or not self._parts:
            return
        whole = b"".join(self._parts)
        self._parts, self._size = [], 0
        frames: list[bytes] = []
        position = 0
        while position < len(whole) and len(frames) < MAX_FRAMES:
            size = 0
            while position < len(whole):
                byte = whole[position]
                size += byte
                position += 1
                if byte != 255:
                    break
            if size == 0 or position + size > len(whole):
                break
            frames.append(whole[position : position + size])
            position += size
        if frames:
            self._on_sound(frames, self._frame, self._unwrapped(timestamp))


def aac_format(config: bytes, clock_rate: int) -> tuple[AudioFormat, int]:
    """Return the format that an AudioSpecificConfig describes, and a frame's length in clock units; raises AudioError."""
    if not 2 <= len(config) <= 64:
        raise AudioError("AAC without its configuration (config= in the SDP)")
    object_type, rate, channels, short = _specific(Bits(config, AudioError))
    if object_type not in (2, 5, 29) or not rate or not 1 <= channels <= 8:
        raise AudioError(f"AAC of object type {object_type} with {channels} channels")
    clock = clock_rate or rate
    frame = (960 if short else 1024) * clock // rate
    return AudioFormat(encoding="AAC", codec=f"mp4a.40.{object_type}", rate=clock, channels=channels, config=config), frame


def _specific(bits: Bits) -> tuple[int, int, int, int]:
    """Return (object type, sampling rate of the core, channels, frame length flag) (ISO/IEC 14496-3, 1.6.2.1)."""
    object_type = _object_type(bits)
    rate = _rate(bits)
    channels = bits.u(4)
    core = object_type
    if object_type in (5, 29):
        _rate(bits)
        core = _object_type(bits)
    short = bits.u(1) if core == 2 else 0
    return object_type, rate, 8 if channels == 7 else channels, short


def _object_type(bits: Bits) -> int:
    found = bits.u(5)
    return 32 + bits.u(6) if found == 31 else found


def _rate(bits: Bits) -> int:
    index = bits.u(4)
    if index == 15:
        return bits.u(24)
    return RATES[index] if index < len(RATES) else 0


def latm_config(text: str) -> bytes:
    """Return the AudioSpecificConfig inside a StreamMuxConfig in hex (ISO/IEC 14496-3, 1.7.3); raises AudioError.

    One program with one layer and one frame a payload, as cameras send it.
    """
    try:
        whole = bytes.fromhex(text)
    except ValueError as error:
        raise AudioError("AAC in LATM without a readable configuration") from error
    total = 8 * len(whole)
    value = int.from_bytes(whole, "big")
    if total < 31 or len(whole) > 64 or value >> (total - 15) != 0x2000:
        raise AudioError("AAC in LATM with more than one program, layer or frame")
    # The configuration is not aligned to bytes: it begins behind 15 bits.
    config = (value << 15 & ((1 << total) - 1)).to_bytes(len(whole), "big")
    length = 4 if config[0] >> 3 in (5, 29) else 2
    return config[:length]


def samples(data: bytes, size: int) -> Iterator[bytes]:
    """Cut PCM into payloads of `size` bytes."""
    for position in range(0, len(data), size):
        yield data[position : position + size]
