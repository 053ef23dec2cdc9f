"""Whole access units, as containers have them, to the hub's form: what depacketisers do for RTP, without packets. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sitewarden.wire import h264, h265
from sitewarden.wire.nal import OnFormat, OnUnit, split_annex_b


class Units:
    """One codec's access units; what is in force, what is lost and what waits for a key frame is the depacketiser's."""

    def __init__(self, encoding: Literal["H264", "H265"], on_unit: OnUnit, on_format: OnFormat) -> None:
        """`on_unit` gets the times that `push` was given."""
        self._on_unit = on_unit
        self._wide = encoding == "H265"
        made = h265.Depacketiser if self._wide else h264.Depacketiser
        self._pictures: h264.Depacketiser | h265.Depacketiser = made(self._unit, on_format)
        self._sets: tuple[bytes, ...] = ()
        self._known: tuple[bytes, ...] = ()
        self._shown = 0

    @property
    def dropped(self) -> int:
        """Pictures that were left out."""
        return self._pictures.dropped

    def describe(self, sets: tuple[bytes, ...]) -> None:
        """Take parameter sets from beside the stream: in force with the next access unit, as if they stood in it."""
        if sets != self._known:
            self._known = self._sets = sets

    def push(self, nals: Sequence[bytes], shown: int, *, lost: bool) -> None:
        """Take one access unit, shown at `shown` (1/90,000 s); `lost` where something is missing before it."""
        # What means a packet to the depacketiser is no NAL unit of a stream.
        if self._wide:
            kept = [nal for nal in nals if len(nal) > 2 and (nal[0] >> 1 & 0x3F) < 48]
        else:
            kept = [nal for nal in nals if nal and 0 < nal[0] & 0x1F < 24]
        if not kept:
            return
        self._shown = shown
        stamp = shown & 0xFFFFFFFF
        for nal in self._sets:
            self._pictures.push(nal, 0, len(nal), False, stamp, False)
        self._sets = ()
        last = len(kept) - 1
        for number, nal in enumerate(kept):
            self._pictures.push(nal, 0, len(nal), number == last, stamp, lost and number == 0)

    def _unit(self, parts: Sequence[bytes], rtp_time: int, key: bool) -> None:
        self._on_unit(parts, self._shown, key)


def split(body: bytes, position: int, size: int) -> list[bytes] | None:
    """Return the NAL units behind lengths of `size` bytes, or start codes, as some encoders send; None: it is cut."""
    found, start, total = [], position, len(body)
    while position < total:
        length = int.from_bytes(body[position : position + size], "big")
        position += size + length
        if position > total:
            return split_annex_b(body[start:]) if body[start : start + 4] == b"\x00\x00\x00\x01" else None
        if length:
            found.append(body[position - length : position])
    return found
