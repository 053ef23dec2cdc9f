"""What queries give, by hand; tests/interop compares thousands with Prometheus."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.promql.errors import BadQuery, QueryFailed
from sitewarden.domain.promql.query import plan_instant, plan_range
from sitewarden.domain.promql.sorting import sorted_groups
from tests.domain.promql.made import ORIGIN, SECOND, at, over, result, series

STEADY = series("energy", [(second, second / 10) for second in range(0, 601, 10)], point="e")
RESET = series("energy", [(0, 5), (60, 10), (120, 2), (180, 4)], point="r")
TEMPERATURES = [series("temperature", [(0, value)], point=name) for name, value in [("a", 20.0), ("b", 22.0), ("c", 27.0)]]


def test_the_latest_sample_counts_for_five_minutes() -> None:
    one = [series("x", [(0, 1.0), (60, 2.0)])]
    assert over("x", 0, 420, 60, one) == {
        "__name__=x": [(0, "1"), (60, "2"), (120, "2"), (180, "2"), (240, "2"), (300, "2"), (360, "2")]
    }


def test_a_bad_sample_ends_a_series_until_the_next_good_one() -> None:
    one = [series("x", [(0, 1.0), (60, None), (120, 3.0)])]
    assert over("x", 0, 120, 30, one) == {"__name__=x": [(0, "1"), (30, "1"), (120, "3")]}
    assert at("count_over_time(x[5m])", 120, one) == {"": "2"}


def test_rate_extrapolates_to_the_edges_of_its_window() -> None:
    assert at("rate(energy[5m])", 600, [STEADY]) == {"point=e": "0.1"}
    assert at("increase(energy[5m])", 600, [STEADY])["point=e"] == "30"
    assert at("increase(energy[3m])", 180, [RESET]) == {"point=r": "9"}
    assert at("resets(energy[3m])", 180, [RESET]) == {"point=r": "1"}


def test_aggregation_and_matching() -> None:
    assert at("sum(temperature)", 10, TEMPERATURES) == {"": "69"}
    assert at("topk(1, temperature)", 10, TEMPERATURES) == {"__name__=temperature point=c": "27"}
    assert at("quantile(0.5, temperature)", 10, TEMPERATURES) == {"": "22"}
    assert at('temperature - on () group_left temperature{point="a"}', 10, TEMPERATURES) == {
        "point=a": "0",
        "point=b": "2",
        "point=c": "7",
    }
    with pytest.raises(QueryFailed, match="many-to-many matching not allowed"):
        at("temperature + on () temperature", 10, TEMPERATURES)


def test_at_and_offset() -> None:
    assert at(f"energy @ {ORIGIN + 100}", 600, [STEADY]) == {"__name__=energy point=e": "10"}
    assert at("energy offset 100s", 600, [STEADY]) == {"__name__=energy point=e": "50"}
    assert over("energy @ start()", 300, 600, 300, [STEADY]) == {"__name__=energy point=e": [(300, "30"), (600, "30")]}


def test_subqueries_stand_at_multiples_of_their_step() -> None:
    plan = plan_instant("energy[2m:1m]", (ORIGIN + 300) * SECOND)
    (line,) = result(plan, [STEADY]).lines
    assert all(moment % (60 * SECOND) == 0 for moment in line.times.tolist())
    assert len(line.times) == 2


def test_scalars_strings_and_nothing() -> None:
    assert at("1 + 1", 0, []) == {"": "2"}
    assert result(plan_instant('"text"', 0), []).text == "text"
    assert at("nothing", 0, []) == {}
    assert at('absent(nothing{point="x", area!="y"})', 0, []) == {"point=x": "1"}
    assert at("sum(nothing) or vector(0)", 0, []) == {"": "0"}
    with pytest.raises(BadQuery, match="range vector"):
        plan_range("x[5m]", 0, 1, 1)


def test_dates_are_utc() -> None:
    # 14 November 2023, 22:13:20, a Tuesday.
    found = [
        at(f"{name}()", 0, [])[""]
        for name in ("year", "month", "day_of_month", "day_of_week", "hour", "minute", "days_in_month", "day_of_year")
    ]
    assert found == ["2023", "11", "14", "2", "22", "13", "30", "318"]


def test_too_much_is_refused() -> None:
    many = [series("x", [(0, 1.0)], point=str(number)) for number in range(100)]
    plan = plan_range("x", ORIGIN * SECOND, (ORIGIN + 300) * SECOND, SECOND)
    with pytest.raises(QueryFailed, match="too many samples"):
        result(plan, many, max_samples=10_000)
    with pytest.raises(QueryFailed, match="steps"):
        plan_range("max_over_time(x[10d:1ms])", ORIGIN * SECOND, (ORIGIN + 300) * SECOND, SECOND)
    with pytest.raises(QueryFailed, match="too many samples"):
        plan = plan_range("max_over_time(energy[5m])", ORIGIN * SECOND, (ORIGIN + 600) * SECOND, SECOND)
        result(plan, [STEADY], max_samples=200)


@given(st.lists(st.lists(st.floats(), min_size=1, max_size=30), min_size=1, max_size=20))
def test_groups_are_sorted_with_nan_first(groups: list[list[float]]) -> None:
    sizes = np.array([len(group) for group in groups])
    begins = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    found = sorted_groups(np.concatenate([np.array(group) for group in groups]), begins, sizes)
    expected = [sorted(group, key=lambda value: (not math.isnan(value), value)) for group in groups]
    np.testing.assert_array_equal(found, np.concatenate([np.array(group) for group in expected]))
