"""Writing events: repeats are looked up, then everything of a group goes in one statement, which is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import asyncpg

from sitewarden.domain.events import Confirm, StoredEvent
from sitewarden.store.postgres.event_rows import BLOCK, OVERHEAD, Concerned, kept, month_of, span_of, told
from sitewarden.store.prepared import Prepared, is_counted

Key = tuple[str, int, int]
COUNTERS: Final = 65_536
"""Origins whose greatest index is remembered; past it the memory is emptied and looked up anew."""
TABLES: Final = ("events", "event_concerns")

INSERT: Final = """
WITH n AS (INSERT INTO event_names SELECT * FROM unnest($1::int[], $2::text[])),
c AS (INSERT INTO event_concerns SELECT * FROM unnest($3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[])),
b AS (INSERT INTO event_blocks SELECT * FROM unnest($8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
  ON CONFLICT (block) DO UPDATE SET earliest = least(event_blocks.earliest, excluded.earliest),
  latest = greatest(event_blocks.latest, excluded.latest), bytes = event_blocks.bytes + excluded.bytes),
f AS (INSERT INTO event_confirms SELECT * FROM unnest($12::text[], $13::bigint[], $14::bigint[])
  ON CONFLICT (device) DO UPDATE SET epoch = excluded.epoch, idx = excluded.idx)
INSERT INTO events SELECT * FROM unnest($15::bigint[], $16::bigint[], $17::bigint[], $18::int[], $19::smallint[], $20::int[],
  $21::bigint[], $22::bigint[], $23::text[])
"""
GREATEST: Final = """
SELECT o, e, (SELECT max(idx) FROM events WHERE origin = o AND epoch = e) FROM unnest($1::int[], $2::bigint[]) AS asked (o, e)
"""
HELD: Final = """
SELECT o, e, i FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS asked (o, e, i)
WHERE EXISTS (SELECT 1 FROM events WHERE origin = o AND epoch = e AND idx = i)
"""


class Job(NamedTuple):
    """What one caller wants stored."""

    events: list[Prepared]
    confirm: Confirm | None


class Placed(NamedTuple):
    """An event with the place that it is to have."""

    seq: int
    stored: int
    prepared: Prepared


class EventWriter:
    """What the writing connection knows of the database: names, confirms, months, the greatest index of each origin."""

    def __init__(self) -> None:
        self.head = 0
        self.names: dict[str, int] = {}
        self.confirms: dict[str, tuple[int, int]] = {}
        self._fresh: dict[str, int] = {}
        self._counters: dict[tuple[str, int], int] = {}
        self._months: set[str] = set()

    async def load(self, connection: asyncpg.Connection) -> None:
        """Read what a new connection finds."""
        # A look-up of keys is always a walk of their index, whatever the statistics of a table that grows say.
        await connection.execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off")
        self.head = int(await connection.fetchval("SELECT coalesce(max(seq), 0) FROM events"))
        self.names = {told(name): number for number, name in await connection.fetch("SELECT id, name FROM event_names")}
        rows = await connection.fetch("SELECT device, epoch, idx FROM event_confirms")
        self.confirms = {told(device): (epoch, index) for device, epoch, index in rows}
        rows = await connection.fetch("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass")
        self._months = {str(name).rpartition("events_")[2] for (name,) in rows}
        self._fresh.clear()
        self._counters.clear()

    def forget_months(self, gone: Iterable[str]) -> None:
        """Know that the tables of these months were dropped."""
        self._months.difference_update(gone)

    async def new_of(self, connection: asyncpg.Connection, jobs: Sequence[Job]) -> list[list[Prepared]]:
        """Return the events of each job that the log does not hold, each key once."""
        await self._learn(connection, jobs)
        seen: set[Key] = set()
        doubtful: dict[tuple[int, int, int], Key] = {}
        for job in jobs:
            for one in job.events:
                key = (one.origin, one.epoch, one.counter)
                number = self.names.get(one.origin)
                if key in seen or number is None:
                    seen.add(key)
                    continue
                seen.add(key)
                if not is_counted(one.origin) or one.counter <= self._counters.get((one.origin, one.epoch), -1):
                    doubtful[number, one.epoch, one.counter] = key
        held: set[Key] = set()
        if doubtful:
            rows = await connection.fetch(HELD, *map(list, zip(*doubtful, strict=True)))
            held = {doubtful[row["o"], row["e"], row["i"]] for row in rows}
        taken: set[Key] = set()
        results: list[list[Prepared]] = []
        for job in jobs:
            fresh: list[Prepared] = []
            for one in job.events:
                key = (one.origin, one.epoch, one.counter)
                if key not in held and key not in taken:
                    taken.add(key)
                    fresh.append(one)
            results.append(fresh)
        return results

    async def _learn(self, connection: asyncpg.Connection, jobs: Sequence[Job]) -> None:
        """Look up the greatest index of origins that are met for the first time."""
        if len(self._counters) >= COUNTERS:
            self._counters.clear()
        asked = {
            (one.origin, one.epoch)
            for job in jobs
            for one in job.events
            if is_counted(one.origin) and (one.origin, one.epoch) not in self._counters
        }
        known = [(origin, epoch) for origin, epoch in asked if origin in self.names]
        found: dict[tuple[int, int], int] = {}
        if known:
            rows = await connection.fetch(GREATEST, [self.names[origin] for origin, _ in known], [epoch for _, epoch in known])
            found = {(row[0], row[1]): row[2] for row in rows if row[2] is not None}
        for origin, epoch in asked:
            self._counters[origin, epoch] = found.get((self.names.get(origin, 0), epoch), -1)

    def place(self, results: Sequence[Sequence[Prepared]], stored: int) -> list[Placed]:
        """Give the events of a group the seqs that follow the head."""
        seq = self.head
        placed: list[Placed] = []
        for result in results:
            for one in result:
                seq += 1
                placed.append(Placed(seq, stored, one))
        return placed

    async def write(
        self, connection: asyncpg.Connection, placed: Sequence[Placed], confirms: Mapping[str, tuple[int, int]]
    ) -> None:
        """Store events at their places, and confirms, in one transaction. What it raises leaves it open whether it was done."""
        await self._make_months(connection, {month_of(stored) for stored in {one.stored for one in placed}})
        columns = self._columns(placed)
        devices = [kept(device) for device in confirms]
        fresh = self._fresh
        await connection.execute(
            INSERT,
            list(fresh.values()),
            [kept(name) for name in fresh],
            *columns[:9],
            devices,
            [epoch for epoch, _ in confirms.values()],
            [index for _, index in confirms.values()],
            *columns[9:],
        )
        self._fresh = {}
        self.confirms.update(confirms)
        for one in placed:
            key = (one.prepared.origin, one.prepared.epoch)
            if one.prepared.counter > self._counters.get(key, one.prepared.counter):
                self._counters[key] = one.prepared.counter
        if placed:
            self.head = placed[-1].seq

    def _number(self, name: str) -> int:
        found = self.names.get(name)
        if found is None:
            found = self.names[name] = self._fresh[name] = len(self.names) + 1
        return found

    def _columns(self, placed: Sequence[Placed]) -> list[list[Any]]:
        concerned = Concerned()
        blocks: dict[int, list[int]] = {}
        types, origins = [], []
        number = self._number
        for seq, stored, (event, body, origin, _, _) in placed:
            types.append(number(event.type))
            origins.append(number(origin))
            concerned.add(seq, stored, {number(event.entity), *map(number, event.related)})
            size = len(body) + OVERHEAD
            block = blocks.setdefault(seq // BLOCK, [event.time, event.time, 0])
            block[0], block[1], block[2] = min(block[0], event.time), max(block[1], event.time), block[2] + size
        events = [one.prepared.event for one in placed]
        return [
            *concerned.columns(),
            list(blocks),
            *([row[at] for row in blocks.values()] for at in range(3)),
            [one.seq for one in placed],
            [one.stored for one in placed],
            [event.time for event in events],
            types,
            [event.severity for event in events],
            origins,
            [one.prepared.epoch for one in placed],
            [one.prepared.counter for one in placed],
            [one.prepared.body for one in placed],
        ]

    async def _make_months(self, connection: asyncpg.Connection, months: set[str]) -> None:
        for month in sorted(months - self._months):
            first, until = span_of(month)
            for table in TABLES:
                await connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {table}_{month} PARTITION OF {table} FOR VALUES FROM ({first}) TO ({until})"
                )
            self._months.add(month)


def as_stored(placed: Iterable[Placed]) -> list[StoredEvent]:
    """Return placed events as readers see them."""
    return [StoredEvent(seq=one.seq, stored=one.stored, event=one.prepared.event) for one in placed]
