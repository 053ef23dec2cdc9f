"""Remote write as bytes: what Prometheus sends is read, what is written reads back, what is hostile is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import remote_write as wire
from sitewarden.wire.remote_write import Line, Malformed
from tests.interop.prometheus import Made, snappy, write_request

TEXTS = st.text(min_size=1, max_size=20).filter(lambda text: max(text) < "\ud800" or min(text) > "\udfff")
LABELS = st.dictionaries(TEXTS, TEXTS, max_size=5).map(lambda found: {**found, "__name__": "x"})
SAMPLES = st.lists(
    st.tuples(st.integers(-(2**63), 2**63 - 1), st.one_of(st.none(), st.floats(allow_nan=False, width=64))), max_size=8
)


@given(st.lists(st.tuples(LABELS, SAMPLES), max_size=5))
def test_what_is_written_reads_back(series: list[tuple[dict[str, str], list[tuple[int, float | None]]]]) -> None:
    body = b""
    for named, samples in series:
        times, values = [time for time, _ in samples], [value for _, value in samples]
        body += wire.line_bytes(wire.label_bytes(sorted(named.items())), times, values)
    found = wire.read(wire.unpack(wire.pack(body)))
    assert [(wire.labels(line.key), list(zip(line.times, line.values, strict=True))) for line in found] == series


def test_another_writers_bytes_are_the_same() -> None:
    made = Made({"job": "a", "__name__": "up", "instance": "b"}, [1_780_000_000_000, 1_780_000_015_000], [1.0, None])
    ours = wire.line_bytes(wire.label_bytes(sorted(made.labels.items())), made.times, made.values)
    assert ours == write_request([made])
    assert wire.unpack(snappy(ours)) == ours


def test_fields_in_any_order_and_unknown_ones() -> None:
    label = wire.label_bytes([("__name__", "up")])
    sample = b"\x10\x07\x18\x01\x09" + bytes(8)
    body = b"\x12" + bytes([len(sample)]) + sample + b"\x1a\x02\x08\x01" + label + b"\x28\x05" + b"\x12\x02\x10\x08"
    assert wire.read(b"\x1a\x02xy" + b"\x0a" + bytes([len(body)]) + body) == [Line(label, [7, 8], [0.0, 0.0], 1)]


def test_nan_is_a_value_and_the_stale_marker_is_none() -> None:
    key = wire.label_bytes([("__name__", "x")])
    [line] = wire.read(wire.line_bytes(key, [1, 2, 3], [math.nan, None, math.inf]))
    assert math.isnan(line.values[0] or 0.0) and line.values[1:] == [None, math.inf]


def test_version_2() -> None:
    symbols = b"".join(b"\x22" + bytes([len(text)]) + text for text in (b"", b"__name__", b"up", b"job", b"pump"))
    sample = b"\x12\x0b\x09" + b"\0\0\0\0\0\0\xf0\x3f" + b"\x10\x05"
    series = b"\x0a\x04\x01\x02\x03\x04" + sample + b"\x1a\x00" + b"\x2a\x02\x08\x01"
    [line] = wire.read(symbols + b"\x2a" + bytes([len(series)]) + series, wire.VERSION_2)
    assert (wire.labels(line.key), line.times, line.values, line.others) == ({"__name__": "up", "job": "pump"}, [5], [1.0], 1)
    with pytest.raises(Malformed, match="not there"):
        wire.read(symbols + b"\x2a\x04\x0a\x02\x01\x09", wire.VERSION_2)
    with pytest.raises(Malformed, match="not there"):
        wire.read(symbols + b"\x2a\x03\x0a\x01\x01", wire.VERSION_2)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "does not end"),
        (b"\xff" * 12, "does not end"),
        (b"\xff\xff\xff\x7f" + bytes(100), "at most"),
        (wire.varint(wire.PLAIN) + b"\x00a", "no block of Snappy"),
        (b"\x05\x10abc", "no block of Snappy"),
    ],
)
def test_no_block_of_snappy(body: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        wire.unpack(body)


def test_limits() -> None:
    with pytest.raises(Malformed, match="more than 8388608 bytes"):
        wire.unpack(bytes(wire.COMPRESSED + 1))
    with pytest.raises(Malformed, match="50000 series"):
        wire.read(b"\x0a\x00" * (wire.SERIES + 1))
    with pytest.raises(Malformed, match="200000 samples"):
        body = b"\x12\x00" * (wire.SAMPLES + 1)
        wire.read(b"\x0a" + wire.varint(len(body)) + body)
    with pytest.raises(Malformed, match="beyond its message"):
        wire.read(b"\x0a\x05\x0a")
    with pytest.raises(Malformed, match="kind 3"):
        wire.read(b"\x0b")
    with pytest.raises(Malformed, match="64 bits"):
        wire.read(b"\x0a\x04\x12\x02\x08\x01")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ([], "no label __name__"),
        ([("job", "a")], "no label __name__"),
        ([("__name__", "")], "no label __name__"),
        ([("__name__", "a"), ("__name__", "b")], "twice"),
        ([("", "a")], "without a name"),
        ([("__name__", "a"), ("x" * 1025, "b")], "1024"),
        ([("__name__", "a"), *((f"l{n}", "v") for n in range(100))], "more than 100 labels"),
    ],
)
def test_labels_that_are_no_series(named: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(Malformed, match=said):
        wire.labels(wire.label_bytes(named))
    with pytest.raises(Malformed, match="UTF-8"):
        wire.labels(b"\x0a\x04\x0a\x02\xff\xfe")
