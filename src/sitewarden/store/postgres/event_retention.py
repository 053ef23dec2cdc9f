"""Retention of the event log: months that are due as a whole are dropped, the rest goes in small transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import asyncpg

from sitewarden.domain.events import StoredEvent
from sitewarden.domain.retention import ALARM, Class, family_of, may_come_again
from sitewarden.store.postgres import event_tallies
from sitewarden.store.postgres.event_rows import BLOCK, LARGEST, OVERHEAD, span_of
from sitewarden.store.postgres.event_writer import TABLES
from sitewarden.store.prepared import decode_body

Archive = Callable[[Sequence[StoredEvent]], None]
"""Takes what is about to be deleted, in a thread, and has it on the disk when it returns."""
_COLUMNS: Final = "seq, stored, time, type, severity, origin, epoch, idx, length(body) AS size, body"

STEP: Final = 1000
"""Events looked at in one transaction."""
LOCK_SECONDS: Final = 2
"""How long the drop of a month waits for readers; then its events are deleted one by one."""


class Sweep:
    """One pass over the log from its oldest event; `step` is one transaction. First class by class, then all that is due.

    With an `archive` no month is dropped: its events go one by one.
    """

    def __init__(
        self,
        names: Mapping[str, int],
        *,
        before: int | None,
        max_bytes: int | None,
        keep_from: int | None,
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
        self._drops = archive is None
        self.dropped: list[str] = []
        """Months whose tables are gone."""
        self.deleted = 0
        self.finished = before is None and max_bytes is None and not self._classes

    async def step(self, connection: asyncpg.Connection) -> None:
        """Drop a month, or delete at most `STEP` events that are due; sets `finished` when none is left."""
        async with connection.transaction():
            if self._classes:
                await self._delete_of_class(connection, *self._classes[0])
                self.finished = not self._classes and self._before is None and self._max_bytes is None
                return
            excess = 0
            if self._max_bytes is not None:
                excess = int(await connection.fetchval("SELECT coalesce(sum(bytes), 0) FROM event_blocks")) - self._max_bytes
            if self._drops and await self._drop_month(connection, excess):
                return
            await self._delete(connection, excess)

    async def _drop_month(self, connection: asyncpg.Connection, excess: int) -> bool:
        """Drop the oldest month where all of it is due and none of it must stay."""
        rows = await connection.fetch(
            "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY 1"
        )
        self._drops = False
        if len(rows) < 2:
            return False
        month = str(rows[0]["name"]).rpartition("events_")[2]
        table = f"events_{month}"
        # In order of seq a month may reach into the next one, where the clock was set back.
        last, count = await connection.fetchrow(f"SELECT max(seq), count(*) FROM {table}")  # noqa: S608
        following = await connection.fetchval("SELECT min(seq) FROM events WHERE stored >= $1", span_of(month)[1])
        if count and (following is None or last >= following or (self._keep_from is not None and last >= self._keep_from)):
            return False
        if count and not (self._before is not None and span_of(month)[1] <= self._before):
            held = await connection.fetchval(
                "SELECT coalesce(sum(bytes), 0) FROM event_blocks WHERE block <= $1", (last // BLOCK)
            )
            if held > excess:
                return False
        owed = await connection.fetchval(
            f"SELECT EXISTS (SELECT 1 FROM event_confirms c JOIN event_names n ON n.name = c.device"  # noqa: S608
            f" JOIN {table} e ON e.origin = n.id AND e.epoch = c.epoch AND e.idx > c.idx)"
        )
        if owed:
            return False
        shared = 0
        if count:
            # The block in which the next month begins holds some of this one's too.
            shared = await connection.fetchval(
                f"SELECT coalesce(sum(length(body) + {OVERHEAD}), 0) FROM {table} WHERE seq >= $1",  # noqa: S608
                following // BLOCK * BLOCK,
            )
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        try:
            async with connection.transaction():
                for one in TABLES:
                    await connection.execute(f"DROP TABLE {one}_{month}")
                await connection.execute("DELETE FROM event_tallies WHERE month = $1", event_tallies.number_of(month))
        except asyncpg.LockNotAvailableError:
            return False
        if count:
            await connection.execute("DELETE FROM event_blocks WHERE block < $1", following // BLOCK)
            await connection.execute("UPDATE event_blocks SET bytes = bytes - $2 WHERE block = $1", following // BLOCK, shared)
            await connection.execute("UPDATE event_meta SET value = greatest(value, $1) WHERE name = 'floor'", last)
            self._cursor = max(self._cursor, last)
        self.deleted += count
        self.dropped.append(month)
        self._drops = True
        return True

    async def _delete_of_class(self, connection: asyncpg.Connection, class_: Class, horizon: int) -> None:
        """Delete what of a class is older than its horizon, wherever it stands in the order of seq."""
        types = [number for name, number in self._names.items() if family_of(name) == class_]
        condition = f"severity >= 2 AND severity >= {ALARM}" if class_ == "alarm" else f"severity < {ALARM}"
        rows = await connection.fetch(
            f"SELECT {_COLUMNS} FROM events WHERE seq > $1 AND seq < (SELECT max(seq) FROM events) AND seq < $2"  # noqa: S608
            f" AND stored < $3 AND {condition} AND ($4 OR type = ANY($5::int[])) ORDER BY seq LIMIT $6",
            self._cursor,
            LARGEST if self._keep_from is None else self._keep_from,
            horizon,
            class_ == "alarm",
            types,
            STEP,
        )
        confirmed = await _confirmed(connection)
        await self._take(connection, [row for row in rows if not _owed(row, confirmed)])
        if len(rows) == STEP:
            self._cursor = rows[-1]["seq"]
        else:
            del self._classes[0]
            self._cursor = 0

    async def _delete(self, connection: asyncpg.Connection, excess: int) -> None:
        rows = await connection.fetch(
            f"SELECT {_COLUMNS} FROM events"  # noqa: S608
            " WHERE seq > $1 AND seq < (SELECT max(seq) FROM events) ORDER BY seq LIMIT $2",
            self._cursor,
            STEP,
        )
        confirmed = await _confirmed(connection)
        gone: list[asyncpg.Record] = []
        self.finished = len(rows) < STEP
        for row in rows:
            due = (self._before is not None and row["stored"] < self._before) or excess > 0
            if not due or (self._keep_from is not None and row["seq"] >= self._keep_from):
                self.finished = True
                break
            self._cursor = row["seq"]
            if not _owed(row, confirmed):
                gone.append(row)
                excess -= row["size"] + OVERHEAD
        await self._take(connection, gone)
        await connection.execute("UPDATE event_meta SET value = greatest(value, $1) WHERE name = 'floor'", self._cursor)

    async def _take(self, connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> None:
        """Archive events, then take them out of the log and its sums."""
        if not rows:
            return
        if self._archive is not None:
            events = [StoredEvent(seq=row["seq"], stored=row["stored"], event=decode_body(row["body"])) for row in rows]
            await asyncio.to_thread(self._archive, events)
        sizes: dict[int, int] = {}
        for row in rows:
            sizes[row["seq"] // BLOCK] = sizes.get(row["seq"] // BLOCK, 0) + row["size"] + OVERHEAD
        await connection.execute("DELETE FROM events WHERE seq = ANY($1::bigint[])", [row["seq"] for row in rows])
        await event_tallies.remove(connection, [(row["stored"], row["time"], row["type"], row["severity"]) for row in rows])
        await connection.execute(
            "UPDATE event_blocks b SET bytes = b.bytes - g.size"
            " FROM unnest($1::bigint[], $2::bigint[]) AS g (block, size) WHERE b.block = g.block",
            list(sizes),
            list(sizes.values()),
        )
        self.deleted += len(rows)
        await connection.execute("UPDATE event_meta SET value = greatest(value, $1) WHERE name = 'floor'", rows[-1]["seq"])
        oldest = await connection.fetchval("SELECT min(seq) FROM events")
        if oldest is not None:
            await connection.execute("DELETE FROM event_blocks WHERE block < $1", oldest // BLOCK)
            await connection.execute("DELETE FROM event_concerns WHERE last < $1", oldest)


async def _confirmed(connection: asyncpg.Connection) -> dict[int, tuple[int, int]]:
    rows = await connection.fetch("SELECT n.id, c.epoch, c.idx FROM event_confirms c JOIN event_names n ON n.name = c.device")
    return {row[0]: (row[1], row[2]) for row in rows}


def _owed(row: Mapping[str, Any], confirmed: Mapping[int, tuple[int, int]]) -> bool:
    return may_come_again(confirmed.get(row["origin"]), row["epoch"], row["idx"])
