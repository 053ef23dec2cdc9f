"""The files as one side of a move. Blocking work runs in a thread."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from sitewarden.store.prepared import decode_body, split_key
from sitewarden.store.sqlite import event_tallies
from sitewarden.store.sqlite.bulk import insert_many
from sitewarden.store.sqlite.concerns import merge
from sitewarden.store.sqlite.connection import connect_writer, refusing, transaction
from sitewarden.store.sqlite.event_rows import BLOCK
from sitewarden.store.sqlite.event_rows import SCHEMA as EVENTS
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.names import Names
from sitewarden.store.sqlite.sample_transfer import SqliteSamples
from sitewarden.store.sqlite.state_tables import SCHEMA as STATE
from sitewarden.store.transfer import BATCH, SAMPLES, Frame, Row, key_of

T = TypeVar("T")
PAGES: Final[Mapping[str, str]] = {
    "entities": "SELECT kind, id, revision, changed, data FROM entities WHERE (kind, id) > (?, ?) ORDER BY kind, id LIMIT ?",
    "outbox": "SELECT id, event FROM outbox WHERE id > ? ORDER BY id LIMIT ?",
    "audit": "SELECT id, entry, hash FROM audit WHERE id > ? ORDER BY id LIMIT ?",
    "events": "SELECT seq, stored, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
}

_EXPLAIN: Final = (
    "UPDATE blocks SET deleted = min(block * :size + :size - 1, :floor) - max(1, block * :size) + 1"
    " - (SELECT count(*) FROM events WHERE seq BETWEEN max(1, block * :size) AND min(block * :size + :size - 1, :floor))"
    " WHERE block * :size <= :floor"
)


class SqliteSide:
    """`Side` in three files; missing ones are made, older ones brought to the newest schema."""

    def __init__(self, events: Path, state: Path, samples: Path) -> None:
        self.where = str(state.parent)
        self._paths = (events, state)
        self._events = connect_writer(events)
        self._state = connect_writer(state)
        # A copy that a crash cuts off is begun anew, so that a checkpoint now and then is enough.
        for connection in (self._events, self._state):
            connection.execute("PRAGMA wal_autocheckpoint = 4096")
        migrate(self._events, events, "events", EVENTS)
        migrate(self._state, state, "state", STATE)
        self._samples = SqliteSamples(samples)
        with refusing(events):
            self._names = Names(self._events)

    async def _do(self, work: Callable[[], T]) -> T:
        def run() -> T:
            with refusing(self._paths[0]):
                return work()

        return await asyncio.to_thread(run)

    def _of(self, table: str) -> sqlite3.Connection:
        return self._events if table == "events" else self._state

    async def counts(self) -> Mapping[str, int]:
        """Return the rows of each table."""

        def count() -> Mapping[str, int]:
            counts = {
                table: int(self._of(table).execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
                for table in PAGES
            }
            return counts | self._samples.counts()

        return await self._do(count)

    async def page(self, table: str, after: Row | None) -> list[Row]:
        """Return the next rows of a table past a row."""
        if table in SAMPLES:
            return await self._do(lambda: self._samples.page(table, after))
        values = (*key_of(table, after), BATCH)
        return await self._do(lambda: self._of(table).execute(PAGES[table], values).fetchall())

    async def put(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows that follow those that are there, durable on return."""

        def write() -> None:
            if table in SAMPLES:
                self._samples.put(table, rows)
                return
            with transaction(self._of(table)):
                if table == "events":
                    self._place(rows)
                else:
                    insert_many(self._state, f"INSERT INTO {table}", len(rows[0]), rows)
            if table == "events":
                self._names.settle(True)

        await self._do(write)

    def _place(self, rows: Sequence[Row]) -> None:
        number = self._names.number
        placed: list[Row] = []
        concerned: list[tuple[int, set[int]]] = []
        blocks: dict[int, tuple[int, int]] = {}
        for seq, stored, body in rows:
            event = decode_body(body)
            origin, epoch, index = split_key(event.key)
            type_, entities = self._names.concerned(event)
            placed.append((seq, stored, event.time, type_, event.severity, number(origin), epoch, index, body))
            concerned.append((seq, entities))
            earliest, latest = blocks.get(seq // BLOCK, (event.time, event.time))
            blocks[seq // BLOCK] = (min(earliest, event.time), max(latest, event.time))
        insert_many(self._events, "INSERT INTO events", 9, placed)
        merge(self._events, concerned)
        self._events.executemany(
            "INSERT INTO blocks (block, earliest, latest) VALUES (?, ?, ?) ON CONFLICT (block) DO UPDATE"
            " SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)",
            [(block, *span) for block, span in blocks.items()],
        )
        self._names.write(self._events)
        event_tallies.add(self._events, *([row[at] for row in placed] for at in (2, 3, 4)))

    async def frame(self) -> Frame:
        """Return what stands beside the rows."""

        def read() -> Frame:
            rows = self._events.execute("SELECT device, epoch, idx FROM confirms").fetchall()
            return Frame(
                floor=int(self._events.execute("SELECT value FROM meta WHERE name = 'floor'").fetchone()[0]),
                confirms={device: (epoch, index) for device, epoch, index in rows},
                meta=dict(self._state.execute("SELECT name, value FROM meta").fetchall()),
                samples=self._samples.meta(),
            )

        return await self._do(read)

    async def put_frame(self, frame: Frame) -> None:
        """Write what stands beside the rows."""

        def write() -> None:
            with transaction(self._events):
                self._events.execute("UPDATE meta SET value = ? WHERE name = 'floor'", (frame.floor,))
                # What is missing below the floor, retention took on the other side.
                self._events.execute(_EXPLAIN, {"size": BLOCK, "floor": frame.floor})
                self._events.executemany(
                    "INSERT OR REPLACE INTO confirms VALUES (?, ?, ?)", [(name, *mark) for name, mark in frame.confirms.items()]
                )
            with transaction(self._state):
                self._state.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(frame.meta.items()))
            self._samples.put_meta(frame.samples)

        await self._do(write)

    async def close(self) -> None:
        """Close the files."""
        self._events.close()
        self._state.close()
        self._samples.close()
