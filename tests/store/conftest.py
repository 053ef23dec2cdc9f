"""Homes of the stores: the same test runs against SQLite and against a PostgreSQL server of the tests' own."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest

from sitewarden.config import Database
from sitewarden.domain.clock import Clock
from sitewarden.store.held_state import Emit, HeldStateStore
from sitewarden.store.interfaces import EventLog, Finding, SampleReader
from sitewarden.store.packed_samples import Limits, PackedSampleStore
from sitewarden.store.postgres import PostgresEventLog, PostgresSampleReader, PostgresSampleStore, PostgresStateStore, Server
from sitewarden.store.postgres.fsck import check_database
from sitewarden.store.sqlite import SqliteEventLog, SqliteSampleReader, SqliteSampleStore, SqliteStateStore
from sitewarden.store.sqlite.event_log import wall
from sitewarden.store.sqlite.fsck import check_all


class Home(Protocol):
    """Opens the stores of one home, again and again."""

    async def log(self, now: Callable[[], int] = wall) -> EventLog: ...

    async def state(self, clock: Clock, relay: Emit | None = None) -> HeldStateStore: ...

    async def samples(self, limits: Limits | None = None) -> PackedSampleStore: ...

    def sample_reader(self) -> SampleReader:
        """A reader as another process has it."""
        ...

    async def count(self, table: str) -> int:
        """Rows of "journal", "chunks", "rolls"."""
        ...

    async def change_samples(self, statement: str) -> None:
        """Run a statement on the tables of the samples, behind the store's back."""
        ...

    async def findings(self) -> list[Finding]: ...


class SqliteHome:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def log(self, now: Callable[[], int] = wall) -> EventLog:
        return SqliteEventLog.open(self.folder / "events.db", now=now)

    async def state(self, clock: Clock, relay: Emit | None = None) -> HeldStateStore:
        return SqliteStateStore.open(self.folder / "state.db", clock, relay)

    async def samples(self, limits: Limits | None = None) -> SqliteSampleStore:
        return SqliteSampleStore.open(self.folder / "samples.db", limits=limits)

    def sample_reader(self) -> SampleReader:
        return SqliteSampleReader(self.folder / "samples.db")

    async def count(self, table: str) -> int:
        with closing(sqlite3.connect(self.folder / "samples.db")) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    async def change_samples(self, statement: str) -> None:
        with closing(sqlite3.connect(self.folder / "samples.db")) as connection:
            connection.execute(statement)
            connection.commit()

    async def findings(self) -> list[Finding]:
        return check_all(self.folder)


class PostgresHome:
    def __init__(self, url: str, folder: Path) -> None:
        self.server = Server(Database(url=url))
        self.folder = folder

    async def log(self, now: Callable[[], int] = wall) -> PostgresEventLog:
        return await PostgresEventLog.open(self.server, self.folder / "events-journal.db", now=now)

    async def state(self, clock: Clock, relay: Emit | None = None) -> HeldStateStore:
        return await PostgresStateStore.open(self.server, clock, relay)

    async def samples(self, limits: Limits | None = None) -> PostgresSampleStore:
        return await PostgresSampleStore.open(self.server, self.folder / "samples-journal.db", limits=limits)

    def sample_reader(self) -> SampleReader:
        return PostgresSampleReader(self.server)

    async def count(self, table: str) -> int:
        connection = await self.server.connect()
        try:
            return int(await connection.fetchval(f"SELECT count(*) FROM sample_{table}"))
        finally:
            await connection.close()

    async def change_samples(self, statement: str) -> None:
        connection = await self.server.connect()
        try:
            await connection.execute(re.sub(r"\b(chunks|rolls|journal|names)\b", r"sample_\1", statement))
        finally:
            await connection.close()

    async def findings(self) -> list[Finding]:
        # The tests' server does not wait for its disk, which is the first thing that is told.
        return [one for one in await check_database(self.server) if "fsync" not in one.what]


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    if request.param == "sqlite":
        return SqliteHome(tmp_path)
    return PostgresHome(request.getfixturevalue("database"), tmp_path)
