from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.wire import h264

# x264 high 1920x1080 (cropped from 1088), baseline 640x360, and one of an Axis camera (main, 1920x1080).
SPS_TABLE = [
    ("67640028acd940780227e5c05a808080a0000003002000000781e30632c0", 1920, 1080, "avc1.640028"),
    ("6742c01ed900a02ff96100000303e90000ea60e0f162e48000", 640, 360, "avc1.42c01e"),
    ("674d0029e2900f0044fcb80b7010101a41e24454", 1920, 1080, "avc1.4d0029"),
]
SPS = bytes.fromhex(SPS_TABLE[0][0])
PPS = bytes.fromhex("68ebe3cb22c0")

slices = st.binary(min_size=1, max_size=5000)


@pytest.mark.parametrize(("text", "width", "height", "codec"), SPS_TABLE)
def test_parameter_sets_of_real_encoders(text: str, width: int, height: int, codec: str) -> None:
    found = h264.parse_sps(bytes.fromhex(text))
    assert (found.width, found.height, found.codec) == (width, height, codec)


@given(st.binary(max_size=60))
def test_hostile_parameter_sets(data: bytes) -> None:
    for read in (h264.parse_sps, h264.pps_id):
        try:
            read(b"\x67" + data if read is h264.parse_sps else b"\x68" + data)
        except h264.H264Error:
            pass


class Sink:
    def __init__(self, known: Sequence[bytes] = (SPS, PPS)) -> None:
        self.units: list[tuple[list[bytes], int, bool]] = []
        self.sets: list[tuple[bytes, ...]] = []
        self.depacketiser = h264.Depacketiser(
            lambda nals, time, key: self.units.append((list(nals), time, key)),
            lambda format_: self.sets.append(format_.parameter_sets),
            known,
        )

    def push(self, payload: bytes, timestamp: int, *, marker: bool = False, lost: bool = False) -> None:
        self.depacketiser.push(b"head" + payload + b"tail", 4, 4 + len(payload), marker, timestamp, lost)

    def unit(self, nals: Sequence[bytes], timestamp: int, limit: int = 1400, markers: bool = True) -> None:
        for payload, marker in h264.packetise(nals, limit):
            self.push(payload, timestamp, marker=marker and markers)


@settings(max_examples=60)
@given(st.lists(st.lists(slices, min_size=1, max_size=4), min_size=1, max_size=5), st.integers(20, 1500), st.booleans())
def test_depacketise_after_packetise_is_identity(bodies: list[list[bytes]], limit: int, markers: bool) -> None:
    sink = Sink()
    units = [[(b"\x65" if number == 0 else b"\x41") + body for body in unit] for number, unit in enumerate(bodies)]
    for number, nals in enumerate(units):
        sink.unit(nals, (2**32 - 3600 + number * 3600) & 0xFFFFFFFF, limit, markers)
    if not markers:
        sink.push(b"\x09\xf0", 1)
    assert [nals for nals, _, _ in sink.units] == units
    assert [key for _, _, key in sink.units] == [True] + [False] * (len(units) - 1)
    times = [time for _, time, _ in sink.units]
    assert times == [times[0] + 3600 * number for number in range(len(units))]


def test_aggregates_and_parameter_sets_in_band() -> None:
    sink = Sink(known=())
    body = b"".join(len(nal).to_bytes(2, "big") + nal for nal in (SPS, PPS, b"\x06sei", b"\x65key"))
    sink.push(b"\x78" + body, 0, marker=True)
    assert sink.units == [([b"\x06sei", b"\x65key"], 0, True)]
    assert sink.sets == [(SPS, PPS)]


def test_a_marker_on_parameter_sets_ends_nothing() -> None:
    sink = Sink(known=())
    sink.push(SPS, 0, marker=True)
    sink.push(PPS, 0, marker=True)
    sink.push(b"\x65key", 0, marker=True)
    assert sink.units == [([b"\x65key"], 0, True)]


def test_nothing_is_given_before_a_key_frame_with_its_parameter_sets() -> None:
    sink = Sink(known=())
    sink.push(b"\x41delta", 0, marker=True)
    sink.push(b"\x65key", 3600, marker=True)
    assert sink.units == []
    sink.push(SPS, 7200)
    sink.push(PPS, 7200)
    sink.push(b"\x65key", 7200, marker=True)
    assert len(sink.units) == 1 and sink.depacketiser.dropped == 2


def test_after_a_loss_the_next_key_frame_is_awaited() -> None:
    sink = Sink()
    sink.push(b"\x65a", 0, marker=True)
    sink.push(b"\x41b", 3600, marker=True)
    sink.push(b"\x41d", 10800, marker=True, lost=True)
    sink.push(b"\x41e", 14400, marker=True)
    sink.push(b"\x65f", 18000, marker=True)
    assert [nals for nals, _, _ in sink.units] == [[b"\x65a"], [b"\x41b"], [b"\x65f"]]


def test_a_lost_middle_of_a_fragmented_key_frame_drops_it() -> None:
    sink = Sink()
    payloads = list(h264.packetise([b"\x65" + bytes(5000)], 1000))
    for number, (payload, marker) in enumerate(payloads):
        if number != 2:
            sink.push(payload, 0, marker=marker, lost=number == 3)
    sink.push(b"\x41x", 3600, marker=True)
    assert sink.units == []


def test_changed_parameter_sets_come_before_their_picture() -> None:
    sink = Sink()
    order: list[str] = []
    sink.depacketiser = h264.Depacketiser(
        lambda nals, time, key: order.append("unit"), lambda format_: order.append("sets"), (SPS, PPS)
    )
    sink.push(b"\x65a", 0, marker=True)
    sink.push(bytes.fromhex(SPS_TABLE[2][0]), 3600)
    sink.push(b"\x65b", 3600, marker=True)
    sink.push(bytes.fromhex(SPS_TABLE[2][0]), 7200)
    sink.push(b"\x65c", 7200, marker=True)
    assert order == ["sets", "unit", "sets", "unit", "unit"]


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.integers(0, 3), st.booleans(), st.booleans()), max_size=40))
def test_hostile_payloads_never_raise(payloads: list[tuple[bytes, int, bool, bool]]) -> None:
    sink = Sink()
    for payload, timestamp, marker, lost in payloads:
        sink.push(payload, timestamp, marker=marker, lost=lost)


def test_an_endless_unit_is_cut_off() -> None:
    sink = Sink()
    sink.push(b"\x7c\x85" + bytes(1000), 0)
    for _ in range(h264.MAX_UNIT // 60000 + 2):
        sink.push(b"\x7c\x05" + bytes(60000), 0)
    assert sink.depacketiser._parts == []
