"""Rows of samples as an older schema kept them: a row a sample, until they are converted into chunks."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np

from sitewarden.domain.points.samples import Value
from sitewarden.store.chunks.columns import Columns, empty, from_values

_TRUE, _NAN, _LONG = b"\1", b"\2", b"\3"


class OlderRows:
    """`chunks.view.Older` of the table `samples`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, point: int, start: int, end: int, limit: int) -> list[tuple[int, int, int, Any]]:
        """Return (time, lag, quality, value) of the rows of [start, end)."""
        return self._connection.execute(
            "SELECT time, lag, quality, value FROM samples WHERE point = ? AND time >= ? AND time < ? ORDER BY time LIMIT ?",
            (point, start, end, limit),
        ).fetchall()

    def between(self, point: int, start: int, end: int, limit: int | None) -> Columns:
        """Return a point's samples of [start, end), the first `limit` of them."""
        return columns_of(point, self.rows(point, start, end, -1 if limit is None else limit))

    def before(self, point: int, moment: int) -> Columns:
        """Return a point's last sample before a moment, or none."""
        rows = self._connection.execute(
            "SELECT time, lag, quality, value FROM samples WHERE point = ? AND time < ? ORDER BY time DESC LIMIT 1",
            (point, moment),
        ).fetchall()
        return columns_of(point, rows)

    def lasts(self) -> list[Columns]:
        """Return the last sample of each point."""
        rows = self._connection.execute(
            "SELECT n.id, s.time, s.lag, s.quality, s.value FROM names n JOIN samples s"
            " ON s.point = n.id AND s.time = (SELECT max(time) FROM samples WHERE point = n.id)"
        ).fetchall()
        return [columns_of(row[0], [row[1:]]) for row in rows]


def columns_of(point: int, rows: Sequence[tuple[int, int, int, Any]]) -> Columns:
    """Return (time, lag, quality, value) of one point as columns."""
    if not rows:
        return empty()
    times, lags, qualities, values = zip(*rows, strict=True)
    kinds, bits, texts = from_values([_unpack(value) if type(value) is bytes else value for value in values])
    return Columns(
        np.full(len(rows), point, dtype=np.int32),
        np.array(times, dtype=np.int64),
        np.array(lags, dtype=np.int64),
        kinds,
        bits,
        np.array(qualities, dtype=np.uint32),
        texts,
    )


def _unpack(blob: bytes) -> Value:
    """Return what stood as a tagged blob: SQLite has no boolean, no integer past 64 bits, and makes NULL of NaN."""
    if blob == _NAN:
        return float("nan")
    return int(blob[1:]) if blob[:1] == _LONG else blob == _TRUE
