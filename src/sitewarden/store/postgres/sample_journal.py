"""The journal of samples on local disk, which takes over while the database is away.

It numbers points by itself, so that it needs nothing of the database, and can be begun before the database was ever seen. What is
in it follows in order; written twice after a crash, a sample replaces itself. Bound: `MAX_BYTES`; past it it refuses, and who
appends keeps what it has.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from sitewarden.domain.errors import StorageFull
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import joined
from sitewarden.store.chunks.incoming import Batch
from sitewarden.store.chunks.integers import QUICK
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.packed_samples import numbered, renumbered
from sitewarden.store.sqlite.connection import connect_writer, refusing, transaction
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.names import TABLE, Names

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_BYTES: Final = 1 << 30
PAGE: Final = 50_000
"""Samples that follow to the database as one row, at least where there are so many."""
SCHEMA: Final = (f"{TABLE}; CREATE TABLE journal (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, body BLOB NOT NULL)",)


class SampleJournal:
    """The open file; used by one task."""

    def __init__(self, path: Path, connection: sqlite3.Connection, max_bytes: int) -> None:
        self.path = path
        self._connection = connection
        self._max_bytes = max_bytes
        self._packer = Packer()
        with refusing(path):
            self._names = Names(connection)
            self._bytes = int(connection.execute("SELECT coalesce(sum(length(body)), 0) FROM journal").fetchone()[0])

    @classmethod
    async def open(cls, path: Path, max_bytes: int = MAX_BYTES) -> SampleJournal:
        """Open or make the file. Raises StorageFull or Unreachable."""

        def work() -> SampleJournal:
            connection = connect_writer(path)
            connection.execute("PRAGMA wal_autocheckpoint = 1000")
            migrate(connection, path, "samples-journal", SCHEMA)
            return cls(path, connection, max_bytes)

        return await asyncio.to_thread(work)

    async def append(self, batches: Sequence[Batch]) -> None:
        """Return once batches, whose points are indexes into their names, are on the local disk."""
        if self._bytes > self._max_bytes:
            raise StorageFull(
                f"The journal holds {self._bytes} bytes of samples that the database has not taken.",
                where=str(self.path),
                remedy="Bring the database back; they follow by themselves.",
            )
        await self._do(lambda: self._append(batches))

    def _append(self, batches: Sequence[Batch]) -> None:
        number = self._names.number
        parts = [
            numbered(batch.columns, np.array([number(name) for name in batch.names], dtype=np.int32))
            for batch in batches
            if batch.columns is not None
        ]
        columns = joined(parts)
        body = self._packer.encode(columns, QUICK, points=True)
        committed = False
        try:
            with transaction(self._connection):
                self._names.write(self._connection)
                self._connection.execute("INSERT INTO journal (count, body) VALUES (?, ?)", (len(columns), body))
            committed = True
        finally:
            self._names.settle(committed)
        self._bytes += len(body)

    async def page(self) -> tuple[int, Batch | None] | None:
        """Return the oldest samples, with the number of their last row; None where the file is empty."""
        return await self._do(self._page)

    def _page(self) -> tuple[int, Batch | None] | None:
        parts = []
        last, count = 0, 0
        for row, body in self._connection.execute("SELECT id, body FROM journal ORDER BY id"):
            last = row
            try:
                parts.append(self._packer.decode(body))
            except Corrupt as error:
                log.error("%s: row %d cannot be read, its samples are lost: %s", self.path, row, error)
                continue
            count += len(parts[-1])
            if count >= PAGE:
                break
        if not last:
            return None
        if not parts:
            return last, None
        columns = joined(parts)
        points, local = np.unique(columns.points, return_inverse=True)
        names = self._names.by_number()
        return last, Batch(tuple(names[point] for point in points.tolist()), renumbered(columns, local.astype(np.int32)))

    async def done(self, row: int) -> None:
        """Forget the rows up to one, which the database has."""

        def work() -> None:
            with transaction(self._connection):
                self._connection.execute("DELETE FROM journal WHERE id <= ?", (row,))
            self._bytes = int(self._connection.execute("SELECT coalesce(sum(length(body)), 0) FROM journal").fetchone()[0])

        await self._do(work)

    async def forget(self) -> None:
        """Close and delete the file, since the database has all of it."""
        await self.close()
        for path in (self.path, *(self.path.with_name(self.path.name + end) for end in ("-wal", "-shm"))):
            path.unlink(missing_ok=True)

    async def close(self) -> None:
        """Close the file."""
        await asyncio.to_thread(self._connection.close)

    async def _do(self, work: Callable[[], T]) -> T:
        def run() -> T:
            with refusing(self.path):
                return work()

        return await asyncio.to_thread(run)
