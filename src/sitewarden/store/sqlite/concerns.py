"""Which events concern an entity: per entity and span of seq one row, whose text holds the places within the span.

A place is three hex digits, ascending. A burst of events that concern the same few entities so costs a row an entity, where an
entry for each pair of event and entity cost two thirds of the whole insert. Blocking; the writer's thread and readers use it.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sitewarden.store.prepared import REMEMBERED, Concerned
from sitewarden.store.sqlite.bulk import insert_many
from sitewarden.store.sqlite.names import Names

SPAN: Final = 512
"""Values of seq whose places stand in one row: 1.5 KB at most, for an entity that every event concerns."""
DIGITS: Final = 3

TABLE: Final = (
    "CREATE TABLE postings (entity INTEGER NOT NULL, span INTEGER NOT NULL, places TEXT NOT NULL,"
    " PRIMARY KEY (entity, span)) WITHOUT ROWID"
)
FROM_PAIRS: Final = f"""
    {TABLE};
    INSERT INTO postings
        SELECT entity, seq / {SPAN}, group_concat(printf('%0{DIGITS}x', seq % {SPAN}), '')
        FROM (SELECT entity, seq FROM concerns ORDER BY entity, seq) GROUP BY entity, seq / {SPAN};
    DROP TABLE concerns
    """  # noqa: S608
"""The step from the schema that had a row for each pair."""

_PLACES: Final = tuple(f"{place:0{DIGITS}x}" for place in range(SPAN))
_MERGE: Final = " ON CONFLICT (entity, span) DO UPDATE SET places = places || excluded.places"


class Concerns:
    """Gathers what the events of one transaction concern. `write` stores it, `settle` is called after commit or rollback."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._numbers: dict[Concerned, tuple[int, tuple[int, ...]]] = {}
        self._fresh: dict[int, defaultdict[int, str]] = {}

    def numbers(self, concerned: Concerned) -> tuple[int, tuple[int, ...]]:
        """Return the numbers of the type, and of the entities."""
        found = self._numbers.get(concerned)
        if found is None:
            if len(self._numbers) >= REMEMBERED:
                self._numbers.clear()
            type_, entity, related = concerned
            number = self._names.number
            found = self._numbers[concerned] = (number(type_), tuple({number(one) for one in (entity, *related)}))
        return found

    def add(self, first: int, entities: Sequence[tuple[int, ...]]) -> None:
        """Note the numbers of the entities of one event after another, from the seq `first`, which only grows."""
        start = 0
        while start < len(entities):
            span, place = divmod(first + start, SPAN)
            fresh = self._fresh.setdefault(span, defaultdict(str))
            part = entities[start : start + SPAN - place]
            for text, numbers in zip(_PLACES[place:], part, strict=False):
                for number in numbers:
                    fresh[number] += text
            start += len(part)

    def write(self, connection: sqlite3.Connection) -> None:
        """Store what was noted, inside the writer's transaction."""
        rows = sorted((number, span, places) for span, fresh in self._fresh.items() for number, places in fresh.items())
        insert_many(connection, "INSERT INTO postings", 3, rows, tail=_MERGE)
        self._fresh.clear()

    def settle(self, committed: bool) -> None:
        """Forget what a rollback took back: numbers of names are given anew."""
        self._fresh.clear()
        if not committed:
            self._numbers.clear()


def walk(connection: sqlite3.Connection, entity: int, first: int, last: int, *, ascending: bool) -> Iterator[int]:
    """Give the seqs in [first, last] of the events that concern `entity`, in order."""
    order = "ASC" if ascending else "DESC"
    rows = connection.execute(
        f"SELECT span, places FROM postings WHERE entity = ? AND span BETWEEN ? AND ? ORDER BY span {order}",  # noqa: S608
        (entity, first // SPAN, last // SPAN),
    )
    for span, places in rows:
        seqs = read_places(span, places)
        for seq in seqs if ascending else reversed(seqs):
            if first <= seq <= last:
                yield seq


def either(connection: sqlite3.Connection, entities: Sequence[int], first: int, last: int) -> set[int]:
    """Return the seqs in [first, last] of the events that concern one of the entities."""
    rows = connection.execute(
        f"SELECT span, places FROM postings WHERE entity IN ({','.join(map(str, entities))})"  # noqa: S608
        " AND span BETWEEN ? AND ?",
        (first // SPAN, last // SPAN),
    )
    return {seq for span, places in rows for seq in read_places(span, places) if first <= seq <= last}


def read_places(span: int, places: str) -> list[int]:
    """Return the seqs of a row. Raises ValueError for a text that holds something else."""
    base = span * SPAN
    return [base + int(places[at : at + DIGITS], 16) for at in range(0, len(places), DIGITS)]


def remove(connection: sqlite3.Connection, gone: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Take deleted events, as (seq, numbers of their entities), out of the rows."""
    places: dict[tuple[int, int], set[int]] = {}
    for seq, numbers in gone:
        for number in numbers:
            places.setdefault((number, seq // SPAN), set()).add(seq)
    for (number, span), seqs in places.items():
        row = connection.execute("SELECT places FROM postings WHERE entity = ? AND span = ?", (number, span)).fetchone()
        if row is None:
            continue
        left = "".join(_PLACES[seq % SPAN] for seq in read_places(span, row[0]) if seq not in seqs)
        if left:
            connection.execute("UPDATE postings SET places = ? WHERE entity = ? AND span = ?", (left, number, span))
        else:
            connection.execute("DELETE FROM postings WHERE entity = ? AND span = ?", (number, span))


class Lookup:
    """Tells for event after event, in order of seq, which of its entities a search would find it by."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._span = -1
        self._known: dict[int, frozenset[int]] = {}
        self.found = 0
        """Entries that were asked for and are there."""

    def holds(self, seq: int, entity: int) -> bool:
        """Tell whether the entry of this event and entity is there."""
        span = seq // SPAN
        if span != self._span:
            self._span, self._known = span, {}
        seqs = self._known.get(entity)
        if seqs is None:
            query = "SELECT places FROM postings WHERE entity = ? AND span = ?"
            row = self._connection.execute(query, (entity, span)).fetchone()
            try:
                seqs = frozenset(read_places(span, row[0])) if row else frozenset()
            except ValueError:
                seqs = frozenset()
            self._known[entity] = seqs
        if seq in seqs:
            self.found += 1
            return True
        return False


def entries(connection: sqlite3.Connection) -> int:
    """Count all entries."""
    return int(connection.execute(f"SELECT coalesce(sum(length(places)), 0) / {DIGITS} FROM postings").fetchone()[0])  # noqa: S608
