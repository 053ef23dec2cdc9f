"""Fewer samples that draw the same line, and widths of buckets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.points.downsample import lttb, shape
from sitewarden.domain.points.widths import DAY, MINUTE, SECOND, WIDTHS, fitting, snapped

numbers = st.floats(allow_nan=False, allow_infinity=False)
lines = st.lists(st.tuples(st.integers(1, 10**12), numbers), min_size=0, max_size=300)


def _columns(line: list[tuple[int, float]]) -> tuple[Any, Any]:
    times = np.cumsum([step for step, _ in line], dtype=np.int64) if line else np.empty(0, np.int64)
    return times, np.array([value for _, value in line], dtype=np.float64)


@given(lines, st.integers(3, 120))
def test_ends_stay_and_the_rest_is_in_order_and_not_too_much(line: list[tuple[int, float]], count: int) -> None:
    times, values = _columns(line)
    kept = lttb(times, values, count)
    assert len(kept) == min(len(times), count)
    assert (np.diff(kept) > 0).all()
    if len(times):
        assert (kept[0], kept[-1]) == (0, len(times) - 1)


@given(lines, st.integers(3, 60), st.integers(0, 10**15))
def test_the_choice_follows_the_shape_not_the_scale(line: list[tuple[int, float]], count: int, later: int) -> None:
    times, values = _columns(line)
    values = np.round(np.clip(values, -1e6, 1e6))
    assert (lttb(times, values, count) == lttb(times + later, values * 8.0, count)).all()


def test_a_lone_peak_is_kept_and_a_mean_would_lose_it() -> None:
    values = np.zeros(10_000)
    values[4321] = 1.0
    assert 4321 in lttb(np.arange(10_000, dtype=np.int64), values, 50)


def test_it_is_the_published_algorithm() -> None:
    """Against the plain form of the paper, sample by sample."""
    rng = np.random.default_rng(7)
    times, values = np.cumsum(rng.integers(1, 50, 500)), rng.normal(size=500).cumsum()

    def plain(count: int) -> list[int]:
        edges = np.linspace(1, 499, count - 1).astype(int)
        chosen = [0]
        for bucket in range(count - 2):
            begin, end = edges[bucket], edges[bucket + 1]
            after = range(end, edges[bucket + 2]) if bucket + 2 < len(edges) else [499]
            mean_x, mean_y = np.mean([times[i] for i in after]), np.mean([values[i] for i in after])
            at = chosen[-1]
            areas = [
                abs((times[at] - mean_x) * (values[i] - values[at]) - (times[at] - times[i]) * (mean_y - values[at]))
                for i in range(begin, end)
            ]
            chosen.append(int(begin + np.argmax(areas)))
        return [*chosen, 499]

    for count in (3, 10, 77, 200):
        assert lttb(times, values, count).tolist() == plain(count)


@given(st.lists(st.one_of(numbers, st.just(float("nan"))), max_size=200), st.integers(3, 20))
def test_each_break_leaves_its_mark(values: list[float], count: int) -> None:
    column = np.array(values, dtype=np.float64)
    kept = shape(np.arange(len(values), dtype=np.int64), column, count)
    begins = [i for i, v in enumerate(values) if np.isnan(v) and (i == 0 or not np.isnan(values[i - 1]))]
    assert set(begins[:count]) <= set(kept.tolist())
    assert np.isfinite(column[kept]).sum() <= count


def test_a_line_of_two_is_refused() -> None:
    with pytest.raises(ValueError, match="three"):
        lttb(np.arange(9), np.zeros(9), 2)


@given(st.integers(0, 2**60), st.integers(1, 400 * 365 * DAY), st.integers(3, 20_000))
def test_a_fitting_width_is_the_least_that_is_wide_enough(start: int, length: int, count: int) -> None:
    width = fitting(start, start + length, count)
    assert width * count >= length
    smaller = [one for one in WIDTHS if one < width]
    if width in WIDTHS and smaller:
        assert smaller[-1] * count < length
    begin, end = snapped(start, start + length, width)
    assert begin <= start
    assert end >= start + length
    assert begin % width == end % width == 0
    assert (end - begin) // width <= count + 2


@pytest.mark.parametrize(
    ("length", "count", "width"),
    [(DAY, 500, 3 * MINUTE), (365 * DAY, 800, 12 * 60 * MINUTE), (10 * SECOND, 1000, 10_000), (1, 3, 1000)],
)
def test_widths_that_people_know(length: int, count: int, width: int) -> None:
    assert fitting(0, length, count) == width


def test_from_a_minute_on_rollups_hold_them() -> None:
    assert all(width % MINUTE == 0 for width in WIDTHS if width >= MINUTE)
