"""Schema versions: an older database, brought up to date, is what a new one is."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql

from sitewarden.config import Database
from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.store.postgres import Server
from sitewarden.store.postgres.schema import STEPS, engine, prepare
from sitewarden.store.sqlite import event_rows, state_tables
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.state_tables import METADATA
from tests.store.cluster import Cluster

REVISIONS = [one.revision for one in reversed(list(ScriptDirectory(str(STEPS)).walk_revisions()))]
STORES = {"events": event_rows.SCHEMA, "state": state_tables.SCHEMA}


def schema_of(path: Path) -> list[tuple[str, ...]]:
    """What a file's tables and indexes are, apart from how their text was laid out."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
    return [(kind, name, " ".join((text or "").split())) for kind, name, text in rows]


@pytest.mark.parametrize(
    ("store", "version"), [(store, version) for store, steps in STORES.items() for version in range(1, len(steps))]
)
def test_an_older_file_brought_up_to_date_is_as_a_new_one(tmp_path: Path, store: str, version: int) -> None:
    def made(name: str, *counts: int) -> list[tuple[str, ...]]:
        path = tmp_path / name
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            steps: Sequence[str] = STORES[store]
            for count in counts:
                migrate(connection, path, store, steps[:count])
        return schema_of(path)

    newest = len(STORES[store])
    assert made("older.db", version, newest) == made("new.db", newest)


DESCRIBED = """
SELECT 'column', table_name::text, column_name::text, data_type::text, is_nullable::text, column_default::text,
  identity_generation::text
  FROM information_schema.columns WHERE table_schema = 'sitewarden'
UNION ALL SELECT 'index', tablename::text, indexname::text, indexdef, '', '', '' FROM pg_indexes WHERE schemaname = 'sitewarden'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), '', '', '' FROM pg_constraint
  WHERE connamespace = 'sitewarden'::regnamespace
UNION ALL SELECT 'table', relname::text, relkind::text, coalesce(reloptions::text, ''),
  coalesce(pg_get_partkeydef(oid), ''), '', ''
  FROM pg_class WHERE relnamespace = 'sitewarden'::regnamespace AND relkind IN ('r', 'p')
ORDER BY 1, 2, 3
"""


async def described(server: Server) -> list[tuple[object, ...]]:
    connection: asyncpg.Connection = await server.connect()
    try:
        return [tuple(row) for row in await connection.fetch(DESCRIBED)]
    finally:
        await connection.close()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
async def test_an_older_database_brought_up_to_date_is_as_a_new_one(cluster: Cluster, database: str, revision: str) -> None:
    name = f"older{revision}"
    cluster.sql(f"CREATE DATABASE {name}")
    older = Server(Database(url=cluster.url(name)))
    await prepare(older, revision)
    assert await described(older) != await described(Server(Database(url=database)))
    await prepare(older)
    await prepare(older)
    assert await described(older) == await described(Server(Database(url=database)))


async def test_the_tables_in_the_code_are_those_in_the_database(database: str) -> None:
    made = engine(Server(Database(url=database)))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    async with made.connect() as connection:
        for name, table in METADATA.tables.items():
            columns = await connection.run_sync(lambda sync, name=name: inspect(sync).get_columns(name, schema="sitewarden"))
            there = {one["name"]: (one["type"].compile(dialect=dialect), one["nullable"]) for one in columns}
            ours = {one.name: (one.type.compile(dialect=dialect), one.nullable) for one in table.columns}
            # SQLite's INTEGER holds 64 bits; here a key that grows for ever says so.
            assert {key: (type_.replace("BIGINT", "INTEGER"), null) for key, (type_, null) in there.items()} == {
                key: (type_.replace("BIGINT", "INTEGER"), null) for key, (type_, null) in ours.items()
            }
    await made.dispose()


async def test_a_database_of_a_newer_program_and_one_that_cannot_be_used_are_left_alone(cluster: Cluster, database: str) -> None:
    name = database.rpartition("/")[2]
    cluster.sql("UPDATE sitewarden.alembic_version SET version_num = '9999'", name)
    with pytest.raises(Unreachable, match="newer Sitewarden"):
        await prepare(Server(Database(url=database)))
    cluster.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(Unreachable, match="encoding is LATIN1"):
        await prepare(Server(Database(url=cluster.url("latin"))))
    with pytest.raises(Unreachable, match="no such database"):
        await prepare(Server(Database(url=cluster.url("nowhere"))))
    cluster.sql("CREATE ROLE guest LOGIN")
    cluster.sql("CREATE DATABASE foreign_one")
    with pytest.raises(Refusal, match="may not do this"):
        await prepare(Server(Database(url=cluster.url("foreign_one", user="guest"))))
