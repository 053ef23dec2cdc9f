"""Samples in the database as one side of a move: their rows as they are, on a connection that holds the lock of the samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import asyncpg

from sitewarden.store.postgres.event_rows import kept, told
from sitewarden.store.postgres.sample_rows import CHUNK, ROLL
from sitewarden.store.postgres.schema import SAMPLES as LOCK
from sitewarden.store.postgres.schema import take
from sitewarden.store.postgres.server import SCHEMA, Server, refusing
from sitewarden.store.transfer import BATCH, PAGES, SAMPLES, Row, key_of

DAMAGED: Final = ("id", "point", "start", "stop", "count", "body")
TABLES: Final[Mapping[str, tuple[str, tuple[str, ...], int]]] = {
    "points": ("sample_names", ("id", "name"), 1),
    "journal": ("sample_journal", ("id", "count", "body"), 1),
    "chunks": ("sample_chunks", CHUNK, 2),
    "rollups": ("sample_rolls", ROLL, 3),
    "damaged": ("sample_damaged", DAMAGED, 1),
    "lasts": ("sample_lasts", ("id", "body"), 1),
}
"""Name here and columns of each table of a move, and how many of them are its key."""
EMPTY: Final = f"TRUNCATE {', '.join(name for name, _, _ in TABLES.values())}, sample_meta RESTART IDENTITY"
META: Final = "INSERT INTO sample_meta VALUES ('generation', 0), ('sealed', 0)"


class Source(Protocol):
    """The file that a site had before its samples were kept in the database; methods block."""

    def page(self, table: str, after: Row | None) -> list[Row]:
        """Return the next rows of a table past a row."""
        ...

    def meta(self) -> dict[str, int]:
        """Return what the file keeps of itself."""
        ...


async def counts(connection: asyncpg.Connection) -> dict[str, int]:
    """Return the rows of each table."""
    return {
        table: int(await connection.fetchval(f"SELECT count(*) FROM {name}"))  # noqa: S608
        for table, (name, _, _) in TABLES.items()
    }


async def page(connection: asyncpg.Connection, table: str, after: Row | None) -> list[Row]:
    """Return the next rows of a table past a row."""
    name, columns, width = TABLES[table]
    key = ", ".join(columns[:width])
    places = ", ".join(f"${number + 1}" for number in range(width))
    statement = f"SELECT {', '.join(columns)} FROM {name} WHERE ({key}) > ({places}) ORDER BY {key} LIMIT ${width + 1}"  # noqa: S608
    rows = [tuple(row) for row in await connection.fetch(statement, *key_of(table, after), PAGES.get(table, BATCH))]
    return [(number, told(text)) for number, text in rows] if table == "points" else rows


async def put(connection: asyncpg.Connection, table: str, rows: Sequence[Row]) -> None:
    """Write rows by COPY, which takes numbers of their own where the database would give them, too."""
    name, columns, _ = TABLES[table]
    records = [(number, kept(text)) for number, text in rows] if table == "points" else rows
    await connection.copy_records_to_table(name, records=records, columns=columns, schema_name=SCHEMA)


async def meta(connection: asyncpg.Connection) -> dict[str, int]:
    """Return what the samples keep of themselves."""
    return dict(map(tuple, await connection.fetch("SELECT name, value FROM sample_meta")))


async def put_meta(connection: asyncpg.Connection, values: Mapping[str, int]) -> None:
    """Keep what another home kept of itself."""
    await connection.executemany("UPDATE sample_meta SET value = $2 WHERE name = $1", list(values.items()))


async def finish(connection: asyncpg.Connection) -> None:
    """Have numbers go on from the greatest."""
    await connection.execute(
        "SELECT setval(pg_get_serial_sequence('sample_damaged', 'id'), greatest(max(id), 1)) FROM sample_damaged"
    )


async def adopt(server: Server, source: Source) -> bool:
    """Take over all of a file into a database that has no samples, in one transaction; False where it has some."""
    connection = await server.connect()
    try:
        await take(connection, LOCK, server.where)
        with refusing(server.where):
            async with connection.transaction():
                if await connection.fetchval("SELECT 1 FROM sample_names LIMIT 1"):
                    return False
                for table in SAMPLES:
                    last: Row | None = None
                    while rows := source.page(table, last):
                        await put(connection, table, rows)
                        last = rows[-1]
                await put_meta(connection, source.meta())
                await finish(connection)
        return True
    finally:
        await connection.close()
