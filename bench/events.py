"""Durable events per second, and how long an append waits under a steady load."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import uvloop

from bench.harness import Row, percentile, workspace
from sitewarden.config import Database
from sitewarden.domain.events import Event
from sitewarden.store.interfaces import EventLog
from sitewarden.store.postgres import PostgresEventLog, Server
from sitewarden.store.postgres.schema import prepare
from sitewarden.store.sqlite import SqliteEventLog
from tests.store.cluster import Cluster, missing

Home = Callable[[Path], Awaitable[EventLog]]

TITLE = "the event log, every append durable (fsync) before it is acknowledged"


def make(producer: int, index: int) -> Event:
    """A card swipe as it stands in a real log."""
    return Event(
        key=f"controller-{producer}/1/{index}",
        type="access.granted",
        entity=f"door:door-{producer % 64}",
        time=1_780_000_000_000_000 + index,
        related=(f"access-point:in-{producer % 64}", f"credential-holder:holder-{index % 5000}"),
        text="Ada Lovelace may pass Main entrance",
        data={"reason": "", "holder": f"holder-{index % 5000}", "credential": "card-1", "explanation": {"schedule": "always"}},
    )


async def in_file(path: Path) -> EventLog:
    """Open the log in a file."""
    return SqliteEventLog.open(path)


def in_database(cluster: Cluster, name: str) -> Callable[[Path], Awaitable[EventLog]]:
    """Return what opens the log in a new database; the path is its journal's."""

    async def opened(path: Path) -> EventLog:
        cluster.sql(f"CREATE DATABASE {name}")
        server = Server(Database(url=cluster.url(name)))
        await prepare(server)
        return await PostgresEventLog.open(server, path)

    return opened


async def closed_loop(path: Path, producers: int, each: int, home: Home = in_file) -> float:
    """Events per second when each of `producers` sends its next event once the last is durable."""
    log = await home(path)

    async def produce(producer: int) -> None:
        for index in range(each):
            await log.append([make(producer, index)])

    started = time.perf_counter()
    await asyncio.gather(*(produce(producer) for producer in range(producers)))
    taken = time.perf_counter() - started
    await log.close()
    return producers * each / taken


async def open_loop(path: Path, rate: int, seconds: float, home: Home = in_file) -> list[float]:
    """Milliseconds from the moment an event is due until it is durable; events come at `rate` whatever the log does."""
    log = await home(path)
    waits: list[float] = []
    running: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()
    begun = time.perf_counter() + 0.1

    async def one(index: int, due: float) -> None:
        await log.append([make(index % 128, index)])
        waits.append((time.perf_counter() - due) * 1000)

    for index in range(int(rate * seconds)):
        due = begun + index / rate
        pause = due - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        task = loop.create_task(one(index, due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    await log.close()
    return waits


def plain(path: Path, count: int) -> float:
    """Events per second with one autocommit transaction an event, on the same tables' simplest form."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, key TEXT UNIQUE, entity TEXT, body TEXT)")
    connection.execute("CREATE INDEX by_entity ON events (entity)")
    started = time.perf_counter()
    for index in range(count):
        event = make(0, index)
        connection.execute("INSERT INTO events (key, entity, body) VALUES (?, ?, ?)", (event.key, event.entity, repr(event.data)))
    taken = time.perf_counter() - started
    connection.close()
    return count / taken


async def pool(cluster: Cluster, producers: int, each: int) -> float:
    """Events per second when each of `producers` has a connection of its own and commits event by event."""
    cluster.sql("CREATE DATABASE pooled")
    connection = await asyncpg.connect(cluster.url("pooled"))
    await connection.execute("CREATE TABLE events (seq bigserial PRIMARY KEY, key text UNIQUE, entity text, body text)")
    await connection.execute("CREATE INDEX by_entity ON events (entity)")
    await connection.close()
    connections = [await asyncpg.connect(cluster.url("pooled")) for _ in range(producers)]

    async def produce(producer: int) -> None:
        for index in range(each):
            event = make(producer, index)
            statement = "INSERT INTO events (key, entity, body) VALUES ($1, $2, $3)"
            await connections[producer].execute(statement, event.key, event.entity, repr(event.data))

    started = time.perf_counter()
    await asyncio.gather(*(produce(producer) for producer in range(producers)))
    taken = time.perf_counter() - started
    for each_connection in connections:
        await each_connection.close()
    return producers * each / taken


def postgres(path: Path, size: float) -> list[Row]:
    """The same with the log in a PostgreSQL server of our own, which waits for its disk; none where none is installed."""
    if missing():
        return []
    cluster = Cluster(path / "postgresql", "127.88.255.1")
    cluster.options |= {"fsync": "on", "shared_buffers": "256MB", "max_connections": "200"}
    try:
        cluster.make()
        cluster.start()
        alternative = uvloop.run(pool(cluster, 100, max(1, int(60 * size))))
        one = uvloop.run(closed_loop(path / "one.journal", 1, int(3000 * size), in_database(cluster, "one")))
        many = uvloop.run(closed_loop(path / "many.journal", 128, int(600 * size), in_database(cluster, "many")))
        most = uvloop.run(closed_loop(path / "most.journal", 2048, int(100 * size), in_database(cluster, "most")))
        waits = uvloop.run(open_loop(path / "open.journal", 3000, 5.0 * size, in_database(cluster, "open")))
    finally:
        cluster.remove()
    name = "PostgreSQL, 100 connections, a transaction an event"
    return [
        Row(name="PostgreSQL, 1 producer", value=one, unit="events/s", plain=alternative, plain_name=name),
        Row(name="PostgreSQL, 128 producers", value=many, unit="events/s", plain=alternative, plain_name=name),
        Row(name="PostgreSQL, 2048 producers", value=most, unit="events/s", plain=alternative, plain_name=name),
        Row(name="PostgreSQL, wait at 3,000/s open loop, p50", value=percentile(waits, 0.5), unit="ms", better="lower"),
        Row(name="PostgreSQL, wait at 3,000/s open loop, p99", value=percentile(waits, 0.99), unit="ms", better="lower"),
    ]


def run(size: float = 1.0) -> list[Row]:
    with workspace("events") as path:
        alternative = plain(path / "plain.db", 3000)
        one = uvloop.run(closed_loop(path / "one.db", 1, 3000))
        many = uvloop.run(closed_loop(path / "many.db", 128, 600))
        waits = uvloop.run(open_loop(path / "open.db", 3000, 5.0))
        database = postgres(path, size)
    plain_name = "SQLite WAL FULL, a transaction an event"
    return [
        Row(name="1 producer", value=one, unit="events/s", plain=alternative, plain_name=plain_name),
        Row(name="128 producers", value=many, unit="events/s", plain=alternative, plain_name=plain_name),
        Row(name="wait at 3,000/s open loop, p50", value=percentile(waits, 0.5), unit="ms", better="lower"),
        Row(name="wait at 3,000/s open loop, p99", value=percentile(waits, 0.99), unit="ms", better="lower", note="5 s"),
        Row(name="wait at 3,000/s open loop, most", value=max(waits), unit="ms", better="lower"),
        *database,
    ]
