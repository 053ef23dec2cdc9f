"""Points' history as columns, read in any process; the writer may be at work in another one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from sitewarden.domain.errors import TooLarge
from sitewarden.domain.points.series import Series
from sitewarden.store.sqlite.connection import Readers
from sitewarden.store.sqlite.sample_values import unpack

SECONDS: Final = 20.0
"""Time that one reading of samples has."""


class SqliteSampleReader:
    """Reads the file of `SqliteSampleStore`. A file that is not made yet has no points."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._readers = Readers(path)

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]:
        """Return the samples of [start, end) by point; points without any are left out.

        Raises TooLarge where they are more than `limit` in all, TimedOut past `SECONDS`.
        """
        if not points or not self._path.exists():
            return []

        def fetch(connection: sqlite3.Connection) -> list[Series]:
            found: list[Series] = []
            left = limit
            for point in points:
                rows = connection.execute(
                    "SELECT time, value, quality FROM samples WHERE point = (SELECT id FROM names WHERE name = ?)"
                    " AND time >= ? AND time < ? ORDER BY time LIMIT ?",
                    (point, start, end, left + 1),
                ).fetchall()
                if len(rows) > left:
                    raise TooLarge(f"More than {limit} samples are asked for.", remedy="Ask for a shorter range or fewer points.")
                left -= len(rows)
                if rows:
                    found.append(_series(point, rows))
            return found

        return await self._readers.run(fetch, deadline=SECONDS)

    async def close(self) -> None:
        """Wait for running reads and close the file."""
        self._readers.close()


def _series(point: str, rows: list[tuple[int, Any, int]]) -> Series:
    times, values, qualities = zip(*rows, strict=True)
    numbers = [float(value) if isinstance(value, (int, float)) else float("nan") for value in unpack(values)]
    return Series(
        point,
        np.array(times, dtype=np.int64),
        np.array(numbers, dtype=np.float64),
        np.array(qualities, dtype=np.uint32),
    )
