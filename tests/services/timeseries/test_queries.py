"""Queries at once, waiting, late, and too large; and what a point is as a metric."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.config import TimeSeriesSettings
from sitewarden.domain.errors import TimedOut, TooLarge, TooMany
from sitewarden.domain.points.metrics import labels_of, metric_name
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.series import Series
from sitewarden.domain.promql.errors import QueryFailed
from sitewarden.domain.promql.lexer import tokens
from sitewarden.domain.promql.matchers import Matcher
from sitewarden.domain.promql.query import Result, plan_instant, plan_range
from sitewarden.services.surface.timeseries import ReadablePoint
from sitewarden.services.timeseries import queries as module
from sitewarden.services.timeseries.queries import Queries, selected

POINTS = [ReadablePoint(id=f"p{number}", labels={"__name__": "x", "point": f"p{number}"}, help="") for number in range(5)]
NOW = 1_780_000_000_000_000
SECOND = 1_000_000


class Reader:
    """Answers once it may; or refuses."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.may.set()
        self.reading = 0
        self.most = 0
        self.calls = 0
        self.too_large = False

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]:
        self.calls += 1
        self.reading += 1
        self.most = max(self.most, self.reading)
        try:
            await self.may.wait()
        finally:
            self.reading -= 1
        if self.too_large:
            raise TooLarge("too many")
        times = np.array([end - 1], dtype=np.int64)
        return [Series(point, times, np.ones(1), np.zeros(1, dtype=np.uint32)) for point in points]


def lines(result: Result) -> int:
    return len(result.lines)


async def test_a_few_run_at_once_and_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 3)
    reader = Reader()
    reader.may.clear()
    made = Queries(reader, TimeSeriesSettings(queries=2))
    plan = plan_instant("x", NOW)
    running = [asyncio.create_task(made.run(plan, POINTS, lines)) for _ in range(5)]
    while reader.reading < 2:
        await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await made.run(plan, POINTS, lines)
    reader.may.set()
    assert await asyncio.gather(*running) == [5] * 5
    assert reader.most == 2


async def test_a_store_that_does_not_answer_ends_at_the_time_limit_and_gives_its_turn_back() -> None:
    reader = Reader()
    reader.may.clear()
    made = Queries(reader, TimeSeriesSettings(queries=1, seconds=60))
    plan = plan_instant("x", NOW)
    with pytest.raises(TimedOut, match="reading"):
        await made.run(plan, POINTS, lines, 0.01)
    holding = asyncio.create_task(made.run(plan, POINTS, lines))
    while not reader.reading:
        await asyncio.sleep(0)
    with pytest.raises(TimedOut, match="queue"):
        await made.run(plan, POINTS, lines, 0.01)
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)
    reader.may.set()
    assert await made.run(plan, POINTS, lines) == 5


async def test_what_is_too_much_is_refused_and_what_is_alike_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader()
    made = Queries(reader, TimeSeriesSettings())
    assert await made.run(plan_instant("x + x + on (point) x", NOW), POINTS, lines) == 5
    assert reader.calls == 1
    reader.too_large = True
    with pytest.raises(QueryFailed, match="too many samples"):
        await made.run(plan_instant("x", NOW), POINTS, lines)
    monkeypatch.setattr(module, "SERIES", 4)
    with pytest.raises(QueryFailed, match="finds 5 series"):
        await made.run(plan_instant("x", NOW), POINTS, lines)


class Dense:
    """A sample a second since 1970 of every point; counts what was read."""

    def __init__(self) -> None:
        self.read = 0

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]:
        times = np.arange(-(-start // SECOND) * SECOND, end, SECOND, dtype=np.int64)
        if len(times) * len(points) > limit:
            raise TooLarge("too many")
        self.read += len(times) * len(points)
        return [Series(point, times, times / 1e9, np.zeros(len(times), dtype=np.uint32)) for point in points]


@pytest.mark.parametrize("text", ["x", "x offset 1d", "sum_over_time(x[5m])", "x @ 1780000000"])
async def test_a_long_range_with_long_steps_is_read_in_pieces_and_gives_the_same(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(result: Result) -> list[tuple[str, list[int], list[float]]]:
        return [(line.labels["point"], line.times.tolist(), line.values.tolist()) for line in result.lines]

    plan = plan_range(text, NOW - 2 * 86_400 * SECOND, NOW, 4 * 3_600 * SECOND)
    whole = Dense()
    expected = await Queries(whole, TimeSeriesSettings()).run(plan, POINTS[:2], shown)
    assert len(expected) == 2 and all(len(times) == 13 for _, times, _ in expected)
    monkeypatch.setattr(module, "WHOLE", 1000)
    pieces = Dense()
    found = await Queries(pieces, TimeSeriesSettings(samples=200_000)).run(plan, POINTS[:2], shown)
    assert found == expected
    if "@" not in text:
        assert pieces.read < whole.read / 10


def test_selecting() -> None:
    found = selected(POINTS, [Matcher("point", "=~", "p[0-2]"), Matcher("__name__", "=", "x"), Matcher("none", "=", "")])
    assert [one.id for one in found] == ["p0", "p1", "p2"]


@pytest.mark.parametrize(
    ("kind", "unit", "name"),
    [
        ("number", "°C", "point_celsius"),
        ("integer", "kWh", "point_kilowatthours"),
        ("number", "", "point_value"),
        ("boolean", "", "point_state"),
        ("number", "Widgets / h", "point_widgets_h"),
        ("number", "%%%", "point_value"),
    ],
)
def test_names(kind: str, unit: str, name: str) -> None:
    point = Point(id="p", name="P", device="d", type=kind, unit=unit)  # type: ignore[arg-type]
    assert metric_name(point) == name


@given(st.text(max_size=20))
def test_every_unit_makes_a_name_that_queries_can_say(unit: str) -> None:
    point = Point(id="a-b", name="P", device="d", unit=unit)
    labels = labels_of(point, None, ("b", "a", "b"))
    first, end = tokens(labels["__name__"])
    assert (first.kind, first.text, end.kind) == ("word", labels["__name__"], "end")
    assert labels["point"] == "a-b" and labels["tags"] == ",a,b," and "area" not in labels
