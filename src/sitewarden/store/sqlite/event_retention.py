"""Retention of the event log: the oldest go first, in small transactions, so that no append waits long."""

from __future__ import annotations

import sqlite3

from sitewarden.store.prepared import decode_body
from sitewarden.store.sqlite import concerns
from sitewarden.store.sqlite.event_rows import BLOCK
from sitewarden.store.sqlite.names import Names
from sitewarden.store.sqlite.space import used_bytes

STEP = 1000
"""Events looked at in one transaction."""


class Sweep:
    """One pass over the log from its oldest event; `step` is one transaction."""

    def __init__(self, names: Names, *, before: int | None, max_bytes: int | None, keep_from: int | None) -> None:
        self._names = names
        self._before = before
        self._max_bytes = max_bytes
        self._keep_from = keep_from
        self._cursor = 0
        self.deleted = 0
        self.finished = before is None and max_bytes is None

    def step(self, connection: sqlite3.Connection) -> None:
        """Delete at most `STEP` events that are due; sets `finished` at the first that is not."""
        excess = used_bytes(connection) - self._max_bytes if self._max_bytes is not None else 0
        rows = connection.execute(
            "SELECT seq, stored, origin, epoch, idx, body FROM events WHERE seq > ? AND seq < (SELECT max(seq) FROM events)"
            " ORDER BY seq LIMIT ?",
            (self._cursor, STEP),
        ).fetchall()
        confirmed = {
            self._names.find(device): (epoch, index) for device, epoch, index in connection.execute("SELECT * FROM confirms")
        }
        gone: list[tuple[int]] = []
        concerned: list[tuple[int, list[int]]] = []
        self.finished = len(rows) < STEP
        for seq, stored, origin, epoch, index, body in rows:
            due = (self._before is not None and stored < self._before) or excess > 0
            if not due or (self._keep_from is not None and seq >= self._keep_from):
                self.finished = True
                break
            self._cursor = seq
            mark = confirmed.get(origin)
            if mark is not None and epoch == mark[0] and index > mark[1]:
                continue
            event = decode_body(body)
            gone.append((seq,))
            numbers = (self._names.find(one) for one in {event.entity, *event.related})
            concerned.append((seq, [number for number in numbers if number is not None]))
            excess -= len(body) + 120
        concerns.remove(connection, concerned)
        connection.executemany("DELETE FROM events WHERE seq = ?", gone)
        self.deleted += len(gone)
        self._close_gap(connection)

    def _close_gap(self, connection: sqlite3.Connection) -> None:
        """Note how far the sweep came, and forget empty blocks."""
        connection.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'floor'", (self._cursor,))
        oldest = connection.execute("SELECT min(seq) FROM events").fetchone()[0]
        if oldest is not None:
            connection.execute("DELETE FROM blocks WHERE block < ?", (oldest // BLOCK,))
