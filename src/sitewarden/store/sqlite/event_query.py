"""Reading the event log: a filter becomes one indexed statement, walked in the cursor's direction.

A search that no index serves (text, source) looks at windows of the log, one statement each, until its time is over.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sitewarden.domain.events import StoredEvent
from sitewarden.store.interfaces import Counted, EventFilter, Found, Tally
from sitewarden.store.limits import check_limit
from sitewarden.store.prepared import decode_body
from sitewarden.store.sqlite import event_tallies
from sitewarden.store.sqlite.concerns import either, walk
from sitewarden.store.sqlite.event_rows import BLOCK
from sitewarden.store.sqlite.names import Names

MAX_LIMIT = 10_000
MAX_LOOK = 4096
"""Events of an entity that one statement looks at."""
MAX_LANES = 32
"""Walks that one statement merges."""
WINDOW = 16_384
"""Values of seq that a search looks at between two looks at the clock."""

_END = 1 << 62


@dataclass(frozen=True, slots=True)
class Query:
    """A filter with its names looked up. What nothing can match makes it empty."""

    which: EventFilter
    types: tuple[int, ...] | None
    entity: int | None
    groups: tuple[tuple[int, ...], ...] = ()
    source: int | None = None
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

    def search(self, connection: sqlite3.Connection, seconds: float) -> Found:
        """Return what is found within the time, and where to go on."""
        end = time.monotonic() + seconds
        found: list[StoredEvent] = []
        for first, last in () if self.empty else self._windows(connection):
            found += self._span(connection, first, last, self.which.limit - len(found))
            if len(found) >= self.which.limit:
                return Found(found, found[-1].seq)
            if time.monotonic() > end:
                return Found(found, last if self.ascending else first)
        return Found(found, None)

    def count(self, connection: sqlite3.Connection, names: dict[int, str], step: int, seconds: float) -> Counted:
        """Count by steps: from the sums where they say it, else event by event, the newest first, within the time."""
        which = self.which
        assert which.start is not None and which.end is not None
        if self.empty:
            return Counted([], step, None)
        start, whole = which.start, not (self.entity or self.groups or self.source or which.text)
        level = event_tallies.level_of(start, which.end, step) if whole else None
        if level is not None:
            rows = event_tallies.counted(connection, level, start, which.end, step, self.types, which.severity)
            return Counted(_named(rows, names, start, step), step, None)
        sums: dict[tuple[int, int, int], int] = {}
        end, reached = time.monotonic() + seconds, None
        for first, last in self._windows(connection):
            for at, type_, severity, n in self._counted(connection, first, last, start, step):
                sums[at, type_, severity] = sums.get((at, type_, severity), 0) + n
            if time.monotonic() > end:
                reached = first
                break
        found = _named([(*key, n) for key, n in sums.items()], names, start, step)
        return Counted(found, step, reached)

    def _counted(
        self, connection: sqlite3.Connection, first: int, last: int, start: int, step: int
    ) -> Iterator[tuple[int, int, int, int]]:
        among: list[list[int] | None] = [None]
        if self.entity is not None or self.groups:
            seqs = self._seqs(connection, first, last)
            among = [seqs[at : at + MAX_LOOK] for at in range(0, len(seqs), MAX_LOOK)]
        for some in among:
            conditions, values = self._conditions(first, last, some)
            statement = (
                f"SELECT (e.time - ?) / ?, e.type, e.severity, count(*) FROM events e WHERE {conditions}"  # noqa: S608
                " GROUP BY 1, 2, 3"
            )
            yield from connection.execute(statement, [start, step, *values])

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

    def _windows(self, connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
        """Cut what the cursors and times leave of the log into windows, in the cursor's direction."""
        which = self.which
        oldest, newest = connection.execute("SELECT min(seq), max(seq) FROM events").fetchone()
        if oldest is None:
            return
        least = max(oldest, 0 if which.after is None else which.after + 1)
        most = min(newest, _END if which.before is None else which.before - 1)
        spans = [(least, most)] if which.start is None and which.end is None else self._blocks(connection)
        for first, last in spans:
            first, last = max(first, least), min(last, most)
            while first <= last:
                if self.ascending:
                    yield first, min(last, first + WINDOW - 1)
                    first += WINDOW
                else:
                    yield max(first, last - WINDOW + 1), last
                    last -= WINDOW

    def _seqs(self, connection: sqlite3.Connection, first: int, last: int) -> list[int]:
        """Return the seqs in [first, last] of the events that concern the entity and one of each group, in the direction."""
        groups = [*self.groups, *([(self.entity,)] if self.entity is not None else [])]
        kept = set.intersection(*(either(connection, group, first, last) for group in groups))
        return sorted(kept, reverse=not self.ascending)

    def _span(self, connection: sqlite3.Connection, first: int | None, last: int | None, limit: int) -> list[StoredEvent]:
        if self.groups:
            return self._of_groups(connection, first, last, limit)
        if self.entity is not None:
            return self._of_entity(connection, self.entity, first, last, limit)
        return self._select(connection, first, last, limit)

    def _of_groups(self, connection: sqlite3.Connection, first: int | None, last: int | None, limit: int) -> list[StoredEvent]:
        found: list[StoredEvent] = []
        windows = self._windows(connection) if first is None or last is None else iter([(first, last)])
        for low, high in windows:
            seqs = self._seqs(connection, low, high)
            for at in range(0, len(seqs), MAX_LOOK):
                found += self._select(connection, low, high, limit - len(found), seqs[at : at + MAX_LOOK])
                if len(found) >= limit:
                    return found
        return found

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

    def _conditions(
        self, first: int | None, last: int | None, among: list[int] | None, *, types: bool = True
    ) -> tuple[str, list[object]]:
        """Return the WHERE of a span and its values; `types` False leaves the types to the lanes."""
        which = self.which
        conditions: list[str] = []
        values: list[object] = []

        def need(condition: str, *bound: object) -> None:
            conditions.append(condition)
            values.extend(bound)

        if among is not None:
            need(f"e.seq IN ({','.join(map(str, among))})")
        if which.after is not None:
            need("e.seq > ?" if among is None else "+e.seq > ?", which.after)
        if which.before is not None:
            need("e.seq < ?" if among is None else "+e.seq < ?", which.before)
        if first is not None and among is None:
            need("e.seq BETWEEN ? AND ?", first, last)
        if which.severity > 0:
            need("+e.severity >= ?", which.severity)
        if which.start is not None:
            need("e.time >= ?", which.start)
        if which.end is not None:
            need("e.time < ?", which.end)
        if self.source is not None:
            need("+e.origin = ?", self.source)
        if which.text:
            escaped = which.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            need("e.body LIKE ? ESCAPE '\\'", f"%{escaped}%")
        if types and self.types is not None:
            need(f"+e.type IN ({','.join(map(str, self.types))})")
        return " AND ".join(conditions) or "1", values

    def _select(
        self, connection: sqlite3.Connection, first: int | None, last: int | None, limit: int, among: list[int] | None = None
    ) -> list[StoredEvent]:
        lanes = self._lanes()
        where, values = self._conditions(first, last, among, types=not lanes)
        order = "ASC" if self.ascending else "DESC"
        columns = "e.seq, e.stored, e.body"
        if lanes:
            # One ordered walk a lane, merged by SQLite, where "type IN (...)" would gather all and sort.
            parts = [
                f"SELECT * FROM (SELECT {columns} FROM events e WHERE {lane} AND {where} ORDER BY e.seq {order} LIMIT ?)"  # noqa: S608
                for lane in lanes
            ]
            statement = " UNION ALL ".join(parts) + f" ORDER BY 1 {order} LIMIT ?"
            values = [*values, limit] * len(parts) + [limit]
        else:
            statement = f"SELECT {columns} FROM events e WHERE {where} ORDER BY e.seq {order} LIMIT ?"  # noqa: S608
            values.append(limit)
        return [
            StoredEvent(seq=number, stored=stored, event=decode_body(body))
            for number, stored, body in connection.execute(statement, values)
        ]

    def _lanes(self) -> list[str]:
        """Conditions that an index serves in order of seq and that together say the same as the filter's types or severity."""
        if self.entity is not None or self.groups:
            return []
        if self.types is not None:
            return [f"e.type = {type_}" for type_ in self.types] if len(self.types) <= MAX_LANES else []
        if self.which.severity >= 2:
            return [f"e.severity >= 2 AND e.severity = {level}" for level in range(self.which.severity, 4)]
        return []


def _named(rows: Iterable[tuple[int, int, int, int]], names: dict[int, str], start: int, step: int) -> list[Tally]:
    """Return counts, as (number of the step, type, severity, count), in order."""
    return sorted(
        (Tally(start + at * step, names[type_], severity, n) for at, type_, severity, n in rows),
        key=lambda one: (one.start, one.type, one.severity),
    )


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
    entity = names.find(which.entity) if which.entity is not None else None
    groups = tuple(tuple(number for one in group if (number := names.find(one)) is not None) for group in which.among)
    source = names.find(which.source) if which.source else None
    unknown = (which.entity is not None and entity is None) or not all(groups) or (bool(which.source) and source is None)
    return Query(which, types, entity, groups, source, empty=unknown)
