"""The database goes away under samples, and the writer is killed: nothing acknowledged is lost, what comes late is woven in."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sitewarden.config import Database
from sitewarden.domain.errors import StorageFull, Unreachable
from sitewarden.store.packed_samples import Limits
from sitewarden.store.postgres import Away, PostgresSampleReader, PostgresSampleStore, Server
from sitewarden.store.postgres.fsck import check_database
from tests.store.cluster import Cluster
from tests.store.samples_of import samples

ROOT = Path(__file__).parents[2]
POINTS = 5
SMALL = Limits(seal_at=600, most=50_000)


async def until(happened: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not happened():
            await asyncio.sleep(0.01)
    assert happened(), what


async def produce(store: PostgresSampleStore, who: int, told: list[int]) -> None:
    """Append batches of all points of one, and note the second of each that is acknowledged."""
    for second in itertools.count():
        await store.append(samples(*((f"p{who}-{point}", second, float(second)) for point in range(POINTS))))
        told.append(second)


async def seal_on(store: PostgresSampleStore) -> None:
    """Seal and join without end, through each loss."""
    while True:
        try:
            await store.seal(everything=True)
            await store.compact(everything=True)
        except Unreachable:
            await asyncio.sleep(0.02)


async def check_whole(server: Server, store: PostgresSampleStore, told: dict[int, list[int]]) -> None:
    """All that was acknowledged is there, a batch as a whole or not at all."""
    for who, seconds in told.items():
        columns = [(await store.range(f"p{who}-{point}", 0, 1 << 60, 200_000)).values for point in range(POINTS)]
        assert all(column == columns[0] for column in columns)
        assert len(set(columns[0])) == len(columns[0])
        assert {float(second) for second in seconds} <= set(columns[0])
    await store.close()
    assert [one.what for one in await check_database(server) if "fsync" not in one.what] == []


@pytest.mark.timeout(300)
async def test_kills_of_the_server_lose_no_samples(cluster: Cluster, database: str, tmp_path: Path) -> None:
    server = Server(Database(url=database))
    journal = tmp_path / "samples-journal.db"
    store = await PostgresSampleStore.open(server, journal, limits=SMALL)
    told: dict[int, list[int]] = {who: [] for who in range(3)}
    tasks = [asyncio.create_task(produce(store, who, seconds)) for who, seconds in told.items()]
    tasks.append(asyncio.create_task(seal_on(store)))
    for number in range(3):
        count = len(told[0]) + 15 + 10 * number
        await until(lambda count=count: len(told[0]) > count, "samples are taken")
        await asyncio.to_thread(cluster.kill)
        count = len(told[0]) + 15
        await until(lambda count=count: len(told[0]) > count and bool(store.away), "the local journal takes samples")
        with pytest.raises(Away):
            await store.latest()
        assert journal.exists()
        await asyncio.to_thread(cluster.start)
        await until(lambda: not store.away, "the database is back")
        if number == 1:
            await until(lambda: not store.behind, "what was kept follows under load")
            assert not journal.exists()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await until(lambda: not store.away and not store.behind, "what was kept follows")
    await store.close()
    store = await PostgresSampleStore.open(server, journal, limits=SMALL)
    await check_whole(server, store, told)


VICTIM = """
import asyncio, sys
from pathlib import Path
from sitewarden.config import Database
from sitewarden.store.packed_samples import Limits
from sitewarden.store.postgres import PostgresSampleStore, Server
from tests.store.test_sample_loss import POINTS, SMALL, seal_on
from tests.store.samples_of import samples
async def main():
    store = await PostgresSampleStore.open(Server(Database(url=sys.argv[1])), Path(sys.argv[2]), limits=SMALL)
    asyncio.create_task(seal_on(store))
    second = int(sys.argv[3])
    while True:
        await store.append(samples(*((f"p0-{point}", second, float(second)) for point in range(POINTS))))
        print(second, flush=True)
        second += 1
asyncio.run(main())
"""


@pytest.mark.timeout(300)
async def test_kills_of_the_writer_lose_no_samples(cluster: Cluster, database: str, tmp_path: Path) -> None:
    server = Server(Database(url=database))
    journal = tmp_path / "samples-journal.db"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    told: list[int] = []
    for number in range(2):
        command = [sys.executable, "-c", VICTIM, database, str(journal), str(number * 1_000_000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as victim:
            assert victim.stdout is not None
            out = victim.stdout
            lines = await asyncio.to_thread(lambda: [out.readline() for _ in range(60 + 40 * number)])  # noqa: B023 - it ends first
            if number == 1:
                # Killed while the database is away: what it acknowledged is on the local disk.
                await asyncio.to_thread(cluster.kill)
                lines += await asyncio.to_thread(lambda: [out.readline() for _ in range(40)])  # noqa: B023
            victim.kill()
            lines += await asyncio.to_thread(out.readlines)
        assert victim.returncode == -signal.SIGKILL
        told += [int(line) for line in lines if line.endswith("\n")]
        await asyncio.to_thread(cluster.start)
    store = await PostgresSampleStore.open(server, journal, limits=SMALL)
    await until(lambda: not store.away and not store.behind, "what was kept follows")
    await check_whole(server, store, {0: told})


async def test_it_begins_while_the_database_is_away_and_is_bounded(cluster: Cluster, database: str, tmp_path: Path) -> None:
    server = Server(Database(url=database))
    journal = tmp_path / "samples-journal.db"
    await asyncio.to_thread(cluster.kill)
    try:
        store = await PostgresSampleStore.open(server, journal, max_bytes=200)
        await store.append(samples(("flow", 1, 1.0), ("level", 1, "high")))
        with pytest.raises(Away):
            await store.number(["flow"])
        with pytest.raises(Away):
            await store.seal()
        assert await store.tend(1 << 60) is False
        with pytest.raises(StorageFull, match="has not taken"):
            for second in range(100):
                await store.append(samples(("flow", second, float(second))))
        await store.close()
        store = await PostgresSampleStore.open(server, journal)
        await store.append(samples(("level", 2, "low")))
    finally:
        await asyncio.to_thread(cluster.start)
    await until(lambda: not store.away and not store.behind, "what was kept follows")
    assert (await store.range("level", 0, 1 << 60, 10)).values == ["high", "low"]
    assert (await store.range("flow", 0, 1 << 60, 10)).values[-1] == 1.0 or len(await store.range("flow", 0, 1 << 60, 10)) > 1
    numbers = await store.number(["flow", "new"])
    assert len(set(numbers.tolist())) == 2
    second = await PostgresSampleStore.open(server, tmp_path / "other.db")
    assert "Another server writes" in second.away, "one writer; the other keeps what it has on its own disk"
    await second.close()
    await store.close()


async def test_another_process_sees_what_was_acknowledged_and_a_long_read_holds_up_no_seal(database: str, tmp_path: Path) -> None:
    server = Server(Database(url=database))
    store = await PostgresSampleStore.open(server, tmp_path / "samples-journal.db")
    other = PostgresSampleReader(server)
    total = 0
    for part in range(6):
        await store.append(samples(*(("flow", part * 300 + second, float(second)) for second in range(300))))
        total += 300
        if part % 3 == 1:
            await store.seal(everything=True)
        [one] = await other.series(["flow"], 0, 1 << 60, limit=100_000)
        assert len(one) == total
        assert [each.value for each in await other.latest(["flow"])] == [299.0]
    reading = await server.connect()
    async with reading.transaction(isolation="repeatable_read", readonly=True):
        held = await reading.fetchval("SELECT count(*) FROM sample_journal")
        assert held > 0
        async with asyncio.timeout(60):
            await store.seal(everything=True)
        assert await reading.fetchval("SELECT count(*) FROM sample_journal") == held, "its view is as it began"
    await reading.close()
    assert len(await other.raw("flow", 0, 1 << 60, 100_000)) == total
    await other.close()
    await store.close()
