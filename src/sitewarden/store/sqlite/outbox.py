"""A worker's durable queue of events while core is down."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from sitewarden.domain.errors import Refusal, StorageFull
from sitewarden.domain.events import Confirm, Event
from sitewarden.store.interfaces import OutboxItem
from sitewarden.store.limits import check_limit
from sitewarden.store.prepared import prepare
from sitewarden.store.sqlite.connection import Readers, connect_writer, refusing
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.writer import GroupWriter

STORE: Final = "outbox"
SCHEMA: Final = (
    """
    CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL)
    """,
)
MAX_BYTES: Final = 256 * 1024 * 1024
"""Bytes of events that wait at most; past it `append` refuses, so that the sender keeps what it has."""


class _Item(msgspec.Struct, array_like=True, frozen=True):
    events: list[Event]
    confirm: Confirm | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Item).decode


class Outbox:
    """`interfaces.Outbox` in a file of its own; the worker is its one writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection, max_bytes: int) -> None:
        self.path = path
        self._max_bytes = max_bytes
        count, self._bytes = connection.execute("SELECT count(*), coalesce(sum(length(body)), 0) FROM items").fetchone()
        self._count = int(count)
        self._readers = Readers(path, threads=1)
        self._writer: GroupWriter[bytes, int] = GroupWriter(path, connection, self._write, wal_pages=1024)

    @classmethod
    def open(cls, path: Path | str, *, max_bytes: int = MAX_BYTES, page_limit: int | None = None) -> Outbox:
        """Open or make the file.

        Raises StorageFull or Unreachable.
        """
        path = Path(path)
        connection = connect_writer(path, page_limit=page_limit)
        migrate(connection, path, STORE, SCHEMA)
        with refusing(path):
            return cls(path, connection, max_bytes)

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> int:
        """Return the item's id once it is durable.

        Raises StorageFull where the outbox has reached its bound or the disk is full; Invalid for an event that the log
        would refuse, which must not block those behind it.
        """
        for event in events:
            prepare(event)
        body = _encode(_Item(list(events), confirm))
        if self._bytes + len(body) > self._max_bytes:
            raise StorageFull(
                f"The outbox holds {self._bytes} bytes of events that the server has not taken.",
                where=str(self.path),
                remedy="Bring the core process back; the events are delivered then.",
            )
        self._bytes += len(body)
        self._count += 1
        try:
            return await self._writer.submit(body, len(events) or 1)
        except Refusal:
            self._bytes -= len(body)
            self._count -= 1
            raise

    def _write(self, connection: sqlite3.Connection, bodies: Sequence[bytes]) -> list[int]:
        ids: list[int] = []
        for body in bodies:
            cursor = connection.execute("INSERT INTO items (body) VALUES (?)", (body,))
            ids.append(int(cursor.lastrowid or 0))
        return ids

    async def pending(self, limit: int = 64) -> list[OutboxItem]:
        """Return the oldest items that are not acknowledged, in order."""
        check_limit(limit, 10_000, "limit")

        def fetch(connection: sqlite3.Connection) -> list[OutboxItem]:
            found = []
            for number, body in connection.execute("SELECT id, body FROM items ORDER BY id LIMIT ?", (limit,)):
                item = _decode(body)
                found.append(OutboxItem(number, item.events, item.confirm))
            return found

        return await self._readers.run(fetch)

    async def ack(self, up_to: int) -> None:
        """Forget all items with id <= `up_to`, durable on return."""

        def delete(connection: sqlite3.Connection) -> tuple[int, int]:
            gone = connection.execute(
                "SELECT count(*), coalesce(sum(length(body)), 0) FROM items WHERE id <= ?", (up_to,)
            ).fetchone()
            connection.execute("DELETE FROM items WHERE id <= ?", (up_to,))
            return int(gone[0]), int(gone[1])

        count, size = await self._writer.call(delete)
        self._count -= count
        self._bytes -= size

    def __len__(self) -> int:
        return self._count

    async def close(self) -> None:
        """Write what waits and close the file."""
        await self._writer.close()
        self._readers.close()
