"""The file of samples as one side of a move: its rows as they are. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sitewarden.store.sqlite.bulk import insert_many
from sitewarden.store.sqlite.connection import connect_writer, refusing, transaction
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.sample_file import SCHEMA, STORE
from sitewarden.store.sqlite.sample_tending import convert
from sitewarden.store.transfer import BATCH, PAGES, Row, key_of

CHUNK: Final = "point, start, stop, count, numbers, low, high, total, opening, closing, worst, body"
ROLL: Final = "point, width, start, stop, count, backed, body"
DAMAGED: Final = "rowid, point, start, stop, count, body"
TABLES: Final[Mapping[str, tuple[str, str, str]]] = {
    "points": ("names", "id, name", "id"),
    "journal": ("journal", "id, count, body", "id"),
    "chunks": ("chunks", CHUNK, "point, start"),
    "rollups": ("rolls", ROLL, "point, width, start"),
    "damaged": ("damaged", DAMAGED, "rowid"),
    "lasts": ("lasts", "id, body", "id"),
}
"""Name here, columns and key of each table of a move."""


class SqliteSamples:
    """The file, made where it is missing; what an older version wrote is converted first."""

    def __init__(self, path: Path) -> None:
        self._connection: sqlite3.Connection = connect_writer(path)
        # A copy that a crash cuts off is begun anew, so that a checkpoint now and then is enough.
        self._connection.execute("PRAGMA wal_autocheckpoint = 4096")
        migrate(self._connection, path, STORE, SCHEMA)
        with refusing(path):
            convert(self._connection)

    def counts(self) -> dict[str, int]:
        """Return the rows of each table."""
        one = "SELECT count(*) FROM {}"
        return {table: int(self._connection.execute(one.format(name)).fetchone()[0]) for table, (name, _, _) in TABLES.items()}

    def page(self, table: str, after: Row | None) -> list[Row]:
        """Return the next rows of a table past a row."""
        name, columns, key = TABLES[table]
        values = (*key_of(table, after), PAGES.get(table, BATCH))
        places = ", ".join("?" * (len(values) - 1))
        statement = f"SELECT {columns} FROM {name} WHERE ({key}) > ({places}) ORDER BY {key} LIMIT ?"  # noqa: S608
        return self._connection.execute(statement, values).fetchall()

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows, durable on return."""
        name, columns, _ = TABLES[table]
        with transaction(self._connection):
            insert_many(self._connection, f"INSERT INTO {name} ({columns})", len(rows[0]), rows)

    def meta(self) -> dict[str, int]:
        """Return what the file keeps of itself."""
        return dict(self._connection.execute("SELECT name, value FROM meta").fetchall())

    def put_meta(self, meta: Mapping[str, int]) -> None:
        """Keep what another home kept of itself."""
        with transaction(self._connection):
            self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items()))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
