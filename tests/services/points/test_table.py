"""The table tells what changed, keeps what matters, and loses nothing that waits but beyond its bound."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.clock import SECOND
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Latest, Samples, Value
from sitewarden.services.points import table as module
from sitewarden.services.points.table import KEEP_ALIVE, REFRESH, PointTable

GOOD = int(Quality.GOOD)
LAST = int(Quality.UNCERTAIN_LAST_KNOWN_VALUE)


def batch(*rows: tuple[str, int, Value, int]) -> Samples:
    """Rows of (point, source time, value, quality); the server's time is the source's."""
    return Samples([r[0] for r in rows], [r[1] for r in rows], [r[1] for r in rows], [r[2] for r in rows], [r[3] for r in rows])


def make(**points: Any) -> PointTable:
    table = PointTable()
    table.configure(Point(id=id_, name=id_, device="d", **more) for id_, more in points.items())
    return table


def kept(table: PointTable) -> list[tuple[str, int, Value, int]]:
    found = table.to_keep()
    return [] if found is None else list(zip(found.points, found.source_times, found.values, found.qualities, strict=True))


def told(table: PointTable) -> dict[str, Value]:
    found = table.changed(1000)
    return {} if found is None else dict(zip(found.points, found.values, strict=True))


def test_an_unchanged_value_is_neither_told_nor_kept_until_its_time() -> None:
    table = make(a={})
    table.take(batch(("a", 1, 5.0, GOOD)))
    assert told(table) == {"a": 5.0} and kept(table) == [("a", 1, 5.0, GOOD)]
    table.take(batch(("a", SECOND, 5.0, GOOD)))
    assert told(table) == {} and kept(table) == []
    table.take(batch(("a", REFRESH + 1, 5.0, GOOD)))
    assert told(table) == {"a": 5.0} and kept(table) == []
    table.take(batch(("a", KEEP_ALIVE + 1, 5.0, GOOD)))
    assert kept(table) == [("a", KEEP_ALIVE + 1, 5.0, GOOD)]
    assert table.latest() == [Latest("a", 5.0, GOOD, KEEP_ALIVE + 1, KEEP_ALIVE + 1)]


def test_the_deadband_is_measured_from_the_last_kept_value() -> None:
    table = make(a={"deadband": 1.0}, b={})
    values = [10.0, 10.4, 10.8, 11.0, 11.9, 10.1, 10.0]
    table.take(batch(*(("a", n + 1, value, GOOD) for n, value in enumerate(values))))
    assert [value for _, _, value, _ in kept(table)] == [10.0, 11.0, 10.0]
    assert table.latest(["a"])[0].value == 10.0


def test_a_change_of_quality_is_kept_beside_the_value_never_over_it() -> None:
    table = make(a={"deadband": 100.0})
    table.take(batch(("a", 50, 7.0, GOOD)))
    table.take(Samples(["a"], [50], [90], [7.0], [LAST]))
    table.take(Samples(["a"], [95], [95], [None], [int(Quality.BAD_NO_COMMUNICATION)]))
    assert kept(table) == [("a", 50, 7.0, GOOD), ("a", 90, 7.0, LAST), ("a", 95, None, Quality.BAD_NO_COMMUNICATION)]
    assert table.latest()[0].source_time == 95


def test_the_last_stored_values_come_back_as_uncertain_and_never_over_a_read_one() -> None:
    table = make(a={}, b={}, c={})
    table.take(batch(("b", 200, 2.0, GOOD)))
    bad = int(Quality.BAD_NO_COMMUNICATION)
    table.restore(
        [
            Latest("a", 1.0, GOOD, 100, 101),
            Latest("b", 9.0, GOOD, 100, 100),
            Latest("c", None, bad, 5, 5),
            Latest("z", 1, 0, 1, 1),
        ]
    )
    assert {one.point: (one.value, one.quality) for one in table.latest()} == {
        "a": (1.0, LAST),
        "b": (2.0, GOOD),
        "c": (None, bad),
    }


def test_points_that_are_not_configured_are_counted_and_values_survive_a_change() -> None:
    table = make(a={}, b={})
    table.take(batch(("a", 1, 1, GOOD), ("b", 1, 2, GOOD), ("x", 1, 3, GOOD)))
    assert table.unknown == 1
    table.configure([Point(id="a", name="a", device="d")])
    assert [one.value for one in table.latest()] == [1]
    assert told(table) == {"a": 1}


def test_many_changes_are_told_in_parts_each_point_once() -> None:
    table = make(**{f"p{n}": {} for n in range(10)})
    for value in range(3):
        table.take(batch(*((f"p{n}", value + 1, value, GOOD) for n in range(10))))
    seen: list[str] = []
    while (part := table.changed(4)) is not None:
        assert len(part) <= 4 and set(part.values) == {2}
        seen += part.points
    assert sorted(seen) == sorted(f"p{n}" for n in range(10))


def test_beyond_the_bound_the_oldest_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 5)
    table = make(a={})
    table.take(batch(*(("a", n, n, GOOD) for n in range(1, 8))))
    assert table.dropped == 2
    waiting = table.to_keep()
    assert waiting is not None and waiting.values == [3, 4, 5, 6, 7]
    table.take(batch(("a", 8, 8, GOOD), ("a", 9, 9, GOOD)))
    table.put_back(waiting)
    assert [value for _, _, value, _ in kept(table)] == [5, 6, 7, 8, 9]
    assert table.dropped == 4


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 50), st.integers(0, 3), st.sampled_from([GOOD, LAST])), max_size=40)
)
def test_history_has_one_row_a_point_and_time_and_ends_with_the_latest(rows: list[tuple[str, int, int, int]]) -> None:
    table = make(a={}, b={})
    for row in rows:
        table.take(batch(row))
    history = kept(table)
    for id_ in "ab":
        own = [row for row in history if row[0] == id_]
        times = [row[1] for row in own]
        assert times == sorted(set(times))
        given_rows = [row for row in rows if row[0] == id_]
        if given_rows:
            assert (own[-1][2], own[-1][3]) == (given_rows[-1][2], given_rows[-1][3])


def test_what_is_stored_already_is_told_and_not_kept_again() -> None:
    table = make(a={})
    table.stored(batch(("a", 100, 1.0, GOOD), ("a", 200, 2.0, GOOD), ("b", 1, 1.0, GOOD)))
    assert told(table) == {"a": 2.0} and kept(table) == [] and table.unknown == 1
    # What comes late changes nothing here, and what is read later stands after all of it.
    table.stored(batch(("a", 150, 9.0, GOOD)))
    assert told(table) == {} and table.latest()[0].value == 2.0
    table.take(batch(("a", 180, None, int(Quality.BAD_NO_COMMUNICATION))))
    assert kept(table) == [("a", 201, None, Quality.BAD_NO_COMMUNICATION)]
