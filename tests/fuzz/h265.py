"""Any payloads give access units that begin with a key frame after each loss, never larger than the limit; nothing is raised."""

from __future__ import annotations

from collections.abc import Sequence

from sitewarden.wire import h265
from sitewarden.wire.nal import MAX_UNIT
from tests.wire.test_h265 import CRA, DELTA, KEY, PPS, RASL, SPS, VPS


def _stream(*units: Sequence[bytes], limit: int = 30) -> bytes:
    found = b""
    for number, unit in enumerate(units):
        for payload, marker in h265.packetise(unit, limit):
            found += bytes((len(payload), 2 * marker, number)) + payload
    return found


SEEDS = [
    _stream([VPS, SPS, PPS, KEY + bytes(90)], [DELTA + bytes(40)], [b"\x4e\x01sei", DELTA + b"x"]),
    _stream([CRA + b"a"], [RASL + b"b"], [DELTA + b"c"]),
    bytes((12, 2, 1)) + b"\x60\x01\x00\x03" + KEY + b"a\x00\x03" + DELTA + b"b" + bytes((5, 3, 1)) + DELTA + b"ab\x00",
    bytes((5, 0, 1)) + b"\x62\x01\x93ab" + bytes((5, 2, 1)) + b"\x62\x01\x53cd",
    SPS,
]


def check(data: bytes) -> None:
    for read in (h265.parse_sps, h265.set_id):
        try:
            read(data[:100])
        except h265.H265Error:
            pass
    state = {"whole": False}

    def unit(nals: Sequence[bytes], time: int, key: bool) -> None:
        assert nals and sum(map(len, nals)) <= MAX_UNIT
        assert key or state["whole"]
        state["whole"] = True

    depacketiser = h265.Depacketiser(unit, lambda format_: None, (VPS, SPS, PPS))
    position = 0
    while position + 3 < len(data):
        size = max(1, data[position])
        payload = data[position + 3 : position + 3 + size]
        if data[position + 1] & 1:
            depacketiser.push(DELTA + b"x", 0, 3, True, 256, True)
            state["whole"] = False
        if payload:
            depacketiser.push(payload, 0, len(payload), bool(data[position + 1] & 2), data[position + 2], False)
        position += 3 + size
