"""Reading the event log: a filter becomes ordered walks of indexes, in the cursor's direction, each with a limit."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from itertools import islice
from typing import Any, Final

import asyncpg

from sitewarden.domain.errors import TimedOut
from sitewarden.domain.events import StoredEvent
from sitewarden.store.interfaces import EventFilter
from sitewarden.store.matching import fits_type
from sitewarden.store.postgres.event_rows import BLOCK, LARGEST, bounded, seqs_of
from sitewarden.store.prepared import decode_body

SECONDS: Final = 5.0
MAX_LOOK: Final = 4096
"""Events of an entity that one statement looks at."""
MAX_LANES: Final = 32
"""Walks that one statement merges."""
ROWS: Final = 256
"""Rows of `event_concerns` that one statement reads."""


class Query:
    """A filter with its names looked up. What nothing can match makes it empty; `among` is left to searches."""

    def __init__(self, which: EventFilter, names: dict[str, int]) -> None:
        self.which = which
        self.ascending = which.after is not None
        self._until = 0.0
        self._order = "ASC" if self.ascending else "DESC"
        self._types: list[int] | None = None
        self._entity: int | None = None
        # No text that is stored has these: JSON writes NUL as \u0000, and a lone surrogate is refused.
        self.empty = "\x00" in which.text or any("\ud800" <= letter <= "\udfff" for letter in which.text)
        if which.types:
            self._types = [number for name, number in names.items() if any(fits_type(name, one) for one in which.types)]
            self.empty = self.empty or not self._types
        if which.entity is not None:
            self._entity = names.get(which.entity)
            self.empty = self.empty or self._entity is None
        self._source: int | None = None
        if which.source:
            self._source = names.get(which.source)
            self.empty = self.empty or self._source is None
        self._least = 0 if which.after is None else bounded(which.after) + 1
        self._most = LARGEST if which.before is None else bounded(which.before) - 1

    async def fetch(self, connection: asyncpg.Connection) -> list[StoredEvent]:
        """Return the matching events in the cursor's direction, in one view of the log. Raises TimedOut past `SECONDS`."""
        self._until = time.monotonic() + SECONDS
        if self.empty or self._least > self._most:
            return []
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found: list[StoredEvent] = []
            for first, last in await self._spans(connection):
                left = self.which.limit - len(found)
                if self._entity is None:
                    found += await self._select(connection, left, first, last)
                else:
                    found += await self._of_entity(connection, self._entity, left, first, last)
                if len(found) >= self.which.limit:
                    break
            return found

    async def _spans(self, connection: asyncpg.Connection) -> list[tuple[int, int]]:
        """Spans of seq whose times touch [start, end), adjoining blocks as one, in the cursor's direction."""
        which = self.which
        if which.start is None and which.end is None:
            return [(self._least, self._most)]
        rows = await connection.fetch(
            "SELECT block FROM event_blocks WHERE latest >= $1 AND earliest < $2 ORDER BY block",
            bounded(which.start or 0),
            LARGEST if which.end is None else bounded(which.end),
        )
        spans: list[tuple[int, int]] = []
        for (block,) in rows:
            first, last = max(self._least, block * BLOCK), min(self._most, block * BLOCK + BLOCK - 1)
            if first > last:
                continue
            if spans and spans[-1][1] + 1 == first:
                spans[-1] = (spans[-1][0], last)
            else:
                spans.append((first, last))
        return spans if self.ascending else spans[::-1]

    async def _of_entity(
        self, connection: asyncpg.Connection, entity: int, limit: int, first: int, last: int
    ) -> list[StoredEvent]:
        """Look at the entity's events, more at once the fewer of them match."""
        found: list[StoredEvent] = []
        size = limit
        waiting: list[int] = []
        async for seqs in self._walk(connection, entity, first, last):
            waiting += seqs
            while len(waiting) >= size:
                look, waiting = waiting[:size], waiting[size:]
                found += await self._select(connection, limit - len(found), first, last, look)
                if len(found) >= limit:
                    return found
                size = min(size * 4, MAX_LOOK)
        look_left = iter(waiting)
        while len(found) < limit and (look := list(islice(look_left, MAX_LOOK))):
            found += await self._select(connection, limit - len(found), first, last, look)
        return found

    async def _walk(self, connection: asyncpg.Connection, entity: int, first: int, last: int) -> AsyncIterator[list[int]]:
        """Yield the seqs in [first, last] of the events that concern the entity, row by row, in order."""
        # What began before may reach in, by a row's greatest length.
        cursor = first - (1 << 16) if self.ascending else last
        condition = "first > $2 AND first <= $3" if self.ascending else "first <= $2 AND last >= $3"
        while True:
            rows = await connection.fetch(
                f"SELECT first, places FROM event_concerns WHERE entity = $1 AND {condition} ORDER BY first {self._order}"  # noqa: S608
                f" LIMIT {ROWS}",
                entity,
                cursor,
                last if self.ascending else first,
            )
            for begins, places in rows:
                seqs = [seq for seq in seqs_of(begins, places) if first <= seq <= last]
                if seqs:
                    yield seqs if self.ascending else seqs[::-1]
            if len(rows) < ROWS:
                return
            cursor = rows[-1][0] if self.ascending else rows[-1][0] - 1

    async def _select(
        self, connection: asyncpg.Connection, limit: int, first: int, last: int, among: list[int] | None = None
    ) -> list[StoredEvent]:
        if time.monotonic() > self._until:
            raise TimedOut("Reading took too long.", where="events", remedy="Ask for a shorter span of time or fewer filters.")
        conditions, values = self._conditions(first, last, among)
        lanes = self._lanes() if among is None else []
        if not lanes and self._types is not None:
            values.append(self._types)
            conditions.append(f"type = ANY(${len(values)}::int[])")
        values.append(limit)
        end = f"ORDER BY seq {self._order} LIMIT ${len(values)}"
        where = " AND ".join(conditions)
        # One ordered walk a lane, where "type IN (...)" would gather all and sort.
        parts = [
            f"SELECT seq, stored, body FROM events WHERE {where}{lane} {end}"  # noqa: S608
            for lane in [f" AND {one}" for one in lanes] or [""]
        ]
        statement = parts[0] if len(parts) == 1 else f"{' UNION ALL '.join(f'({part})' for part in parts)} {end}"
        rows = await connection.fetch(statement, *values)
        return [StoredEvent(seq=seq, stored=stored, event=decode_body(body)) for seq, stored, body in rows]

    def _conditions(self, first: int, last: int, among: list[int] | None) -> tuple[list[str], list[Any]]:
        """Return what must be so of an event of a span, but for its type, and the values that are bound."""
        which = self.which
        conditions: list[str] = []
        values: list[Any] = []

        def need(condition: Callable[[str], str], value: Any) -> None:
            values.append(value)
            conditions.append(condition(f"${len(values)}"))

        if among is not None:
            need(lambda one: f"seq = ANY({one}::bigint[])", among)
        else:
            need(lambda one: f"seq >= {one}", first)
            need(lambda one: f"seq <= {one}", last)
        if which.severity > 0:
            need(lambda one: f"severity >= {one}::smallint", min(which.severity, 4))
        if which.start is not None:
            need(lambda one: f"time >= {one}", bounded(which.start))
        if which.end is not None:
            need(lambda one: f"time < {one}", bounded(which.end))
        if self._source is not None:
            need(lambda one: f"origin = {one}::int", self._source)
        if which.text:
            escaped = which.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            need(lambda one: f"body ILIKE {one}", f"%{escaped}%")
        return conditions, values

    def _lanes(self) -> list[str]:
        """Conditions that an index serves in order of seq and that together say the same as the filter's types or severity."""
        if self._types is not None:
            return [f"type = {number}" for number in self._types] if len(self._types) <= MAX_LANES else []
        if self.which.severity >= 2:
            return [f"severity >= 2 AND severity = {level}" for level in range(self.which.severity, 4)]
        return []
