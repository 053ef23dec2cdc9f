from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.wire import h265
from sitewarden.wire.formats import VideoFormat

# libx265 322x180 (cropped from 328x184), main; and one of a 4K camera (Hikvision, main).
VPS = bytes.fromhex("40010c01ffff01600000030090000003000003003c959409")
SPS = bytes.fromhex("42010101600000030090000003000003003ca00a880c1c44f965654a4c2e6808000003000800000300c840")
PPS = bytes.fromhex("4401c073c189")
KEY = b"\x28\x01"
"""Header of an IDR_N_LP slice."""
DELTA = b"\x02\x01"
CRA = b"\x2a\x01"
RASL = b"\x10\x01"

slices = st.binary(min_size=1, max_size=5000)


def test_a_real_encoder_s_parameter_sets() -> None:
    found = h265.video_format((VPS, SPS, PPS))
    assert (found.width, found.height, found.codec) == (322, 180, "hvc1.1.6.L60.90")
    assert [h265.set_id(nal) for nal in (VPS, SPS, PPS)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("compatibility", "constraints", "tier", "level", "codec"),
    [
        (0x60000000, "b00000000000", 0, 93, "hvc1.1.6.L93.B0"),
        (0x20000000, "900000000000", 1, 153, "hvc1.1.4.H153.90"),
        (0x60000000, "000000000000", 0, 120, "hvc1.1.6.L120"),
        (0x60000000, "b00008000000", 0, 120, "hvc1.1.6.L120.B0.0.8"),
    ],
)
def test_codec_strings(compatibility: int, constraints: str, tier: int, level: int, codec: str) -> None:
    whole = h265.parse_sps(SPS)
    values = {name: getattr(whole, name) for name in whole.__struct_fields__}
    values |= {"compatibility": compatibility, "constraints": bytes.fromhex(constraints), "tier": tier, "level": level}
    assert h265.Sps(**values).codec == codec


@given(st.binary(max_size=80))
def test_hostile_parameter_sets(data: bytes) -> None:
    for head in (b"\x40\x01", b"\x42\x01", b"\x44\x01"):
        for read in (h265.parse_sps, h265.set_id):
            try:
                read(head + data)
            except h265.H265Error:
                pass


class Sink:
    def __init__(self, known: Sequence[bytes] = (VPS, SPS, PPS)) -> None:
        self.units: list[tuple[list[bytes], int, bool]] = []
        self.formats: list[VideoFormat] = []
        self.depacketiser = h265.Depacketiser(
            lambda nals, time, key: self.units.append((list(nals), time, key)), self.formats.append, known
        )

    def push(self, payload: bytes, timestamp: int, *, marker: bool = False, lost: bool = False) -> None:
        self.depacketiser.push(b"head" + payload + b"tail", 4, 4 + len(payload), marker, timestamp, lost)

    def unit(self, nals: Sequence[bytes], timestamp: int, limit: int = 1400, markers: bool = True) -> None:
        for payload, marker in h265.packetise(nals, limit):
            self.push(payload, timestamp, marker=marker and markers)

    @property
    def nals(self) -> list[list[bytes]]:
        return [nals for nals, _, _ in self.units]


@settings(max_examples=60)
@given(st.lists(st.lists(slices, min_size=1, max_size=4), min_size=1, max_size=5), st.integers(20, 1500), st.booleans())
def test_depacketise_after_packetise_is_identity(bodies: list[list[bytes]], limit: int, markers: bool) -> None:
    sink = Sink()
    units = [[(KEY if number == 0 else DELTA) + body for body in unit] for number, unit in enumerate(bodies)]
    for number, nals in enumerate(units):
        sink.unit(nals, (2**32 - 3600 + number * 3600) & 0xFFFFFFFF, limit, markers)
    if not markers:
        sink.push(b"\x46\x01\x50", 1)
    assert sink.nals == units
    assert [key for _, _, key in sink.units] == [True] + [False] * (len(units) - 1)
    times = [time for _, time, _ in sink.units]
    assert times == [times[0] + 3600 * number for number in range(len(times))]


def test_aggregates_and_parameter_sets_in_band() -> None:
    sink = Sink(known=())
    sei = b"\x4e\x01sei"
    body = b"".join(len(nal).to_bytes(2, "big") + nal for nal in (VPS, SPS, PPS, sei, KEY + b"key"))
    sink.push(b"\x60\x01" + body, 0, marker=True)
    assert sink.units == [([sei, KEY + b"key"], 0, True)]
    assert sink.formats[0].parameter_sets == (VPS, SPS, PPS)


def test_nothing_is_given_before_all_parameter_sets() -> None:
    sink = Sink(known=(SPS, PPS))
    sink.push(KEY + b"a", 0, marker=True)
    assert sink.units == [] and sink.depacketiser.dropped == 1
    sink.push(VPS, 3600)
    sink.push(KEY + b"b", 3600, marker=True)
    assert sink.nals == [[KEY + b"b"]]


def test_changed_parameter_sets_come_before_their_picture() -> None:
    sink = Sink()
    other = PPS[:-1] + b"\x8a"
    sink.push(KEY + b"a", 0, marker=True)
    sink.push(other, 3600)
    sink.push(KEY + b"b", 3600, marker=True)
    assert [one.parameter_sets[-1] for one in sink.formats] == [PPS, other]


def test_pictures_that_lean_on_what_was_lost_are_left_out() -> None:
    sink = Sink()
    for number, nal in enumerate((CRA + b"a", RASL + b"b", DELTA + b"c", CRA + b"d", RASL + b"e")):
        sink.push(nal, 3600 * number, marker=True)
    assert sink.nals == [[CRA + b"a"], [DELTA + b"c"], [CRA + b"d"], [RASL + b"e"]]
    sink.push(CRA + b"f", 18000, marker=True, lost=True)
    sink.push(CRA + b"g", 21600, marker=True)
    sink.push(RASL + b"h", 25200, marker=True)
    assert sink.nals[4:] == [[CRA + b"g"]]


@pytest.mark.parametrize("odd", [b"\x64\x01\x00paci", b"\x62", b"\x62\x01\x01middle without a start", b"\x60\x01\xff\xffcut"])
def test_what_cannot_be_understood_breaks_its_unit(odd: bytes) -> None:
    sink = Sink()
    sink.push(KEY + b"a", 0, marker=True)
    sink.push(odd, 3600)
    sink.push(DELTA + b"b", 3600, marker=True)
    sink.push(DELTA + b"c", 7200, marker=True)
    sink.push(KEY + b"d", 10800, marker=True)
    assert sink.nals == [[KEY + b"a"], [KEY + b"d"]]


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.integers(0, 3), st.booleans(), st.booleans()), max_size=40))
def test_hostile_payloads_never_raise(payloads: list[tuple[bytes, int, bool, bool]]) -> None:
    sink = Sink()
    for payload, timestamp, marker, lost in payloads:
        sink.push(payload, timestamp, marker=marker, lost=lost)


def test_an_endless_unit_is_cut_off() -> None:
    sink = Sink()
    sink.push(b"\x62\x01\x93" + bytes(1000), 0)
    for _ in range(8 * 1024 * 1024 // 60000 + 2):
        sink.push(b"\x62\x01\x13" + bytes(60000), 0)
    assert sink.depacketiser._parts == []
