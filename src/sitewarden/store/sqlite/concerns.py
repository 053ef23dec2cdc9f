"""Which events concern an entity: per entity and span of seq one row, whose text holds the places within the span.

A place is three hex digits, ascending. The rows of a span are written when it is full: until then a transaction adds one row to
`recent`, since rows of all its entities would be that many pages of the disk. Blocking; the writer's thread and readers use it.
"""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from sitewarden.store.sqlite.bulk import insert_many

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

RECENT: Final = "CREATE TABLE recent (first INTEGER PRIMARY KEY, counts BLOB NOT NULL, entities BLOB NOT NULL)"
"""What events from the seq `first` on concern: a byte an event says how many numbers of four bytes, little-endian, are its."""
_PLACES: Final = tuple(f"{place:0{DIGITS}x}" for place in range(SPAN))
_MERGE: Final = " ON CONFLICT (entity, span) DO UPDATE SET places = places || excluded.places"


def write(connection: sqlite3.Connection, first: int, entities: Sequence[Collection[int]]) -> None:
    """Store, inside the writer's transaction, what one event after another concerns, from the seq `first` on."""
    begun = max(first, (first + len(entities)) // SPAN * SPAN)
    full, rest = entities[: begun - first], entities[begun - first :]
    if full:
        merge(connection, chain(_recent(connection), enumerate(full, first)))
        connection.execute("DELETE FROM recent")
    if rest:
        row = (begun, bytes(map(len, rest)), _packed(array("I", chain.from_iterable(rest))))
        connection.execute("INSERT INTO recent VALUES (?, ?, ?)", row)


def merge(connection: sqlite3.Connection, events: Iterable[tuple[int, Iterable[int]]]) -> None:
    """Add events, as (seq, numbers of their entities) past those that are there, to the rows of their entities."""
    spans: dict[int, defaultdict[int, str]] = {}
    for seq, numbers in events:
        span, place = divmod(seq, SPAN)
        text, rows = _PLACES[place], spans.get(span)
        if rows is None:
            rows = spans[span] = defaultdict(str)
        for number in numbers:
            rows[number] += text
    merged = sorted((number, span, places) for span, rows in spans.items() for number, places in rows.items())
    insert_many(connection, "INSERT INTO postings", 3, merged, tail=_MERGE)


def close_span(connection: sqlite3.Connection) -> None:
    """Write the rows of a span that is not full yet."""
    merge(connection, _recent(connection))
    connection.execute("DELETE FROM recent")


def _recent(connection: sqlite3.Connection, first: int = 0, last: int = 1 << 62) -> Iterator[tuple[int, array[int]]]:
    """Give (seq, numbers of its entities) of the events in [first, last] whose span is not full."""
    query = "SELECT first, counts, entities FROM recent WHERE first BETWEEN ? AND ? ORDER BY first"
    for start, counts, entities in connection.execute(query, (first - SPAN, last)).fetchall():
        numbers, at = _unpacked(entities), 0
        for seq, count in enumerate(counts, start):
            if first <= seq <= last:
                yield seq, numbers[at : at + count]
            at += count


def _packed(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _unpacked(entities: bytes) -> array[int]:
    numbers = array("I", entities[: len(entities) // 4 * 4])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def walk(connection: sqlite3.Connection, entity: int, first: int, last: int, *, ascending: bool) -> Iterator[int]:
    """Give the seqs in [first, last] of the events that concern `entity`, in order."""
    # Read before the rows: a span that gets full meanwhile is met twice then, and never missed.
    newest = [seq for seq, numbers in _recent(connection, first, last) if entity in numbers]
    if not ascending:
        yield from reversed(newest)
    order = "ASC" if ascending else "DESC"
    rows = connection.execute(
        f"SELECT span, places FROM postings WHERE entity = ? AND span BETWEEN ? AND ? ORDER BY span {order}",  # noqa: S608
        (entity, first // SPAN, last // SPAN),
    )
    known = set(newest)
    for span, places in rows:
        seqs = read_places(span, places)
        for seq in seqs if ascending else reversed(seqs):
            if first <= seq <= last and seq not in known:
                yield seq
    if ascending:
        yield from newest


def either(connection: sqlite3.Connection, entities: Sequence[int], first: int, last: int) -> set[int]:
    """Return the seqs in [first, last] of the events that concern one of the entities."""
    wanted = frozenset(entities)
    newest = {seq for seq, numbers in _recent(connection, first, last) if not wanted.isdisjoint(numbers)}
    rows = connection.execute(
        f"SELECT span, places FROM postings WHERE entity IN ({','.join(map(str, entities))})"  # noqa: S608
        " AND span BETWEEN ? AND ?",
        (first // SPAN, last // SPAN),
    )
    return newest | {seq for span, places in rows for seq in read_places(span, places) if first <= seq <= last}


def read_places(span: int, places: str) -> list[int]:
    """Return the seqs of a row. Raises ValueError for a text that holds something else."""
    base = span * SPAN
    return [base + int(places[at : at + DIGITS], 16) for at in range(0, len(places), DIGITS)]


def remove(connection: sqlite3.Connection, gone: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Take deleted events, as (seq, numbers of their entities), out of the rows."""
    close_span(connection)
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
        self._recent = dict(_recent(connection)) if _has_recent(connection) else {}
        self.found = 0
        """Entries that were asked for and are there."""

    def holds(self, seq: int, entity: int) -> bool:
        """Tell whether the entry of this event and entity is there."""
        if entity in self._recent.get(seq, ()):
            self.found += 1
            return True
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
    recent = sum(len(numbers) for _, numbers in _recent(connection)) if _has_recent(connection) else 0
    query = f"SELECT coalesce(sum(length(places)), 0) / {DIGITS} FROM postings"  # noqa: S608
    return int(connection.execute(query).fetchone()[0]) + recent


def _has_recent(connection: sqlite3.Connection) -> bool:
    """Tell whether the file is not from before there was the table."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'recent'").fetchone() is not None
