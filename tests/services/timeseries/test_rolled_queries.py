"""Queries over rollups give what they give over samples: sealed, joined, late, and in the head."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from sitewarden.config import TimeSeriesSettings
from sitewarden.domain.clock import DAY, HOUR, MINUTE, SECOND
from sitewarden.domain.errors import TooLarge
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.domain.promql import planning
from sitewarden.domain.promql.errors import QueryFailed
from sitewarden.domain.promql.query import Plan, Result, plan_instant, plan_range
from sitewarden.services.surface.timeseries import ReadablePoint
from sitewarden.services.timeseries import queries as module
from sitewarden.services.timeseries.queries import Queries
from sitewarden.store.chunks import reading
from sitewarden.store.interfaces import SampleReader
from sitewarden.store.sqlite import SqliteSampleStore
from tests.store.conftest import Home, PostgresHome, SqliteHome

START = 1_780_000_000 * SECOND // DAY * DAY
DAYS = 3
POINTS = [ReadablePoint(id=name, labels={"__name__": "x", "point": name}, help="") for name in ("often", "hourly", "odd", "text")]
TEXTS = (
    "x", "timestamp(x)", "x offset 1h", "min_over_time(x[1h])", "max_over_time(x[2h])", "avg_over_time(x[1d])",
    "sum_over_time(x[1h])", "count_over_time(x[3h])", "last_over_time(x[1h])", "present_over_time(x[15m])",
    "absent_over_time(x[1h])", "rate(x[1h])", "avg by () (avg_over_time(x[1h]))", "max_over_time(x[6h:1h])",
)  # fmt: skip
LONE = ("max_over_time(x[2d])", "count_over_time(x[49h] offset 13s)", "sum_over_time(x[2d] offset 1h)", "last_over_time(x[26h])")


def written(rng: random.Random, start: int, end: int) -> Samples:
    rows: list[tuple[str, int, Value, int]] = []
    for name, period in (("often", 15), ("hourly", 1800), ("odd", 97), ("text", 3600)):
        for at in range(start // SECOND, end // SECOND, period):
            value: Value = float(rng.randrange(1000)) / 8
            quality = rng.choice([0, 0, 0x40000000])
            if name == "text":
                value = "closed"
            elif name == "odd" and at // 3600 % 5 == 0:
                value, quality = rng.choice([(None, 0x80000000), (7.5, 0x80000000), (math.nan, 0), (True, 0), (value, 0)])
            elif name == "odd" and at // 3600 % 5 == 2 and at % 3600 < period:
                quality = 0x80000000
            rows.append((name, at * SECOND, value, quality))
    points, times, values, qualities = zip(*rows, strict=True)
    return Samples(list(points), list(times), list(times), list(values), list(qualities))


def plans() -> list[Plan]:
    end = START + DAYS * DAY
    found = [
        plan_range(text, start, end, step, 11 * MINUTE)
        for text in TEXTS
        for start, step in ((START, HOUR), (START, 90 * MINUTE), (START + 4 * HOUR, DAY))
    ]
    return found + [plan_instant(text, moment, 11 * MINUTE) for text in LONE for moment in (end, end - 1234 * SECOND)]


Shown = list[tuple[dict[str, str], list[int], list[float]]]


def shown(result: Result) -> Shown:
    return [(line.labels, line.times.tolist(), line.values.tolist()) for line in result.lines]


async def compare(reader: SampleReader, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    queries = Queries(reader, TimeSeriesSettings())
    rolled = plans()[::every]
    with monkeypatch.context() as patched:
        patched.setattr(planning, "LONG", 1 << 60)
        raw = plans()[::every]
    assert not any(need.piece for plan in raw for need in plan.needs)
    assert sum(any(need.piece for need in plan.needs) for plan in rolled) > len(rolled) * 3 // 4
    for one, other in zip(rolled, raw, strict=True):
        found = await queries.run(one, POINTS, shown)
        expected = await queries.run(other, POINTS, shown)
        assert [line[:2] for line in found] == [line[:2] for line in expected]
        for line, wanted in zip(found, expected, strict=True):
            np.testing.assert_allclose(line[2], wanted[2], rtol=1e-12)


async def played(home: Home, monkeypatch: pytest.MonkeyPatch, every: int = 1) -> None:
    rng = random.Random(6)
    store = await home.samples()
    reader = home.sample_reader()
    await store.append(written(rng, START, START + 30 * HOUR))
    await store.seal(everything=True)
    await store.append(written(rng, START + 30 * HOUR, START + 60 * HOUR))
    await store.seal(everything=True)
    await store.compact(everything=True)
    # What comes late and what is not sealed yet, over what is rolled up.
    await store.append(written(rng, START + 60 * HOUR, START + DAYS * DAY))
    await store.append(written(rng, START + 10 * HOUR + SECOND, START + 11 * HOUR))
    await compare(reader, monkeypatch, every)
    await store.seal(everything=True)
    await compare(reader, monkeypatch, every)
    await store.close()
    await reader.close()


async def test_rollups_and_samples_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await played(SqliteHome(tmp_path), monkeypatch)


async def test_a_year_by_the_hour_unpacks_no_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteSampleStore.open(tmp_path / "samples.db")
    times = [START + number * 6 * MINUTE for number in range(365 * 240)]
    count = len(times)
    await store.append(Samples(["often"] * count, times, times, [float(number % 100) for number in range(count)], [0] * count))
    await store.seal(everything=True)
    await store.compact(everything=True)

    def refused(*_: object) -> list[object]:
        raise AssertionError("samples were unpacked")

    monkeypatch.setattr(reading, "samples_of", refused)
    queries = Queries(store.reader, TimeSeriesSettings())
    end = START + 364 * DAY
    for text, value in (("x", 60.0), ("avg_over_time(x[1h])", None), ("max_over_time(x[1d])", 99.0)):
        lines = await queries.run(plan_range(text, START + DAY, end, HOUR), POINTS, shown)
        assert len(lines) == 1 and len(lines[0][1]) == 363 * 24 + 1
        assert value is None or lines[0][2][-1] == value
    with pytest.raises(AssertionError, match="unpacked"):
        await queries.run(plan_range("rate(x[1h])", START + DAY, end, HOUR), POINTS, shown)
    with pytest.raises(TooLarge):
        await store.reader.pieces(["often"], START, end, HOUR, limit=1000)
    plan = plan_range("avg_over_time(x[1h])", START + DAY, end, HOUR)
    pieces = await queries.run(plan, POINTS, shown)
    monkeypatch.undo()
    monkeypatch.setattr(module, "PIECE", 10_000)
    samples = await queries.run(plan, POINTS, shown)
    assert [line[:2] for line in pieces] == [line[:2] for line in samples], "where pieces take too much, samples are read"
    np.testing.assert_allclose(pieces[0][2], samples[0][2], rtol=1e-12)
    with pytest.raises(QueryFailed, match="too many samples"):
        await Queries(store.reader, TimeSeriesSettings(samples=10_000)).run(plan_range("x", START, end, HOUR), POINTS, shown)
    await store.close()


async def test_what_retention_took_from_under_rollups_still_answers(tmp_path: Path) -> None:
    store = SqliteSampleStore.open(tmp_path / "samples.db")
    await store.append(written(random.Random(1), START, START + 2 * DAY))
    await store.seal(everything=True)
    await store.compact(everything=True)
    queries = Queries(store.reader, TimeSeriesSettings())
    plan = plan_range("count_over_time(x[1d])", START + DAY, START + 2 * DAY, DAY)
    before = await queries.run(plan, POINTS[:2], shown)
    assert await store.retain(before=START + 2 * DAY) > 0
    assert not len(await store.reader.raw("often", START, START + DAY, 10))
    assert await queries.run(plan, POINTS[:2], shown) == before
    await store.close()


async def test_a_database_says_the_same(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await played(PostgresHome(database, tmp_path), monkeypatch, 7)
