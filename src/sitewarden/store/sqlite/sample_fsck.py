"""Checks of the file of samples, whose rows an older version may have written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sitewarden.store import packed_fsck
from sitewarden.store.interfaces import Finding
from sitewarden.store.packed_fsck import RESTORE, Progress
from sitewarden.store.sqlite.sample_file import SampleFile, has_rows


def check(name: str, connection: sqlite3.Connection, progress: Progress) -> Iterator[Finding]:
    """Yield what is wrong with the file of this name."""
    if has_rows(connection):
        yield from _rows(name, connection)
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'chunks'").fetchone() is not None:
        yield from packed_fsck.check(name, SampleFile(connection), progress)


def _rows(name: str, connection: sqlite3.Connection) -> Iterator[Finding]:
    unnamed = connection.execute(
        "WITH RECURSIVE points(point) AS (SELECT min(point) FROM samples UNION ALL"
        " SELECT (SELECT min(point) FROM samples s WHERE s.point > points.point) FROM points WHERE point IS NOT NULL)"
        " SELECT point FROM points WHERE point IS NOT NULL AND point NOT IN (SELECT id FROM names)"
    ).fetchall()
    for (point,) in unnamed:
        yield Finding(where=f"{name}: point {point}", what="Its samples have no point id.", remedy=RESTORE)
