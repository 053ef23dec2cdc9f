"""Following the event log inside the process that holds it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from sitewarden.bus.interfaces import DurableLog, ReadLog
from sitewarden.bus.matching import wanted
from sitewarden.domain.events import StoredEvent

CAPACITY = 4096
"""Events that wait for one subscriber; beyond it they are dropped here and read again from the log."""
READ_LIMIT = 1000


class EventFeed:
    """A subscription of the event log: live from memory, from the log while it is behind.

    It never holds more than `capacity` events, loses none, and never holds up the others.
    """

    def __init__(
        self,
        log: DurableLog,
        read: ReadLog,
        after: int | None,
        types: Sequence[str],
        entities: Sequence[str],
        *,
        published: int,
        capacity: int = CAPACITY,
        closed: Callable[[EventFeed], None] | None = None,
    ) -> None:
        self.cursor = published if after is None else after
        self._log = log
        self._read = read
        self._types = tuple(types)
        self._wanted = wanted(types, entities)
        self._capacity = capacity
        self._on_close = closed
        self._live: deque[StoredEvent] = deque()
        self._offered = self.cursor
        self._published = published
        self._behind = self.cursor < log.head()
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def behind(self) -> bool:
        """Tell whether it reads from the log now."""
        return self._behind

    def offer(self, stored: Sequence[StoredEvent], published: int) -> None:
        """Take events that were stored; `published` is the seq of the last, and those before `stored` were offered."""
        self._published = published
        if not self._behind:
            wants = self._wanted
            chosen = stored if wants is None else [one for one in stored if wants(one.event)]
            if len(self._live) + len(chosen) > self._capacity:
                self._live.clear()
                self._behind = True
            else:
                self._live.extend(chosen)
                self._offered = published
                if not chosen:
                    if not self._live:
                        self.cursor = published
                    return
        self._wake()

    def skipped(self, published: int) -> None:
        """Learn that events up to `published` were stored which are not offered: they are read from the log."""
        self._published = published
        self._live.clear()
        self._behind = True
        self._wake()

    def close(self) -> None:
        """End the subscription; a waiting reader ends."""
        if not self._closed:
            self._closed = True
            self._live.clear()
            self._wake()
            if self._on_close is not None:
                self._on_close(self)

    async def next(self) -> list[StoredEvent]:
        """Return the next events, at least one; empty once closed."""
        while not self._closed:
            if self._live:
                batch = list(self._live)
                self._live.clear()
                self.cursor = self._offered
                return batch
            if self._behind:
                if batch := await self._catch_up():
                    return batch
                continue
            if self._waiter is None:
                self._waiter = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._waiter)
        return []

    async def _catch_up(self) -> list[StoredEvent]:
        head = self._log.head()
        stored = await self._read(self.cursor, READ_LIMIT, self._types)
        end = stored[-1].seq if len(stored) == READ_LIMIT else max(head, stored[-1].seq if stored else 0)
        self.cursor = max(self.cursor, end)
        if self.cursor >= self._published:
            self._behind = False
            self._offered = self.cursor
        wants = self._wanted
        return stored if wants is None else [one for one in stored if wants(one.event)]

    def _wake(self) -> None:
        if self._waiter is not None:
            if not self._waiter.done():
                self._waiter.set_result(None)
            self._waiter = None

    async def _iterate(self) -> AsyncIterator[list[StoredEvent]]:
        while batch := await self.next():
            yield batch

    def __aiter__(self) -> AsyncIterator[list[StoredEvent]]:
        return self._iterate()
