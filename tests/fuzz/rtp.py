"""Any packets give payloads that lie within them, in growing order, and reports of a fixed size; RTCP raises RtpError only."""

from __future__ import annotations

from sitewarden.wire import rtp

SEEDS = [
    b"".join(len(packet).to_bytes(2, "big") + packet for packet in packets)
    for packets in (
        [rtp.build(96, number, 90 * number, 7, number % 2 == 0, b"payload") for number in range(5)],
        [rtp.build(96, number, 0, 7, False, b"p") for number in (65534, 2, 65535, 0, 1, 40, 3, 30000)],
        [bytes.fromhex("b0600001000000020000000300010001000000006162630002"), rtp.build(97, 1, 1, 1, True, b"x")],
        [rtp.sender_report(7, 1_700_000_000_000_000, 5, 6, 7), rtp.goodbye(7)],
    )
]


def check(data: bytes) -> None:
    for reorder in (False, True):
        receiver = rtp.Receiver(96, _payload, reorder=reorder)
        position = 0
        while position + 2 <= len(data):
            size = int.from_bytes(data[position : position + 2], "big")
            packet = data[position + 2 : position + 2 + size]
            receiver.push(packet, 0, len(packet), float(position))
            assert len(receiver._waiting) <= rtp.REORDER_DEPTH + 1
            try:
                rtp.parse_rtcp(packet)
            except rtp.RtpError:
                pass
            position += 2 + size
        assert len(receiver.report(1, None, 0.0)) == 32 + 24


def _payload(data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None:
    assert 0 <= start < end <= len(data)
