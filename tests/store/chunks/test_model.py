"""The store against a dictionary: whatever is written, sealed, joined, reopened in whatever order, it reads the same."""

from __future__ import annotations

import asyncio
import math
import struct
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitewarden.domain.clock import DAY, HOUR, MINUTE, SECOND
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.store.interfaces import SampleReader
from sitewarden.store.postgres.sample_transfer import EMPTY, META
from tests.store.conftest import Home, PostgresHome, SqliteHome
from tests.store.samples_of import NOON

POINTS = ("a", "b", "c")
VALUES = st.one_of(
    st.sampled_from([0.5, 1.5, -0.0, math.inf, math.nan, 3.25, 1e17]), st.none(), st.booleans(), st.integers(-5, 5), st.just("on")
)
ROWS = st.lists(
    st.tuples(st.sampled_from(POINTS), st.integers(0, 40).map(lambda n: n * n * n * n * n // 7), VALUES), min_size=1, max_size=30
)
DENSE = st.tuples(st.sampled_from(POINTS), st.integers(0, 10_000_000), st.integers(20, 400)).map(
    lambda drawn: [(drawn[0], drawn[1] + number, float(number % 7)) for number in range(drawn[2])]
)
STEPS = st.lists(
    st.one_of(
        ROWS.map(lambda rows: ("write", rows)),
        DENSE.map(lambda rows: ("write", rows)),
        st.sampled_from([("seal", []), ("seal", []), ("seal all", []), ("join", []), ("join all", []), ("reopen", [])]),
    ),
    min_size=1,
    max_size=9,
)
Model = dict[str, dict[int, tuple[Value, int]]]


def batch(rows: Iterable[tuple[str, int, Value]]) -> Samples:
    points, seconds, values = zip(*rows, strict=True)
    times = [NOON + second * SECOND for second in seconds]
    qualities = [0x80000000 if value is None else second % 2 << 30 for second, value in zip(seconds, values, strict=True)]
    return Samples(list(points), times, [time + 5 for time in times], list(values), qualities)


def exact(value: Value) -> tuple[type, object]:
    return type(value), struct.pack(">d", value) if isinstance(value, float) else value


def number(value: Value) -> float:
    return float(value) if isinstance(value, (bool, int, float)) else math.nan


def expected(held: dict[int, tuple[Value, int]], low: int, high: int, width: int) -> dict[int, dict[str, Any]]:
    """What buckets of [low, high) are, counted out one sample after the other."""
    found: dict[int, dict[str, Any]] = {}
    times = sorted(held)
    for index, time in enumerate(times):
        following = times[index + 1] if index + 1 < len(times) else 1 << 62
        value = number(held[time][0])
        start = time // width * width
        one = found.setdefault(start, {"numbers": [], "area": 0.0, "cover": 0, "worst": 0})
        one["worst"] = max(one["worst"], held[time][1])
        if math.isnan(value):
            continue
        one["numbers"].append(value)
        length = min(following, start + width) - time
        one["area"] += value * length
        one["cover"] += length
        # What it still says where the next sample is in another bucket.
        after = following // width * width
        if following < 1 << 62 and after > start and following > after:
            other = found.setdefault(after, {"numbers": [], "area": 0.0, "cover": 0, "worst": 0})
            other["area"] += value * (following - after)
            other["cover"] += following - after
    return {start: one for start, one in found.items() if low <= start < high}


async def compare(reader: SampleReader, model: Model) -> None:
    assert await reader.points() == sorted(point for point in model if model[point])
    latest = {one.point: one for one in await reader.latest()}
    for point, held in model.items():
        if not held:
            continue
        raw = await reader.raw(point, 0, 1 << 60, 200_000)
        assert raw.source_times == sorted(held)
        assert [exact(value) for value in raw.values] == [exact(held[time][0]) for time in sorted(held)]
        assert raw.qualities == [held[time][1] for time in sorted(held)]
        some = await reader.raw(point, NOON, 1 << 60, 3)
        assert some.source_times == sorted(held)[:3]
        assert exact(latest[point].value) == exact(held[max(held)][0])
        for width, low, high in (
            (MINUTE, NOON, NOON + 2 * HOUR),
            (HOUR, NOON - HOUR, NOON + 30 * DAY),
            (DAY, 0, NOON + 200 * DAY),
            (7 * SECOND, NOON, NOON + HOUR),
            (10 * DAY, 0, NOON + 400 * DAY),
        ):
            low, high = -(-low // width) * width, -(-high // width) * width
            wanted = expected(held, low, high, width)
            found = await reader.buckets([point], low, high, width)
            starts = found[0].starts.tolist() if found else []
            assert starts == sorted(wanted), (point, width)
            for index, start in enumerate(starts):
                one = wanted[start]
                numbers = one["numbers"]
                assert found[0].counts[index] == len(numbers)
                assert found[0].worst[index] == one["worst"]
                if numbers:
                    assert (found[0].minima[index], found[0].maxima[index]) == (min(numbers), max(numbers))
                    assert (found[0].firsts[index], found[0].lasts[index]) == (numbers[0], numbers[-1])
                    np.testing.assert_allclose(found[0].sums[index], sum(numbers), rtol=1e-9)
                average = one["area"] / one["cover"] if one["cover"] else math.nan
                np.testing.assert_allclose(found[0].averages[index], average, rtol=1e-9)


async def play(steps: list[tuple[str, list[tuple[str, int, Value]]]], home: Home) -> None:
    model: Model = {point: {} for point in POINTS}
    store = await home.samples()
    other = home.sample_reader()
    for name, rows in steps:
        if name == "write":
            samples = batch(rows)
            await store.append(samples)
            for point, time, value, quality in zip(
                samples.points, samples.source_times, samples.values, samples.qualities, strict=True
            ):
                model[point][time] = (value, quality)
        elif name.startswith("seal"):
            await store.seal(everything=name == "seal all")
        elif name.startswith("join"):
            await store.compact(everything=name == "join all")
        else:
            await store.close()
            store = await home.samples()
        await compare(other, model)
    await compare(store.reader, model)
    await store.close()
    assert await home.findings() == []
    await compare(other, model)
    await other.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_it_reads_what_was_written(steps: list[tuple[str, list[tuple[str, int, Value]]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(steps, SqliteHome(Path(folder))))


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_it_reads_the_same_from_a_database(
    database: str, tmp_path: Path, steps: list[tuple[str, list[tuple[str, int, Value]]]]
) -> None:
    home = PostgresHome(database, tmp_path)

    async def work() -> None:
        connection = await home.server.connect()
        await connection.execute(f"{EMPTY}; {META}")
        await connection.close()
        await play(steps, home)

    asyncio.run(work())
