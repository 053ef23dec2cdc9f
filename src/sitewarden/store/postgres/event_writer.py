"""Writing events: repeats are looked up, then everything of a group goes in one statement, which is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import asyncpg

from sitewarden.domain.errors import Invalid
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.store.postgres import event_tallies
from sitewarden.store.postgres.event_rows import LARGEST, blocks_of, kept, literal, month_of, rows_of, span_of, told
from sitewarden.store.prepared import REMEMBERED, Prepared, Source, is_counted

Key = tuple[Source, int]
TABLES: Final = ("events", "event_concerns")

BETWEEN: Final = "\n"
"""Stands between bodies, which are JSON on one line, and between places."""
INSERT: Final = r"""
WITH n AS (INSERT INTO event_names SELECT * FROM unnest($1::int[], $2::text[])),
c AS (INSERT INTO event_concerns SELECT entity, first, last, stored, decode(places, 'hex')
  FROM unnest($3::text::int[], $4::text::bigint[], $5::text::bigint[], $6::text::bigint[], string_to_array($7, E'\n'))
  AS rows (entity, first, last, stored, places)),
b AS (INSERT INTO event_blocks SELECT * FROM unnest($8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
  ON CONFLICT (block) DO UPDATE SET earliest = least(event_blocks.earliest, excluded.earliest),
  latest = greatest(event_blocks.latest, excluded.latest), bytes = event_blocks.bytes + excluded.bytes),
f AS (INSERT INTO event_confirms SELECT * FROM unnest($12::text[], $13::bigint[], $14::bigint[])
  ON CONFLICT (device) DO UPDATE SET epoch = excluded.epoch, idx = excluded.idx),
t AS (INSERT INTO event_tallies SELECT * FROM
  unnest($24::int[], $25::smallint[], $26::bigint[], $27::int[], $28::smallint[], $29::bigint[])
  ON CONFLICT (level, step, type, severity, month) DO UPDATE SET n = event_tallies.n + excluded.n)
INSERT INTO events SELECT * FROM unnest($15::text::bigint[], $16::text::bigint[], $17::text::bigint[], $18::text::int[],
  $19::text::smallint[], $20::text::int[], $21::text::bigint[], $22::text::bigint[], string_to_array($23, E'\n'))
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
    """Events with the places that they are to have, in columns; `seqs` only grow."""

    seqs: Sequence[int]
    stored: Sequence[int]
    events: Sequence[Prepared]


class EventWriter:
    """What the writing connection knows of the database: names, confirms, months, the greatest index of each origin."""

    def __init__(self) -> None:
        self.head = 0
        self.names: dict[str, int] = {}
        self.confirms: dict[str, tuple[int, int]] = {}
        self._fresh: dict[str, int] = {}
        self._counters: dict[Source, int] = {}
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
        greatest: dict[Source, int] = {}
        counters = self._counters
        for job in jobs:
            for one in job.events:
                source = one.source
                if one.counter <= greatest.get(source, counters.get(source, LARGEST)):
                    return await self._sift(connection, jobs)
                greatest[source] = one.counter
        return [job.events for job in jobs]

    async def _sift(self, connection: asyncpg.Connection, jobs: Sequence[Job]) -> list[list[Prepared]]:
        """Return what is new where some of it may be repeats."""
        seen: set[Key] = set()
        doubtful: dict[tuple[int, int, int], Key] = {}
        for job in jobs:
            for one in job.events:
                key = (one.source, one.counter)
                origin, epoch = one.source
                number = self.names.get(origin)
                if key not in seen and number is not None and one.counter <= self._counters.get(one.source, LARGEST):
                    doubtful[number, epoch, one.counter] = key
                seen.add(key)
        held: set[Key] = set()
        if doubtful:
            rows = await connection.fetch(HELD, *map(list, zip(*doubtful, strict=True)))
            held = {doubtful[row["o"], row["e"], row["i"]] for row in rows}
        results: list[list[Prepared]] = []
        for job in jobs:
            fresh: list[Prepared] = []
            for one in job.events:
                key = (one.source, one.counter)
                if key not in held:
                    held.add(key)
                    fresh.append(one)
            results.append(fresh)
        return results

    async def _learn(self, connection: asyncpg.Connection, jobs: Sequence[Job]) -> None:
        """Look up the greatest index of origins that are met for the first time."""
        if len(self._counters) >= REMEMBERED:
            self._counters.clear()
        asked = {one.source for job in jobs for one in job.events}.difference(self._counters)
        if not (asked := {source for source in asked if is_counted(source[0])}):
            return
        known = [source for source in asked if source[0] in self.names]
        found: dict[tuple[int, int], int] = {}
        if known:
            rows = await connection.fetch(GREATEST, [self.names[origin] for origin, _ in known], [epoch for _, epoch in known])
            found = {(row[0], row[1]): row[2] for row in rows if row[2] is not None}
        for origin, epoch in asked:
            self._counters[origin, epoch] = found.get((self.names.get(origin, 0), epoch), -1)

    def place(self, results: Sequence[Sequence[Prepared]], stored: int) -> Placed:
        """Give the events of a group the seqs that follow the head."""
        events = list(chain.from_iterable(results))
        return Placed(range(self.head + 1, self.head + 1 + len(events)), [stored] * len(events), events)

    async def write(self, connection: asyncpg.Connection, placed: Placed, confirms: Mapping[str, tuple[int, int]]) -> None:
        """Store events at their places, and confirms, in one transaction. What it raises leaves it open whether it was done."""
        await self._make_months(connection, {month_of(stored) for stored in set(placed.stored)})
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
        counters = self._counters
        for one in placed.events:
            if one.counter > counters.get(one.source, LARGEST):
                counters[one.source] = one.counter
        if placed.seqs:
            self.head = placed.seqs[-1]

    def _number(self, name: str) -> int:
        found = self.names.get(name)
        if found is None:
            found = self.names[name] = self._fresh[name] = len(self.names) + 1
        return found

    def _concerned(self, event: Event) -> tuple[int, set[int]]:
        """Return the number of an event's type, and those of the entities that it concerns."""
        known = self.names
        try:
            return known[event.type], {known[event.entity], *map(known.__getitem__, event.related)}
        except KeyError:
            return self._number(event.type), {self._number(event.entity), *map(self._number, event.related)}

    def _columns(self, placed: Placed) -> list[Any]:
        seqs, stored, prepared = placed
        events = [one.event for one in prepared]
        numbers = [self._concerned(event) for event in events]
        times = [event.time for event in events]
        bodies = [one.body for one in prepared]
        text = BETWEEN.join(bodies)
        if text.count(BETWEEN) > max(len(bodies) - 1, 0):
            raise Invalid("The body of an event stands on several lines.", where="events", remedy="`sitewarden fsck` says which.")
        rows: list[Any] = list(zip(*rows_of(seqs, stored, [entities for _, entities in numbers]), strict=True)) or [()] * 5
        blocks = blocks_of(seqs, times, bodies)
        origins = {source: self._number(source[0]) for source in {one.source for one in prepared}}
        return [
            *map(literal, rows[:4]),
            BETWEEN.join([places.hex() for places in rows[4]]),
            *([block[at] for block in blocks] for at in range(4)),
            literal(seqs),
            literal(stored),
            literal(times),
            literal([type_ for type_, _ in numbers]),
            literal([event.severity for event in events]),
            literal([origins[one.source] for one in prepared]),
            literal([one.source[1] for one in prepared]),
            literal([one.counter for one in prepared]),
            text,
            *event_tallies.columns_of(
                event_tallies.rows_of(
                    (at, event.time, type_, event.severity) for at, event, (type_, _) in zip(stored, events, numbers, strict=True)
                )
            ),
        ]

    async def _make_months(self, connection: asyncpg.Connection, months: set[str]) -> None:
        for month in sorted(months - self._months):
            first, until = span_of(month)
            for table in TABLES:
                await connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {table}_{month} PARTITION OF {table} FOR VALUES FROM ({first}) TO ({until})"
                )
            self._months.add(month)


def as_stored(placed: Placed) -> list[StoredEvent]:
    """Return placed events as readers see them."""
    return [
        StoredEvent(seq=seq, stored=stored, event=one.event)
        for seq, stored, one in zip(placed.seqs, placed.stored, placed.events, strict=True)
    ]
