"""The sample store: durable samples per second, bytes a sample, curves, last values, and what a seal costs the loop.

SITEWARDEN_BENCH_SAMPLES is how many samples each figure of writing takes, 4 million where it is not set.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import uvloop

from bench import _rivals
from bench.harness import Row, percentile, workspace
from sitewarden.app.iot import SWITCH_SECONDS
from sitewarden.domain.clock import DAY, HOUR, SECOND
from sitewarden.store.chunks.columns import FLOAT, Columns
from sitewarden.store.sqlite import SqliteSampleReader, SqliteSampleStore

TITLE = "the sample store, every batch durable before it is acknowledged"
POINTS = 10_000
START = 1_780_000_000_000_000
TOTAL = int(os.environ.get("SITEWARDEN_BENCH_SAMPLES", "4000000"))
HUNDRED = 100 * 17_000
"""Samples of 100 points in a day."""
PRODUCERS = 8
"""Batches that wait at once; drivers do not wait for each other either."""


def deadband(total: int, points: int = POINTS) -> Columns:
    """Points that are kept when they changed by a tenth: every 5 s on average, in order of time."""
    chance = np.random.default_rng(1)
    each = total // points
    times = START + np.cumsum(chance.geometric(1 / 5, (points, each)), axis=1) * SECOND
    values = np.round(20 + np.cumsum(chance.choice([-3, -2, -1, 1, 2, 3], (points, each)), axis=1) * 0.1, 1)
    order = np.argsort(times.ravel(), kind="stable")
    return columns(np.repeat(np.arange(points), each)[order], times.ravel()[order], values.ravel()[order])


def columns(points: np.ndarray, times: np.ndarray, values: np.ndarray) -> Columns:
    count = len(times)
    zeros = np.zeros(count, dtype=np.int64)
    kinds = np.full(count, FLOAT, dtype=np.uint8)
    return Columns(points.astype(np.int32), times, zeros, kinds, values.view(np.int64), zeros.astype(np.uint32))


def pieces(whole: Columns, size: int) -> Iterator[Columns]:
    for start in range(0, len(whole), size):
        yield whole.take(slice(start, start + size))


def used(path: Path) -> int:
    connection = sqlite3.connect(path)
    total, free = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
    connection.close()
    return int(total - free) * 4096


async def numbered(store: SqliteSampleStore, whole: Columns) -> Columns:
    numbers = await store.number([f"point-{number}" for number in range(POINTS)])
    return columns(numbers[whole.points], whole.times, whole.bits.view(np.float64))


async def written(path: Path, whole: Columns, size: int) -> tuple[float, float, float]:
    """Samples per second until all are durable; the same, and per second of processor, until they are chunks."""
    store = SqliteSampleStore.open(path)
    batches = pieces(await numbered(store, whole), size)

    async def produce() -> None:
        for one in batches:
            await store.append_columns(one)

    began, burnt = time.perf_counter(), time.process_time()
    await asyncio.gather(*(produce() for _ in range(PRODUCERS)))
    durable = time.perf_counter()
    await store.seal()
    sealed, spent = time.perf_counter(), time.process_time()
    await store.close()
    return len(whole) / (durable - began), len(whole) / (sealed - began), len(whole) / (spent - burnt)


async def joined(path: Path) -> None:
    store = SqliteSampleStore.open(path)
    await store.seal(everything=True)
    await store.compact(everything=True)
    await store.close()


async def lag(path: Path, whole: Columns) -> float:
    """Milliseconds that the loop is late, p99, while a seal and its transaction go on."""
    store = SqliteSampleStore.open(path)
    for one in pieces(await numbered(store, whole), 50_000):
        await store.append_columns(one)
    late: list[float] = []
    sys.setswitchinterval(SWITCH_SECONDS)
    sealing = asyncio.create_task(store.seal(everything=True))
    while not sealing.done():
        due = time.perf_counter() + 0.001
        await asyncio.sleep(0.001)
        late.append((time.perf_counter() - due) * 1000)
    await sealing
    await store.close()
    return percentile(late, 0.99)


async def fill_curve(path: Path, days: int) -> None:
    """One point at 1 Hz beside another."""
    store = SqliteSampleStore.open(path)
    numbers = await store.number(["curve", "other"])
    chance = np.random.default_rng(2)
    times = START // DAY * DAY + np.arange(days * 86_400) * SECOND
    values = np.round(20 + np.cumsum(chance.choice([-1, 0, 1], len(times))) * 0.1, 1)
    for number in numbers.tolist():
        for one in pieces(columns(np.full(len(times), number), times, values), 50_000):
            await store.append_columns(one)
    await store.seal(everything=True)
    await store.compact(everything=True)
    await store.close()


async def fill_hundred(path: Path) -> None:
    """A day of 100 points."""
    store = SqliteSampleStore.open(path)
    for one in pieces(await numbered(store, deadband(HUNDRED, 100)), 50_000):
        await store.append_columns(one)
    await store.close()


async def quickest(times: int, path: Path, ask: str) -> float:
    """Milliseconds of the quickest of several times that a question is asked, the file being in the kernel's cache."""
    begin = START // DAY * DAY
    taken: list[float] = []
    reader = SqliteSampleReader(path)
    for _ in range(times):
        began = time.perf_counter()
        if ask == "day":
            [one] = await reader.series(["curve"], begin, begin + DAY, limit=100_000)
            assert len(one) == 86_400
        elif ask == "month":
            [many] = await reader.buckets(["curve"], begin, begin + 30 * DAY, 87 * 60 * SECOND)
            assert len(many) > 0
        elif ask == "hundred":
            found = await reader.buckets([f"point-{number}" for number in range(100)], START // HOUR * HOUR, START + DAY, HOUR)
            assert len(found) == 100
        taken.append((time.perf_counter() - began) * 1000)
    await reader.close()
    return min(taken)


async def cold(path: Path) -> float:
    """Milliseconds until a reader that knows nothing yet has the last value of every point, beside the writer."""
    store = SqliteSampleStore.open(path)
    began = time.perf_counter()
    reader = SqliteSampleReader(path)
    assert len(await reader.latest()) == POINTS
    taken = (time.perf_counter() - began) * 1000
    await reader.close()
    await store.close()
    return taken


def run() -> list[Row]:
    rows: list[Row] = []
    days = 30 if TOTAL >= 4_000_000 else 2
    with workspace("samples") as path:
        whole = deadband(TOTAL)
        plain = _rivals.sqlite_rows(path / "rows.db", whole, 10_000, min(TOTAL, 200_000))
        for size in (1000, 10_000, 50_000):
            file = path / f"{size}.db"
            durable, chunks, core = uvloop.run(written(file, whole, size))
            name = f"batches of {size:,}"
            other = _rivals.duckdb_rows(path / f"{size}.duckdb", whole, size, min(TOTAL, size * 200))
            rows.append(Row(name=f"{name}, durable", value=durable, unit="samples/s", plain=plain.rate, plain_name="SQLite rows"))
            rows.append(Row(name=f"{name}, and chunks", value=chunks, unit="samples/s", plain=other.rate, plain_name="DuckDB"))
            rows.append(Row(name=f"{name}, and chunks", value=core, unit="samples/core s"))
            victoria = _rivals.victoria_metrics(path / f"{size}.victoria", whole, size, min(TOTAL, size * 200))
            note = "" if victoria.rate else f"{_rivals.VICTORIA} is not installed"
            rows.append(
                Row(
                    name=f"{name}, durable",
                    value=durable,
                    unit="samples/s",
                    plain=victoria.rate,
                    plain_name="VictoriaMetrics, not durable for seconds",
                    note=note,
                )
            )
        size = used(path / "10000.db") / TOTAL
        rows.append(
            Row(name="on disk", value=size, unit="bytes/sample", better="lower", plain=plain.size, plain_name="SQLite rows")
        )
        rows.append(
            Row(
                name="on disk",
                value=size,
                unit="bytes/sample",
                better="lower",
                plain=victoria.size,
                plain_name="VictoriaMetrics",
                note=note,
            )
        )
        uvloop.run(fill_hundred(path / "hundred.db"))
        began = time.process_time()
        uvloop.run(joined(path / "hundred.db"))
        core = HUNDRED / max(time.process_time() - began, 1e-9)
        size = used(path / "hundred.db") / HUNDRED
        note = f"with rollups; joined at {core:,.0f} samples/core s"
        rows.append(
            Row(
                name="on disk, joined",
                value=size,
                unit="bytes/sample",
                better="lower",
                plain=other.size,
                plain_name="DuckDB",
                note=note,
            )
        )
        hundred = uvloop.run(quickest(5, path / "hundred.db", "hundred"))
        rows.append(Row(name="100 points, a day by the hour", value=hundred, unit="ms", better="lower"))
        rows.append(
            Row(name="last value of 10,000 points, cold", value=uvloop.run(cold(path / "10000.db")), unit="ms", better="lower")
        )
        rows.append(
            Row(name="loop late while sealing, p99", value=uvloop.run(lag(path / "lag.db", whole)), unit="ms", better="lower")
        )
        uvloop.run(fill_curve(path / "curve.db", days))
        day = uvloop.run(quickest(5, path / "curve.db", "day"))
        rows.append(Row(name="a day of one point at 1 Hz, raw", value=day, unit="ms", better="lower"))
        month = uvloop.run(quickest(5, path / "curve.db", "month"))
        rows.append(Row(name=f"{days} days of it in buckets of 87 min", value=month, unit="ms", better="lower"))
    return rows
