"""The journal on local disk: an event log of its own in a SQLite file, which takes over while the database is away.

It goes on with the log's own seqs, so that who follows the log meets no difference. Back at the database, its events follow in
order, each at its seq, and the file is deleted with the last of them. Bound: `MAX_BYTES`; past it `append` refuses, and senders
keep what they have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sitewarden.domain.errors import StorageFull
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.store.interfaces import EventFilter
from sitewarden.store.postgres.event_rows import kept
from sitewarden.store.prepared import split_key
from sitewarden.store.sqlite import SqliteEventLog

MAX_BYTES: Final = 1 << 30
BATCH: Final = 2000
"""Events that follow to the database in one transaction."""
PER_EVENT: Final = 512
"""Bytes that an event of usual size takes in the file."""
REPEAT: Final = "system.event.repeated"
"""Type of what stands at the place of an event that the database held already."""


class Journal:
    """The open file. `base` is the seq before its first event."""

    def __init__(self, log: SqliteEventLog, base: int, max_bytes: int) -> None:
        self._log = log
        self._max_bytes = max_bytes
        self._bytes = log.path.stat().st_size if log.head() > base else 0
        self.base = base

    @classmethod
    async def open(cls, path: Path, now: Callable[[], int], after: int, max_bytes: int = MAX_BYTES) -> Journal:
        """Open or make the file; a new one goes on from the seq `after`. Raises StorageFull or Unreachable."""
        log = await asyncio.to_thread(SqliteEventLog.open, path, now=now, after=after)
        return cls(log, await log.floor(), max_bytes)

    @property
    def head(self) -> int:
        """Greatest seq that is in the file, or `base`."""
        return self._log.head()

    @property
    def confirms(self) -> dict[str, tuple[int, int]]:
        """(epoch, index) of every device that confirmed while the file was in use."""
        return self._log.confirms()

    async def append(self, events: Sequence[Event], confirm: Confirm | None) -> list[StoredEvent]:
        """Return the newly stored events once they are on the local disk."""
        if self._bytes > self._max_bytes:
            raise StorageFull(
                f"The journal holds {self._bytes} bytes of events that the database has not taken.",
                where=str(self._log.path),
                remedy="Bring the database back; they follow by themselves, and senders keep the rest until then.",
            )
        stored = await self._log.append(events, confirm)
        self._bytes += sum(PER_EVENT + len(one.event.text) for one in stored)
        return stored

    async def read(self, which: EventFilter) -> list[StoredEvent]:
        """Return what the file has of what a filter asks for."""
        return await self._log.read(which)

    async def batch(self, after: int) -> list[StoredEvent]:
        """Return the next events for the database."""
        return await self._log.read(EventFilter(after=after, limit=BATCH))

    def forget(self) -> None:
        """Delete the file, since the database has all of it. What reads it now reads on; `close` still ends it."""
        for path in (self._log.path, *(self._log.path.with_name(self._log.path.name + end) for end in ("-wal", "-shm"))):
            path.unlink(missing_ok=True)

    async def close(self) -> None:
        """Close the file."""
        await self._log.close()


def repeated(one: StoredEvent) -> Event:
    """Return what takes the place of an event whose key the database held before it went away: its seq was told already."""
    return Event(
        key=f"repeat/0/{one.seq}",
        type=REPEAT,
        entity=one.event.entity,
        time=one.event.time,
        text="Sent again while the database was away; the first is kept.",
        data={"key": one.event.key},
    )


def keys_of(one: StoredEvent) -> set[tuple[str, int, int]]:
    """Return the keys, as the database has them, that may stand at an event's place: its own, or the repeat's."""
    return {(kept(origin), epoch, index) for origin, epoch, index in (split_key(each.key) for each in (one.event, repeated(one)))}
