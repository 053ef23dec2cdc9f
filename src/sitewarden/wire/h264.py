"""H.264 over RTP (RFC 6184): payloads to access units and back; what the parameter sets say (H.264, clause 7.3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.nal import (
    MAX_NALS,
    MAX_SET,
    MAX_SIDE,
    MAX_UNIT,
    Assembler,
    Bits,
    NalError,
    OnFormat,
    OnUnit,
    rbsp,
    split_annex_b,
)

SLICE, IDR, SEI, SPS, PPS, AUD, END_SEQUENCE, END_STREAM, FILLER = 1, 5, 6, 7, 8, 9, 10, 11, 12
STAP_A, FU_A = 24, 28
_LEFT_OUT = frozenset((SPS, PPS, AUD, END_SEQUENCE, END_STREAM, FILLER, 13))


class H264Error(NalError):
    """The bytes are no H.264 that can be understood."""


class Sps(Struct, frozen=True, kw_only=True):
    """What is of use in a sequence parameter set."""

    id: int
    profile: int
    constraints: int
    level: int
    width: int
    height: int
    fps: float = 0.0
    """Frames a second that the VUI states; 0 where it says nothing."""

    @property
    def codec(self) -> str:
        """The string of RFC 6381, clause 3.3: "avc1.64001f"."""
        return f"avc1.{self.profile:02x}{self.constraints:02x}{self.level:02x}"


_CHROMA_PROFILES = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))


def parse_sps(nal: bytes) -> Sps:
    """Read a sequence parameter set (H.264, 7.3.2.1.1); sizes beyond level 6.2 are refused."""
    if len(nal) < 4 or nal[0] & 0x1F != SPS or len(nal) > MAX_SET:
        raise H264Error("not a sequence parameter set")
    bits = Bits(rbsp(nal[1:]), H264Error)
    profile, constraints, level = bits.u(8), bits.u(8), bits.u(8)
    number = bits.ue()
    chroma = 1
    separate = 0
    if profile in _CHROMA_PROFILES:
        chroma = bits.ue()
        if chroma == 3:
            separate = bits.u(1)
        bits.ue()
        bits.ue()
        bits.u(1)
        if bits.u(1):
            for index in range(12 if chroma == 3 else 8):
                if bits.u(1):
                    _skip_scaling_list(bits, 16 if index < 6 else 64)
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.u(1)
        bits.se()
        bits.se()
        cycle = bits.ue()
        if cycle > 255:
            raise H264Error("more than 255 reference frames in a picture order cycle")
        for _ in range(cycle):
            bits.se()
    bits.ue()
    bits.u(1)
    columns, rows = bits.ue() + 1, bits.ue() + 1
    frames_only = bits.u(1)
    if not frames_only:
        bits.u(1)
    bits.u(1)
    left = right = top = bottom = 0
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
    step_x, step_y = (1, 1) if chroma == 0 or separate else {1: (2, 2), 2: (2, 1)}.get(chroma, (1, 1))
    step_y *= 2 - frames_only
    width = columns * 16 - (left + right) * step_x
    height = rows * 16 * (2 - frames_only) - (top + bottom) * step_y
    if number > 31 or not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise H264Error(f"a picture of {width} x {height}")
    fps = 0.0
    if bits.u(1):
        try:
            fps = _vui_fps(bits)
        except H264Error:
            fps = 0.0
    return Sps(id=number, profile=profile, constraints=constraints, level=level, width=width, height=height, fps=fps)


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _vui_fps(bits: Bits) -> float:
    if bits.u(1) and bits.u(8) == 255:
        bits.u(32)
    if bits.u(1):
        bits.u(1)
    if bits.u(1):
        bits.u(4)
        if bits.u(1):
            bits.u(24)
    if bits.u(1):
        bits.ue()
        bits.ue()
    if not bits.u(1):
        return 0.0
    units, scale = bits.u(32), bits.u(32)
    return round(scale / (2 * units), 3) if units and scale // units <= 1000 else 0.0


def pps_id(nal: bytes) -> int:
    """Return pic_parameter_set_id (H.264, 7.3.2.2)."""
    if len(nal) < 2 or nal[0] & 0x1F != PPS or len(nal) > MAX_SET:
        raise H264Error("not a picture parameter set")
    number = Bits(rbsp(nal[1:16]), H264Error).ue()
    if number > 255:
        raise H264Error("a picture parameter set with an id over 255")
    return number


class ParameterSets:
    """The parameter sets in force; later ones replace those of the same id (at most 32 and 256 of them)."""

    def __init__(self) -> None:
        self._sps: dict[int, bytes] = {}
        self._pps: dict[int, bytes] = {}

    def take(self, nal: bytes) -> bool:
        """Take one set; return whether it changed anything. Raises H264Error where it is none."""
        if nal[0] & 0x1F == SPS:
            known, number = self._sps, parse_sps(nal).id
        else:
            known, number = self._pps, pps_id(nal)
        if known.get(number) == nal:
            return False
        known[number] = nal
        return True

    def holds(self, nal: bytes) -> bool:
        """Tell whether exactly this set is in force."""
        return nal in (self._sps if nal[0] & 0x1F == SPS else self._pps).values()

    @property
    def sps(self) -> list[bytes]:
        return list(self._sps.values())

    @property
    def pps(self) -> list[bytes]:
        return list(self._pps.values())


def video_format(sets: Sequence[bytes]) -> VideoFormat:
    """Return the format of these parameter sets, the first SPS giving its size; raises H264Error where there is none."""
    first = parse_sps(next((nal for nal in sets if nal[0] & 0x1F == SPS), b""))
    return VideoFormat(encoding="H264", codec=first.codec, width=first.width, height=first.height, parameter_sets=tuple(sets))


class Depacketiser(Assembler):
    """RTP payloads of one stream to access units (RFC 6184, clause 5; packetization modes 0 and 1)."""

    def __init__(self, on_unit: OnUnit, on_format: OnFormat, known: Sequence[bytes] = ()) -> None:
        super().__init__(on_unit, on_format)
        self._sets = ParameterSets()
        for nal in known:
            self._take_set(nal)
        self._broken = False

    def push(self, data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None:
        """Take one payload. Never raises: what cannot be understood breaks its access unit."""
        if timestamp != self._timestamp:
            if self._nals or self._parts:
                self._close(lost)
            self._timestamp = timestamp
        if lost:
            self._broken = True
            self._parts = []
        kind = data[start] & 0x1F
        self._size += end - start
        if kind == FU_A:
            if end - start < 3:
                self._broken = True
            else:
                head = data[start + 1]
                if head & 0x80:
                    if self._parts:
                        self._broken = True
                    self._parts = [bytes((data[start] & 0xE0 | head & 0x1F,)), data[start + 2 : end]]
                    self._middle = bytes((data[start], head & 0x1F))
                elif self._parts:
                    self._parts.append(data[start + 2 : end])
                else:
                    self._broken = True
                if head & 0x40 and self._parts:
                    nal = b"".join(self._parts)
                    self._parts = []
                    self._nal(nal)
        elif kind == STAP_A:
            self._aggregate(data, start + 1, end)
        elif 0 < kind < 24:
            self._nal(data[start:end])
        else:
            self._broken = True
        if self._size > MAX_UNIT or len(self._nals) > MAX_NALS or len(self._parts) > MAX_UNIT // 256:
            self._limit()
        if marker and (self._picture or self._broken):
            self._close(False)

    def _nal(self, nal: bytes) -> None:
        kind = nal[0] & 0x1F
        if kind == IDR:
            self._picture = self._key = True
        elif kind < IDR:
            self._picture = True
        elif kind in _LEFT_OUT:
            if kind in (SPS, PPS) and not self._sets.holds(nal):
                self._take_set(nal)
            return
        self._nals.append(nal)

    def _take_set(self, nal: bytes) -> None:
        try:
            self._changed |= self._sets.take(nal)
        except H264Error:
            self._broken = True

    def _aggregate(self, data: bytes, position: int, end: int) -> None:
        while position + 2 < end:
            size = data[position] << 8 | data[position + 1]
            position += 2
            if size == 0 or position + size > end:
                self._broken = True
                return
            self._nal(data[position : position + size])
            position += size

    def _format(self) -> VideoFormat | None:
        sps, pps = self._sets.sps, self._sets.pps
        return video_format((*sps, *pps)) if sps and pps else None


def packetise(nals: Sequence[bytes], limit: int = 1400) -> Iterator[tuple[bytes, bool]]:
    """Cut an access unit into payloads of at most `limit` bytes (RFC 6184, 5.6 and 5.8); yield (payload, marker)."""
    last = len(nals) - 1
    for number, nal in enumerate(nals):
        if len(nal) <= limit:
            yield nal, number == last
            continue
        indicator = bytes((nal[0] & 0xE0 | FU_A,))
        kind = nal[0] & 0x1F
        step = limit - 2
        for position in range(1, len(nal), step):
            done = position + step >= len(nal)
            head = kind | (0x80 if position == 1 else 0) | (0x40 if done else 0)
            yield indicator + bytes((head,)) + nal[position : position + step], done and number == last


__all__ = [
    "AUD",
    "IDR",
    "MAX_NALS",
    "MAX_UNIT",
    "PPS",
    "SEI",
    "SLICE",
    "SPS",
    "Depacketiser",
    "H264Error",
    "ParameterSets",
    "Sps",
    "packetise",
    "parse_sps",
    "pps_id",
    "split_annex_b",
    "video_format",
]
