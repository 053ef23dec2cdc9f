"""The controller's own store: its log, the rules that it decides by, and the modes of its doors. SQLite; does I/O in a thread.

The log is the system of record. An index is given at once, in memory; a record is read, and so uploaded, only once it is
durable. Records that wait for the disk are bounded: above `WAITING` new ones are dropped, and that gap is recorded too.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar, TypeVarTuple

import msgspec

from sitewarden.domain.access.door_signals import Priority
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.wire.controller import Record, encode

log = logging.getLogger(__name__)

WAITING = 50_000
GAP = "controller.log-gap"
RETRY = 1.0
"""Seconds until a write that failed is tried again."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (idx INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rules (one INTEGER PRIMARY KEY CHECK (one = 1), digest TEXT NOT NULL, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS deltas (number INTEGER PRIMARY KEY, digest TEXT NOT NULL, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS modes (door TEXT, priority INTEGER, mode TEXT NOT NULL, PRIMARY KEY (door, priority)) WITHOUT ROWID;
"""
_decode = msgspec.msgpack.Decoder(Record).decode


class Journal:
    """Opened with `Journal.open`; `run` writes until cancelled, `close` writes what waits."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        clock: Clock,
        *,
        records: int = 1_000_000,
        executor: Executor | None = None,
    ) -> None:
        self._db = connection
        self._path = path
        self._clock = clock
        self._records = records
        self._executor = executor
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._modes: dict[str, dict[Priority, DoorMode]] = {}
        self._committing = False
        self._dropped = 0
        self.told: Callable[[int, Record], None] = lambda index, record: None
        """Called with each record that is added."""
        self._wake = asyncio.Event()
        self._durable = asyncio.Condition()
        meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
        self.epoch: int = meta["epoch"]
        self.confirmed: int = meta.get("confirmed", 0)
        first, last = connection.execute("SELECT min(idx), max(idx) FROM log").fetchone()
        self.first: int = int(first or 0)
        self.last: int = max(last or 0, meta.get("last", 0))
        """Greatest index that is durable."""
        self._next: int = self.last + 1

    @classmethod
    def open(cls, path: Path, clock: Clock, *, records: int = 1_000_000, executor: Executor | None = None) -> Journal:
        """Open or make the file; a new one begins a new epoch."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.executescript(_SCHEMA)
            db.execute("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)", (clock.now(),))
        except (sqlite3.Error, OSError) as error:
            raise Refusal(
                f"The controller's log cannot be opened: {error}.",
                where=str(path),
                remedy="Check the directory's rights and free space; move the file away to begin a new log.",
            ) from None
        return cls(db, path, clock, records=records, executor=executor)

    # -- writing ------------------------------------------------------------------------------------------------------

    def add(self, record: Record) -> int:
        """Take a record and return its index; it is durable a moment later. Never blocks."""
        index = self._next
        self._next += 1
        if len(self._waiting) >= WAITING:
            self._dropped += 1
        else:
            self._waiting.append((index, encode(record)))
            self._wake.set()
        self.told(index, record)
        return index

    def keep_modes(self, door: str, slots: Mapping[Priority, DoorMode]) -> None:
        """Keep the lock requests of a door over a restart."""
        self._modes[door] = dict(slots)
        self._wake.set()

    def confirm(self, index: int) -> None:
        """Note what the server holds; written with the next records."""
        self.confirmed = max(self.confirmed, index)

    async def run(self) -> None:
        """Write what waits, in groups, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not await self._write():
                await asyncio.sleep(RETRY)
                self._wake.set()

    async def flush(self) -> None:
        """Return once all that was added is durable."""
        wanted = self._next - 1
        self._wake.set()
        async with self._durable:
            await self._durable.wait_for(lambda: self.last >= wanted and not self._modes and not self._committing)

    async def wait_beyond(self, index: int) -> None:
        """Return once a record after `index` is durable."""
        async with self._durable:
            await self._durable.wait_for(lambda: self.last > index)

    async def _write(self) -> bool:
        batch, modes = list(self._waiting), dict(self._modes)
        if not batch and not modes:
            return True
        self._committing = True
        try:
            lost = await self._call(self._commit, batch, modes)
        except sqlite3.Error as error:
            log.error("the log %s cannot be written: %s", self._path, error)
            return False
        finally:
            self._committing = False
        self._modes = {door: slots for door, slots in self._modes.items() if slots is not modes.get(door)}
        if batch:
            end = batch[-1][0]
            while self._waiting and self._waiting[0][0] <= end:
                self._waiting.popleft()
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self.add(Record(self._clock.now(), GAP, data={"count": dropped, "detail": "the disk did not answer"}))
        if lost:
            self.add(Record(self._clock.now(), GAP, data={"count": lost, "detail": "the log is full"}))
        async with self._durable:
            self.last = max(self.last, batch[-1][0] if batch else 0)
            self.first = self.first or (batch[0][0] if batch else 0)
            self._durable.notify_all()
        return True

    def _commit(self, batch: list[tuple[int, bytes]], modes: dict[str, dict[Priority, DoorMode]]) -> int:
        """Write in one transaction; return how many records went that the server does not hold."""
        lost = 0
        with self._lock:
            db = self._db
            db.execute("BEGIN IMMEDIATE")
            try:
                db.executemany("INSERT OR REPLACE INTO log VALUES (?, ?)", batch)
                for door, slots in modes.items():
                    db.execute("DELETE FROM modes WHERE door = ?", (door,))
                    db.executemany("INSERT INTO modes VALUES (?, ?, ?)", [(door, int(p), str(mode)) for p, mode in slots.items()])
                if batch:
                    lost = self._make_room(batch[-1][0])
                    db.execute("INSERT OR REPLACE INTO meta VALUES ('last', ?)", (batch[-1][0],))
                db.execute("INSERT OR REPLACE INTO meta VALUES ('confirmed', ?)", (self.confirmed,))
                db.execute("COMMIT")
            except sqlite3.Error:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        return lost

    def _make_room(self, last: int) -> int:
        keep_from = last - self._records + 1
        if keep_from <= 1 or not self.first or keep_from <= self.first:
            return 0
        # A hundredth more than must go, so that a full log does not delete at every record.
        keep_from += self._records // 100
        first = self.first
        self._db.execute("DELETE FROM log WHERE idx < ?", (keep_from,))
        self.first = keep_from
        return max(0, keep_from - max(first, self.confirmed + 1))

    # -- reading ------------------------------------------------------------------------------------------------------

    async def read(self, after: int, limit: int = 256) -> list[tuple[int, bytes]]:
        """Return (index, encoded record) of the durable records after an index, in order; raises Unreachable."""
        try:
            return await self._call(self._read, after, limit)
        except sqlite3.Error as error:
            raise Unreachable(
                f"The controller's log cannot be read: {error}.", where=str(self._path), remedy="Check its disk."
            ) from None

    def skip_to(self, index: int) -> None:
        """Give no index up to this one any more: the server holds records with them, so this log came from a backup."""
        self._next = max(self._next, index + 1)

    def _read(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        with self._lock:
            return self._db.execute("SELECT idx, body FROM log WHERE idx > ? ORDER BY idx LIMIT ?", (after, limit)).fetchall()

    def records(self, after: int = 0, limit: int = 1_000_000) -> list[tuple[int, Record]]:
        """Return decoded records; blocks, for tests and tools."""
        return [(index, _decode(body)) for index, body in self._read(after, limit)]

    def modes(self) -> dict[str, dict[Priority, DoorMode]]:
        """Return the lock requests that were kept, by door; blocks, for the start."""
        found: dict[str, dict[Priority, DoorMode]] = {}
        with self._lock:
            for door, priority, mode in self._db.execute("SELECT door, priority, mode FROM modes").fetchall():
                found.setdefault(door, {})[Priority(priority)] = DoorMode(mode)
        return found

    def rules(self) -> tuple[str, bytes] | None:
        """Return (digest, packed snapshot); blocks, for the start."""
        with self._lock:
            row: tuple[str, bytes] | None = self._db.execute("SELECT digest, data FROM rules").fetchone()
        return row

    def deltas(self) -> list[tuple[str, bytes]]:
        """Return the deltas since the snapshot, in order: (digest after it, packed delta); blocks, for the start."""
        with self._lock:
            return self._db.execute("SELECT digest, data FROM deltas ORDER BY number").fetchall()

    async def keep_rules(self, digest: str, data: bytes) -> None:
        """Keep a packed snapshot over a restart, instead of what was kept; raises Unreachable."""
        await self._keep(self._keep_rules, digest, data)

    async def keep_delta(self, digest: str, data: bytes) -> None:
        """Keep a packed delta of the rules that are kept, on top of them; raises Unreachable."""
        await self._keep(self._keep_delta, digest, data)

    async def _keep(self, work: Callable[[str, bytes], None], digest: str, data: bytes) -> None:
        try:
            await self._call(work, digest, data)
        except sqlite3.Error as error:
            raise Unreachable(
                f"The rules cannot be kept: {error}.", where=str(self._path), remedy="Check the controller's disk."
            ) from None

    def _keep_rules(self, digest: str, data: bytes) -> None:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.execute("INSERT OR REPLACE INTO rules VALUES (1, ?, ?)", (digest, data))
                self._db.execute("DELETE FROM deltas")
                self._db.execute("COMMIT")
            except sqlite3.Error:
                self._db.execute("ROLLBACK")
                raise

    def _keep_delta(self, digest: str, data: bytes) -> None:
        with self._lock:
            self._db.execute("INSERT INTO deltas (digest, data) VALUES (?, ?)", (digest, data))

    async def close(self) -> None:
        """Write what waits, and close."""
        await self._write()
        await self._call(self._close)

    def _close(self) -> None:
        with self._lock:
            self._db.close()

    async def _call(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *args)
