"""Gaps that are filled from cameras, on SQLite; one file for each media worker, beside its index of recordings."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.domain.video.fill import Fill
from sitewarden.store.limits import check_limit
from sitewarden.store.sqlite.connection import Readers, connect_writer, refusing
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.writer import GroupWriter

STORE: Final = "fills"
SCHEMA: Final = (
    """
    CREATE TABLE fills (
        id TEXT PRIMARY KEY, camera TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, state TEXT NOT NULL,
        body BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX fills_camera ON fills (camera, start);
    CREATE INDEX fills_state ON fills (state);
    CREATE TABLE looked (camera TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID
    """,
)


class SqliteFills:
    """`FillStore` in a file of its own; the media worker that records is its one writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._readers = Readers(path)
        self._writer: GroupWriter[Fill, None] = GroupWriter(path, connection, self._write, wal_pages=64)

    @classmethod
    def open(cls, path: Path | str) -> SqliteFills:
        """Open or make the file. Raises StorageFull or Unreachable."""
        path = Path(path)
        connection = connect_writer(path)
        migrate(connection, path, STORE, SCHEMA)
        with refusing(path):
            return cls(path, connection)

    async def put(self, fill: Fill) -> None:
        """Store a fill, durable on return; it replaces the one with its id."""
        await self._writer.submit(fill, 1)

    def _write(self, connection: sqlite3.Connection, batches: Sequence[Fill]) -> list[None]:
        rows = [(one.id, one.camera, one.start, one.end, one.state, msgspec.msgpack.encode(one)) for one in batches]
        connection.executemany("INSERT OR REPLACE INTO fills VALUES (?,?,?,?,?,?)", rows)
        return [None] * len(batches)

    async def of(self, camera: str, start: int, end: int, limit: int = 1000) -> list[Fill]:
        """Return a camera's fills that overlap [start, end), in order of their start."""
        check_limit(limit, 10_000, "limit")
        condition = 'camera = ? AND start < ? AND "end" > ? ORDER BY start LIMIT ?'
        return await self._select(condition, camera, end, start, limit)

    async def open_ones(self) -> list[Fill]:
        """Return the fills that are neither done nor given up."""
        return await self._select("state IN ('waiting', 'running') ORDER BY start LIMIT 10000")

    async def _select(self, condition: str, *values: object) -> list[Fill]:
        statement = f"SELECT body FROM fills WHERE {condition}"  # noqa: S608
        rows = await self._readers.run(lambda connection: connection.execute(statement, values).fetchall())
        return [msgspec.msgpack.decode(row[0], type=Fill) for row in rows]

    async def looked(self) -> dict[str, int]:
        """Return camera to the moment up to which its gaps were looked at."""

        def fetch(connection: sqlite3.Connection) -> dict[str, int]:
            return dict(connection.execute("SELECT camera, until FROM looked").fetchall())

        return await self._readers.run(fetch)

    async def look(self, camera: str, until: int) -> None:
        """Note up to when a camera's gaps were looked at."""
        statement = "INSERT OR REPLACE INTO looked VALUES (?, ?)"
        await self._writer.call(lambda connection: connection.execute(statement, (camera, until)) and None)

    async def forget(self, before: int) -> None:
        """Forget the fills of what was before a moment."""
        await self._writer.call(lambda connection: connection.execute('DELETE FROM fills WHERE "end" <= ?', (before,)) and None)

    async def close(self) -> None:
        """Write what waits and close the file."""
        await self._writer.close()
        self._readers.close()
