"""Any payloads give access units that begin with a key frame after each loss, never larger than the limit; nothing is raised."""

from __future__ import annotations

from collections.abc import Sequence

from sitewarden.wire import h264

_SPS = bytes.fromhex("674d0029e2900f0044fcb80b7010101a41e24454")
_PPS = bytes.fromhex("68ee3c80")


def _stream(*units: Sequence[bytes], limit: int = 30) -> bytes:
    found = b""
    for number, unit in enumerate(units):
        for payload, marker in h264.packetise(unit, limit):
            found += bytes((len(payload), 2 * marker, number)) + payload
    return found


SEEDS = [
    _stream([_SPS, _PPS, b"\x65" + bytes(90)], [b"\x41" + bytes(40)], [b"\x06sei", b"\x41x"]),
    bytes((8, 2, 1)) + b"\x78\x00\x02\x65a\x00\x01\x09" + bytes((4, 3, 1)) + b"\x41ab\x00",
    bytes((3, 0, 1)) + b"\x7c\x85a" + bytes((3, 0, 1)) + b"\x7c\x45b" + _SPS + _PPS,
    _SPS,
    bytes.fromhex("67640028acd940780227e5c05a808080a0000003002000000781e30632c0"),
]


def check(data: bytes) -> None:
    try:
        picture = h264.parse_sps(data[:100])
        assert 0 < picture.width <= 16384 and 0 < picture.height <= 16384
    except h264.H264Error:
        pass
    state = {"whole": False}

    def unit(nals: Sequence[bytes], time: int, key: bool) -> None:
        assert nals and sum(map(len, nals)) <= h264.MAX_UNIT
        assert key or state["whole"]
        state["whole"] = True

    depacketiser = h264.Depacketiser(unit, lambda format_: None, (_SPS, _PPS))
    position = 0
    while position + 3 < len(data):
        size = max(1, data[position])
        payload = data[position + 3 : position + 3 + size]
        lost = bool(data[position + 1] & 1)
        if lost:
            depacketiser.push(b"\x41", 0, 1, True, 256, True)
            state["whole"] = False
        if payload:
            depacketiser.push(payload, 0, len(payload), bool(data[position + 1] & 2), data[position + 2], False)
        position += 3 + size
