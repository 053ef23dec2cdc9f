"""Points as inputs: states by thresholds, words and quality, with hysteresis and delay."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.inputs import PointInput, State, Watch, check, state_of
from sitewarden.domain.points.quality import Quality

HOT = PointInput(above=80.0, below=5.0, trouble_above=150.0, trouble_below=-50.0, hysteresis=2.0)


@pytest.mark.parametrize(
    ("value", "before", "state"),
    [
        (80.0, "normal", "normal"),
        (80.1, "normal", "active"),
        (78.5, "active", "active"),
        (78.0, "active", "normal"),
        (78.5, "normal", "normal"),
        (4.9, "normal", "active"),
        (6.9, "active", "active"),
        (151, "active", "trouble"),
        (149.0, "trouble", "trouble"),
        (-60, "normal", "trouble"),
        (None, "normal", "trouble"),
    ],
)
def test_thresholds_hold_their_state_within_the_hysteresis(value: Any, before: State, state: State) -> None:
    assert state_of(HOT, value, int(Quality.GOOD), before) == state


def test_words_go_before_all_else_and_bad_before_words() -> None:
    pump = PointInput(states={"on": "active", "3": "trouble", "fault": "trouble"}, otherwise="normal", bad="normal")
    for value, state in ((True, "active"), (False, "normal"), (3.0, "trouble"), ("fault", "trouble"), ("idle", "normal")):
        assert state_of(pump, value, int(Quality.GOOD), "normal") == state
    assert state_of(pump, True, int(Quality.BAD_NOT_CONNECTED), "normal") == "normal"


def test_a_state_is_told_when_it_lasted_and_normal_at_once() -> None:
    watch = Watch(PointInput(above=10.0, delay=5.0))
    assert watch.take(1.0, 0, 0) and watch.state == "normal"
    assert not watch.take(11.0, 0, SECOND)
    assert not watch.take(1.0, 0, 2 * SECOND) and not watch.waits
    assert not watch.take(11.0, 0, 3 * SECOND)
    assert not watch.due(7 * SECOND)
    assert watch.due(8 * SECOND) and watch.state == "active"
    assert not watch.due(9 * SECOND)
    assert watch.take(1.0, 0, 10 * SECOND) and watch.state == "normal"


@pytest.mark.parametrize(
    ("wrong", "type_"),
    [
        (PointInput(above=1.0), "string"),
        (PointInput(bad="normal"), "number"),
        (PointInput(above=1.0, below=2.0), "number"),
        (PointInput(trouble_above=1.0, trouble_below=2.0), "integer"),
    ],
)
def test_an_input_that_makes_no_sense_is_refused(wrong: PointInput, type_: str) -> None:
    with pytest.raises(Invalid):
        check(wrong, type_)
    check(HOT, "number")


@given(st.lists(st.tuples(st.floats(-200, 200) | st.none(), st.integers(0, 4)), max_size=40))
def test_what_is_told_is_always_a_change(values: list[tuple[float | None, int]]) -> None:
    watch = Watch(PointInput(above=80.0, trouble_above=150.0, hysteresis=5.0, delay=2.0))
    now, told = 0, [None]
    for value, pause in values:
        now += pause * SECOND
        if watch.take(value, 0, now) or watch.due(now):
            assert watch.state != told[-1]
            told.append(watch.state)  # type: ignore[arg-type]
