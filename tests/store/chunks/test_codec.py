"""The codec gives back what it was given, bit for bit, and refuses what it did not write."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.samples import Value
from sitewarden.store.chunks import floats, integers
from sitewarden.store.chunks.batch import encode_groups
from sitewarden.store.chunks.codec import Packer, read_head
from sitewarden.store.chunks.columns import Columns, from_values, joined, numbers, ordered, to_values
from sitewarden.store.chunks.integers import QUICK, THOROUGH, USUAL
from sitewarden.store.chunks.octets import Corrupt, Source
from sitewarden.store.chunks.packed import cut

EFFORTS = (QUICK, USUAL, THOROUGH)
INT64 = st.integers(min_value=-(1 << 63), max_value=(1 << 63) - 1)
TIMES = st.integers(min_value=0, max_value=(1 << 61) - 1)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.sampled_from([-0.0, math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, 20.1, 20.2]),
    st.integers(min_value=-(1 << 255), max_value=1 << 255),
    INT64,
    st.text(max_size=50),
    st.sampled_from(["open", "closed"]),
)
LISTS = st.one_of(
    st.lists(VALUES, max_size=40),
    st.lists(st.floats(), max_size=40),
    st.lists(st.booleans(), max_size=40),
    st.lists(INT64, max_size=40),
    st.lists(st.decimals(min_value=-500, max_value=500, places=2).map(float), max_size=40),
    st.lists(st.sampled_from(["open", "closed", "moving"]), max_size=40),
)
PACKER = Packer()


def exact(values: list[Value]) -> list[tuple[type, object]]:
    return [(type(value), struct.pack(">d", value) if isinstance(value, float) else value) for value in values]


def same(one: Columns, other: Columns) -> bool:
    names = ("points", "times", "lags", "kinds", "qualities")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names) and exact(to_values(one)) == exact(
        to_values(other)
    )


def columns(values: list[Value], times: list[int] | None = None, points: list[int] | None = None) -> Columns:
    kinds, bits, texts = from_values(values)
    count = len(values)
    moments = np.array(times if times is not None else range(count), dtype=np.int64)
    numbers_ = np.array(points if points is not None else [1] * count, dtype=np.int32)
    return Columns(numbers_, moments, moments % 7 - 3, kinds, bits, (moments % 3).astype(np.uint32) << np.uint32(30), texts)


@given(LISTS, st.sampled_from(EFFORTS), st.data())
def test_every_value_comes_back_with_its_type_and_bits(values: list[Value], effort: int, data: st.DataObject) -> None:
    times = data.draw(st.lists(TIMES, min_size=len(values), max_size=len(values)))
    points = data.draw(st.lists(st.integers(1, (1 << 31) - 1), min_size=len(values), max_size=len(values)))
    given_ = columns(values, times, points)
    assert exact(to_values(given_)) == exact(values)
    packed = PACKER.encode(given_, effort, points=True)
    assert read_head(packed).count == len(values)
    assert same(PACKER.decode(packed), given_)


@given(
    st.one_of(st.lists(INT64, max_size=80), st.lists(st.sampled_from([0, 5, 1 << 40, -(1 << 63)]), max_size=80)),
    st.sampled_from(EFFORTS),
)
def test_a_column_of_integers_comes_back(values: list[int], effort: int) -> None:
    out = bytearray()
    integers.put(out, np.array(values, dtype=np.int64), effort)
    source = Source(bytes(out))
    assert integers.take(source, len(values)).tolist() == values
    source.finish()


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize(
    "values",
    [
        range(0, 5_000_000_000, 1_000_000),
        [number * number for number in range(300)],
        [7] * 200 + [9] * 300,
        [1 << 62, -(1 << 62)] * 40,
        [number % 3 << 50 for number in range(500)],
        [-(1 << 63), (1 << 63) - 1],
    ],
)
def test_each_form_of_a_column_comes_back(values: list[int], effort: int) -> None:
    out = bytearray()
    integers.put(out, np.array(values, dtype=np.int64), effort)
    assert integers.take(Source(bytes(out)), len(values)).tolist() == list(values)


@given(st.lists(INT64, max_size=60), st.sampled_from(EFFORTS))
def test_any_bits_of_floats_come_back(bits: list[int], effort: int) -> None:
    out = bytearray()
    floats.put(out, np.array(bits, dtype=np.int64), effort)
    assert floats.take(Source(bytes(out)), len(bits)).tolist() == bits


@pytest.mark.parametrize("odd", [math.nan, -0.0, math.inf, 1 / 3, 1e300])
@pytest.mark.parametrize("effort", EFFORTS)
def test_decimals_with_exceptions_come_back(odd: float, effort: int) -> None:
    values = np.round(np.arange(400) * 0.1, 1)
    values[[0, 17, 399]] = odd
    out = bytearray()
    floats.put(out, values.view(np.int64), effort)
    assert np.array_equal(floats.take(Source(bytes(out)), 400), values.view(np.int64))
    if effort != QUICK:
        assert len(out) < 1000, "decimals are kept as integers though a few are none"


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5), VALUES), min_size=1, max_size=60))
def test_order_is_by_point_and_time_and_the_last_write_stays(rows: list[tuple[int, int, Value]]) -> None:
    half = len(rows) // 2
    parts = [
        columns([v for _, _, v in some], [t for _, t, _ in some], [p for p, _, _ in some]) for some in (rows[:half], rows[half:])
    ]
    found = ordered(joined(parts))
    expected = dict(sorted({(point, time): value for point, time, value in rows}.items()))
    assert list(zip(found.points.tolist(), found.times.tolist(), strict=True)) == list(expected)
    assert exact(to_values(found)) == exact(list(expected.values()))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 4), LISTS), min_size=1, max_size=6), st.sampled_from((USUAL, THOROUGH)))
def test_groups_are_the_chunks_that_each_would_be_alone(parts: list[tuple[int, list[Value]]], effort: int) -> None:
    held = joined([columns(values, None, [point] * len(values)) for point, values in sorted(parts, key=lambda part: part[0])])
    whole = ordered(held)
    starts = cut(whole, 16)
    edges = [*starts.tolist(), len(whole)]
    bodies = encode_groups(PACKER, whole, starts, effort)
    for body, low, high in zip(bodies, edges[:-1], edges[1:], strict=True):
        piece = whole.take(slice(low, high))
        assert same(PACKER.decode(body, int(piece.points[0])), piece)


def test_numbers_are_what_a_curve_shows() -> None:
    found = numbers(columns([1.5, True, False, 7, None, "on", 1 << 70, math.inf, math.nan]))
    assert found[:4].tolist() == [1.5, 1.0, 0.0, 7.0]
    assert np.isnan(found[[4, 5, 8]]).all()
    assert found[6:8].tolist() == [float(1 << 70), math.inf]


@pytest.mark.parametrize(
    ("value", "error"), [([1], Invalid), ("\ud800", Invalid), ("x" * 9000, TooLarge), (1 << 300, TooLarge), (b"x", Invalid)]
)
def test_what_is_no_value_is_refused(value: Value, error: type[Exception]) -> None:
    with pytest.raises(error):
        from_values([value])


@pytest.mark.parametrize("effort", EFFORTS)
def test_a_flipped_bit_is_found(effort: int) -> None:
    packed = PACKER.encode(columns([20.1, None, "on", True, 1 << 70, 5] * 20), effort)
    for at in range(len(packed)):
        with pytest.raises(Corrupt):
            PACKER.decode(packed[:at] + bytes((packed[at] ^ 16,)) + packed[at + 1 :], 1)
    for at in range(len(packed)):
        with pytest.raises(Corrupt):
            PACKER.decode(packed[:at], 1)


def test_a_version_that_is_not_known_says_so() -> None:
    packed = PACKER.encode(columns([1.0]))
    with pytest.raises(Corrupt, match="format 2, this program reads 1"):
        PACKER.decode(b"\2" + packed[1:])


def test_the_format_stays_as_it_is() -> None:
    """Files of older versions are read for ever: a change of these bytes needs a new version."""
    given_ = columns([20.5, 20.25, None, "on", True, -3], [10, 20, 30, 40, 50, 61])
    assert same(PACKER.decode(bytes.fromhex(FIRST), 1), given_)


FIRST = (
    "014e7e118706004028b52ffd00007d010002c40a12c0258d01c0cde4ff070e7aefda2372a7940203c256290814fe04fc42524db7556666521287"
    "5568958e7100"
)
