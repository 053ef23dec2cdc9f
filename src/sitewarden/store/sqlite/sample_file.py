"""The file of samples: its tables, and chunks, rollups and the journal as rows. Blocking; runs in threads of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec.structs import replace

from sitewarden.store.chunks.packed import Chunk, Roll, Work
from sitewarden.store.sqlite.space import used_bytes

STORE: Final = "samples"
SCHEMA: Final = (
    """
    CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE samples (
        point INTEGER NOT NULL, time INTEGER NOT NULL, lag INTEGER NOT NULL, quality INTEGER NOT NULL, value,
        PRIMARY KEY (point, time)) WITHOUT ROWID
    """,
    """
    CREATE TABLE journal (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE TABLE chunks (
        id INTEGER PRIMARY KEY, point INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, count INTEGER NOT NULL,
        numbers INTEGER NOT NULL, low REAL, high REAL, total REAL, opening REAL, closing REAL, worst INTEGER NOT NULL,
        body BLOB NOT NULL);
    CREATE UNIQUE INDEX chunks_by_point ON chunks (point, start);
    CREATE TABLE rolls (
        id INTEGER PRIMARY KEY, width INTEGER NOT NULL, point INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
        count INTEGER NOT NULL, backed INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE UNIQUE INDEX rolls_by_point ON rolls (point, width, start);
    CREATE TABLE damaged (point INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, count INTEGER NOT NULL,
        body BLOB NOT NULL);
    CREATE TABLE lasts (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('generation', 0), ('sealed', 0)
    """,
)
"""`samples` holds what was written before there were chunks, until it is converted; then it is dropped."""

_META: Final = "point, start, stop, count, numbers, low, high, total, opening, closing, worst"


def meta(connection: sqlite3.Connection, name: str) -> int:
    """Return a number that the file keeps of itself."""
    return int(connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0])


def put_meta(connection: sqlite3.Connection, name: str, value: int) -> None:
    """Keep a number of the file."""
    connection.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))


def has_rows(connection: sqlite3.Connection) -> bool:
    """Tell whether there is a table of rows of the older schema."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'samples'").fetchone() is not None


class SampleFile:
    """Reads the file through one connection; `Home` of the chunks."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def overlapping(self, point: int, first: int, last: int, most: int | None = None) -> list[Chunk]:
        """Return the chunks of a point that have a moment of [first, last], in order, with their bodies.

        With `most`, no more of them than hold that many samples of the range.
        """
        rows = self.connection.execute(
            f"SELECT {_META}, body FROM chunks WHERE point = ?1 AND start >= coalesce("  # noqa: S608
            "(SELECT max(start) FROM chunks WHERE point = ?1 AND start <= ?2), ?2) AND start <= ?3 AND stop >= ?2 ORDER BY start",
            (point, first, last),
        )
        found: list[Chunk] = []
        for row in rows:
            chunk = Chunk(*row)
            found.append(chunk)
            if most is not None and chunk.start >= first:
                most -= chunk.count
                if most <= 0:
                    break
        return found

    def before(self, point: int, moment: int) -> Chunk | None:
        """Return the last chunk of a point that begins before a moment."""
        row = self.connection.execute(
            f"SELECT {_META}, body FROM chunks WHERE point = ? AND start < ? ORDER BY start DESC LIMIT 1",  # noqa: S608
            (point, moment),
        ).fetchone()
        return Chunk(*row) if row else None

    def chunks(self, point: int) -> list[Chunk]:
        """Return all chunks of a point in order, without their bodies."""
        rows = self.connection.execute(f"SELECT {_META} FROM chunks WHERE point = ? ORDER BY start", (point,))  # noqa: S608
        return [Chunk(*row) for row in rows]

    def bodies(self, chunks: Iterable[Chunk]) -> list[Chunk]:
        """Return chunks with their bodies."""
        one = "SELECT body FROM chunks WHERE point = ? AND start = ?"
        return [
            replace(chunk, body=found[0])
            for chunk in chunks
            if (found := self.connection.execute(one, (chunk.point, chunk.start)).fetchone())
        ]

    def stops(self, points: Sequence[int]) -> dict[int, int]:
        """Return the last moment that is in a chunk, of those points that have any."""
        one = "SELECT stop FROM chunks WHERE point = ? ORDER BY start DESC LIMIT 1"
        return {point: row[0] for point in points if (row := self.connection.execute(one, (point,)).fetchone())}

    def rolls(self, point: int) -> list[Roll]:
        """Return all rollups of a point by level and time, without their bodies."""
        rows = self.connection.execute(
            "SELECT width, point, start, stop, count, x'', backed FROM rolls WHERE point = ? ORDER BY width, start", (point,)
        )
        return [_roll(row) for row in rows]

    def rolls_of(self, point: int, width: int, low: int, high: int) -> list[Roll]:
        """Return the rollups of one level that have a moment of [low, high), in order, with their bodies."""
        rows = self.connection.execute(
            "SELECT width, point, start, stop, count, body, backed FROM rolls WHERE point = ?1 AND width = ?2 AND start >="
            " coalesce((SELECT max(start) FROM rolls WHERE point = ?1 AND width = ?2 AND start <= ?3), ?3)"
            " AND start < ?4 AND stop >= ?3 ORDER BY start",
            (point, width, low, high),
        )
        return [_roll(row) for row in rows]

    def roll_bodies(self, rolls: Sequence[Roll]) -> list[bytes]:
        """Return the bodies of rollups."""
        one = "SELECT body FROM rolls WHERE point = ? AND width = ? AND start = ?"
        return [self.connection.execute(one, (roll.point, roll.width, roll.start)).fetchone()[0] for roll in rolls]

    def journal(self, after: int) -> list[tuple[int, bytes]]:
        """Return the journal's rows after one."""
        return self.connection.execute("SELECT id, body FROM journal WHERE id > ? ORDER BY id", (after,)).fetchall()

    def lasts(self) -> bytes | None:
        """Return the last sample that is in a chunk, of every point."""
        row = self.connection.execute("SELECT body FROM lasts WHERE id = 1").fetchone()
        return row[0] if row else None

    def generation(self) -> int:
        """Return how many seals there were."""
        return meta(self.connection, "generation")

    def names(self, after: int) -> list[tuple[int, str]]:
        """Return number and name of the points past a number, in order."""
        return self.connection.execute("SELECT id, name FROM names WHERE id > ? ORDER BY id", (after,)).fetchall()

    def expect_rolls(self, width: int, asked: Sequence[tuple[int, int, int]]) -> None:
        """Nothing is gained by asking a file at once."""

    def expect_chunks(self, asked: Sequence[tuple[int, int, int]]) -> None:
        """Nothing is gained by asking a file at once."""

    def expect_before(self, points: Sequence[int], moment: int) -> None:
        """Nothing is gained by asking a file at once."""

    def packed(self) -> list[int]:
        """Return the numbers of the points that have chunks or rollups."""
        return [row[0] for row in self.connection.execute("SELECT point FROM chunks UNION SELECT point FROM rolls ORDER BY 1")]

    def firsts(self, points: Sequence[int]) -> list[tuple[int, int, int, int]]:
        """Return point, start and count of its first chunk, and start of its last, for those points that have any."""
        one = (
            "SELECT point, start, count, (SELECT max(start) FROM chunks WHERE point = ?1) FROM chunks WHERE point = ?1"
            " ORDER BY start LIMIT 1"
        )
        return [row for point in points if (row := self.connection.execute(one, (point,)).fetchone())]

    def used_bytes(self) -> int:
        """Return the bytes that hold content."""
        return used_bytes(self.connection)

    def damaged(self) -> list[tuple[int, int, int, int]]:
        """Return point, start, stop and count of the chunks that were put aside."""
        return self.connection.execute("SELECT point, start, stop, count FROM damaged").fetchall()


def _roll(row: tuple[Any, ...]) -> Roll:
    width, point, start, stop, count, body, backed = row
    return Roll(width, point, start, stop, count, body, bool(backed))


def apply(connection: sqlite3.Connection, work: Work) -> None:
    """Make all changes, inside the writer's transaction."""
    connection.executemany(
        "INSERT INTO damaged SELECT point, start, stop, count, body FROM chunks WHERE point = ? AND start = ?", work.damaged
    )
    connection.executemany("DELETE FROM chunks WHERE point = ? AND start = ?", work.gone + work.damaged)
    connection.executemany("DELETE FROM rolls WHERE width = ? AND point = ? AND start = ?", work.gone_rolls)
    connection.executemany("DELETE FROM rolls WHERE point = ?1 AND stop >= ?2 AND start <= ?3 AND backed", work.spoilt)
    connection.executemany(
        f"INSERT INTO chunks ({_META}, body) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608
        [
            (
                chunk.point,
                chunk.start,
                chunk.stop,
                chunk.count,
                chunk.numbers,
                chunk.low,
                chunk.high,
                chunk.total,
                chunk.opening,
                chunk.closing,
                chunk.worst,
                chunk.body,
            )
            for chunk in work.chunks
        ],
    )
    connection.executemany(
        "INSERT INTO rolls (width, point, start, stop, count, body, backed) VALUES (?,?,?,?,?,?,?)",
        [(roll.width, roll.point, roll.start, roll.stop, roll.count, roll.body, roll.backed) for roll in work.rolls],
    )
    for point, first, last in work.unbacked:
        connection.execute("UPDATE rolls SET backed = 0 WHERE point = ? AND start <= ? AND stop >= ?", (point, last, first))


def put_lasts(connection: sqlite3.Connection, body: bytes) -> None:
    """Keep the last samples, inside the writer's transaction."""
    connection.execute("INSERT OR REPLACE INTO lasts VALUES (1, ?)", (body,))
