"""What a receiver of ours tells by RTCP: what it lacks, and that it needs a key frame (RFC 4585, RFC 5104). Pure."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

MOST_MISSING: Final = 256
"""Packets that one compound packet may ask for; more are passed over."""
_TRANSPORT, _PAYLOAD, _BYE = 205, 206, 203
_NACK, _PLI, _FIR = 1, 1, 4


class Feedback(Struct, frozen=True):
    """`missing` are (SSRC, sequence number), `refresh` the SSRCs that need a key frame; `bye`: it leaves."""

    missing: tuple[tuple[int, int], ...] = ()
    refresh: tuple[int, ...] = ()
    bye: bool = False


def parse(data: bytes) -> Feedback:
    """Read a compound packet; what is cut or not understood is passed over."""
    missing: list[tuple[int, int]] = []
    refresh: list[int] = []
    bye = False
    position = 0
    while position + 4 <= len(data) and data[position] >> 6 == 2:
        form, kind = data[position] & 0x1F, data[position + 1]
        end = position + 4 + 4 * int.from_bytes(data[position + 2 : position + 4], "big")
        if end > len(data):
            break
        if kind == _BYE:
            bye = True
        elif kind in (_TRANSPORT, _PAYLOAD) and end - position >= 12:
            media = int.from_bytes(data[position + 8 : position + 12], "big")
            if kind == _TRANSPORT and form == _NACK:
                missing += ((media, number) for number in _lacked(data, position + 12, end))
            elif kind == _PAYLOAD and form == _PLI:
                refresh.append(media)
            elif kind == _PAYLOAD and form == _FIR:
                refresh += (int.from_bytes(data[one : one + 4], "big") for one in range(position + 12, end - 7, 8))
        position = end
    return Feedback(tuple(missing[:MOST_MISSING]), tuple(dict.fromkeys(refresh)), bye)


def _lacked(data: bytes, start: int, end: int) -> list[int]:
    """Return the sequence numbers of generic NACKs (RFC 4585, 6.2.1): a number, and 16 bits for those behind it."""
    found = []
    for position in range(start, min(end, start + 4 * MOST_MISSING), 4):
        first, bits = (
            int.from_bytes(data[position : position + 2], "big"),
            int.from_bytes(data[position + 2 : position + 4], "big"),
        )
        found.append(first)
        found += [(first + step + 1) & 0xFFFF for step in range(16) if bits >> step & 1]
    return found
