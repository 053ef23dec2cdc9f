"""Points' history on SQLite: a row a sample, keyed by point and source time; a repeat of a key replaces its value."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.store.limits import check_limit
from sitewarden.store.sqlite.bulk import insert_many
from sitewarden.store.sqlite.connection import Readers, connect_writer, refusing
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.names import Names
from sitewarden.store.sqlite.sample_retention import Sweep
from sitewarden.store.sqlite.sample_values import pack, unpack
from sitewarden.store.sqlite.space import give_back
from sitewarden.store.sqlite.writer import GroupWriter

STORE: Final = "samples"
MAX_BATCH: Final = 100_000
MAX_LIMIT: Final = 200_000
MAX_POINT: Final = 140

SCHEMA: Final = (
    """
    CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE samples (
        point INTEGER NOT NULL, time INTEGER NOT NULL, lag INTEGER NOT NULL, quality INTEGER NOT NULL, value,
        PRIMARY KEY (point, time)) WITHOUT ROWID
    """,
)
"""`lag` is server time less source time, which takes fewer bytes than a time."""


class SqliteSampleStore:
    """`SampleStore` in a file of its own; this process is its one writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._names = Names(connection)
        self._readers = Readers(path)
        self._writer: GroupWriter[Samples, None] = GroupWriter(
            path, connection, self._write, settled=self._names.settle, group=MAX_BATCH
        )

    @classmethod
    def open(cls, path: Path | str, *, page_limit: int | None = None) -> SqliteSampleStore:
        """Open or make the file; `page_limit` bounds it in pages of 4096 bytes.

        Raises StorageFull or Unreachable.
        """
        path = Path(path)
        connection = connect_writer(path, page_limit=page_limit)
        migrate(connection, path, STORE, SCHEMA)
        with refusing(path):
            return cls(path, connection)

    async def append(self, samples: Samples) -> None:
        """Return once the batch is durable.

        Raises Invalid or TooLarge where columns differ in length, a time is impossible, or the batch has more than
        `MAX_BATCH` samples; StorageFull for a full disk. Then nothing of the batch is stored.
        """
        if not samples.points:
            return
        check(samples)
        packed = Samples(samples.points, samples.source_times, samples.server_times, pack(samples.values), samples.qualities)
        await self._writer.submit(packed, len(samples))

    def _write(self, connection: sqlite3.Connection, batches: Sequence[Samples]) -> list[None]:
        number = self._names.number
        rows: list[tuple[object, ...]] = []
        for batch in batches:
            rows += [
                (number(point), source, server - source, quality, value)
                for point, source, server, value, quality in zip(
                    batch.points, batch.source_times, batch.server_times, batch.values, batch.qualities, strict=True
                )
            ]
        rows.sort(key=lambda row: row[:2])
        insert_many(connection, "INSERT OR REPLACE INTO samples", 5, rows)
        self._names.write(connection)
        return [None] * len(batches)

    async def range(self, point: str, start: int, end: int, limit: int) -> Samples:
        """Return at most `limit` samples of [start, end) by source time, ascending."""
        check_limit(limit, MAX_LIMIT, "limit")
        found = self._names.find(point)
        if found is None:
            return Samples([], [], [], [], [])

        def fetch(connection: sqlite3.Connection) -> Samples:
            rows = connection.execute(
                "SELECT time, time + lag, value, quality FROM samples WHERE point = ? AND time >= ? AND time < ?"
                " ORDER BY time LIMIT ?",
                (found, start, end, limit),
            ).fetchall()
            if not rows:
                return Samples([], [], [], [], [])
            times, servers, values, qualities = map(list, zip(*rows, strict=True))
            return Samples([point] * len(rows), times, servers, unpack(values), qualities)

        return await self._readers.run(fetch)

    async def latest(self) -> list[Latest]:
        """Return the last sample of every point; one seek a point."""

        def fetch(connection: sqlite3.Connection) -> list[Latest]:
            rows = connection.execute(
                "SELECT n.name, s.value, s.quality, s.time, s.time + s.lag FROM names n JOIN samples s"
                " ON s.point = n.id AND s.time = (SELECT max(time) FROM samples WHERE point = n.id)"
            )
            return [Latest(name, unpack([value])[0], quality, source, server) for name, value, quality, source, server in rows]

        return await self._readers.run(fetch, deadline=60.0)

    async def retain(self, *, before: int | None = None, max_bytes: int | None = None) -> int:
        """Delete the oldest samples, as `SampleStore.retain` says."""
        sweep = Sweep(before=before, max_bytes=max_bytes)
        while not sweep.finished:
            await self._writer.call(sweep.step)
        while await self._writer.call(give_back):
            pass
        return sweep.deleted

    async def close(self) -> None:
        """Write what waits and close the file."""
        await self._writer.close()
        self._readers.close()


def check(samples: Samples) -> None:
    """Refuse a batch that is not in columns of equal length or holds impossible ids, times or qualities."""
    count = len(samples.points)
    if count > MAX_BATCH:
        raise TooLarge(f"A batch of {count} samples is too large.", where="samples", remedy=f"Send at most {MAX_BATCH} at once.")
    for name in ("source_times", "server_times", "values", "qualities"):
        column = getattr(samples, name)
        if len(column) != count:
            raise Invalid(
                f"{name} has {len(column)} entries and points has {count}.", where="samples", remedy="Send equal columns."
            )
    for name, most in (("source_times", 1 << 61), ("server_times", 1 << 61), ("qualities", 1 << 32)):
        column = getattr(samples, name)
        if min(column) < 0 or max(column) >= most:
            raise Invalid(f"{name} holds a number that is not possible.", where="samples", remedy=f"Each is 0 to {most - 1}.")
    if not all(0 < len(point) <= MAX_POINT for point in set(samples.points)):
        raise Invalid("A point id is empty or too long.", where="samples", remedy=f"It takes 1 to {MAX_POINT} characters.")
