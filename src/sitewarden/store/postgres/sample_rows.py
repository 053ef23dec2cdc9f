"""Chunks, rollups and the journal of samples as rows of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any, Final

import asyncpg
from msgspec.structs import replace

from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.known import Known, of_block
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Chunk, Roll, Work
from sitewarden.store.chunks.view import Span
from sitewarden.store.postgres.event_rows import told
from sitewarden.store.postgres.server import SCHEMA

Ask = Callable[..., list[asyncpg.Record]]
"""`ask(statement, *values)` returns rows; it blocks a thread that is not the loop's."""

META: Final = "point, start, stop, count, numbers, low, high, total, opening, closing, worst"
CHUNK: Final = (*META.split(", "), "body")
ROLL: Final = ("point", "width", "start", "stop", "count", "backed", "body")
_ROLL: Final = "width, point, start, stop, count"
LASTS_ROW, NAMES_ROW = 1, 2
"""Rows of `sample_lasts`: the last samples, and the ids of points."""
TOGETHER: Final = 200
"""Spans whose chunks are asked for together, with their bodies."""
OVERHEAD: Final = 120
"""Bytes that a chunk or rollup is counted as beside its body."""


class SampleRows:
    """`Seen` and `Kept` of the chunks, and what checks read, by statements of one connection or of one moment."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def generation(self) -> int:
        """Return how many seals there were."""
        return int(self._ask("SELECT value FROM sample_meta WHERE name = 'generation'")[0][0])

    def names(self, after: int) -> list[tuple[int, str]]:
        """Return number and name of the points past a number, in order."""
        return [(number, told(name)) for number, name in self._ask(NAMES, after)]

    def journal(self, after: int) -> list[tuple[int, bytes]]:
        """Return the journal's rows after one."""
        return [(number, body) for number, body in self._ask(JOURNAL, after)]

    def lasts(self) -> bytes | None:
        """Return the last sample that is in a chunk, of every point."""
        return self._block(LASTS_ROW)

    def names_block(self, packer: Packer) -> Known | None:
        """Return the block of the ids of points, where there is one; raises Corrupt."""
        body = self._block(NAMES_ROW)
        return of_block(packer, body) if body is not None else None

    def known(self, packer: Packer, before: Known) -> Known:
        """Return the ids of points: `before`, what the last seal wrote in one block, and rows of later ones."""
        if not before.last:
            with suppress(Corrupt):
                before = self.names_block(packer) or before
        rows = self.names(before.last)
        return before.more(rows) if rows else before

    def _block(self, row: int) -> bytes | None:
        rows = self._ask("SELECT body FROM sample_lasts WHERE id = $1", row)
        return rows[0][0] if rows else None

    def overlapping(self, point: int, first: int, last: int, most: int | None = None) -> list[Chunk]:
        """Return the chunks of a point that have a moment of [first, last], in order, with their bodies.

        With `most`, no more of them than hold that many samples of the range.
        """
        if most is None:
            return [Chunk(*row) for row in self._ask(OVERLAPPING.format(columns=f"{META}, body"), point, first, last)]
        found: list[Chunk] = []
        for row in self._ask(OVERLAPPING.format(columns=META), point, first, last):
            found.append(Chunk(*row))
            if found[-1].start >= first:
                most -= found[-1].count
                if most <= 0:
                    break
        return self.bodies(found)

    def chunks_of(self, spans: Sequence[Span]) -> Iterator[tuple[int, Chunk]]:
        """Yield the index of a span and each chunk that has a moment of its [low, high), with its body; spans in their order."""
        for start in range(0, len(spans), TOGETHER):
            part = spans[start : start + TOGETHER]
            for place, *row in self._ask(CHUNKS_OF, *map(list, zip(*part, strict=True))):
                yield start + place - 1, Chunk(*row)

    def lasts_before(self, points: Sequence[int], moment: int) -> dict[int, Chunk]:
        """Return by point the last chunk that begins before a moment, without its body."""
        return {row[0]: Chunk(*row) for row in self._ask(LASTS_BEFORE, list(points), moment)}

    def chunks(self, point: int) -> list[Chunk]:
        """Return all chunks of a point in order, without their bodies."""
        return [Chunk(*row) for row in self._ask(f"SELECT {META} FROM sample_chunks WHERE point = $1 ORDER BY start", point)]  # noqa: S608

    def bodies(self, chunks: Iterable[Chunk]) -> list[Chunk]:
        """Return chunks with their bodies."""
        wanted = list(chunks)
        if not wanted:
            return []
        rows = self._ask(BODIES, [chunk.point for chunk in wanted], [chunk.start for chunk in wanted])
        held = {(point, start): body for point, start, body in rows}
        return [replace(chunk, body=held[chunk.point, chunk.start]) for chunk in wanted if (chunk.point, chunk.start) in held]

    def stops(self, points: Sequence[int]) -> dict[int, int]:
        """Return the last moment that is in a chunk, of those points that have any."""
        return dict(map(tuple, self._ask(STOPS, list(points))))

    def firsts(self, points: Sequence[int]) -> list[tuple[int, int, int, int]]:
        """Return point, start and count of its first chunk, and start of its last, for those points that have any."""
        return [(point, start, count, newest) for point, start, count, newest in self._ask(FIRSTS, list(points))]

    def used_bytes(self) -> int:
        """Return the bytes that hold content."""
        return int(self._ask(USED, OVERHEAD)[0][0])

    def rolls(self, point: int) -> list[Roll]:
        """Return all rollups of a point by level and time, without their bodies."""
        return [_roll(row) for row in self._ask(ROLLS, point)]

    def rolls_of(self, spans: Sequence[Span], width: int) -> dict[int, list[Roll]]:
        """Return by point the rollups of one level that have a moment of its [low, high), in order, with their bodies."""
        found: dict[int, list[Roll]] = {}
        for row in self._ask(ROLLS_OF, *map(list, zip(*spans, strict=True)), width):
            found.setdefault(row[1], []).append(_roll(row))
        return found

    def roll_bodies(self, rolls: Sequence[Roll]) -> list[bytes]:
        """Return the bodies of rollups."""
        if not rolls:
            return []
        rows = self._ask(
            ROLL_BODIES, [roll.point for roll in rolls], [roll.width for roll in rolls], [roll.start for roll in rolls]
        )
        held = {(point, width, start): body for point, width, start, body in rows}
        return [held[roll.point, roll.width, roll.start] for roll in rolls]

    def packed(self) -> list[int]:
        """Return the numbers of the points that have chunks or rollups."""
        return [row[0] for row in self._ask("SELECT point FROM sample_chunks UNION SELECT point FROM sample_rolls ORDER BY 1")]

    def damaged(self) -> list[tuple[int, int, int, int]]:
        """Return point, start, stop and count of the chunks that were put aside."""
        return [tuple(row) for row in self._ask("SELECT point, start, stop, count FROM sample_damaged ORDER BY id")]


def _roll(row: Sequence[Any]) -> Roll:
    width, point, start, stop, count, body, backed = row
    return Roll(width, point, start, stop, count, body, bool(backed))


NAMES: Final = "SELECT id, name FROM sample_names WHERE id > $1 ORDER BY id"
JOURNAL: Final = "SELECT id, body FROM sample_journal WHERE id > $1 ORDER BY id"
OVERLAPPING: Final = (
    "SELECT {columns} FROM sample_chunks WHERE point = $1 AND start >= coalesce("
    "(SELECT max(start) FROM sample_chunks WHERE point = $1 AND start <= $2), $2) AND start <= $3 AND stop >= $2 ORDER BY start"
)
BODIES: Final = (
    "SELECT point, start, body FROM unnest($1::integer[], $2::bigint[]) AS wanted (point, start)"
    " JOIN sample_chunks USING (point, start)"
)
STOPS: Final = (
    "SELECT point, stop FROM unnest($1::integer[]) AS wanted (point) CROSS JOIN LATERAL"
    " (SELECT stop FROM sample_chunks c WHERE c.point = wanted.point ORDER BY start DESC LIMIT 1) AS one"
)
FIRSTS: Final = (
    "SELECT point, start, count, newest FROM unnest($1::integer[]) AS wanted (point) CROSS JOIN LATERAL"
    " (SELECT start, count FROM sample_chunks c WHERE c.point = wanted.point ORDER BY start LIMIT 1) AS one CROSS JOIN LATERAL"
    " (SELECT max(start) AS newest FROM sample_chunks c WHERE c.point = wanted.point) AS other"
)
USED: Final = (
    "SELECT coalesce(sum(octet_length(body) + $1::bigint), 0)::bigint FROM"
    " (SELECT body FROM sample_chunks UNION ALL SELECT body FROM sample_rolls UNION ALL SELECT body FROM sample_journal) AS held"
)
ROLLS: Final = f"SELECT {_ROLL}, ''::bytea, backed FROM sample_rolls WHERE point = $1 ORDER BY width, start"  # noqa: S608
ROLLS_OF: Final = (
    f"SELECT {_ROLL}, body, backed FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS asked (one, since, until)"  # noqa: S608
    " CROSS JOIN LATERAL (SELECT * FROM sample_rolls WHERE point = one AND width = $4 AND start >="
    " coalesce((SELECT max(start) FROM sample_rolls WHERE point = one AND width = $4 AND start <= since), since)"
    " AND start < until AND stop >= since) AS held ORDER BY point, start"
)
CHUNKS_OF: Final = (
    f"SELECT place::integer, {META}, body FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) WITH ORDINALITY"  # noqa: S608
    " AS asked (one, since, until, place) CROSS JOIN LATERAL (SELECT * FROM sample_chunks WHERE point = one AND start >="
    " coalesce((SELECT max(start) FROM sample_chunks WHERE point = one AND start <= since), since)"
    " AND start < until AND stop >= since) AS held ORDER BY place, start"
)
LASTS_BEFORE: Final = (
    f"SELECT {META} FROM unnest($1::integer[]) AS asked (one) CROSS JOIN LATERAL"  # noqa: S608
    " (SELECT * FROM sample_chunks WHERE point = one AND start < $2 ORDER BY start DESC LIMIT 1) AS held"
)
BLOCK: Final = "INSERT INTO sample_lasts VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = $2"
ROLL_BODIES: Final = (
    "SELECT point, width, start, body FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS wanted (point, width, start)"
    " JOIN sample_rolls USING (point, width, start)"
)
PUT_ASIDE: Final = (
    "INSERT INTO sample_damaged (point, start, stop, count, body) SELECT point, start, stop, count, body"
    " FROM unnest($1::integer[], $2::bigint[]) AS gone (point, start) JOIN sample_chunks USING (point, start)"
)
GONE: Final = (
    "DELETE FROM sample_chunks c USING unnest($1::integer[], $2::bigint[]) AS gone (point, start)"
    " WHERE c.point = gone.point AND c.start = gone.start"
)
GONE_ROLLS: Final = (
    "DELETE FROM sample_rolls r USING unnest($1::bigint[], $2::integer[], $3::bigint[]) AS gone (width, point, start)"
    " WHERE r.point = gone.point AND r.width = gone.width AND r.start = gone.start"
)
SPOILT: Final = (
    "DELETE FROM sample_rolls r USING unnest($1::integer[], $2::bigint[], $3::bigint[]) AS gone (point, first, last)"
    " WHERE r.point = gone.point AND r.stop >= gone.first AND r.start <= gone.last AND r.backed <> 0"
)
UNBACKED: Final = (
    "UPDATE sample_rolls r SET backed = 0 FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS gone (point, first, last)"
    " WHERE r.point = gone.point AND r.start <= gone.last AND r.stop >= gone.first"
)


async def apply(connection: asyncpg.Connection, work: Work) -> None:
    """Make all changes, inside the writer's transaction; what comes goes in by COPY."""
    for statement, rows in (
        (PUT_ASIDE, work.damaged),
        (GONE, work.gone + work.damaged),
        (GONE_ROLLS, work.gone_rolls),
        (SPOILT, work.spoilt),
    ):
        if rows:
            await connection.execute(statement, *map(list, zip(*rows, strict=True)))
    if work.chunks:
        of_chunk = attrgetter(*CHUNK)
        await connection.copy_records_to_table(
            "sample_chunks", records=map(of_chunk, work.chunks), columns=CHUNK, schema_name=SCHEMA
        )
    if work.rolls:
        rolls = [(r.point, r.width, r.start, r.stop, r.count, int(r.backed), r.body) for r in work.rolls]
        await connection.copy_records_to_table("sample_rolls", records=rolls, columns=ROLL, schema_name=SCHEMA)
    if work.unbacked:
        await connection.execute(UNBACKED, *map(list, zip(*work.unbacked, strict=True)))


async def clear_journal(connection: asyncpg.Connection, row: int) -> None:
    """Clear the journal up to a row: by TRUNCATE, which leaves nothing behind for the server to clean up."""
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE sample_journal IN ACCESS EXCLUSIVE MODE NOWAIT")
    except asyncpg.LockNotAvailableError:
        # Somebody reads it now, and would hold up everybody; the row versions that this leaves are cleaned up later.
        await connection.execute("DELETE FROM sample_journal WHERE id <= $1", row)
        return
    await connection.execute(
        "CREATE TEMPORARY TABLE sample_later ON COMMIT DROP AS SELECT * FROM sample_journal WHERE id > $1", row
    )
    await connection.execute("TRUNCATE sample_journal")
    await connection.execute("INSERT INTO sample_journal SELECT * FROM sample_later")
