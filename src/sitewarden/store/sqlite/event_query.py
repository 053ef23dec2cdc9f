"""Reading the event log: a filter becomes one indexed statement, walked in the cursor's direction."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import islice

from sitewarden.domain.events import StoredEvent
from sitewarden.store.interfaces import EventFilter
from sitewarden.store.limits import check_limit
from sitewarden.store.prepared import decode_body
from sitewarden.store.sqlite.concerns import walk
from sitewarden.store.sqlite.event_rows import BLOCK
from sitewarden.store.sqlite.names import Names

MAX_LIMIT = 10_000
MAX_LOOK = 4096
"""Events of an entity that one statement looks at."""
MAX_LANES = 32
"""Walks that one statement merges."""

_END = 1 << 62


@dataclass(frozen=True, slots=True)
class Query:
    """A filter with its names looked up. `types` or `entity` that nothing can match make it empty."""

    which: EventFilter
    types: tuple[int, ...] | None
    entity: int | None
    empty: bool = False

    def fetch(self, connection: sqlite3.Connection) -> list[StoredEvent]:
        """Return the matching events in the cursor's direction."""
        if self.empty:
            return []
        which = self.which
        if which.start is None and which.end is None:
            return self._span(connection, None, None, which.limit)
        found: list[StoredEvent] = []
        for first, last in self._blocks(connection):
            found += self._span(connection, first, last, which.limit - len(found))
            if len(found) >= which.limit:
                break
        return found

    @property
    def ascending(self) -> bool:
        """True where the filter walks upward from `after`."""
        return self.which.after is not None

    def _blocks(self, connection: sqlite3.Connection) -> list[tuple[int, int]]:
        """Spans of seq whose times touch [start, end), adjoining blocks as one, in the cursor's direction."""
        which = self.which
        rows = connection.execute(
            "SELECT block FROM blocks WHERE latest >= ? AND earliest < ? ORDER BY block",
            (which.start if which.start is not None else 0, which.end if which.end is not None else 1 << 62),
        )
        spans: list[tuple[int, int]] = []
        for (block,) in rows:
            first, last = block * BLOCK, block * BLOCK + BLOCK - 1
            if spans and spans[-1][1] + 1 == first:
                spans[-1] = (spans[-1][0], last)
            else:
                spans.append((first, last))
        return spans if self.ascending else spans[::-1]

    def _span(self, connection: sqlite3.Connection, first: int | None, last: int | None, limit: int) -> list[StoredEvent]:
        if self.entity is not None:
            return self._of_entity(connection, self.entity, first, last, limit)
        return self._select(connection, first, last, limit)

    def _of_entity(
        self, connection: sqlite3.Connection, entity: int, first: int | None, last: int | None, limit: int
    ) -> list[StoredEvent]:
        """Look at the entity's events, more at once the fewer of them match."""
        after, before = self.which.after, self.which.before
        least = max(first or 0, 0 if after is None else after + 1)
        most = min(_END if last is None else last, _END if before is None else before - 1)
        found: list[StoredEvent] = []
        seqs = walk(connection, entity, least, most, ascending=self.ascending)
        size = limit
        while len(found) < limit and (some := list(islice(seqs, min(size, MAX_LOOK)))):
            found += self._select(connection, None, None, limit - len(found), some)
            size *= 4
        return found

    def _select(
        self, connection: sqlite3.Connection, first: int | None, last: int | None, limit: int, among: list[int] | None = None
    ) -> list[StoredEvent]:
        which = self.which
        conditions: list[str] = []
        values: list[object] = []

        def need(condition: str, *bound: object) -> None:
            conditions.append(condition)
            values.extend(bound)

        if among is not None:
            need(f"e.seq IN ({','.join(map(str, among))})")
        elif which.after is not None:
            need("e.seq > ?", which.after)
        if among is None and which.before is not None:
            need("e.seq < ?", which.before)
        if first is not None:
            need("e.seq BETWEEN ? AND ?", first, last)
        if which.severity > 0:
            need("+e.severity >= ?", which.severity)
        if which.start is not None:
            need("e.time >= ?", which.start)
        if which.end is not None:
            need("e.time < ?", which.end)
        if which.text:
            escaped = which.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            need("e.body LIKE ? ESCAPE '\\'", f"%{escaped}%")
        order = "ASC" if self.ascending else "DESC"
        columns = "e.seq, e.stored, e.body"
        lanes = self._lanes()
        if lanes:
            # One ordered walk a lane, merged by SQLite, where "type IN (...)" would gather all and sort.
            where = " AND ".join(conditions) or "1"
            parts = [
                f"SELECT * FROM (SELECT {columns} FROM events e WHERE {lane} AND {where} ORDER BY e.seq {order} LIMIT ?)"  # noqa: S608
                for lane in lanes
            ]
            statement = " UNION ALL ".join(parts) + f" ORDER BY 1 {order} LIMIT ?"
            values = [*values, limit] * len(parts) + [limit]
        else:
            if self.types is not None:
                need(f"+e.type IN ({','.join(map(str, self.types))})")
            where = " AND ".join(conditions) or "1"
            statement = f"SELECT {columns} FROM events e WHERE {where} ORDER BY e.seq {order} LIMIT ?"  # noqa: S608
            values.append(limit)
        return [
            StoredEvent(seq=number, stored=stored, event=decode_body(body))
            for number, stored, body in connection.execute(statement, values)
        ]

    def _lanes(self) -> list[str]:
        """Conditions that an index serves in order of seq and that together say the same as the filter's types or severity."""
        if self.entity is not None:
            return []
        if self.types is not None:
            return [f"e.type = {type_}" for type_ in self.types] if len(self.types) <= MAX_LANES else []
        if self.which.severity >= 2:
            return [f"e.severity >= 2 AND e.severity = {level}" for level in range(self.which.severity, 4)]
        return []


def plan(which: EventFilter, names: Names) -> Query:
    """Look up the names of a filter.

    Raises Invalid for an impossible limit.
    """
    check_limit(which.limit, MAX_LIMIT, "limit")
    types: tuple[int, ...] | None = None
    if which.types:
        exact = {one for one in which.types if not one.endswith(".*")}
        prefixes = tuple(one[:-1] for one in which.types if one.endswith(".*"))
        types = tuple(names.matching(lambda name: name in exact or (bool(prefixes) and name.startswith(prefixes))))
        if not types:
            return Query(which, (), None, empty=True)
    entity: int | None = None
    if which.entity is not None:
        entity = names.find(which.entity)
        if entity is None:
            return Query(which, types, None, empty=True)
    return Query(which, types, entity)
