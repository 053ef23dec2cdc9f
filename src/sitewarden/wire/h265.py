"""H.265 over RTP (RFC 7798): payloads to access units and back; what the parameter sets say (H.265, clause 7.3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.nal import MAX_NALS, MAX_SET, MAX_SIDE, MAX_UNIT, Assembler, Bits, NalError, OnFormat, OnUnit, rbsp

RASL_N, RASL_R, BLA_W_LP, CRA, LAST_IRAP, LAST_VCL = 8, 9, 16, 21, 23, 31
VPS, SPS, PPS, AUD, END_SEQUENCE, END_STREAM, FILLER = 32, 33, 34, 35, 36, 37, 38
AP, FU = 48, 49
_SETS = frozenset((VPS, SPS, PPS))
_LEFT_OUT = frozenset((VPS, SPS, PPS, AUD, END_SEQUENCE, END_STREAM, FILLER))
MOST_SETS: Final = {VPS: 16, SPS: 16, PPS: 64}
"""Ids that each kind of parameter set may have."""


class H265Error(NalError):
    """The bytes are no H.265 that can be understood."""


class Sps(Struct, frozen=True, kw_only=True):
    """What is of use in a sequence parameter set."""

    id: int
    space: int
    tier: int
    profile: int
    compatibility: int
    constraints: bytes
    """6 bytes of general constraint flags."""
    level: int
    layers: int
    """Temporal sub-layers."""
    nested: int
    chroma: int
    luma_depth: int
    chroma_depth: int
    width: int
    height: int

    @property
    def codec(self) -> str:
        """The string of ISO/IEC 14496-15, annex E.3: "hvc1.1.6.L93.B0"."""
        reversed_flags = int(f"{self.compatibility:032b}"[::-1], 2)
        flags = self.constraints.rstrip(b"\x00")
        tail = "".join(f".{byte:X}" for byte in flags)
        return f"hvc1.{('', 'A', 'B', 'C')[self.space]}{self.profile}.{reversed_flags:X}.{'LH'[self.tier]}{self.level}{tail}"


def kind(nal: bytes) -> int:
    """Return nal_unit_type."""
    return nal[0] >> 1 & 0x3F


def parse_sps(nal: bytes) -> Sps:
    """Read a sequence parameter set (H.265, 7.3.2.2.1) up to the bit depths."""
    if len(nal) < 4 or kind(nal) != SPS or len(nal) > MAX_SET:
        raise H265Error("not a sequence parameter set")
    bits = Bits(rbsp(nal[2:]), H265Error)
    bits.u(4)
    layers, nested = bits.u(3) + 1, bits.u(1)
    space, tier, profile = bits.u(2), bits.u(1), bits.u(5)
    compatibility, constraints, level = bits.u(32), bits.u(48).to_bytes(6, "big"), bits.u(8)
    present = [(bits.u(1), bits.u(1)) for _ in range(layers - 1)]
    if layers > 1:
        bits.u(2 * (9 - layers))
    for has_profile, has_level in present:
        bits.u(88 * has_profile + 8 * has_level)
    number, chroma = bits.ue(), bits.ue()
    separate = bits.u(1) if chroma == 3 else 0
    width, height = bits.ue(), bits.ue()
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        step_x, step_y = (1, 1) if separate else {1: (2, 2), 2: (2, 1)}.get(chroma, (1, 1))
        width -= (left + right) * step_x
        height -= (top + bottom) * step_y
    luma, colour = bits.ue() + 8, bits.ue() + 8
    if number >= MOST_SETS[SPS] or chroma > 3 or luma > 16 or colour > 16 or layers > 7:
        raise H265Error("a sequence parameter set with values out of range")
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise H265Error(f"a picture of {width} x {height}")
    return Sps(
        id=number,
        space=space,
        tier=tier,
        profile=profile,
        compatibility=compatibility,
        constraints=constraints,
        level=level,
        layers=layers,
        nested=nested,
        chroma=chroma,
        luma_depth=luma,
        chroma_depth=colour,
        width=width,
        height=height,
    )


def set_id(nal: bytes) -> int:
    """Return the id of a VPS, SPS or PPS (H.265, 7.3.2.1 to 7.3.2.3)."""
    if len(nal) < 3 or len(nal) > MAX_SET or kind(nal) not in _SETS:
        raise H265Error("not a parameter set")
    if kind(nal) == SPS:
        return parse_sps(nal).id
    bits = Bits(rbsp(nal[2:16]), H265Error)
    number = bits.u(4) if kind(nal) == VPS else bits.ue()
    if number >= MOST_SETS[kind(nal)]:
        raise H265Error(f"a parameter set with the id {number}")
    return number


def video_format(sets: Sequence[bytes]) -> VideoFormat:
    """Return the format of these parameter sets, the first SPS giving its size; raises H265Error where there is none."""
    first = parse_sps(next((nal for nal in sets if kind(nal) == SPS), b""))
    return VideoFormat(encoding="H265", codec=first.codec, width=first.width, height=first.height, parameter_sets=tuple(sets))


class Depacketiser(Assembler):
    """RTP payloads of one stream to access units (RFC 7798, clause 4.4), without decoding order numbers (sprop-max-don-diff 0).

    IRAP pictures are key frames. Where decoding begins anew at one, the RASL pictures after it, which refer to what was lost,
    are left out.
    """

    def __init__(self, on_unit: OnUnit, on_format: OnFormat, known: Sequence[bytes] = ()) -> None:
        super().__init__(on_unit, on_format)
        self._sets: dict[int, dict[int, bytes]] = {VPS: {}, SPS: {}, PPS: {}}
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
        self._size += end - start
        if end - start < 3:
            self._broken = True
        else:
            type_ = data[start] >> 1 & 0x3F
            if type_ == FU:
                self._fragment(data, start, end)
            elif type_ == AP:
                self._aggregate(data, start + 2, end)
            elif type_ < AP:
                self._nal(data[start:end])
            else:
                self._broken = True
        if self._size > MAX_UNIT or len(self._nals) > MAX_NALS or len(self._parts) > MAX_UNIT // 256:
            self._limit()
        if marker and (self._picture or self._broken):
            self._close(False)

    def _fragment(self, data: bytes, start: int, end: int) -> None:
        head = data[start + 2]
        if head & 0x80:
            if self._parts:
                self._broken = True
            self._parts = [bytes((data[start] & 0x81 | (head & 0x3F) << 1, data[start + 1])), data[start + 3 : end]]
            self._middle = bytes((data[start], data[start + 1], head & 0x3F))
        elif self._parts:
            self._parts.append(data[start + 3 : end])
        else:
            self._broken = True
        if head & 0x40 and self._parts:
            nal = b"".join(self._parts)
            self._parts = []
            self._nal(nal)

    def _aggregate(self, data: bytes, position: int, end: int) -> None:
        while position + 2 < end:
            size = data[position] << 8 | data[position + 1]
            position += 2
            if size < 2 or position + size > end:
                self._broken = True
                return
            self._nal(data[position : position + size])
            position += size

    def _nal(self, nal: bytes) -> None:
        type_ = nal[0] >> 1 & 0x3F
        if type_ <= LAST_VCL:
            self._picture = True
            if BLA_W_LP <= type_ <= LAST_IRAP:
                self._key = True
            elif type_ in (RASL_N, RASL_R):
                self._leading = True
        elif type_ in _LEFT_OUT:
            if type_ in _SETS and nal not in self._sets[type_].values():
                self._take_set(nal)
            return
        self._nals.append(nal)

    def _take_set(self, nal: bytes) -> None:
        try:
            known, number = self._sets[kind(nal)] if kind(nal) in _SETS else {}, set_id(nal)
        except H265Error:
            self._broken = True
            return
        if known.get(number) != nal:
            known[number] = nal
            self._changed = True

    def _format(self) -> VideoFormat | None:
        if not all(self._sets.values()):
            return None
        return video_format([nal for sets in self._sets.values() for nal in sets.values()])


def packetise(nals: Sequence[bytes], limit: int = 1400) -> Iterator[tuple[bytes, bool]]:
    """Cut an access unit into payloads of at most `limit` bytes (RFC 7798, 4.4.1 and 4.4.3); yield (payload, marker)."""
    last = len(nals) - 1
    for number, nal in enumerate(nals):
        if len(nal) <= limit:
            yield nal, number == last
            continue
        header = bytes((nal[0] & 0x81 | FU << 1, nal[1]))
        step = limit - 3
        for position in range(2, len(nal), step):
            done = position + step >= len(nal)
            head = kind(nal) | (0x80 if position == 2 else 0) | (0x40 if done else 0)
            yield header + bytes((head,)) + nal[position : position + step], done and number == last
