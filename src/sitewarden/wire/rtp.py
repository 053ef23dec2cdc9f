"""RTP and RTCP (RFC 3550), as a receiver and as a sender of one stream see them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

HEADER: Final = struct.Struct(">BBHII")
_INTERLEAVED: Final = struct.Struct(">HHHH")
"""Dollar and channel, length, the first half of the header, sequence number."""
NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905)."""
REORDER_DEPTH: Final = 32
"""Packets that wait for an earlier one before it counts as lost."""
ADOPT: Final = 8
"""Packets of one other dynamic payload type, before any of the announced one, after which the description was wrong."""
MAX_JUMP: Final = 3000
"""A sequence number further ahead than this begins the count anew (RFC 3550, A.1, MAX_DROPOUT)."""

OnPayload = Callable[[bytes, int, int, bool, int, bool], None]
"""`(data, start, end, marker, timestamp, lost)`: payload `data[start:end]`; `lost` where packets before it are missing."""


class RtpError(ValueError):
    """The bytes are no RTP or RTCP."""


class Packet(Struct, frozen=True):
    """The header's fields and where the payload lies."""

    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    start: int
    end: int


def parse(data: bytes, start: int, end: int) -> Packet:
    """Read the header of the packet `data[start:end]` (RFC 3550, 5.1): contributing sources, extension and padding skipped."""
    if end - start < 12:
        raise RtpError("shorter than an RTP header")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data, start)
    if first >> 6 != 2:
        raise RtpError(f"RTP version {first >> 6}")
    position = start + 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if position + 4 > end:
            raise RtpError("the header extension is cut")
        position += 4 + 4 * int.from_bytes(data[position + 2 : position + 4], "big")
    if first & 0x20:
        padding = data[end - 1]
        if padding == 0:
            raise RtpError("padding of no length")
        end -= padding
    if position > end:
        raise RtpError("the header is longer than the packet")
    return Packet(bool(second & 0x80), second & 0x7F, sequence, timestamp, ssrc, position, end)


def build(payload_type: int, sequence: int, timestamp: int, ssrc: int, marker: bool, payload: bytes) -> bytes:
    """Return a packet with a plain header of 12 bytes."""
    return HEADER.pack(0x80, payload_type | (0x80 if marker else 0), sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


class Receiver:
    """Follows one source: finds losses, keeps the figures that a receiver report tells, passes payloads on in order.

    With `reorder` (UDP) up to REORDER_DEPTH packets wait for one that is missing; over TCP none waits. What is late, doubled or
    of another payload type is dropped and counted in `dropped`. A changed SSRC begins anew.
    """

    def __init__(self, payload_type: int, on_payload: OnPayload, *, reorder: bool = False, clock_rate: int = 90000) -> None:
        self._payload_type = payload_type
        self._on_payload = on_payload
        self._reorder = reorder
        self._clock_rate = clock_rate
        self._waiting: dict[int, tuple[bytes, Packet]] = {}
        self._expected = -1
        self._lost_before = False
        self._first_extended = 0
        self._extended = 0
        self._transit: float | None = None
        self._reported = (0, 0)
        self._stranger = (0, 0)
        self.ssrc: int | None = None
        self.received = 0
        self.dropped = 0
        self.gaps = 0
        """How often packets were missing."""
        self.lost = 0
        """Packets that were missing."""
        self.reordered = 0
        """Packets that came after one that was sent later."""
        self.jitter = 0.0
        """Interarrival jitter in units of the clock (RFC 3550, 6.4.1)."""

    def push(self, data: bytes, start: int, end: int, arrival: float = 0.0) -> None:
        """Take the packet `data[start:end]`, arrived at `arrival` seconds of any steady clock. Never raises."""
        if end - start > 12:
            # The plain header, as nearly every camera sends it, without a Packet in between.
            first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data, start)
            known = ssrc == self.ssrc and second & 0x7F == self._payload_type
            if known and sequence == self._expected and first == 0x80 and not self._waiting:
                self._expected = (sequence + 1) & 0xFFFF
                self._extended += 1
                self.received += 1
                if self._reorder:
                    self._measure(timestamp, arrival)
                lost, self._lost_before = self._lost_before, False
                self._on_payload(data, start + 12, end, second > 0x7F, timestamp, lost)
                return
        try:
            packet = parse(data, start, end)
        except RtpError:
            self.dropped += 1
            return
        if packet.payload_type != self._payload_type and not self._adopt(packet.payload_type):
            self.dropped += 1
            return
        self._slow(data, packet, arrival)

    def run(self, data: bytes, position: int, total: int, alike: tuple[int, int, bytes], parts: list[bytes]) -> int:
        """Take the interleaved packets from `position` on that come in turn and are alike; return where others begin.

        `alike`: their channel, their timestamp, what their payloads begin with; none has the marker. What follows that
        beginning is appended to `parts`. It is what `push` does, in one turn for many: nearly all of a stream are such.
        """
        ssrc = self.ssrc
        if ssrc is None or self._waiting or self._lost_before or self._reorder:
            return position
        channel, timestamp, begin = alike
        first, plain, expected = 0x2400 | channel, 0x8000 | self._payload_type, self._expected
        same = timestamp.to_bytes(4, "big") + ssrc.to_bytes(4, "big") + begin
        head = 8 + len(same)
        last = total - head
        before = len(parts)
        while position < last:
            dollar, size, kind, sequence = _INTERLEAVED.unpack_from(data, position)
            start, end = position + head, position + 4 + size
            if (
                sequence != expected
                or kind != plain
                or dollar != first
                or not start < end <= total
                or data[position + 8 : start] != same
            ):
                break
            parts.append(data[start:end])
            position = end
            expected = (expected + 1) & 0xFFFF
        taken = len(parts) - before
        self._expected = expected
        self._extended += taken
        self.received += taken
        return position

    def burst(self, batch: Sequence[bytes], index: int, arrival: float, alike: tuple[int, bytes], parts: list[bytes]) -> int:
        """Take the datagrams `batch[index:]` that come in turn and are alike; return the index of the first other one.

        `alike`: their timestamp and what their payloads begin with, as for `run`; all arrived at `arrival`.
        """
        ssrc = self.ssrc
        if ssrc is None or self._waiting or self._lost_before:
            return index
        timestamp, begin = alike
        plain = bytes((0x80, self._payload_type))
        same = timestamp.to_bytes(4, "big") + ssrc.to_bytes(4, "big") + begin
        head, expected, first = 4 + len(same), self._expected, index
        for data in islice(batch, index, None):
            if not data.startswith(plain + expected.to_bytes(2, "big") + same) or len(data) == head:
                break
            parts.append(data[head:])
            expected = (expected + 1) & 0xFFFF
            index += 1
        taken = index - first
        if taken:
            self._expected = expected
            self._extended += taken
            self.received += taken
            if self._reorder:
                # All but the first came with the one before them: each takes a sixteenth of the jitter.
                self._measure(timestamp, arrival)
                self.jitter *= 0.9375 ** (taken - 1)
        return index

    def _adopt(self, payload_type: int) -> bool:
        """Take another dynamic payload type for ours where nothing but it comes: some cameras describe themselves wrongly."""
        if payload_type < 96 or self.ssrc is not None:
            return False
        known, count = self._stranger
        self._stranger = (payload_type, count + 1 if known == payload_type else 1)
        if self._stranger[1] < ADOPT:
            return False
        self._payload_type = payload_type
        return True

    def _slow(self, data: bytes, packet: Packet, arrival: float) -> None:
        if packet.ssrc != self.ssrc:
            self._begin(packet)
        ahead = (packet.sequence - self._expected) & 0xFFFF
        if ahead >= 0x8000:
            if ahead < 0x10000 - MAX_JUMP:
                self._begin(packet)
                self._lost_before = True
                ahead = 0
            else:
                self.dropped += 1
                return
        self.received += 1
        if self._reorder:
            self._measure(packet.timestamp, arrival)
        if ahead == 0:
            self.reordered += bool(self._waiting)
            self._deliver(data, packet)
            self._drain()
        elif ahead > MAX_JUMP or not self._reorder:
            self._waiting.clear()
            self.gaps += 1
            self.lost += ahead
            self._lost_before = True
            self._extended += ahead
            self._expected = packet.sequence
            self._deliver(data, packet)
        else:
            if self._waiting:
                newest = next(reversed(self._waiting))
                self.reordered += ((newest - packet.sequence) & 0xFFFF) < 0x8000
            self._waiting[packet.sequence] = (bytes(data[packet.start : packet.end]), packet)
            if len(self._waiting) > REORDER_DEPTH:
                self._skip()

    def _begin(self, packet: Packet) -> None:
        if self.ssrc is not None:
            self._lost_before = True
        self.ssrc = packet.ssrc
        self._expected = packet.sequence
        self._first_extended = self._extended = packet.sequence - 1
        self._waiting.clear()
        self._transit = None
        self.received = 0
        self._reported = (0, 0)

    def _deliver(self, data: bytes, packet: Packet) -> None:
        self._expected = (packet.sequence + 1) & 0xFFFF
        self._extended += 1
        lost, self._lost_before = self._lost_before, False
        if packet.end > packet.start:
            self._on_payload(data, packet.start, packet.end, packet.marker, packet.timestamp, lost)
        elif lost:
            self._lost_before = True

    def _drain(self) -> None:
        while self._waiting and (held := self._waiting.pop(self._expected, None)) is not None:
            payload, packet = held
            self._deliver(payload, Packet(*_moved(packet, len(payload))))

    def _skip(self) -> None:
        """Give up the missing packets and go on with the first that waits."""
        first = min(self._waiting, key=lambda sequence: (sequence - self._expected) & 0xFFFF)
        missing = (first - self._expected) & 0xFFFF
        self.gaps += 1
        self.lost += missing
        self._lost_before = True
        self._extended += missing
        self._expected = first
        self._drain()

    def _measure(self, timestamp: int, arrival: float) -> None:
        transit = arrival * self._clock_rate - timestamp
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < 10 * self._clock_rate:
                self.jitter += (difference - self.jitter) / 16
        self._transit = transit

    def report(self, own_ssrc: int, sender: SenderReport | None, since_sender: float) -> bytes:
        """Return a receiver report with an SDES of our name (RFC 3550, 6.4.2); `since_sender` seconds since its report."""
        expected = self._extended - self._first_extended
        lost = max(0, expected - self.received)
        before_expected, before_received = self._reported
        interval = expected - before_expected
        missing = interval - (self.received - before_received)
        fraction = max(0, min(255, missing * 256 // interval)) if interval > 0 else 0
        self._reported = (expected, self.received)
        last, delay = (sender.middle, min(0xFFFFFFFF, int(since_sender * 65536))) if sender else (0, 0)
        body = struct.pack(
            ">IIIIIII",
            own_ssrc,
            self.ssrc or 0,
            fraction << 24 | min(lost, 0x7FFFFF),
            self._extended & 0xFFFFFFFF,
            int(self.jitter) & 0xFFFFFFFF,
            last,
            delay,
        )
        return _rtcp(201, 1, body) + _sdes(own_ssrc)


def _moved(packet: Packet, size: int) -> tuple[bool, int, int, int, int, int, int]:
    return (packet.marker, packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc, 0, size)


class SenderReport(Struct, frozen=True):
    """Which wall time a sender gives to which RTP timestamp (RFC 3550, 6.4.1)."""

    ssrc: int
    ntp: int
    """64 bits: seconds since 1900 and their fraction."""
    timestamp: int
    packets: int = 0
    octets: int = 0

    @property
    def wall(self) -> int:
        """The NTP time as microseconds since 1970 UTC."""
        return ((self.ntp >> 32) - NTP_EPOCH) * 1_000_000 + ((self.ntp & 0xFFFFFFFF) * 1_000_000 + (1 << 31) >> 32)

    @property
    def middle(self) -> int:
        """The middle 32 bits, as a receiver report quotes them."""
        return self.ntp >> 16 & 0xFFFFFFFF


class Goodbye(Struct, frozen=True):
    """The sender ends its stream (RFC 3550, 6.6)."""

    ssrc: int


def parse_rtcp(data: bytes) -> list[SenderReport | Goodbye]:
    """Return what a compound packet says that a receiver minds; other packet types are passed over."""
    found: list[SenderReport | Goodbye] = []
    position = 0
    while position < len(data):
        if position + 4 > len(data) or data[position] >> 6 != 2:
            raise RtpError("not an RTCP packet")
        kind = data[position + 1]
        end = position + 4 + 4 * int.from_bytes(data[position + 2 : position + 4], "big")
        if end > len(data):
            raise RtpError("an RTCP packet is cut")
        if kind == 200:
            if end - position < 28:
                raise RtpError("a sender report is cut")
            found.append(SenderReport(*struct.unpack_from(">IQIII", data, position + 4)))
        elif kind == 203 and data[position] & 0x1F and end - position >= 8:
            found.append(Goodbye(int.from_bytes(data[position + 4 : position + 8], "big")))
        position = end
    return found


def sender_report(ssrc: int, wall: int, timestamp: int, packets: int, octets: int) -> bytes:
    """Return a sender report with its SDES; `wall` is microseconds since 1970 UTC."""
    body = struct.pack(">IQIII", ssrc, ntp(wall), timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _rtcp(200, 0, body) + _sdes(ssrc)


def picture_loss(own_ssrc: int, media_ssrc: int) -> bytes:
    """Return a Picture Loss Indication (RFC 4585, 6.3.1): the sender shall send a key frame. It follows a report."""
    return _rtcp(206, 1, struct.pack(">II", own_ssrc, media_ssrc))


def full_intra(own_ssrc: int, media_ssrc: int, number: int) -> bytes:
    """Return a Full Intra Request (RFC 5104, 4.3.1), the `number`th of ours. It follows a report."""
    return _rtcp(206, 4, struct.pack(">IIIBxxx", own_ssrc, 0, media_ssrc, number & 0xFF))


def goodbye(ssrc: int) -> bytes:
    """Return a BYE."""
    return _rtcp(203, 1, ssrc.to_bytes(4, "big"))


def ntp(wall: int) -> int:
    """Return microseconds since 1970 UTC as a 64-bit NTP time (RFC 5905, 6)."""
    seconds, micros = divmod(wall, 1_000_000)
    return (seconds + NTP_EPOCH) << 32 | (micros << 32) // 1_000_000


def _rtcp(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body


def _sdes(ssrc: int) -> bytes:
    chunk = ssrc.to_bytes(4, "big") + b"\x01\x0asitewarden" + b"\x00"
    return _rtcp(202, 1, chunk + bytes(-len(chunk) % 4))
