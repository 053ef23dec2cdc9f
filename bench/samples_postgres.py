"""The sample store in PostgreSQL, in a server of our own that waits for its disk; none where none is installed.

SITEWARDEN_BENCH_SAMPLES is how many samples each figure of writing takes, as for `samples`.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final

import asyncpg
import uvloop

from bench import _rivals
from bench.harness import Row, workspace
from bench.samples import HUNDRED, POINTS, PRODUCERS, START, TOTAL, columns, deadband, pieces
from sitewarden.config import Database
from sitewarden.domain.clock import DAY, HOUR, SECOND
from sitewarden.store.chunks.columns import Columns
from sitewarden.store.postgres import PostgresSampleReader, PostgresSampleStore, Server
from sitewarden.store.postgres.schema import prepare
from tests.store.cluster import Cluster, missing

TITLE = "the sample store in PostgreSQL, every batch durable before it is acknowledged"


_SIZE: Final = (
    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'sitewarden'::regnamespace"
    " AND relkind = 'r' AND relname LIKE 'sample%'"
)


async def database(cluster: Cluster, name: str) -> Server:
    cluster.sql(f"CREATE DATABASE {name}")
    server = Server(Database(url=cluster.url(name)))
    await prepare(server)
    return server


async def written(server: Server, path: Path, whole: Columns, size: int) -> tuple[float, float]:
    """Samples per second until all are durable, and until they are chunks."""
    store = await PostgresSampleStore.open(server, path)
    numbers = await store.number([f"point-{number}" for number in range(POINTS)])
    batches = pieces(columns(numbers[whole.points], whole.times, whole.bits.view("float64")), size)

    async def produce() -> None:
        for one in batches:
            await store.append_columns(one)

    began = time.perf_counter()
    await asyncio.gather(*(produce() for _ in range(PRODUCERS)))
    durable = time.perf_counter()
    await store.seal()
    sealed = time.perf_counter()
    await store.close()
    return len(whole) / (durable - began), len(whole) / (sealed - began)


async def read(server: Server, path: Path) -> tuple[float, float]:
    """Milliseconds, the quickest of five, for the hours of a day of 100 points, and for the last value of each of them."""
    await written(server, path, deadband(HUNDRED, 100), 50_000)
    reader = PostgresSampleReader(server)
    names = [f"point-{number}" for number in range(100)]
    hours, last = [], []
    for _ in range(5):
        began = time.perf_counter()
        found = await reader.buckets(names, START // HOUR * HOUR, START + DAY, HOUR)
        hours.append((time.perf_counter() - began) * 1000)
        assert len(found) == 100
        began = time.perf_counter()
        assert len(await reader.latest(names)) == 100
        last.append((time.perf_counter() - began) * 1000)
    raw = await reader.series(names[:1], START, START + 3600 * SECOND, limit=100_000)
    assert len(raw[0])
    await reader.close()
    return min(hours), min(last)


def run() -> list[Row]:
    if missing():
        return []
    rows: list[Row] = []
    with workspace("samples-postgres") as path:
        cluster = Cluster(path / "postgresql", "127.88.255.2")
        cluster.options |= {"fsync": "on", "shared_buffers": "256MB"}
        try:
            cluster.make()
            cluster.start()
            whole = deadband(TOTAL)
            for size in (1000, 10_000, 50_000):
                durable, sealed = uvloop.run(_written(cluster, path, whole, size))
                btree, brin = uvloop.run(_rows(cluster, f"written{size}", whole, size))
                name = f"batches of {size:,}"
                rows.append(
                    Row(name=f"{name}, durable", value=durable, unit="samples/s", plain=btree.rate, plain_name="rows, btree")
                )
                rows.append(
                    Row(name=f"{name}, until chunks", value=sealed, unit="samples/s", plain=brin.rate, plain_name="rows, BRIN")
                )
            held = int(cluster.sql(_SIZE, "written50000")) / TOTAL
            for other, told in ((btree, "rows, btree"), (brin, "rows, BRIN")):
                rows.append(
                    Row(name="on disk", value=held, unit="bytes/sample", better="lower", plain=other.size, plain_name=told)
                )
            hours, last = uvloop.run(_read(cluster, path))
        finally:
            cluster.remove()
    rows.append(Row(name="100 points, hours of a day", value=hours, unit="ms", better="lower"))
    rows.append(Row(name="last value of 100 points", value=last, unit="ms", better="lower"))
    return rows


async def _written(cluster: Cluster, path: Path, whole: Columns, size: int) -> tuple[float, float]:
    return await written(await database(cluster, f"written{size}"), path / f"{size}.journal", whole, size)


async def _rows(cluster: Cluster, name: str, whole: Columns, size: int) -> tuple[_rivals.Reached, _rivals.Reached]:
    """What plain tables reach beside the store, with each index."""
    connection = await asyncpg.connect(cluster.url(name))
    try:
        total = min(TOTAL, size * 100)
        btree = await _rivals.postgres_rows(connection, "btree", whole, size, total)
        return btree, await _rivals.postgres_rows(connection, "brin", whole, size, total)
    finally:
        await connection.close()


async def _read(cluster: Cluster, path: Path) -> tuple[float, float]:
    return await read(await database(cluster, "hundred"), path / "hundred.journal")
