"""How far samples were sent to other databases, on SQLite: what outlives a restart of the sender."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from sitewarden.store.sqlite.connection import Readers, connect_writer, refusing
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.writer import GroupWriter

STORE: Final = "sends"
SCHEMA: Final = (
    """
    CREATE TABLE targets (target TEXT PRIMARY KEY, begin INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE cursors (
        target TEXT NOT NULL, point TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (target, point)) WITHOUT ROWID
    """,
)
Row = tuple[str, str, int]


class SqliteSends:
    """`SendStore` in a file of its own; the iot process is its one writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._readers = Readers(path)
        self._writer: GroupWriter[list[Row], None] = GroupWriter(path, connection, self._write, wal_pages=64)

    @classmethod
    def open(cls, path: Path | str) -> SqliteSends:
        """Open or make the file. Raises StorageFull or Unreachable."""
        path = Path(path)
        connection = connect_writer(path)
        migrate(connection, path, STORE, SCHEMA)
        with refusing(path):
            return cls(path, connection)

    async def begin(self, target: str, moment: int) -> int:
        """Return from when on a target gets samples; `moment` where it is new."""

        def work(connection: sqlite3.Connection) -> int:
            connection.execute("INSERT OR IGNORE INTO targets VALUES (?, ?)", (target, moment))
            return int(connection.execute("SELECT begin FROM targets WHERE target = ?", (target,)).fetchone()[0])

        return await self._writer.call(work)

    async def cursors(self, target: str) -> dict[str, int]:
        """Return point to the source time up to which all was sent."""

        def fetch(connection: sqlite3.Connection) -> dict[str, int]:
            return dict(connection.execute("SELECT point, time FROM cursors WHERE target = ?", (target,)).fetchall())

        return await self._readers.run(fetch)

    async def sent(self, target: str, cursors: Mapping[str, int]) -> None:
        """Note how far points were sent, durable on return."""
        await self._writer.submit([(target, point, time) for point, time in cursors.items()], max(len(cursors), 1))

    def _write(self, connection: sqlite3.Connection, batches: Sequence[list[Row]]) -> list[None]:
        rows = [row for batch in batches for row in batch]
        connection.executemany("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)", rows)
        return [None] * len(batches)

    async def keep(self, targets: Collection[str]) -> None:
        """Forget all other targets."""

        def work(connection: sqlite3.Connection) -> None:
            known = {row[0] for row in connection.execute("SELECT target FROM targets").fetchall()}
            for target in known - set(targets):
                connection.execute("DELETE FROM cursors WHERE target = ?", (target,))
                connection.execute("DELETE FROM targets WHERE target = ?", (target,))

        await self._writer.call(work)

    async def close(self) -> None:
        """Write what waits and close the file."""
        await self._writer.close()
        self._readers.close()
