"""A database as one side of a move; its locks are held for as long as it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg

from sitewarden.domain.errors import Conflict
from sitewarden.store.postgres import sample_transfer
from sitewarden.store.postgres.event_rows import kept, told
from sitewarden.store.postgres.event_writer import TABLES as PARTITIONED
from sitewarden.store.postgres.event_writer import EventWriter, Placed
from sitewarden.store.postgres.schema import EVENTS, MOVED, STATE, prepare, take
from sitewarden.store.postgres.schema import SAMPLES as LOCK
from sitewarden.store.postgres.server import Server, refusing
from sitewarden.store.postgres.state_store import SET
from sitewarden.store.prepared import decode_body, of_body
from sitewarden.store.transfer import BATCH, OWN, SAMPLES, Frame, Row, key_of

FILLING: Final = "filling"
"""Name in `meta` of the note that a copy into the database is not finished: what is there may be deleted."""
PAGES: Final[Mapping[str, str]] = {
    "entities": 'SELECT kind, id, revision, changed, data FROM entities WHERE (kind COLLATE "C", id COLLATE "C") > ($1, $2)'
    ' ORDER BY kind COLLATE "C", id COLLATE "C" LIMIT $3',
    "outbox": "SELECT id, event FROM outbox WHERE id > $1 ORDER BY id LIMIT $2",
    "audit": "SELECT id, entry, hash FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
    "events": "SELECT seq, stored, body FROM events WHERE seq > $1 ORDER BY seq LIMIT $2",
}
PUTS: Final[Mapping[str, str]] = {
    "entities": "INSERT INTO entities (kind, id, revision, changed, data)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::text[])",
    "outbox": "INSERT INTO outbox (id, event) OVERRIDING SYSTEM VALUE SELECT * FROM unnest($1::bigint[], $2::text[])",
    "audit": "INSERT INTO audit (id, entry, hash) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])",
}


class PostgresSide:
    """`Side` in a database, whose tables are made where they are missing."""

    def __init__(self, server: Server, connection: asyncpg.Connection) -> None:
        self.where = server.where
        self._connection = connection
        self._writer = EventWriter()

    @classmethod
    async def open(cls, server: Server) -> PostgresSide:
        """Connect and take the locks; raise Conflict where another server writes."""
        await prepare(server)
        connection = await server.connect()
        locked = False
        try:
            for lock in (EVENTS, STATE, LOCK):
                await take(connection, lock, server.where)
            locked = True
        finally:
            if not locked:
                await connection.close()
        return cls(server, connection)

    async def begin(self) -> None:
        """Make the database ready to be filled: it is empty, or what it holds was left by a move. Raises Conflict otherwise."""
        counts = await self.counts()
        with refusing(self.where):
            left = await self._connection.fetch("SELECT name FROM meta WHERE name = ANY($1::text[])", [FILLING, MOVED])
            if any(counts.values()) and not left:
                raise Conflict(
                    "There is a site in this database already.",
                    where=self.where,
                    remedy="Name an empty database; to use this one as it is, set database.url to it.",
                )
            async with self._connection.transaction():
                await self._connection.execute(
                    "TRUNCATE entities, outbox, audit, meta, event_names, event_blocks, event_tallies, event_confirms,"
                    " event_meta"
                    " RESTART IDENTITY"
                )
                for table in PARTITIONED:
                    rows = await self._connection.fetch(
                        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = $1::text::regclass", table
                    )
                    for (part,) in rows:
                        await self._connection.execute(f"DROP TABLE {part}")
                await self._connection.execute("INSERT INTO event_meta VALUES ('floor', 0)")
                await self._connection.execute(sample_transfer.EMPTY)
                await self._connection.execute(sample_transfer.META)
                await self._connection.execute(SET, ["version", FILLING], ["0", "yes"])
            await self._writer.load(self._connection)

    async def finish(self) -> None:
        """Say that the copy is whole."""
        with refusing(self.where):
            await self._connection.execute("DELETE FROM meta WHERE name = $1", FILLING)
            await self._connection.execute(
                "SELECT setval(pg_get_serial_sequence('outbox', 'id'), greatest(max(id), 1)) FROM outbox"
            )
            await sample_transfer.finish(self._connection)
            await self._connection.execute("ANALYZE")

    async def leave(self, where: str) -> None:
        """Say that the content is somewhere else now."""
        with refusing(self.where):
            await self._connection.execute(SET, [MOVED], [where])

    async def counts(self) -> Mapping[str, int]:
        """Return the rows of each table."""
        with refusing(self.where):
            counts = {table: int(await self._connection.fetchval(f"SELECT count(*) FROM {table}")) for table in PAGES}  # noqa: S608
            return counts | await sample_transfer.counts(self._connection)

    async def page(self, table: str, after: Row | None) -> list[Row]:
        """Return the next rows of a table past a row."""
        with refusing(self.where):
            if table in SAMPLES:
                return await sample_transfer.page(self._connection, table, after)
            rows = await self._connection.fetch(PAGES[table], *key_of(table, after), BATCH)
            return [tuple(row) for row in rows]

    async def put(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows that follow those that are there, durable on return."""
        with refusing(self.where):
            if table == "events":
                await self._writer.write(self._connection, _placed(rows), {})
            elif table in SAMPLES:
                await sample_transfer.put(self._connection, table, rows)
            else:
                await self._connection.execute(PUTS[table], *map(list, zip(*rows, strict=True)))

    async def frame(self) -> Frame:
        """Return what stands beside the rows."""
        with refusing(self.where):
            confirms = await self._connection.fetch("SELECT device, epoch, idx FROM event_confirms")
            meta: list[Any] = await self._connection.fetch("SELECT name, value FROM meta")
            samples = await sample_transfer.meta(self._connection)
            floor = await self._connection.fetchval("SELECT value FROM event_meta WHERE name = 'floor'")
        return Frame(
            floor=floor,
            confirms={told(device): (epoch, index) for device, epoch, index in confirms},
            meta={name: value for name, value in meta if name not in OWN},
            samples=samples,
        )

    async def put_frame(self, frame: Frame) -> None:
        """Write what stands beside the rows."""
        with refusing(self.where):
            async with self._connection.transaction():
                await self._connection.execute("UPDATE event_meta SET value = $1 WHERE name = 'floor'", frame.floor)
                await self._connection.execute(
                    "INSERT INTO event_confirms SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])",
                    [kept(device) for device in frame.confirms],
                    [epoch for epoch, _ in frame.confirms.values()],
                    [index for _, index in frame.confirms.values()],
                )
                await self._connection.execute(SET, list(frame.meta), list(frame.meta.values()))
                await sample_transfer.put_meta(self._connection, frame.samples)

    async def close(self) -> None:
        """Close the connection, and free the locks."""
        await self._connection.close()


def _placed(rows: Sequence[Row]) -> Placed:
    events = [of_body(decode_body(body), body) for _, _, body in rows]
    return Placed([row[0] for row in rows], [row[1] for row in rows], events)


class Snapshot(PostgresSide):
    """A database that others go on writing to, read as of one moment."""

    @classmethod
    async def hold(cls, server: Server) -> Snapshot:
        """Connect, and hold the moment until it is closed."""
        connection = await server.connect(default_transaction_read_only="on")
        made = cls(server, connection)
        begun = False
        try:
            with refusing(server.where):
                await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                # A seal truncates the journal, which is not versioned: the lock comes before the view begins.
                await connection.execute("LOCK TABLE sample_journal IN ACCESS SHARE MODE")
                await connection.fetchval("SELECT count(*) FROM meta")
            begun = True
        finally:
            if not begun:
                await connection.close()
        return made

    async def size(self) -> int:
        """Return the bytes that the database takes."""
        with refusing(self.where):
            return int(await self._connection.fetchval("SELECT pg_database_size(current_database())"))
