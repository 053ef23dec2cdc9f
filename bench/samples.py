"""Durable samples per second, and reading a day of one point."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import uvloop

from bench.harness import Row, workspace
from sitewarden.domain.points.samples import Samples
from sitewarden.store.sqlite import SqliteSampleStore

TITLE = "the sample store, every batch durable before it is acknowledged"
POINTS = [f"point-{number}" for number in range(5000)]
START = 1_780_000_000_000_000


def batch(second: int, size: int) -> Samples:
    """`size` samples, one a point in turn, of one moment."""
    first = second * size
    time_ = START + second * 1_000_000
    points = [POINTS[(first + number) % len(POINTS)] for number in range(size)]
    values = [20.0 + ((first + number) * 7919 % 1000) / 100 for number in range(size)]
    return Samples(points, [time_ + n for n in range(size)], [time_ + n + 1500 for n in range(size)], list(values), [0] * size)


async def written(path: Path, size: int, total: int) -> float:
    store = SqliteSampleStore.open(path)
    batches = [batch(second, size) for second in range(total // size)]
    started = time.perf_counter()
    for one in batches:
        await store.append(one)
    taken = time.perf_counter() - started
    await store.close()
    return total / taken


async def read_day(path: Path) -> float:
    """Milliseconds to read 86,400 samples of one point among others."""
    store = SqliteSampleStore.open(path)
    for hour in range(24):
        rows = [(point, START + (hour * 3600 + second) * 1_000_000) for point in ("a", "b") for second in range(3600)]
        times = [moment for _, moment in rows]
        await store.append(Samples([point for point, _ in rows], times, times, [1.5] * len(rows), [0] * len(rows)))
    started = time.perf_counter()
    found = await store.range("a", START, START + 86_400_000_000, 100_000)
    taken = (time.perf_counter() - started) * 1000
    assert len(found) == 86_400
    await store.close()
    return taken


def plain(path: Path, size: int, total: int) -> float:
    """Samples per second with one transaction a batch, texts as keys, in the caller's thread."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE samples (point TEXT, time INTEGER, server INTEGER, value REAL, quality INTEGER)")
    connection.execute("CREATE UNIQUE INDEX by_point ON samples (point, time)")
    batches = [batch(second, size) for second in range(total // size)]
    started = time.perf_counter()
    for one in batches:
        with connection:
            connection.executemany(
                "INSERT INTO samples VALUES (?,?,?,?,?)",
                zip(one.points, one.source_times, one.server_times, one.values, one.qualities, strict=True),
            )
    taken = time.perf_counter() - started
    connection.close()
    return total / taken


def run() -> list[Row]:
    rows: list[Row] = []
    with workspace("samples") as path:
        for size in (1000, 10_000):
            ours = uvloop.run(written(path / f"ours-{size}.db", size, 200_000))
            other = plain(path / f"plain-{size}.db", size, 200_000)
            name = "rows by text key, executemany"
            rows.append(Row(name=f"batches of {size:,}", value=ours, unit="samples/s", plain=other, plain_name=name))
        size_on_disk = (path / "ours-1000.db").stat().st_size / 200_000
        other_size = (path / "plain-1000.db").stat().st_size / 200_000
        rows.append(Row(name="on disk", value=size_on_disk, unit="bytes/sample", better="lower", plain=other_size))
        rows.append(Row(name="a day of one point, raw", value=uvloop.run(read_day(path / "day.db")), unit="ms", better="lower"))
    return rows
