"""How many events of each type and severity lie in each minute and each hour: counting a year reads no event.

Kept in the statement that stores and the transaction that deletes them, by the time at their source. A row counts events that
were stored in one month (202611), so that a month that is dropped takes its rows along; the rest is as in SQLite's file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import asyncpg

from sitewarden.domain.clock import HOUR, MINUTE
from sitewarden.store.postgres.event_rows import month_of

LEVELS = (MINUTE, HOUR)
"""Lengths of the steps that are kept; a row's level is its place here."""
Row = tuple[int, int, int, int, int, int]
"""Month, level, step, type, severity, count."""


def number_of(month: str) -> int:
    """Return 202611 for "2026_11"."""
    return int(month.replace("_", ""))


def rows_of(events: Iterable[tuple[int, int, int, int]]) -> list[Row]:
    """Return what (stored, time, type, severity) of events add up to, in order."""
    finest = LEVELS[0]
    months: dict[int, int] = {}
    sums: Counter[tuple[int, int, int, int, int]] = Counter()
    for (stored, step, type_, severity), count in Counter(
        (stored, time // finest, type_, severity) for stored, time, type_, severity in events
    ).items():
        month = months.get(stored) or months.setdefault(stored, number_of(month_of(stored)))
        for level, length in enumerate(LEVELS):
            sums[month, level, step * finest // length, type_, severity] += count
    return sorted((*key, count) for key, count in sums.items())


async def remove(connection: asyncpg.Connection, events: Iterable[tuple[int, int, int, int]]) -> None:
    """Take deleted events out of the counts."""
    await connection.execute(
        "WITH gone AS (SELECT * FROM unnest($1::int[], $2::smallint[], $3::bigint[], $4::int[], $5::smallint[], $6::bigint[])"
        " AS g (month, level, step, type, severity, n)),"
        " less AS (UPDATE event_tallies t SET n = t.n - g.n FROM gone g WHERE (t.month, t.level, t.step, t.type, t.severity)"
        " = (g.month, g.level, g.step, g.type, g.severity) AND t.n > g.n)"
        " DELETE FROM event_tallies t USING gone g WHERE (t.month, t.level, t.step, t.type, t.severity)"
        " = (g.month, g.level, g.step, g.type, g.severity) AND t.n <= g.n",
        *columns_of(rows_of(events)),
    )


def columns_of(rows: Sequence[Row]) -> list[list[int]]:
    """Return rows as the columns of a statement."""
    return [[row[at] for row in rows] for at in range(6)]


def level_of(start: int, end: int, step: int) -> int | None:
    """Return the coarsest level whose steps make up those from `start` to `end`; None where no kept step is fine enough."""
    fits = [level for level, length in enumerate(LEVELS) if step % length == 0 and start % length == 0 and end % length == 0]
    return max(fits, default=None)


async def counted(
    connection: asyncpg.Connection, level: int, start: int, end: int, step: int, types: list[int] | None, severity: int
) -> list[tuple[int, int, int, int]]:
    """Return (number of the step, type, severity, count) of the events in [start, end), from the sums alone."""
    length = LEVELS[level]
    rows = await connection.fetch(
        "SELECT (step * $1::bigint - $2::bigint) / $3::bigint, type, severity, sum(n)::bigint FROM event_tallies"
        " WHERE level = $4 AND step >= $5 AND step < $6 AND severity >= $7 AND ($8::int[] IS NULL OR type = ANY($8))"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        length,
        start,
        step,
        level,
        start // length,
        end // length,
        severity,
        types,
    )
    return [tuple(row) for row in rows]
