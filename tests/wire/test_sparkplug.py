"""Sparkplug B payloads by byte table; every datatype is read as it was written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.sparkplug import Kind, Metric, Payload, PayloadError, decode, encode, split, typed

TABLE = [
    ("08 e807 18 05", Payload(time=1000, seq=5, metrics=[])),
    ("12 09 0a 01 61 10 02 20 0b 70 01 18 00", Payload(seq=0, metrics=[Metric(name="a", alias=2, kind=11, value=True)])),
    ("12 0c 10 07 18 e807 20 09 65 0000c03f", Payload(metrics=[Metric(alias=7, time=1000, kind=9, value=1.5)])),
    ("12 08 20 01 50 ffffffff0f", Payload(metrics=[Metric(kind=1, value=-1)])),
    ("12 09 0a 01 73 20 0c 7a 02 6869", Payload(metrics=[Metric(name="s", kind=12, value="hi")])),
    ("12 04 20 0a 38 01", Payload(metrics=[Metric(kind=10, null=True)])),
    (
        "12 18 0a 01 71 20 0b 4a 0f 0a 07 5175616c697479 12 04 08 03 18 00 70 00",
        Payload(metrics=[Metric(name="q", kind=11, quality=0, value=False)]),
    ),
    ("12 06 20 11 82 01 01 ff", Payload(metrics=[Metric(kind=17, value=b"\xff")])),
]


@pytest.mark.parametrize(("data", "payload"), TABLE)
def test_a_payload_is_read_and_written(data: str, payload: Payload) -> None:
    raw = bytes.fromhex(data)
    assert decode(raw) == payload
    assert encode(payload) == raw


def test_what_is_not_known_is_skipped() -> None:
    raw = bytes.fromhex("22 03 616263 2a 02 0000 12 0b 0a01 61 42 02 0000 a2 06 01 00")
    assert decode(raw) == Payload(metrics=[Metric(name="a")])


@pytest.mark.parametrize("data", ["08", "12 05 00", "12 02 0a 05", "0b", "00", "12 04 0a 02 ffff", "08" + "ff" * 11, "65 00"])
def test_what_is_no_payload_is_refused(data: str) -> None:
    with pytest.raises(PayloadError):
        decode(bytes.fromhex(data))


VALUES: dict[int, st.SearchStrategy[Any]] = {
    Kind.INT8: st.integers(-128, 127),
    Kind.INT16: st.integers(-(2**15), 2**15 - 1),
    Kind.INT32: st.integers(-(2**31), 2**31 - 1),
    Kind.INT64: st.integers(-(2**63), 2**63 - 1),
    Kind.UINT8: st.integers(0, 255),
    Kind.UINT16: st.integers(0, 2**16 - 1),
    Kind.UINT32: st.integers(0, 2**32 - 1),
    Kind.UINT64: st.integers(0, 2**64 - 1),
    Kind.FLOAT: st.floats(width=32, allow_nan=False),
    Kind.DOUBLE: st.floats(allow_nan=False),
    Kind.BOOLEAN: st.booleans(),
    Kind.STRING: st.text(st.characters(exclude_categories=("Cs",)), min_size=0, max_size=20),
    Kind.DATETIME: st.integers(0, 2**63),
    Kind.BYTES: st.binary(max_size=20),
}


@given(st.sampled_from(sorted(VALUES)), st.data())
def test_every_datatype_is_what_it_was(kind: int, data: st.DataObject) -> None:
    metric = Metric(name="m", alias=3, time=5, kind=kind, value=data.draw(VALUES[kind]), historical=True, quality=192)
    payload = Payload(time=1, seq=255, metrics=[metric, metric])
    assert decode(encode(payload)) == payload


@given(st.sampled_from([Kind.INT8, Kind.INT16, Kind.INT32, Kind.INT64]), st.data())
def test_a_value_without_its_datatype_gets_that_of_its_birth(kind: int, data: st.DataObject) -> None:
    value = data.draw(VALUES[kind])
    assert typed(value & (0xFFFF_FFFF if kind != Kind.INT64 else 2**64 - 1), kind) == value


@pytest.mark.parametrize(
    ("kind", "value"), [(Kind.INT8, 128), (Kind.UINT8, -1), (Kind.STRING, 1), (Kind.FLOAT, 1e300), (Kind.INT32, 1.5), (99, 1)]
)
def test_what_does_not_fit_is_refused(kind: int, value: Any) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        encode(Payload(metrics=[Metric(kind=kind, value=value)]))


@pytest.mark.parametrize(
    ("topic", "parts"),
    [
        ("spBv1.0/g/NBIRTH/n", ("g", "NBIRTH", "n", "")),
        ("spBv1.0/g/DDATA/n/d", ("g", "DDATA", "n", "d")),
        ("spBv1.0/g/n", None),
        ("spAv1.0/g/NDATA/n", None),
        ("spBv1.0/STATE/host", None),
    ],
)
def test_a_topic_is_taken_apart(topic: str, parts: tuple[str, ...] | None) -> None:
    assert split(topic) == parts
