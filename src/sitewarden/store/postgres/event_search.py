"""Searches and counts in the database: a filter is looked for in windows of the log until its time is over."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

import asyncpg

from sitewarden.domain.events import StoredEvent
from sitewarden.store.interfaces import Counted, EventFilter, Found, Tally
from sitewarden.store.postgres import event_tallies
from sitewarden.store.postgres.event_query import MAX_LOOK, Query
from sitewarden.store.postgres.event_rows import FARTHEST, seqs_of, told

WINDOW: Final = 16_384
"""Values of seq that a search looks at between two looks at the clock, to begin with..."""
WIDEST: Final = 1 << 20
"""...and at most, where windows are looked through quickly."""
QUICK: Final = 0.02
"""Seconds below which the next window is twice as wide."""


class Search(Query):
    """A filter with its names looked up, `among` too."""

    def __init__(self, which: EventFilter, names: dict[str, int]) -> None:
        super().__init__(which, names)
        self._names = {number: name for name, number in names.items()}
        self._until = float("inf")
        self._groups = [[names[one] for one in group if one in names] for group in which.among]
        if self._entity is not None:
            self._groups.append([self._entity])
        self.empty = self.empty or not all(self._groups)

    async def search(self, connection: asyncpg.Connection, seconds: float) -> Found:
        """Return what is found within the time, and where to go on, in one view of the log."""
        end = time.monotonic() + seconds
        found: list[StoredEvent] = []
        if self.empty:
            return Found(found, None)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            async for first, last in self._windows(connection):
                found += await self._in_window(connection, self.which.limit - len(found), first, last)
                if len(found) >= self.which.limit:
                    return Found(found, found[-1].seq)
                if time.monotonic() > end:
                    return Found(found, last if self.ascending else first)
        return Found(found, None)

    async def count(self, connection: asyncpg.Connection, step: int, seconds: float) -> Counted:
        """Count by steps, the newest windows first, within the time."""
        start = self.which.start
        assert start is not None
        end, reached = time.monotonic() + seconds, None
        sums: dict[tuple[int, str, int], int] = {}
        if self.empty:
            return Counted([], step, None)
        whole = not (self._groups or self._source or self.which.text)
        level = event_tallies.level_of(start, self.which.end or 0, step) if whole else None
        if level is not None:
            return await self._from_sums(connection, level, step)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            async for first, last in self._windows(connection):
                for at, type_, severity, count in await self._counted(connection, first, last, start, step):
                    sums[at, type_, severity] = sums.get((at, type_, severity), 0) + count
                if time.monotonic() > end:
                    reached = first
                    break
        tallies = [Tally(start + at * step, type_, severity, count) for (at, type_, severity), count in sorted(sums.items())]
        return Counted(tallies, step, reached)

    async def _from_sums(self, connection: asyncpg.Connection, level: int, step: int) -> Counted:
        start, end = self.which.start, self.which.end
        assert start is not None
        assert end is not None
        rows = await event_tallies.counted(connection, level, start, end, step, self._types, self.which.severity)
        named = sorted((at, self._names[type_], severity, count) for at, type_, severity, count in rows)
        return Counted([Tally(start + at * step, type_, severity, count) for at, type_, severity, count in named], step, None)

    async def _windows(self, connection: asyncpg.Connection) -> AsyncIterator[tuple[int, int]]:
        """Cut what the cursors and times leave of the log into windows, in the cursor's direction."""
        row = await connection.fetchrow(
            "SELECT (SELECT seq FROM events ORDER BY seq LIMIT 1), (SELECT seq FROM events ORDER BY seq DESC LIMIT 1)"
        )
        if row is None or row[0] is None:
            return
        width = WINDOW
        for first, last in await self._spans(connection):
            first, last = max(first, row[0]), min(last, row[1])
            while first <= last:
                began = time.monotonic()
                if self.ascending:
                    yield first, min(last, first + width - 1)
                    first += width
                else:
                    yield max(first, last - width + 1), last
                    last -= width
                if time.monotonic() - began < QUICK:
                    width = min(width * 2, WIDEST)

    async def _in_window(self, connection: asyncpg.Connection, limit: int, first: int, last: int) -> list[StoredEvent]:
        if not self._groups:
            return await self._select(connection, limit, first, last)
        found: list[StoredEvent] = []
        seqs = await self._seqs(connection, first, last)
        for at in range(0, len(seqs), MAX_LOOK):
            found += await self._select(connection, limit - len(found), first, last, seqs[at : at + MAX_LOOK])
            if len(found) >= limit:
                break
        return found

    async def _seqs(self, connection: asyncpg.Connection, first: int, last: int) -> list[int]:
        """Return the seqs of a window whose events concern one of each group, in the cursor's direction."""
        kept: set[int] | None = None
        for group in self._groups:
            rows = await connection.fetch(
                "SELECT first, places FROM event_concerns"
                " WHERE entity = ANY($1::int[]) AND first >= $2 AND first <= $3 AND last >= $4",
                group,
                first - FARTHEST,
                last,
                first,
            )
            seqs = {seq for begins, places in rows for seq in seqs_of(begins, places) if first <= seq <= last}
            kept = seqs if kept is None else kept & seqs
        return sorted(kept or (), reverse=not self.ascending)

    async def _counted(
        self, connection: asyncpg.Connection, first: int, last: int, start: int, step: int
    ) -> Sequence[tuple[int, str, int, int]]:
        """Return number of the step, type, severity and count of what is found in a window."""
        among = await self._seqs(connection, first, last) if self._groups else None
        if among == []:
            return []
        conditions, values = self._conditions(first, last, among)
        if self._types is not None:
            values.append(self._types)
            conditions.append(f"type = ANY(${len(values)}::int[])")
        values += [start, step]
        statement = (
            f"SELECT at, name, severity, n FROM (SELECT (time - ${len(values) - 1}::bigint) / ${len(values)}::bigint AS at,"  # noqa: S608
            f" type, severity, count(*) AS n FROM events WHERE {' AND '.join(conditions)} GROUP BY 1, 2, 3) AS sums"
            " JOIN event_names ON id = type"
        )
        return [(row[0], told(row[1]), row[2], row[3]) for row in await connection.fetch(statement, *values)]
