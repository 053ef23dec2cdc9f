"""The event log on SQLite: append with group commit, cursors, retention."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.domain.retention import Class
from sitewarden.store.interfaces import Counted, EventFilter, Found
from sitewarden.store.prepared import REMEMBERED, Prepared, Source, is_counted, prepare
from sitewarden.store.sqlite import concerns, event_query, event_retention, event_tallies
from sitewarden.store.sqlite.bulk import insert_flat
from sitewarden.store.sqlite.connection import Readers, connect_writer, refusing
from sitewarden.store.sqlite.event_rows import BLOCK, SCHEMA
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.names import Names
from sitewarden.store.sqlite.space import give_back
from sitewarden.store.sqlite.writer import GroupWriter

STORE = "events"
COLUMNS: Final = 9
"""Values of a row of `events`."""
LARGEST: Final = (1 << 63) - 1


def wall() -> int:
    """Microseconds since 1970 UTC, from the machine's clock."""
    return time.time_ns() // 1000


_Job = tuple[list[Prepared], Confirm | None]


class _Repeats:
    """Tells which keys are stored already, or among the rows of this transaction that wait in `values`."""

    def __init__(self, connection: sqlite3.Connection, values: list[Any]) -> None:
        self._connection = connection
        self._values = values
        self._seen: set[tuple[int, int, int]] = set()
        self._looked = 0

    def holds(self, origin: int, epoch: int, index: int) -> bool:
        """Tell whether a key that may be a repeat is one."""
        values, at = self._values, self._looked
        self._seen.update(zip(*(values[at + column :: COLUMNS] for column in (5, 6, 7)), strict=True))
        self._looked = len(values)
        if (origin, epoch, index) in self._seen:
            return True
        query = "SELECT 1 FROM events WHERE origin = ? AND epoch = ? AND idx = ?"
        return self._connection.execute(query, (origin, epoch, index)).fetchone() is not None


class SqliteEventLog:
    """`EventLog` in a file of its own; this process is its one writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection, now: Callable[[], int]) -> None:
        self.path = path
        self._now = now
        self._names = Names(connection)
        self._head = int(
            connection.execute(
                "SELECT max(value, (SELECT coalesce(max(seq), 0) FROM events)) FROM meta WHERE name = 'floor'"
            ).fetchone()[0]
        )
        self._confirms: dict[str, tuple[int, int]] = {
            device: (epoch, index) for device, epoch, index in connection.execute("SELECT device, epoch, idx FROM confirms")
        }
        self._counters: dict[Source, list[int]] = {}
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
        return await self._writer.submit(([prepare(event) for event in events], confirm), len(events) or 1)

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
        with suppress(Refusal):
            await self._writer.call(concerns.close_span)  # Searches find it all the same where the disk has no room for it.
        await self._writer.close()
        self._readers.close()

    def _write(self, connection: sqlite3.Connection, jobs: Sequence[_Job]) -> list[list[StoredEvent]]:
        stored = self._last_stored = max(self._last_stored, self._now())
        if len(self._counters) >= REMEMBERED:
            self._counters.clear()
        seq = self._head
        values: list[Any] = []
        concerned: list[set[int]] = []
        results: list[list[StoredEvent]] = []
        concerned_by, counters, repeats = self._names.concerned, self._counters, _Repeats(connection, values)
        for prepared, confirm in jobs:
            result: list[StoredEvent] = []
            for one in prepared:
                counter = counters.get(one.source) or self._counter(connection, one.source)
                index = one.counter
                if index > counter[1]:
                    counter[1] = index
                elif repeats.holds(counter[0], one.source[1], index):
                    continue
                seq += 1
                event = one.event
                type_, entities = concerned_by(event)
                values += (seq, stored, event.time, type_, event.severity, counter[0], one.source[1], index, one.body)
                concerned.append(entities)
                result.append(StoredEvent(seq=seq, stored=stored, event=event))
            results.append(result)
            if confirm is not None:
                self._confirm(connection, confirm)
        if concerned:
            insert_flat(connection, "INSERT INTO events", COLUMNS, values)
            concerns.write(connection, self._head + 1, concerned)
            times = values[2::COLUMNS]
            self._sum_up(connection, times)
            event_tallies.add(connection, times, values[3::COLUMNS], values[4::COLUMNS])
            self._names.write(connection)
        self._next_head = seq
        return results

    def _counter(self, connection: sqlite3.Connection, source: Source) -> list[int]:
        """Return the number of an origin and its greatest index; an index past that is new without a look at the disk."""
        number = self._names.number(source[0])
        if not is_counted(source[0]):
            return [number, LARGEST]
        query = "SELECT coalesce(max(idx), -1) FROM events WHERE origin = ? AND epoch = ?"
        counter = self._counters[source] = [number, int(connection.execute(query, (number, source[1])).fetchone()[0])]
        return counter

    def _confirm(self, connection: sqlite3.Connection, confirm: Confirm) -> None:
        known = self._fresh_confirms.get(confirm.device) or self._confirms.get(confirm.device)
        if known is not None and known[0] == confirm.epoch and known[1] >= confirm.index:
            return
        self._fresh_confirms[confirm.device] = (confirm.epoch, confirm.index)
        connection.execute("INSERT OR REPLACE INTO confirms VALUES (?, ?, ?)", (confirm.device, confirm.epoch, confirm.index))

    def _sum_up(self, connection: sqlite3.Connection, times: Sequence[int]) -> None:
        """Note the earliest and latest time of each block that the new events lie in."""
        first = self._head + 1
        spans: list[tuple[int, int, int]] = []
        for block in range(first // BLOCK, (first + len(times) - 1) // BLOCK + 1):
            part = times[max(0, block * BLOCK - first) : (block + 1) * BLOCK - first]
            spans.append((block, min(part), max(part)))
        connection.executemany(
            "INSERT INTO blocks (block, earliest, latest) VALUES (?, ?, ?) ON CONFLICT (block) DO UPDATE"
            " SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)",
            spans,
        )

    def _settled(self, committed: bool) -> None:
        self._names.settle(committed)
        if committed:
            self._head = self._next_head
            self._confirms.update(self._fresh_confirms)
        else:
            self._counters.clear()
        self._fresh_confirms.clear()
