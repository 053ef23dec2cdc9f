"""Schema versions: a list of steps a file, each applied once, in one transaction with its number."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sitewarden.domain.errors import Unreachable
from sitewarden.store.sqlite.connection import refusing, transaction


def migrate(connection: sqlite3.Connection, path: Path, name: str, steps: Sequence[str]) -> int:
    """Bring the file to the newest schema of the store `name` and return its version, which is the count of `steps`.

    Raises Unreachable where the file belongs to another store or to a newer program; it is left as it is.
    """
    with refusing(path):
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (store TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (store, version))"
        )
        rows = connection.execute("SELECT store, max(version) FROM migrations GROUP BY store").fetchall()
        if rows and rows[0][0] != name:
            raise Unreachable(
                f"This file is the store {rows[0][0]!r}, not {name!r}.",
                where=str(path),
                remedy="Give each store a file of its own in the data directory.",
            )
        version = int(rows[0][1]) if rows else 0
        if version > len(steps):
            raise Unreachable(
                f"This file was written by a newer Sitewarden (schema {version}, this program knows {len(steps)}).",
                where=str(path),
                remedy="Start the newer version again, or restore the backup that was made before the update.",
            )
        for number in range(version + 1, len(steps) + 1):
            with transaction(connection):
                for statement in steps[number - 1].split(";"):
                    if statement.strip():
                        connection.execute(statement)
                connection.execute("INSERT INTO migrations VALUES (?, ?)", (name, number))
    return len(steps)
