"""How many events of each type and severity lie in each minute and each hour: counting a year reads no event.

Kept in the transaction that stores or deletes the events, by the time at their source. Blocking; the writer's thread and readers
use it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from sitewarden.domain.clock import HOUR, MINUTE

LEVELS: Final = (MINUTE, HOUR)
"""Lengths of the steps that are kept; a row's level is its place here."""
TABLE: Final = (
    "CREATE TABLE tallies (level INTEGER NOT NULL, step INTEGER NOT NULL, type INTEGER NOT NULL, severity INTEGER NOT NULL,"
    " n INTEGER NOT NULL, PRIMARY KEY (level, step, type, severity)) WITHOUT ROWID"
)
FILL: Final = ";".join(
    f"INSERT INTO tallies SELECT {level}, time / {length}, type, severity, count(*) FROM events GROUP BY 2, 3, 4"  # noqa: S608
    for level, length in enumerate(LEVELS)
)
"""Count what a file held before."""
_ADD: Final = (
    "INSERT INTO tallies VALUES (?, ?, ?, ?, ?) ON CONFLICT (level, step, type, severity) DO UPDATE SET n = n + excluded.n"
)
_Key = tuple[int, int, int, int]


def add(connection: sqlite3.Connection, times: Iterable[int], types: Iterable[int], severities: Iterable[int]) -> None:
    """Count events by their times, numbers of types and severities."""
    connection.executemany(_ADD, [(*key, count) for key, count in _sums(times, types, severities).items()])


def remove(connection: sqlite3.Connection, events: Sequence[tuple[int, int, int]]) -> None:
    """Take deleted events, at least one, as (time, number of the type, severity), out of the counts."""
    sums = _sums(*zip(*events, strict=True))
    connection.executemany(
        "UPDATE tallies SET n = n - ? WHERE level = ? AND step = ? AND type = ? AND severity = ?",
        [(count, *key) for key, count in sums.items()],
    )
    connection.executemany(
        "DELETE FROM tallies WHERE level = ? AND step = ? AND type = ? AND severity = ? AND n <= 0", list(sums)
    )


def _sums(times: Iterable[int], types: Iterable[int], severities: Iterable[int]) -> dict[_Key, int]:
    """Count by the finest step, and add up the coarser ones from that."""
    finest = LEVELS[0]
    sums: dict[_Key, int] = {}
    for (step, type_, severity), count in Counter(zip([one // finest for one in times], types, severities, strict=True)).items():
        for level, length in enumerate(LEVELS):
            key = (level, step * finest // length, type_, severity)
            sums[key] = sums.get(key, 0) + count
    return sums


def level_of(start: int, end: int, step: int) -> int | None:
    """Return the coarsest level whose steps make up those from `start` to `end`; None where no kept step is fine enough."""
    fits = [level for level, length in enumerate(LEVELS) if step % length == 0 and start % length == 0 and end % length == 0]
    return max(fits, default=None)


def counted(
    connection: sqlite3.Connection, level: int, start: int, end: int, step: int, types: tuple[int, ...] | None, severity: int
) -> list[tuple[int, int, int, int]]:
    """Return (number of the step, type, severity, count) of the events in [start, end), from the sums alone."""
    length = LEVELS[level]
    narrowed = f" AND type IN ({','.join(map(str, types))})" if types is not None else ""
    return connection.execute(
        "SELECT (step * ?1 - ?2) / ?3, type, severity, sum(n) FROM tallies"  # noqa: S608
        f" WHERE level = ?4 AND step >= ?5 AND step < ?6 AND severity >= ?7{narrowed} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        (length, start, step, level, start // length, end // length, severity),
    ).fetchall()
