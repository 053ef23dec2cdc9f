"""State on PostgreSQL: one writing connection with a lock, and memory that goes on being read while the database is away."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any, Final, Literal

import asyncpg
import msgspec
from sqlalchemy import ClauseElement, collate, delete, func, select
from sqlalchemy.dialects.postgresql import asyncpg as dialects

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Unreachable
from sitewarden.domain.events import Event
from sitewarden.store import audit_chain
from sitewarden.store.held_state import AGAIN, Emit, HeldStateStore, Loaded
from sitewarden.store.interfaces import AuditRecord, Finding, Held
from sitewarden.store.postgres.link import Link
from sitewarden.store.postgres.readers import Readers
from sitewarden.store.postgres.schema import STATE
from sitewarden.store.postgres.server import Away, Server, refusing
from sitewarden.store.state_tables import AUDIT, ENTITIES, META, OUTBOX
from sitewarden.store.state_work import Rows, Staged, decode, decode_event, rows_of

PATIENCE: Final = 10.0
ROWS: Final = 5000
"""Rows of one statement."""
LAST: Final = "last"
"""Name in `meta` of the mark of the last transaction: who comes back after a broken connection sees whether it was done."""

UPSERT: Final = (
    "INSERT INTO entities (kind, id, revision, changed, data)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::text[])"
    " ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, changed = excluded.changed, data = excluded.data"
)
DELETE: Final = (
    "DELETE FROM entities e USING unnest($1::text[], $2::text[]) AS g (kind, id) WHERE e.kind = g.kind AND e.id = g.id"
)
WAIT: Final = "INSERT INTO outbox (event) SELECT * FROM unnest($1::text[])"
AUDITED: Final = "INSERT INTO audit (id, entry, hash) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])"
SET: Final = (
    "INSERT INTO meta (name, value) SELECT * FROM unnest($1::text[], $2::text[])"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)

_DIALECT = dialects.dialect()  # type: ignore[no-untyped-call]


def sql(statement: ClauseElement) -> tuple[Any, ...]:
    """Return a statement of SQLAlchemy Core as the driver takes it: the text, then its values."""
    compiled = statement.compile(dialect=_DIALECT)
    return (str(compiled), *(compiled.params[name] for name in getattr(compiled, "positiontup", None) or ()))


class PostgresStateHome:
    """`StateHome` in a database; this process is its one writer, by the lock that its connection holds."""

    patience: float | None = PATIENCE

    def __init__(self, server: Server) -> None:
        self.where = server.where
        self._link = Link(server, STATE, self._back)
        self._readers = Readers(server, connections=1)
        self._last: str | None = None
        self._opened = False
        self._doubt: tuple[str, asyncio.Future[bool]] | None = None
        self._turn = asyncio.Lock()
        """Of those that use the writing connection: changes, and the relay that clears the outbox."""

    async def open(self) -> Loaded:
        """Connect and read the whole state; raise Conflict where another process writes to it."""
        try:
            await self._link.open()
            with refusing(self.where):
                loaded = await _load(self._link.connection, self.where)
            self._opened = True
        finally:
            if not self._opened:
                await self._link.close()
        return loaded

    @property
    def away(self) -> str:
        """Why the database is not in use now; empty while it is."""
        return "" if self._link.connected else self._link.reason.what

    def check(self) -> None:
        """Raise Away where no change can be taken now."""
        if self._doubt is not None or not self._link.connected:
            raise Away(f"Nothing was changed. {self._link.reason.what}", where=self.where, remedy=AGAIN)

    async def _back(self, connection: asyncpg.Connection) -> None:
        with refusing(self.where):
            found = await connection.fetchval("SELECT value FROM meta WHERE name = $1", LAST)
        if self._opened and found != self._last and (self._doubt is None or found != self._doubt[0]):
            raise Unreachable(
                "Another server changed the state while the database was out of this one's reach.",
                where=self.where,
                remedy="Let one server write to it, and start this one again: it then reads the state anew.",
            )
        if self._doubt is not None and not self._doubt[1].done():
            self._doubt[1].set_result(found == self._doubt[0])
        self._last = found

    async def write(self, parts: Sequence[Staged], version: int, head: tuple[int, bytes]) -> tuple[int, bytes]:
        """Write a group in one transaction; return the new head of the audit chain."""
        rows = rows_of(parts, head)
        mark = secrets.token_hex(8)
        values = {LAST: mark} | ({"version": str(version)} if version else {})
        if rows.chain:
            values["audit"] = f"{rows.chain[-1][0]} {rows.chain[-1][2].hex()}"
        async with self._turn:
            lost = await self._transact(rows, values)
        if lost is not None and not await self._settle(mark, lost):
            raise Away(f"Nothing was changed. {lost.what}", where=self.where, remedy=AGAIN) from lost
        self._last = mark
        return (rows.chain[-1][0], rows.chain[-1][2]) if rows.chain else head

    async def _transact(self, rows: Rows, values: dict[str, str]) -> Away | None:
        """Write a group; return what broke the connection in the commit, whose outcome is open then."""
        try:
            connection = self._link.connection
            with refusing(self.where):
                transaction = connection.transaction()
                await transaction.start()
                written = False
                try:
                    for statement, table in (
                        (UPSERT, rows.upserts),
                        (DELETE, rows.deletions),
                        (WAIT, [(text,) for text in rows.events]),
                        (AUDITED, rows.chain),
                        (SET, list(values.items())),
                    ):
                        await _many(connection, statement, table)
                    written = True
                finally:
                    if not written and not connection.is_closed():
                        await transaction.rollback()
        except Away as away:
            self._link.lost(away)
            raise Away(f"Nothing was changed. {away.what}", where=self.where, remedy=AGAIN) from away
        try:
            with refusing(self.where):
                await transaction.commit()
        except Away as away:
            return away
        return None

    async def _settle(self, mark: str, away: Away) -> bool:
        """Wait until the database is back, and tell whether it did what it was last asked to do."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._doubt = (mark, future)
        self._link.lost(away)
        try:
            return await future
        finally:
            self._doubt = None

    async def outbox(self, limit: int) -> list[tuple[int, Event]]:
        """Return the oldest events that wait for the event log."""
        query = sql(select(OUTBOX.c.id, OUTBOX.c.event).order_by(OUTBOX.c.id).limit(limit))
        rows = await self._readers.run(lambda connection: connection.fetch(*query))
        return [(number, decode_event(text)) for number, text in rows]

    async def clear_outbox(self, up_to: int) -> None:
        """Forget the events up to an id."""
        # Whoever is cancelled leaves no statement half said on the connection.
        await asyncio.shield(asyncio.get_running_loop().create_task(self._clear(up_to)))

    async def _clear(self, up_to: int) -> None:
        async with self._turn:
            with refusing(self.where):
                await self._link.connection.execute(*sql(delete(OUTBOX).where(OUTBOX.c.id <= up_to)))

    async def waiting(self) -> int:
        """Return how many events wait for the event log."""
        query = sql(select(func.count()).select_from(OUTBOX))
        return int(await self._readers.run(lambda connection: connection.fetchval(*query)))

    async def audit_page(self, before: int | None, limit: int) -> list[AuditRecord]:
        """Return audit entries from the newest down."""
        query = select(AUDIT.c.id, AUDIT.c.entry, AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AUDIT.c.id < before)
        rows = await self._readers.run(lambda connection: connection.fetch(*sql(query)))
        return [audit_chain.record(*row) for row in rows]

    async def verify_chain(self) -> list[Finding]:
        """Check the audit chain from its first entry."""
        return await self._readers.run(lambda connection: verify(connection, self.where))

    async def close(self) -> None:
        """Close the connections."""
        async with self._turn:
            await self._link.close()
        await self._readers.close()


class PostgresStateStore(HeldStateStore):
    """`StateStore` in a database."""

    def __init__(self, home: PostgresStateHome, loaded: Loaded, clock: Clock, emit: Emit | None) -> None:
        super().__init__(home, loaded, clock, emit)
        self.home = home

    @classmethod
    async def open(cls, server: Server, clock: Clock, relay: Emit | None = None) -> PostgresStateStore:
        """Load the state whole; the tables are there (`schema.prepare`). Raises Conflict or Unreachable."""
        home = PostgresStateHome(server)
        return cls(home, await home.open(), clock, relay)


async def _many(connection: asyncpg.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), ROWS):
        await connection.execute(statement, *map(list, zip(*rows[start : start + ROWS], strict=True)))


async def _load(connection: asyncpg.Connection, where: str) -> Loaded:
    entities: dict[str, dict[str, Held]] = {}
    columns = (ENTITIES.c.kind, ENTITIES.c.id, ENTITIES.c.revision, ENTITIES.c.changed, ENTITIES.c.data)
    # As SQLite orders it, whatever the database's own collation is.
    query = sql(select(*columns).order_by(collate(ENTITIES.c.kind, "C"), collate(ENTITIES.c.id, "C")))
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        version = int(await connection.fetchval(*sql(select(META.c.value).where(META.c.name == "version"))))
        async for kind, id_, revision, changed, data in connection.cursor(*query, prefetch=ROWS):
            try:
                entities.setdefault(kind, {})[id_] = Held(decode(kind, data), revision, changed)
            except (KeyError, msgspec.ValidationError) as error:
                raise Unreachable(
                    f"{kind}:{id_} does not fit this version of Sitewarden: {error}.",
                    where=where,
                    remedy="Start the version that wrote it, or restore the backup that was made before the update.",
                ) from error
        last = await connection.fetchrow(*sql(select(AUDIT.c.id, AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1)))
    return Loaded(version, entities, (last[0], last[1]) if last else (0, audit_chain.ZERO))


async def verify(connection: asyncpg.Connection, where: str) -> list[Finding]:
    """Check the audit chain that a connection reads, from its first entry."""
    isolation: Literal["repeatable_read"] = "repeatable_read"
    verifier = audit_chain.Verifier(where)
    async with connection.transaction(isolation=isolation, readonly=True):
        named = await connection.fetchval(*sql(select(META.c.value).where(META.c.name == "audit")))
        query = sql(select(AUDIT.c.id, AUDIT.c.entry, AUDIT.c.hash).order_by(AUDIT.c.id))
        async for row in connection.cursor(*query, prefetch=ROWS):
            verifier.take(*row)
    return verifier.findings(audit_chain.named_head(named))
