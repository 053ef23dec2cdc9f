"""Indexes of recordings after a restore: what names a file that did not come along becomes a gap with its reason. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from sitewarden.domain.clock import SECOND
from sitewarden.store.sqlite.connection import connect_reader, refusing, transaction

DETAIL: Final = "it was not in the backup that this site was restored from"


def sealed_files(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (volume, path) of the finished recordings of an index."""
    with closing(connect_reader(path)) as connection, refusing(path):
        yield from connection.execute("SELECT volume, path FROM segments WHERE sealed = 1 ORDER BY start")


def forget(path: Path, there: Callable[[str, str], bool]) -> int:
    """Take recordings out of an index whose file, as (volume, path), is not there; return how many."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection, refusing(path), transaction(connection):
        rows = connection.execute('SELECT id, camera, start, "end", volume, path FROM segments ORDER BY camera, start').fetchall()
        gone = [row for row in rows if not there(row[4], row[5])]
        connection.executemany("DELETE FROM segments WHERE id = ?", [(row[0],) for row in gone])
        connection.execute("DELETE FROM leftovers")
        runs: list[tuple[str, int, int]] = []
        for _, camera, start, end, _, _ in gone:
            if runs and runs[-1][0] == camera and start - runs[-1][2] < SECOND:
                runs[-1] = (camera, runs[-1][1], max(end, runs[-1][2]))
            elif end > start:
                runs.append((camera, start, end))
        connection.executemany("INSERT OR IGNORE INTO gaps VALUES (?, ?, ?, 'deleted', ?)", [(*run, DETAIL) for run in runs])
    return len(gone)
