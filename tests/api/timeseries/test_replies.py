"""Numbers in answers, quick or not, are those of `show`."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.api.timeseries import replies
from sitewarden.domain.promql.numbers import show
from sitewarden.domain.promql.query import Line, Result


def answered(values: list[float]) -> list[str]:
    times = np.arange(len(values), dtype=np.int64) * 1_500_000
    line = Line({"a": 'x"\\'}, times, np.array(values, dtype=np.float64))
    body = json.loads(replies.result(Result("matrix", [line, line])))
    first, second = body["data"]["result"]
    assert first == second and first["metric"] == {"a": 'x"\\'}
    assert [moment for moment, _ in first["values"]] == [number * 1.5 for number in range(len(values))]
    return [value for _, value in first["values"]]


@given(st.one_of(st.lists(st.floats(), min_size=1), st.lists(st.floats(0.001, 1e16), min_size=1)))
def test_any_numbers(values: list[float]) -> None:
    assert answered(values) == [show(value) for value in values]


@pytest.mark.parametrize("values", [[1.0, 2.0, -3.0], [0.0], [-0.0], [1e15, 2.0], [0.5, 1.25], [999999999999999.9], [0.001]])
def test_what_is_quick(values: list[float]) -> None:
    assert answered(values) == [show(value) for value in values]
