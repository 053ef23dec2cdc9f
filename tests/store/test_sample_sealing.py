"""Chunks on SQLite: seals, another process, late samples, damage, a file of an older version, bounds of memory."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from sitewarden.domain.clock import DAY, HOUR, MINUTE, SECOND
from sitewarden.domain.errors import Invalid, StorageFull, TooLarge
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.store.chunks.columns import FLOAT, TEXT, Columns
from sitewarden.store.packed_samples import Limits
from sitewarden.store.sqlite import SqliteSampleReader, SqliteSampleStore
from sitewarden.store.sqlite.connection import transaction
from sitewarden.store.sqlite.fsck import check_all
from tests.store.conftest import Home
from tests.store.samples_of import NOON, samples

ROOT = Path(__file__).parents[2]
EVER = 1 << 60


def curve(point: str, seconds: range) -> Samples:
    return samples(*((point, second, second % 50 / 10) for second in seconds))


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


async def test_a_seal_clears_the_journal_but_for_slow_points(home: Home) -> None:
    store = await home.samples()
    await store.append(curve("fast", range(1000)))
    await store.append(curve("slow", range(0, 1000, 100)))
    await store.seal()
    assert (await home.count("journal"), await home.count("chunks")) == (1, 1)
    assert len(await store.range("slow", 0, EVER, 100)) == 10
    # A day later the slow point's samples are old enough to become a chunk.
    await store.append(curve("fast", range(90_000, 91_000)))
    await store.seal()
    assert (await home.count("journal"), await home.count("chunks")) == (0, 3)
    assert len(await store.range("slow", 0, EVER, 100)) == 10
    await store.close()


async def test_a_seal_comes_by_count_and_by_age(home: Home) -> None:
    store = await home.samples(Limits(seal_at=500))
    await store.append(curve("flow", range(499)))
    assert await store.tend(NOON + MINUTE) is False
    assert await home.count("chunks") == 0
    await store.append(curve("flow", range(499, 600)))
    async with asyncio.timeout(60):
        while await home.count("chunks") == 0:
            await asyncio.sleep(0.01)
    await store.append(curve("flow", range(1000, 1300)))
    await store.tend(NOON + 3 * HOUR)
    assert (await home.count("journal"), await home.count("chunks")) == (0, 2)
    await store.close()


async def test_memory_is_bounded_and_who_appends_waits(home: Home) -> None:
    store = await home.samples(Limits(seal_at=400, most=800))
    most = 0
    for part in range(40):
        await store.append(curve("flow", range(part * 300, part * 300 + 300)))
        most = max(most, store.head.count)
    assert most <= 800
    assert len(await store.range("flow", 0, EVER, 100_000)) == 12_000
    await store.close()


async def test_a_seal_that_fails_is_told_once_memory_is_full(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await home.samples(Limits(seal_at=400, most=800))

    def full(*_: Any, **__: Any) -> None:
        raise StorageFull("no room", where="samples.db")

    monkeypatch.setattr(store._tender, "seal", full)
    with pytest.raises(StorageFull):
        for part in range(4):
            await store.append(curve("flow", range(part * 300, part * 300 + 300)))
    assert len(await store.range("flow", 0, EVER, 100_000)) == 600
    monkeypatch.undo()
    await store.append(curve("flow", range(600, 900)))
    assert len(await store.range("flow", 0, EVER, 100_000)) == 900
    await store.close()


async def test_on_a_slow_disk_those_that_wait_share_a_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def slow(connection: sqlite3.Connection) -> Iterator[None]:
        with transaction(connection):
            yield
            time.sleep(0.05)

    monkeypatch.setattr("sitewarden.store.sqlite.writer.transaction", slow)
    path = tmp_path / "samples.db"
    store = SqliteSampleStore.open(path, limits=Limits(seal_at=1000))
    await asyncio.gather(*(store.append(curve("flow", range(part * 20, part * 20 + 20))) for part in range(200)))
    await store.append(curve("flow", range(5000, 5001)))
    assert len(await store.range("flow", 0, EVER, 10_000)) == 4001
    await store.close()
    assert count(path, "journal") < 20
    assert check_all(tmp_path) == []


READ = """
import asyncio, sys
from pathlib import Path
from sitewarden.store.sqlite import SqliteSampleReader
async def main():
    reader = SqliteSampleReader(Path(sys.argv[1]))
    for line in sys.stdin:
        [one] = await reader.series(["flow"], 0, 1 << 60, limit=1_000_000)
        print(len(one), one.values.sum(), len(await reader.latest()), flush=True)
    await reader.close()
asyncio.run(main())
"""


async def test_another_process_sees_what_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "samples.db"
    store = SqliteSampleStore.open(path)
    total: list[float] = []
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin"}
    with subprocess.Popen(
        [sys.executable, "-c", READ, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for part in range(12):
            batch = curve("flow", range(part * 300, part * 300 + 300))
            await store.append(batch)
            total += [float(value) for value in batch.values if isinstance(value, float)]
            if part % 3 == 1:
                await store.seal(everything=part % 2 == 0)
            other.stdin.write("\n")
            other.stdin.flush()
            number, sum_, points = (await asyncio.to_thread(other.stdout.readline)).split()
            assert (int(number), int(points)) == (len(total), 1)
            assert math.isclose(float(sum_), sum(total))
        other.stdin.close()
    await store.close()


async def test_a_reader_of_a_file_that_is_not_there_finds_nothing(tmp_path: Path) -> None:
    reader = SqliteSampleReader(tmp_path / "samples.db")
    assert await reader.points() == []
    assert await reader.series(["flow"], 0, EVER, limit=10) == []
    assert len(await reader.raw("flow", 0, EVER, 10)) == 0
    assert not (tmp_path / "samples.db").exists()
    await reader.close()


async def test_days_that_come_late_are_woven_in_and_replace(home: Home) -> None:
    store = await home.samples()
    hours = [n * 3600 for n in range(24 * 20)]
    await store.append(samples(*(("flow", second, 1.0) for second in hours if not 100 < second // 3600 < 200)))
    await store.seal(everything=True)
    await store.compact(everything=True)
    [before] = await store.reader.buckets(["flow"], NOON, NOON + 20 * DAY, DAY)
    late = [second for second in hours if 100 < second // 3600 < 200]
    await store.append(samples(*(("flow", second, 3.0) for second in [*reversed(late), hours[0], hours[300]])))
    for sealed in (False, True):
        if sealed:
            await store.seal(everything=True)
        found = await store.range("flow", 0, EVER, 1000)
        assert found.source_times == [NOON + second * SECOND for second in hours]
        assert found.values == [3.0 if 100 < n < 200 or n in (0, 300) else 1.0 for n in range(24 * 20)]
        [after] = await store.reader.buckets(["flow"], NOON, NOON + 20 * DAY, DAY)
        assert after.counts.sum() - before.counts.sum() == len(late)
    await store.compact(everything=True)
    [again] = await store.reader.buckets(["flow"], NOON, NOON + 20 * DAY, DAY)
    for name in ("starts", "counts", "averages", "sums"):
        np.testing.assert_allclose(getattr(again, name), getattr(after, name))
    await store.close()
    assert await home.findings() == []


async def test_columns_go_in_by_number(home: Home) -> None:
    store = await home.samples()
    points = await store.number([f"p{number}" for number in range(100)])
    times = np.full(100, NOON, dtype=np.int64)
    values = np.linspace(0.0, 10.0, 100)

    def columns(numbers: Any) -> Columns:
        zeros = np.zeros(100, dtype=np.int64)
        kinds = np.full(100, FLOAT, dtype=np.uint8)
        return Columns(numbers, times, zeros, kinds, values.view(np.int64), zeros.astype(np.uint32))

    await store.append_columns(columns(points))
    assert {one.point: one.value for one in await store.latest()} == {f"p{n}": float(values[n]) for n in range(100)}
    with pytest.raises(Invalid, match="no number"):
        await store.append_columns(columns(points + 1))
    with pytest.raises(Invalid, match="another type"):
        await store.append_columns(columns(points.astype(np.int64)))
    good = columns(points)
    for change, what in (
        ({"times": times - 2 * NOON}, "time"),
        ({"times": times + (1 << 61)}, "time"),
        ({"lags": np.full(100, (1 << 61) - NOON, dtype=np.int64)}, "time"),
        ({"lags": np.full(100, (1 << 63) - 1, dtype=np.int64)}, "time"),
        ({"lags": np.full(100, -NOON - 1, dtype=np.int64)}, "time"),
        ({"kinds": np.full(100, TEXT, dtype=np.uint8)}, "no kind"),
        ({"qualities": np.zeros(99, dtype=np.uint32)}, "length"),
    ):
        with pytest.raises(Invalid, match=what):
            await store.append_columns(replace(good, **change))
    await store.append_columns(replace(good, lags=np.full(100, (1 << 61) - 1 - NOON, dtype=np.int64)))
    await store.append_columns(replace(good, lags=np.full(100, -NOON, dtype=np.int64)))
    await store.close()


async def test_too_many_samples_are_refused_before_they_are_read(home: Home) -> None:
    store = await home.samples()
    await store.append(curve("flow", range(3000)))
    await store.seal(everything=True)
    assert len((await store.reader.series(["flow", "nothing"], 0, EVER, limit=3000))[0]) == 3000
    with pytest.raises(TooLarge, match="more than 2999"):
        await store.reader.series(["flow"], 0, EVER, limit=2999)
    await store.close()


async def test_a_damaged_chunk_is_found_and_isolated(tmp_path: Path) -> None:
    path = tmp_path / "samples.db"
    store = SqliteSampleStore.open(path)
    for part in range(3):
        await store.append(curve("flow", range(part * 1000, part * 1000 + 1000)))
        await store.append(curve("level", range(part * 1000, part * 1000 + 1000)))
        await store.seal(everything=True)
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE chunks SET body = CAST(substr(body, 1, 40) || x'ff' || substr(body, 42) AS BLOB) WHERE id = 3")
        connection.execute("UPDATE chunks SET high = 77 WHERE id = 4")
        connection.commit()
    found = check_all(tmp_path)
    assert len(found) == 2, found
    first, second = found
    assert "point flow, chunk at" in first.where
    assert "checksum" in first.what
    assert "high 77.0, its samples 4.9" in second.what
    store = SqliteSampleStore.open(path)
    assert len(await store.range("flow", 0, EVER, 10_000)) == 2000
    assert len(await store.range("level", 0, EVER, 10_000)) == 3000
    # Late samples of the same time are taken all the same; the damaged chunk is put aside.
    await store.append(curve("flow", range(1500, 1510)))
    await store.seal(everything=True)
    assert len(await store.range("flow", 0, EVER, 10_000)) == 2010
    await store.close()
    assert any("put aside" in one.what for one in check_all(tmp_path))


OLD = """
CREATE TABLE migrations (store TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (store, version));
INSERT INTO migrations VALUES ('samples', 1);
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE samples (
    point INTEGER NOT NULL, time INTEGER NOT NULL, lag INTEGER NOT NULL, quality INTEGER NOT NULL, value,
    PRIMARY KEY (point, time)) WITHOUT ROWID;
INSERT INTO names VALUES (1, 'flow'), (2, 'door'), (3, 'empty');
"""


async def test_a_file_of_the_older_version_is_read_at_once_and_converted_by_and_by(tmp_path: Path) -> None:
    path = tmp_path / "samples.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD)
        rows: list[tuple[int, int, int, int, Any]] = [(1, NOON + n * SECOND, 1500, 0, n / 10) for n in range(40_000)]
        odd = [None, b"\0", b"\1", b"\2", b"\3" + str(1 << 70).encode(), "on", 7]
        rows += [(2, NOON + n * SECOND, 0, 0x80000000 if value is None else 0, value) for n, value in enumerate(odd)]
        connection.executemany("INSERT INTO samples VALUES (?,?,?,?,?)", rows)
        connection.commit()
    values: list[Value] = [None, False, True, math.nan, 1 << 70, "on", 7]
    store = SqliteSampleStore.open(path)
    await store.append(samples(("flow", 10, 99.0), ("flow", 50_000, 1.0)))
    await store.seal(everything=True)
    for converted in (False, True):
        if converted:
            assert await store.compact() is False
        found = await store.range("flow", 0, EVER, 100_000)
        assert found.values == [99.0 if n == 10 else n / 10 for n in range(40_000)] + [1.0]
        assert found.server_times[5] == NOON + 5 * SECOND + 1500
        assert repr((await store.range("door", 0, EVER, 10)).values) == repr(values)
        assert {one.point: one.value for one in await store.latest()} == {"flow": 1.0, "door": 7}
        assert await store.reader.points() == ["door", "flow"]
        [hours] = await store.reader.buckets(["flow"], NOON - DAY, NOON + DAY, HOUR)
        assert hours.counts.sum() == 40_001
        assert check_all(tmp_path) == []
    with closing(sqlite3.connect(path)) as connection:
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'samples'").fetchall()
    await store.close()
    again = SqliteSampleStore.open(path)
    assert len(await again.range("flow", 0, EVER, 100_000)) == 40_001
    await again.close()


async def test_ids_are_read_as_one_block_and_one_by_one_where_it_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "samples.db"
    store = SqliteSampleStore.open(path)
    await store.append(curve("flow", range(300)))
    await store.seal()
    await store.append(curve("level", range(3)))
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        [before] = connection.execute("SELECT body FROM lasts WHERE id = 2").fetchone()

    async def read() -> list[str]:
        reader = SqliteSampleReader(path)
        found = await reader.points(), [one.point for one in await reader.latest()]
        assert found[0] == found[1]
        await reader.close()
        return found[0]

    assert await read() == ["flow", "level"]
    assert check_all(tmp_path) == []
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE lasts SET body = ? WHERE id = 2", (before[:-1],))
        connection.commit()
    assert await read() == ["flow", "level"]
    assert [finding.where for finding in check_all(tmp_path)] == ["samples.db: ids of points"]
    # A seal writes it anew.
    store = SqliteSampleStore.open(path)
    await store.seal(everything=True)
    await store.close()
    assert check_all(tmp_path) == []
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE names SET name = 'other' WHERE name = 'flow'")
        connection.commit()
    assert [finding.where for finding in check_all(tmp_path)] == ["samples.db: point 1"]
