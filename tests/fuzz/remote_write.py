"""Any bytes are a request that repeats itself when written, or Malformed; nothing else. Unpacking never makes more than PLAIN."""

from __future__ import annotations

from sitewarden.wire import remote_write as wire

_KEY = wire.label_bytes([("__name__", "node_load1"), ("instance", "pump:9100")])
_ONE = wire.line_bytes(_KEY, [1_700_000_000_000, 1_700_000_015_000], [1.5, None])
_VERSION_2 = (
    b"\x22\x00\x22\x08__name__\x22\x02up\x22\x08instance\x22\x04pump"
    b"\x2a\x16\x0a\x04\x01\x02\x03\x04\x12\x0e\x09\x00\x00\x00\x00\x00\x00\xf0\x3f\x10\x80\xa0\xcf\x06"
)
SEEDS = [
    _ONE,
    _ONE + wire.line_bytes(_KEY[:22], [-1], [float("nan")]),
    b"\x0a\x03\x18\x07\x20" + _ONE,
    _VERSION_2,
    wire.pack(_ONE * 20),
    wire.pack(_VERSION_2),
]


def check(data: bytes) -> None:
    for version in (wire.VERSION_1, wire.VERSION_2):
        _read(data, version)
        try:
            plain = wire.unpack(data)
        except wire.Malformed:
            continue
        assert len(plain) <= wire.PLAIN
        _read(plain, version)


def _read(data: bytes, version: str) -> None:
    try:
        lines = wire.read(data, version)
    except wire.Malformed:
        return
    again = wire.read(b"".join(wire.line_bytes(line.key, line.times, line.values) for line in lines))
    assert [(line.key, line.times) for line in again] == [(line.key, line.times) for line in lines]
    for one, other in zip(again, lines, strict=True):
        assert all(a == b or (a != a and b != b) for a, b in zip(one.values, other.values, strict=True))
        try:
            named = wire.labels(one.key)
        except wire.Malformed:
            continue
        assert wire.labels(wire.label_bytes(named.items())) == named
