from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import rtp
from sitewarden.wire.rtp_clock import WallClock, unwrap

HEADERS = [
    ("80e00001000000020000000361", (True, 96, 1, 2, 3, b"a")),
    ("8060fffffffffffe00000003", (False, 96, 65535, 0xFFFFFFFE, 3, b"")),
    ("90600001000000020000000300010001000000006162", (False, 96, 1, 2, 3, b"ab")),
    ("a0600001000000020000000361000003", (False, 96, 1, 2, 3, b"a")),
    ("8160000100000002000000030000000962", (False, 96, 1, 2, 3, b"b")),
]


@pytest.mark.parametrize(("text", "expected"), HEADERS)
def test_headers(text: str, expected: tuple[object, ...]) -> None:
    data = bytes.fromhex(text)
    packet = rtp.parse(data, 0, len(data))
    found = (packet.marker, packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc, data[packet.start : packet.end])
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "80",
        "0060000100000002000000",
        "406000010000000200000003",
        "9060000100000002000000030001ffff",
        "a06000010000000200000003ff",
    ],
)
def test_broken_headers_are_refused(text: str) -> None:
    data = bytes.fromhex(text)
    with pytest.raises(rtp.RtpError):
        rtp.parse(data, 0, len(data))


def _receiver(reorder: bool) -> tuple[rtp.Receiver, list[tuple[bytes, bool]]]:
    found: list[tuple[bytes, bool]] = []

    def payload(data: bytes, start: int, end: int, marker: bool, timestamp: int, lost: bool) -> None:
        found.append((data[start:end], lost))

    return rtp.Receiver(96, payload, reorder=reorder), found


def _feed(receiver: rtp.Receiver, sequences: list[int], ssrc: int = 7) -> None:
    for sequence in sequences:
        packet = rtp.build(96, sequence, 90 * sequence, ssrc, False, b"p%d" % (sequence & 0xFFFF))
        receiver.push(packet, 0, len(packet), 0.0)


def test_a_loss_is_told_with_the_next_packet() -> None:
    receiver, found = _receiver(reorder=False)
    _feed(receiver, [65534, 65535, 0, 3, 4])
    assert found == [(b"p65534", False), (b"p65535", False), (b"p0", False), (b"p3", True), (b"p4", False)]
    assert receiver.gaps == 1


@given(st.integers(0, 65535), st.randoms(use_true_random=False))
def test_packets_out_of_order_are_put_in_order(first: int, draw: object) -> None:
    receiver, found = _receiver(reorder=True)
    order = list(range(1, 200))
    for start in range(0, len(order), 8):
        piece = order[start : start + 8]
        draw.shuffle(piece)  # type: ignore[attr-defined]
        order[start : start + 8] = piece
    _feed(receiver, [first + number for number in [0, *order]])
    assert [name for name, _ in found] == [b"p%d" % ((first + number) & 0xFFFF) for number in range(200)]
    assert not any(lost for _, lost in found)


def test_a_missing_packet_is_given_up_and_doubles_are_dropped() -> None:
    receiver, found = _receiver(reorder=True)
    _feed(receiver, [10, 11, 11, *range(13, 60), 12])
    assert [name for name, _ in found] == [b"p10", b"p11", *[b"p%d" % number for number in range(13, 60)]]
    assert [name for name, lost in found if lost] == [b"p13"]
    assert (receiver.dropped, receiver.lost, receiver.reordered) == (2, 1, 0)


def test_packets_that_were_overtaken_are_counted() -> None:
    receiver, found = _receiver(reorder=True)
    _feed(receiver, [10, 13, 12, 11, 14, 15])
    assert len(found) == 6 and (receiver.reordered, receiver.lost, receiver.gaps) == (2, 0, 0)


def test_another_source_and_another_count_begin_anew() -> None:
    receiver, found = _receiver(reorder=False)
    _feed(receiver, [5, 6])
    _feed(receiver, [40000, 40001], ssrc=8)
    _feed(receiver, [100, 101], ssrc=8)
    assert [lost for _, lost in found] == [False, False, True, False, True, False]


def test_a_receiver_report_counts_losses() -> None:
    receiver, _ = _receiver(reorder=False)
    _feed(receiver, [*range(100), *range(110, 120)])
    report = receiver.report(1, rtp.SenderReport(7, 0x0123456789ABCDEF, 0), 0.5)
    assert report[1] == 201
    assert report[8:12] == (7).to_bytes(4, "big")
    assert report[12] == 10 * 256 // 120
    assert int.from_bytes(report[13:16], "big") == 10
    assert report[24:28].hex() == "456789ab"
    assert int.from_bytes(report[28:32], "big") == 32768
    assert rtp.parse_rtcp(report) == []


def test_requests_for_a_key_frame() -> None:
    # RFC 4585, 6.1 and 6.3.1; RFC 5104, 4.3.1.1
    assert rtp.picture_loss(0x01020304, 0x0A0B0C0D).hex() == "81ce0002010203040a0b0c0d"
    assert rtp.full_intra(0x01020304, 0x0A0B0C0D, 258).hex() == "84ce000401020304000000000a0b0c0d02000000"


def test_sender_reports_both_ways() -> None:
    wall = 1_763_700_000_123_456
    found = rtp.parse_rtcp(rtp.sender_report(9, wall, 77, 3, 4) + rtp.goodbye(9))
    assert isinstance(found[0], rtp.SenderReport)
    assert (found[0].ssrc, found[0].timestamp, found[0].packets, found[0].octets) == (9, 77, 3, 4)
    assert abs(found[0].wall - wall) <= 1
    assert found[1] == rtp.Goodbye(9)


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_rtp_errors_only(data: bytes) -> None:
    receiver, _ = _receiver(reorder=True)
    receiver.push(data, 0, len(data))
    try:
        rtp.parse_rtcp(data)
    except rtp.RtpError:
        pass


@given(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=20))
def test_unwrap_follows_every_step(steps: list[int]) -> None:
    last = value = 1000
    for step in steps:
        value += step
        last = unwrap(last, value & 0xFFFFFFFF)
        assert last == value


def test_wall_time_never_goes_back_at_the_first_report() -> None:
    clock = WallClock()
    start = 1_763_700_000_000_000
    walls = []
    for number in range(500):
        if number == 100:
            clock.report(number * 3600, start + number * 40_000 - 700_000)
        walls.append(clock.wall(number * 3600, start + number * 40_000 + (number * 7919) % 9000))
    assert all(later > earlier for earlier, later in itertools.pairwise(walls))
    assert abs(walls[-1] - (start + 499 * 40_000 - 700_000)) < 400_000


def test_a_report_of_a_camera_with_a_wrong_clock_is_not_believed() -> None:
    clock = WallClock()
    start = 1_763_700_000_000_000
    clock.wall(0, start)
    clock.report(0, 946_684_800_000_000)
    assert abs(clock.wall(90_000, start + 1_000_000) - (start + 1_000_000)) < 25_000


def test_a_new_timeline_of_the_camera_is_found() -> None:
    clock = WallClock()
    start = 1_763_700_000_000_000
    clock.wall(0, start)
    assert abs(clock.wall(900_000_000, start + 40_000) - (start + 40_000)) < 1000
    assert clock.jumps == 1
