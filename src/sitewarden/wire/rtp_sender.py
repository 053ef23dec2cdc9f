"""One RTP stream as its sender keeps it: numbers, timestamps, the counts of its reports (RFC 3550). Pure."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterable
from typing import Final

from sitewarden.wire.rtp import HEADER, goodbye, sender_report

REPORT_EVERY: Final = 5.0
"""Seconds between two sender reports."""
_FRAMED = struct.Struct(">BBHBBHII")
"""The head of an interleaved frame, and the RTP header behind it."""


class Sender:
    """Numbers the packets of one stream. Media time 0 stands at the RTP timestamp `base`."""

    def __init__(self, payload_type: int, clock_rate: int, *, ssrc: int | None = None) -> None:
        self.payload_type, self.clock_rate = payload_type, clock_rate
        self.ssrc = secrets.randbits(32) if ssrc is None else ssrc
        self.sequence = secrets.randbits(16)
        self.base = secrets.randbits(32)
        self.packets = self.octets = 0
        self._last = 0
        self._reported: float | None = None

    def rebase(self) -> None:
        """Let media time begin at 0 again, a moment behind what was sent last (RFC 2326, B)."""
        self.base = (self.base + self._last + self.clock_rate // 25) & 0xFFFFFFFF
        self._last = 0
        self._reported = None

    def stamp(self, time: int) -> int:
        """Return the RTP timestamp of a media time in clock units."""
        return (self.base + time) & 0xFFFFFFFF

    def packet(self, payload: bytes, marker: bool, time: int) -> bytes:
        """Return the next packet, for a media time in clock units."""
        head = HEADER.pack(
            0x80, self.payload_type | (0x80 if marker else 0), self.sequence, (self.base + time) & 0xFFFFFFFF, self.ssrc
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += len(payload)
        self._last = max(self._last, time)
        return head + payload

    def pack(self, payloads: Iterable[tuple[bytes, bool]], time: int) -> list[bytes]:
        """Return the packets of one access unit."""
        return [self.packet(payload, marker, time) for payload, marker in payloads]

    def interleaved(self, payloads: Iterable[tuple[bytes, bool]], time: int, channel: int) -> bytes:
        """Return the packets of one access unit as interleaved frames (RFC 2326, 10.12), copied once."""
        stamp, sequence, plain, ssrc = self.stamp(time), self.sequence, self.payload_type, self.ssrc
        pack = _FRAMED.pack
        parts: list[bytes] = []
        octets = 0
        for payload, marker in payloads:
            size = len(payload)
            parts += (pack(0x24, channel, size + 12, 0x80, plain | 0x80 if marker else plain, sequence, stamp, ssrc), payload)
            sequence = (sequence + 1) & 0xFFFF
            octets += size
        self.sequence = sequence
        self.packets += len(parts) // 2
        self.octets += octets
        self._last = max(self._last, time)
        return b"".join(parts)

    def due(self, now: float) -> bool:
        """Tell whether a report is due at `now`, seconds of any steady clock; the first is at once."""
        if self._reported is not None and now - self._reported < REPORT_EVERY:
            return False
        self._reported = now
        return True

    def report(self, wall: int, time: int) -> bytes:
        """Return a sender report: media time `time` was seen at `wall`, microseconds since 1970 UTC."""
        return sender_report(self.ssrc, wall, self.stamp(time), self.packets, self.octets)

    def goodbye(self, wall: int, time: int) -> bytes:
        """Return the last report, with a BYE behind it."""
        return self.report(wall, time) + goodbye(self.ssrc)
