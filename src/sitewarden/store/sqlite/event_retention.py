"""Retention of the event log: the oldest of each class go first, in small transactions, so that no append waits long.

What was taken is counted for each block, so that a hole in the order of seq is explained or is damage.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sitewarden.domain.events import StoredEvent
from sitewarden.domain.retention import ALARM, Class, family_of, may_come_again
from sitewarden.store.prepared import decode_body
from sitewarden.store.sqlite import concerns, event_tallies
from sitewarden.store.sqlite.event_rows import BLOCK
from sitewarden.store.sqlite.names import Names
from sitewarden.store.sqlite.space import used_bytes

STEP: Final = 1000
"""Events deleted in one transaction."""
WINDOW: Final = 8192
"""Values of seq looked at in one transaction."""
Archive = Callable[[Sequence[StoredEvent]], None]
"""Takes what is about to be deleted, and has it on the disk when it returns."""
_COLUMNS: Final = "seq, stored, time, type, severity, origin, epoch, idx, body"
_EMPTY: Final = 1 << 62
"""Earliest time of a block that nothing is left of, so that no search looks into it."""
_Row = tuple[int, int, int, int, int, int, int, int, str]


class Sweep:
    """One pass over the log; `step` is one transaction. First class by class, then whatever is past `before` or `max_bytes`."""

    def __init__(
        self,
        names: Names,
        *,
        before: int | None = None,
        max_bytes: int | None = None,
        keep_from: int | None = None,
        classes: Mapping[Class, int] | None = None,
        archive: Archive | None = None,
    ) -> None:
        self._names = names
        self._before = before
        self._max_bytes = max_bytes
        self._keep_from = keep_from
        self._classes = list((classes or {}).items())
        self._archive = archive
        self._cursor = 0
        self._mark: int | None = None
        self.deleted = 0
        self.finished = before is None and max_bytes is None and not self._classes

    def step(self, connection: sqlite3.Connection) -> None:
        """Delete at most `STEP` events that are due; sets `finished` when none is left."""
        confirmed = {
            self._names.find(device): (epoch, index) for device, epoch, index in connection.execute("SELECT * FROM confirms")
        }
        if self._classes:
            self._step_of_class(connection, *self._classes[0], confirmed)
            self.finished = not self._classes and self._before is None and self._max_bytes is None
        else:
            self._step_of_all(connection, confirmed)

    def _step_of_class(
        self, connection: sqlite3.Connection, class_: Class, horizon: int, confirmed: dict[int | None, tuple[int, int]]
    ) -> None:
        """Delete what of a class is older than its horizon, from where the last pass ended."""
        name = f"swept {class_}"
        if self._mark is None:
            found = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
            self._cursor = self._mark = int(found[0]) if found else 0
        first = connection.execute(
            "SELECT seq, stored FROM events WHERE seq > ? AND seq < (SELECT max(seq) FROM events) ORDER BY seq LIMIT 1",
            (self._cursor,),
        ).fetchone()
        if first is None or first[1] >= horizon or (self._keep_from is not None and first[0] >= self._keep_from):
            self._next_class()
            return
        last = min(first[0] + WINDOW - 1, (self._keep_from or _EMPTY) - 1)
        rows: list[_Row] = connection.execute(
            f"SELECT {_COLUMNS} FROM events WHERE seq BETWEEN ? AND ? AND seq < (SELECT max(seq) FROM events)"  # noqa: S608
            f" AND stored < ? AND {self._of_class(class_)} ORDER BY seq LIMIT ?",
            (first[0], last, horizon, STEP),
        ).fetchall()
        gone = [row for row in rows if not may_come_again(confirmed.get(row[5]), row[6], row[7])]
        whole = len(gone) == len(rows) and self._mark == self._cursor
        if len(rows) == STEP:
            last = rows[-1][0]
        # Past the horizon the rest of the window is looked at again next time.
        newest = connection.execute("SELECT max(seq) FROM events WHERE seq <= ? AND stored < ?", (last, horizon)).fetchone()[0]
        self._cursor = int(newest)
        self._delete(connection, gone)
        if whole:
            self._mark = self._cursor
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, self._mark))

    def _next_class(self) -> None:
        del self._classes[0]
        self._cursor, self._mark = 0, None

    def _of_class(self, class_: Class) -> str:
        if class_ == "alarm":
            return f"+severity >= {ALARM}"
        types = self._names.matching(lambda name: family_of(name) == class_)
        return f"+severity < {ALARM} AND +type IN ({','.join(map(str, types))})"

    def _step_of_all(self, connection: sqlite3.Connection, confirmed: dict[int | None, tuple[int, int]]) -> None:
        excess = used_bytes(connection) - self._max_bytes if self._max_bytes is not None else 0
        rows: list[_Row] = connection.execute(
            f"SELECT {_COLUMNS} FROM events WHERE seq > ? AND seq < (SELECT max(seq) FROM events) ORDER BY seq LIMIT ?",  # noqa: S608
            (self._cursor, STEP),
        ).fetchall()
        gone: list[_Row] = []
        self.finished = len(rows) < STEP
        for row in rows:
            due = (self._before is not None and row[1] < self._before) or excess > 0
            if not due or (self._keep_from is not None and row[0] >= self._keep_from):
                self.finished = True
                break
            self._cursor = row[0]
            if not may_come_again(confirmed.get(row[5]), row[6], row[7]):
                gone.append(row)
                excess -= len(row[-1]) + 120
        self._delete(connection, gone)

    def _delete(self, connection: sqlite3.Connection, rows: Sequence[_Row]) -> None:
        """Archive events, then take them out of the log, its indexes and its counts, and note that it was done."""
        if not rows:
            return
        events = [StoredEvent(seq=row[0], stored=row[1], event=decode_body(row[-1])) for row in rows]
        if self._archive is not None:
            self._archive(events)
        concerned = [
            (
                one.seq,
                [number for name in {one.event.entity, *one.event.related} if (number := self._names.find(name)) is not None],
            )
            for one in events
        ]
        concerns.remove(connection, concerned)
        event_tallies.remove(connection, [(row[2], row[3], row[4]) for row in rows])
        connection.executemany("DELETE FROM events WHERE seq = ?", [(row[0],) for row in rows])
        taken: dict[int, int] = {}
        for row in rows:
            taken[row[0] // BLOCK] = taken.get(row[0] // BLOCK, 0) + 1
        for block, count in taken.items():
            connection.execute("UPDATE blocks SET deleted = deleted + ? WHERE block = ?", (count, block))
            _close(connection, block)
        self.deleted += len(rows)
        connection.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'floor'", (rows[-1][0],))
        oldest = connection.execute("SELECT min(seq) FROM events").fetchone()[0]
        if oldest is not None:
            connection.execute("DELETE FROM blocks WHERE block < ?", (oldest // BLOCK,))


def _close(connection: sqlite3.Connection, block: int) -> None:
    """Let no search look into a block that nothing is left of."""
    low, high = block * BLOCK, block * BLOCK + BLOCK - 1
    if connection.execute("SELECT 1 FROM events WHERE seq BETWEEN ? AND ? LIMIT 1", (low, high)).fetchone() is None:
        connection.execute("UPDATE blocks SET earliest = ?, latest = -1 WHERE block = ?", (_EMPTY, block))
