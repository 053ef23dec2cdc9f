"""Bringing a database to the newest schema, and the locks that keep it to one writer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from sitewarden.domain.errors import Conflict, Unreachable
from sitewarden.store.postgres.server import SCHEMA, Server, describe, refusing

LOCKS: Final = 0x5157_4452
"""First number of our advisory locks; the second is one of those below."""
EVENTS: Final = 1
STATE: Final = 2
SAMPLES: Final = 3
MOVED: Final = "moved"
"""Name in `meta` of the note that the content is somewhere else now."""
STEPS: Final = Path(__file__).parent / "migrations"


def engine(server: Server) -> AsyncEngine:
    """Return an engine of SQLAlchemy whose every connection is one that `server` opens."""
    return create_async_engine("postgresql+asyncpg://", async_creator=server.connect, poolclass=NullPool)


async def take(connection: asyncpg.Connection, lock: int, where: str) -> None:
    """Take a lock for as long as the connection stands; raise Conflict with who holds it."""
    with refusing(where):
        if await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCKS, lock):
            return
        holder = await connection.fetchrow(
            "SELECT coalesce(host(a.client_addr), 'its own computer') AS host, a.backend_start::timestamp(0) AS since"
            " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid",
            LOCKS,
            lock,
        )
    who = f", from {holder['host']} since {holder['since']} UTC" if holder is not None else ""
    raise Conflict(
        f"Another server writes to this database{who}.",
        where=where,
        remedy="Stop that one, or give each server a database of its own.",
    )


async def prepare(server: Server, to: str = "head") -> None:
    """Make the tables, or bring them to the newest schema, in one transaction.

    Raises Conflict where another server writes to the database, Unreachable where it was written by a newer program.
    """
    connection = await server.connect()
    try:
        await describe(connection, server.where)
        for lock in (EVENTS, STATE):
            await take(connection, lock, server.where)
        with refusing(server.where):
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        made = engine(server)
        try:
            with refusing(server.where):
                async with made.begin() as steps:
                    await steps.run_sync(_upgrade, to, server.where)
        finally:
            await made.dispose()
    finally:
        await connection.close()


async def moved(server: Server) -> str:
    """Return where the content of the database was moved to; empty where it is still the one."""
    connection = await server.connect()
    try:
        with refusing(server.where):
            return await connection.fetchval("SELECT value FROM meta WHERE name = $1", MOVED) or ""
    finally:
        await connection.close()


def _upgrade(connection: Connection, to: str, where: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA}).get_current_revision()
    if found is not None and found not in known:
        raise Unreachable(
            f"This database was written by a newer Sitewarden (schema {found}, this program knows {max(known)}).",
            where=where,
            remedy="Start the newer version again, or restore the backup that was made before the update.",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, to)
