"""Retention of samples: point by point in small transactions; the last sample of a point always stays."""

from __future__ import annotations

import sqlite3

from sitewarden.domain.clock import HOUR
from sitewarden.store.sqlite.space import used_bytes

STEP = 5000
"""Samples deleted in one transaction."""
_POINTS = 200
"""Points looked at in one transaction."""


class Sweep:
    """One pass over all points; by size, the horizon moves on hour by hour until the file fits."""

    def __init__(self, *, before: int | None, max_bytes: int | None) -> None:
        self._horizon = before
        self._max_bytes = max_bytes
        self._point = -1
        self.deleted = 0
        self.finished = before is None and max_bytes is None

    def step(self, connection: sqlite3.Connection) -> None:
        """Delete at most `STEP` samples older than the horizon; sets `finished` when no more are due."""
        if self._horizon is None and not self._advance(connection):
            return
        points = connection.execute("SELECT id FROM names WHERE id >= ? ORDER BY id LIMIT ?", (self._point, _POINTS)).fetchall()
        room = STEP
        for (point,) in points:
            cursor = connection.execute(
                "DELETE FROM samples WHERE point = ?1 AND time IN (SELECT time FROM samples WHERE point = ?1 AND time < ?2"
                " AND time < (SELECT max(time) FROM samples WHERE point = ?1) ORDER BY time LIMIT ?3)",
                (point, self._horizon, room),
            )
            self.deleted += cursor.rowcount
            room -= cursor.rowcount
            self._point = point
            if room <= 0:
                return
        self._point += 1
        if len(points) < _POINTS:
            self._advance(connection)

    def _advance(self, connection: sqlite3.Connection) -> bool:
        """Begin the next pass for the size limit; False, and finished, where the file fits or nothing more may go."""
        self._point = -1
        if self._max_bytes is not None and used_bytes(connection) > self._max_bytes:
            oldest = connection.execute(
                "SELECT min(first) FROM (SELECT (SELECT min(time) FROM samples WHERE point = n.id) AS first,"
                " (SELECT max(time) FROM samples WHERE point = n.id) AS last FROM names n) WHERE first < last"
            ).fetchone()[0]
            if oldest is not None:
                self._horizon = max(self._horizon or 0, oldest + HOUR)
                return True
        self.finished = True
        return False
