"""Phases lie evenly in their period, however many are taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitewarden.kit.phases import Phases


@given(st.integers(1, 3000))
def test_no_part_of_the_period_gets_far_more_than_its_share(count: int) -> None:
    phases = Phases()
    taken = [phases.next() for _ in range(count)]
    assert all(0.0 < one <= 1.0 for one in taken)
    assert len(set(taken)) == count
    for tenth in range(10):
        there = sum(tenth / 10 < one <= (tenth + 1) / 10 for one in taken)
        assert abs(there - count / 10) <= 3
