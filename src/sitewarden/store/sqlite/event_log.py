"""The event log on SQLite: append with group commit, cursors, retention."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sitewarden.domain.errors import Invalid
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.domain.retention import Class
from sitewarden.store.interfaces import Counted, EventFilter, Found
from sitewarden.store.prepared import Prepared, is_counted, prepare
from sitewarden.store.sqlite import event_query, event_retention, event_tallies
from sitewarden.store.sqlite.bulk import insert_many
from sitewarden.store.sqlite.concerns import Concerns
from sitewarden.store.sqlite.connection import Readers, connect_writer, refusing
from sitewarden.store.sqlite.event_rows import BLOCK, SCHEMA
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.names import Names
from sitewarden.store.sqlite.space import give_back
from sitewarden.store.sqlite.writer import GroupWriter

STORE = "events"
_COUNTERS = 65_536
"""Origins whose greatest index is remembered; past it the memory is emptied and looked up anew."""


def wall() -> int:
    """Microseconds since 1970 UTC, from the machine's clock."""
    return time.time_ns() // 1000


class _Job(NamedTuple):
    events: list[Prepared]
    confirm: Confirm | None


class SqliteEventLog:
    """`EventLog` in a file of its own; this process is its one writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection, now: Callable[[], int]) -> None:
        self.path = path
        self._now = now
        self._names = Names(connection)
        self._concerns = Concerns(self._names)
        self._head = int(
            connection.execute(
                "SELECT max(value, (SELECT coalesce(max(seq), 0) FROM events)) FROM meta WHERE name = 'floor'"
            ).fetchone()[0]
        )
        self._confirms: dict[str, tuple[int, int]] = {
            device: (epoch, index) for device, epoch, index in connection.execute("SELECT device, epoch, idx FROM confirms")
        }
        self._counters: dict[tuple[int, int], int] = {}
        self._fresh_confirms: dict[str, tuple[int, int]] = {}
        self._next_head = self._head
        self._last_stored = 0
        self._readers = Readers(path)
        self._writer: GroupWriter[_Job, list[StoredEvent]] = GroupWriter(path, connection, self._write, settled=self._settled)

    @classmethod
    def open(
        cls, path: Path | str, *, now: Callable[[], int] = wall, page_limit: int | None = None, after: int = 0
    ) -> SqliteEventLog:
        """Open or make the file; `now` gives microseconds since 1970 UTC, `page_limit` bounds the file in pages of 4096 bytes.

        `after` is the seq that a new file goes on from; one that is there goes on from its own.

        Raises StorageFull or Unreachable.
        """
        path = Path(path)
        connection = connect_writer(path, page_limit=page_limit)
        migrate(connection, path, STORE, SCHEMA)
        with refusing(path):
            if after and not connection.execute("SELECT 1 FROM events").fetchone():
                connection.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'floor'", (after,))
            return cls(path, connection, now)

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> list[StoredEvent]:
        """Return the newly stored events once they are durable; repeats of a key are dropped.

        Raises Invalid or TooLarge for an event past the limits in `event_rows`, StorageFull for a full disk; then nothing
        of this call is stored.
        """
        if not events and confirm is None:
            return []
        return await self._writer.submit(_Job([prepare(event) for event in events], confirm), len(events) or 1)

    async def read(self, which: EventFilter) -> list[StoredEvent]:
        """Return at most `which.limit` events: ascending after a cursor, descending without one.

        Raises Invalid for an impossible limit, TimedOut where the search passes its time limit.
        """
        query = event_query.plan(which, self._names)
        return await self._readers.run(query.fetch)

    async def search(self, which: EventFilter, seconds: float = 1.0) -> Found:
        """Read as far as `limit` events or `seconds` go, and say where to go on."""
        query = event_query.plan(which, self._names)
        return await self._readers.run(lambda connection: query.search(connection, seconds))

    async def count(self, which: EventFilter, step: int, seconds: float = 1.0) -> Counted:
        """Count what a search finds in [start, end) by steps from `start`, as far back as `seconds` go."""
        if which.start is None or which.end is None or not which.start < which.end or step <= 0:
            raise Invalid("Counts need a beginning, a later end and a step.", where="start", remedy="Give all three.")
        query, names = event_query.plan(which, self._names), self._names.by_number()
        return await self._readers.run(lambda connection: query.count(connection, names, step, seconds))

    def head(self) -> int:
        """Greatest durable seq; 0 when the log is empty."""
        return self._head

    def confirmed(self, device: str) -> tuple[int, int] | None:
        """(epoch, index) stored for a device."""
        return self._confirms.get(device)

    def confirms(self) -> dict[str, tuple[int, int]]:
        """Return (epoch, index) of every device."""
        return dict(self._confirms)

    async def floor(self) -> int:
        """Return the seq up to which events may be missing: retention deleted them, or the file went on from there."""
        return await self._readers.run(
            lambda connection: int(connection.execute("SELECT value FROM meta WHERE name = 'floor'").fetchone()[0])
        )

    async def retain(
        self,
        *,
        before: int | None = None,
        max_bytes: int | None = None,
        keep_from: int | None = None,
        classes: Mapping[Class, int] | None = None,
        archive: event_retention.Archive | None = None,
    ) -> int:
        """Delete the oldest events, as `EventLog.retain` says."""
        sweep = event_retention.Sweep(
            self._names, before=before, max_bytes=max_bytes, keep_from=keep_from, classes=classes, archive=archive
        )
        while not sweep.finished:
            await self._writer.call(sweep.step)
        while await self._writer.call(give_back):
            pass
        return sweep.deleted

    async def close(self) -> None:
        """Write what waits and close the file."""
        await self._writer.close()
        self._readers.close()

    def _write(self, connection: sqlite3.Connection, jobs: Sequence[_Job]) -> list[list[StoredEvent]]:
        stored = self._last_stored = max(self._last_stored, self._now())
        number = self._names.number
        seq = self._head
        rows: list[tuple[object, ...]] = []
        concerns = self._concerns
        results: list[list[StoredEvent]] = []
        counts: list[tuple[int, int, int]] = []
        batch: set[tuple[int, int, int]] = set()
        for job in jobs:
            result: list[StoredEvent] = []
            for event, body, origin, epoch, index in job.events:
                key = (number(origin), epoch, index)
                if key in batch or not self._is_new(connection, key, is_counted(origin)):
                    continue
                batch.add(key)
                seq += 1
                type_ = number(event.type)
                counts.append((event.time, type_, event.severity))
                rows.append((seq, stored, event.time, type_, event.severity, *key, body))
                concerns.add(event, seq)
                result.append(StoredEvent(seq=seq, stored=stored, event=event))
            results.append(result)
            if job.confirm is not None:
                self._confirm(connection, job.confirm)
        insert_many(connection, "INSERT INTO events", 9, rows)
        concerns.write(connection)
        self._sum_up(connection, rows)
        event_tallies.add(connection, counts)
        self._names.write(connection)
        self._next_head = seq
        return results

    def _is_new(self, connection: sqlite3.Connection, key: tuple[int, int, int], counted: bool) -> bool:
        """Tell whether the log does not hold `key`; an index past its origin's greatest needs no look at the disk."""
        if counted:
            counter = key[:2]
            greatest = self._counters.get(counter)
            if greatest is None:
                if len(self._counters) >= _COUNTERS:
                    self._counters.clear()
                found = connection.execute("SELECT max(idx) FROM events WHERE origin = ? AND epoch = ?", counter).fetchone()[0]
                greatest = -1 if found is None else int(found)
            self._counters[counter] = max(greatest, key[2])
            if key[2] > greatest:
                return True
        return connection.execute("SELECT 1 FROM events WHERE origin = ? AND epoch = ? AND idx = ?", key).fetchone() is None

    def _confirm(self, connection: sqlite3.Connection, confirm: Confirm) -> None:
        known = self._fresh_confirms.get(confirm.device) or self._confirms.get(confirm.device)
        if known is not None and known[0] == confirm.epoch and known[1] >= confirm.index:
            return
        self._fresh_confirms[confirm.device] = (confirm.epoch, confirm.index)
        connection.execute("INSERT OR REPLACE INTO confirms VALUES (?, ?, ?)", (confirm.device, confirm.epoch, confirm.index))

    def _sum_up(self, connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
        spans: dict[int, list[int]] = {}
        for row in rows:
            seq, moment = row[0], row[2]
            assert isinstance(seq, int) and isinstance(moment, int)
            span = spans.get(seq // BLOCK)
            if span is None:
                spans[seq // BLOCK] = [moment, moment]
            elif moment < span[0]:
                span[0] = moment
            elif moment > span[1]:
                span[1] = moment
        connection.executemany(
            "INSERT INTO blocks (block, earliest, latest) VALUES (?, ?, ?) ON CONFLICT (block) DO UPDATE"
            " SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)",
            [(block, *span) for block, span in spans.items()],
        )

    def _settled(self, committed: bool) -> None:
        self._names.settle(committed)
        self._concerns.settle(committed)
        if committed:
            self._head = self._next_head
            self._confirms.update(self._fresh_confirms)
        else:
            self._counters.clear()
        self._fresh_confirms.clear()
