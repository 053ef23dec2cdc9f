"""What is to be sent: every sample once, in order of each point, however they come and whenever a request is under way."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from sitewarden.services.points import backlog as module
from sitewarden.services.points.backlog import Backlog

STORE = st.tuples(st.just("store"), st.sampled_from("ab"), st.integers(0, 60))
SEND = st.tuples(st.just("send"), st.just(""), st.integers(1, 3))
STEPS = st.lists(st.one_of(STORE, SEND), max_size=60)


@given(STEPS)
@example([("store", "a", 0), ("send", "", 2), ("store", "a", 2), ("send", "", 1), ("store", "a", 1)])
def test_nothing_is_lost_and_nothing_sent_twice(steps: list[tuple[str, str, int]]) -> None:
    """A store of whole milliseconds; what is sent is read from it between two steps, and is under way for one step."""
    backlog = Backlog(0)
    backlog.want("ab", {})
    held: dict[str, set[int]] = {"a": set(), "b": set()}
    sent: list[tuple[str, int]] = []
    late: list[tuple[str, int]] = []
    flying: list[tuple[str, list[int]]] = []

    def land() -> None:
        for point, times in flying:
            backlog.sent(point, times)
            sent.extend((point, time) for time in times)
        flying.clear()
        backlog.landed()

    def fly(most: int) -> None:
        for point, start in backlog.take(most):
            times = sorted(time for time in held[point] if time >= start)
            if times:
                flying.append((point, times))

    for what, point, number in steps:
        if what == "store":
            time = number * 1000
            if time not in held[point]:
                held[point].add(time)
                backlog.add(point, time)
        else:
            land()
            fly(number)
            late.extend((point, time) for point, times in backlog.take_late(10).items() for time in times)
    for _ in range(3):
        land()
        fly(2)
    late.extend((point, time) for point, times in backlog.take_late(1000).items() for time in times)
    everything = {(point, time) for point, times in held.items() for time in times}
    assert set(sent) | set(late) == everything
    assert len(sent) == len(set(sent))
    for point in "ab":
        mine = [time for one, time in sent if one == point]
        assert mine == sorted(mine)


def test_it_goes_on_where_it_was() -> None:
    backlog = Backlog(5_000)
    backlog.want(["a", "b"], {"a": 9_000})
    assert backlog.behind() == 5_000
    assert backlog.take(10) == [("b", 5_000), ("a", 10_000)]
    backlog.add("a", 8_000)
    backlog.add("a", 4_000)
    backlog.add("c", 9_000)
    backlog.landed()
    assert list(backlog.late) == [("a", 8_000)] and not backlog.dirty
    backlog.want(["b", "c"], {})
    backlog.again("a", 1)
    assert set(backlog.dirty) == {"c"}


def test_late_samples_are_bounded() -> None:
    backlog = Backlog(0)
    backlog.want(["a"], {"a": 10**12})
    for number in range(module.LATE + 3):
        backlog.add("a", number)
    assert len(backlog.late) == module.LATE and backlog.dropped == 3
    assert backlog.take_late(2) == {"a": {3, 4}}
