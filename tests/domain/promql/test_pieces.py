"""Queries over pieces say what they say over the samples in them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sitewarden.domain.clock import DAY, HOUR, MINUTE
from sitewarden.domain.points.series import Pieces
from sitewarden.domain.promql.evaluator import Stored
from sitewarden.domain.promql.pieces import Pieced
from sitewarden.domain.promql.query import Plan, Result, plan_instant, plan_range, run

NOON = 1_780_000_000_000_000 // DAY * DAY
VALUES = st.one_of(st.integers(-50, 50).map(lambda number: number / 4), st.sampled_from([math.nan, math.inf, -0.0]))
SAMPLE = st.tuples(
    st.one_of(st.integers(0, 48 * 12).map(lambda n: n * 5 * MINUTE), st.integers(0, 2 * DAY)), VALUES, st.integers(0, 9)
)
QUERIES = (
    "x", "x offset 1h", "x offset 17s", "timestamp(x)", "min_over_time(x[2h])", "max_over_time((x[1h]))", "sum_over_time(x[3h])",
    "count_over_time(x[1h] offset 2h)", "avg_over_time(x[1d])", "last_over_time(x[1h])", "present_over_time(x[1h])",
    "absent_over_time(x[1h])", "max_over_time(x[90m])", "max_over_time(x[25h] @ end())", "avg_over_time(x[7h] offset 7m)",
    "max_over_time(x[6h:1h])", "rate(x[2h])", "sum(x) + on () count_over_time(x[1h])", "x @ start()",
)  # fmt: skip


def made(rows: Sequence[tuple[int, float, int]]) -> Stored:
    """A series; every tenth or so is of Bad quality, with a number."""
    held = {NOON + time: (value, kind == 0) for time, value, kind in rows}
    times = sorted(held)
    return Stored(
        {"__name__": "x", "point": "p"},
        np.array(times, dtype=np.int64),
        np.array([held[time][0] for time in times], dtype=np.float64),
        np.array([held[time][1] for time in times], dtype=bool),
    )


def pieced(stored: Stored, width: int) -> Pieced:
    """The same with neighbours put together, one after the other."""
    rows: list[list[float]] = []
    kept = list(zip(stored.times.tolist(), stored.values.tolist(), stored.stale.tolist(), strict=True))
    joins = False
    for time, value, stale in kept:
        clean = not stale and not math.isnan(value)
        if joins and clean and rows[-1][0] // width == time // width:
            last = rows[-1]
            last[1], last[2], last[3], last[4] = time, last[2] + 1, min(last[3], value), max(last[4], value)
            last[5], last[7] = last[5] + value, value
        else:
            rows.append([time, time, int(not stale), value, value, value, value, value, stale])
        joins = clean
    columns = list(zip(*rows, strict=True)) if rows else [()] * 9
    kinds = [np.int64] * 3 + [np.float64] * 5 + [np.bool_]
    return Pieced(stored.labels, Pieces("p", *(np.array(one, dtype=kind) for one, kind in zip(columns, kinds, strict=True))))


def evaluated(plan: Plan, stored: Stored, *, together: bool) -> Result:
    found = {place: [pieced(stored, need.piece) if together and need.piece else stored] for place, need in enumerate(plan.needs)}
    return run(plan, found, max_samples=1_000_000)


def same(plan: Plan, stored: Stored) -> None:
    expected, found = evaluated(plan, stored, together=False), evaluated(plan, stored, together=True)
    assert [line.labels for line in found.lines] == [line.labels for line in expected.lines]
    for one, other in zip(found.lines, expected.lines, strict=True):
        assert one.times.tolist() == other.times.tolist()
        np.testing.assert_allclose(one.values, other.values, rtol=1e-12, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.lists(SAMPLE, max_size=60), st.sampled_from([MINUTE, 15 * MINUTE, HOUR, 90 * MINUTE, 5 * HOUR, DAY]))
@example([(0, 1.0, 1), (HOUR, 2.0, 1), (HOUR + 1, 3.0, 0), (2 * HOUR, 4.0, 1)], HOUR)
def test_pieces_say_the_same(rows: list[tuple[int, float, int]], step: int) -> None:
    stored = made(rows)
    for text in QUERIES:
        same(plan_range(text, NOON + step, NOON + 2 * DAY, step), stored)
        same(plan_instant(text, NOON + 2 * DAY - 17 * MINUTE - 5), stored)


@pytest.mark.parametrize(
    ("text", "start", "step", "piece"),
    [
        ("x", NOON, HOUR, HOUR),
        ("x", NOON, 2 * HOUR, HOUR),
        ("x", NOON, DAY, DAY),
        ("x", NOON + 30 * MINUTE, HOUR, 30 * MINUTE),
        ("x", NOON + 1, HOUR, 0),
        ("x offset 1s", NOON, HOUR, 0),
        ("max_over_time(x[1h])", NOON, HOUR, HOUR),
        ("max_over_time(x[5m])", NOON, HOUR, 5 * MINUTE),
        ("max_over_time(x[7d])", NOON, DAY, DAY),
        ("max_over_time(x[30s])", NOON, HOUR, 0),
        ("rate(x[1h])", NOON, HOUR, 0),
        ("quantile_over_time(0.5, x[1h])", NOON, HOUR, 0),
        ("max_over_time(x[30d] @ end())", NOON, HOUR, HOUR),
    ],
)
def test_how_long_pieces_may_be(text: str, start: int, step: int, piece: int) -> None:
    (need,) = plan_range(text, start, start + 10 * DAY, step).needs
    assert need.piece == piece
    (need,) = plan_range("x", start, start + HOUR, MINUTE).needs
    assert need.piece == 0
