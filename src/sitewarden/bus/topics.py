"""Volatile topics: whoever subscribes now gets them; a slow subscriber loses the oldest."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable


class TopicQueue:
    """One subscription. Bound: `capacity` payloads; the oldest is dropped and counted in `dropped`."""

    def __init__(self, prefix: str, capacity: int, closed: Callable[[TopicQueue], None]) -> None:
        self.prefix = prefix
        self.dropped = 0
        self._items: deque[tuple[str, bytes]] = deque(maxlen=capacity)
        self._capacity = capacity
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False
        self._on_close = closed

    def put(self, topic: str, payload: bytes) -> None:
        """Take a payload."""
        if len(self._items) == self._capacity:
            self.dropped += 1
        self._items.append((topic, payload))
        self._wake()

    async def next(self) -> list[tuple[str, bytes]]:
        """Return all that waits, at least one; empty once closed."""
        while not self._items:
            if self._closed:
                return []
            if self._waiter is None:
                self._waiter = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._waiter)
        batch = list(self._items)
        self._items.clear()
        return batch

    def close(self) -> None:
        """End the subscription; a waiting reader ends."""
        if not self._closed:
            self._closed = True
            self._items.clear()
            self._wake()
            self._on_close(self)

    def _wake(self) -> None:
        if self._waiter is not None:
            if not self._waiter.done():
                self._waiter.set_result(None)
            self._waiter = None

    async def _iterate(self) -> AsyncIterator[tuple[str, bytes]]:
        while batch := await self.next():
            for item in batch:
                yield item

    def __aiter__(self) -> AsyncIterator[tuple[str, bytes]]:
        return self._iterate()


class Topics:
    """The subscriptions of one process."""

    def __init__(self, changed: Callable[[], None] | None = None) -> None:
        self._queues: list[TopicQueue] = []
        self._changed = changed

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What is subscribed to, each once."""
        return tuple(sorted({queue.prefix for queue in self._queues}))

    def subscribe(self, prefix: str, capacity: int) -> TopicQueue:
        """Add a subscription."""
        queue = TopicQueue(prefix, capacity, self._remove)
        self._queues.append(queue)
        self._tell()
        return queue

    def put(self, topic: str, payload: bytes) -> None:
        """Give a payload to all whose prefix it has."""
        for queue in self._queues:
            if topic.startswith(queue.prefix):
                queue.put(topic, payload)

    def close(self) -> None:
        """End all subscriptions."""
        for queue in list(self._queues):
            queue.close()

    def _remove(self, queue: TopicQueue) -> None:
        self._queues.remove(queue)
        self._tell()

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed()
