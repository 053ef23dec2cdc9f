"""State: changes per second with audit entry and event in the same transaction, reading from memory, and loading."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

import uvloop

from bench.harness import Row, workspace
from sitewarden.domain.access.people import Credential, CredentialProfile
from sitewarden.domain.clock import Clock
from sitewarden.domain.events import Event
from sitewarden.store.interfaces import AuditEntry, Change
from sitewarden.store.sqlite import SqliteStateStore

TITLE = "state, every change durable with its audit entry and its event"
NOW = 1_780_000_000_000_000
LOADED = 50_000


class _Clock:
    def now(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return time.monotonic()


def credential(number: int) -> Change:
    """A card with one access profile."""
    entity = Credential(
        id=f"card-{number}",
        name=f"Card {number}",
        holder=f"holder-{number}",
        card=f"26:{number:x}",
        profiles=(CredentialProfile(profile="staff", valid_from=NOW),),
    )
    return Change(kind="credential", id=entity.id, entity=entity)


async def changed(path: Path, callers: int, each: int) -> float:
    clock: Clock = _Clock()
    state = SqliteStateStore.open(path, clock)

    async def call(caller: int) -> None:
        for index in range(each):
            one = credential(caller * each + index)
            event = Event(key=f"config/{caller}/{index}", type="config.created", entity=f"credential:{one.id}", time=NOW)
            entry = AuditEntry(time=NOW, actor="user:ada", action="credential.create", entity=event.entity, outcome="done")
            await state.apply([one], events=[event], audit=[entry])

    started = time.perf_counter()
    await asyncio.gather(*(call(caller) for caller in range(callers)))
    taken = time.perf_counter() - started
    await state.close()
    return callers * each / taken


async def imported_and_loaded(path: Path) -> tuple[float, float, float]:
    """Entities per second of one import and of loading the file again, and reads per second."""
    clock: Clock = _Clock()
    state = SqliteStateStore.open(path, clock)
    changes = [credential(number) for number in range(LOADED)]
    started = time.perf_counter()
    await state.apply(changes)
    imported = LOADED / (time.perf_counter() - started)
    await state.close()
    started = time.perf_counter()
    state = SqliteStateStore.open(path, clock)
    loaded = LOADED / (time.perf_counter() - started)
    ids = [f"card-{number * 7919 % LOADED}" for number in range(200_000)]
    started = time.perf_counter()
    for id_ in ids:
        state.get("credential", id_)
    reads = len(ids) / (time.perf_counter() - started)
    await state.close()
    return imported, loaded, reads


def plain_reads(path: Path) -> float:
    """Reads per second of the same file with a prepared select."""
    connection = sqlite3.connect(path)
    ids = [f"card-{number * 7919 % LOADED}" for number in range(50_000)]
    started = time.perf_counter()
    for id_ in ids:
        connection.execute("SELECT data FROM entities WHERE kind = 'credential' AND id = ?", (id_,)).fetchone()
    taken = time.perf_counter() - started
    connection.close()
    return len(ids) / taken


def plain_changes(path: Path, count: int) -> float:
    """The same three rows a change, a transaction each, without chain, revision and memory."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for table in ("entities", "audit", "outbox"):
        connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, data TEXT)")
    started = time.perf_counter()
    for number in range(count):
        connection.execute("BEGIN IMMEDIATE")
        for table in ("entities", "audit", "outbox"):
            connection.execute(f"INSERT INTO {table} (data) VALUES (?)", (repr(credential(number)),))
        connection.execute("COMMIT")
    taken = time.perf_counter() - started
    connection.close()
    return count / taken


def run() -> list[Row]:
    with workspace("state") as path:
        plain = plain_changes(path / "plain.db", 1000)
        one = uvloop.run(changed(path / "one.db", 1, 500))
        many = uvloop.run(changed(path / "many.db", 32, 60))
        imported, loaded, reads = uvloop.run(imported_and_loaded(path / "import.db"))
        plain_read = plain_reads(path / "import.db")
    name = "SQLite WAL FULL, three inserts a transaction"
    return [
        Row(name="changes, 1 caller", value=one, unit="changes/s", plain=plain, plain_name=name),
        Row(name="changes, 32 callers", value=many, unit="changes/s", plain=plain, plain_name=name),
        Row(name=f"one import of {LOADED:,}", value=imported, unit="entities/s"),
        Row(name=f"loading {LOADED:,} at the start", value=loaded, unit="entities/s"),
        Row(name="reading one entity", value=reads, unit="reads/s", plain=plain_read, plain_name="a select by key"),
    ]
