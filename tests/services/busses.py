"""A bus in memory with what the services and faces use of it, for tests without processes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Unreachable
from sitewarden.domain.events import Confirm, Event, StoredEvent


class _Queue:
    """Both kinds of subscription; unbounded, since a test ends."""

    def __init__(self) -> None:
        self.cursor = 0
        self.dropped = 0
        self._items: deque[object] = deque()
        self._wake = asyncio.Event()
        self._open = True

    def put(self, item: object) -> None:
        self._items.append(item)
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[object]:
        while self._open:
            while self._items:
                yield self._items.popleft()
            self._wake.clear()
            if not self._items:
                await self._wake.wait()

    def close(self) -> None:
        self._open = False
        self._wake.set()


class MemoryBus:
    def __init__(self) -> None:
        self.stored: list[StoredEvent] = []
        self._handlers: dict[str, Callable[[bytes], Awaitable[bytes]]] = {}
        self._topics: list[tuple[str, _Queue]] = []
        self._events: list[_Queue] = []

    async def emit(self, events: Sequence[Event], confirm: Confirm | None = None) -> None:
        batch = [StoredEvent(seq=len(self.stored) + 1 + i, stored=event.time, event=event) for i, event in enumerate(events)]
        self.stored += batch
        for queue in self._events:
            queue.put(batch)

    def events(self, *, after: int | None = None, types: Sequence[str] = (), entities: Sequence[str] = ()) -> _Queue:
        queue = _Queue()
        if after is not None:
            queue.put(self.stored[after:])
        self._events.append(queue)
        return queue

    def publish(self, topic: str, payload: bytes) -> None:
        for prefix, queue in self._topics:
            if topic.startswith(prefix):
                queue.put((topic, payload))

    def subscribe(self, prefix: str, *, capacity: int = 256) -> _Queue:
        queue = _Queue()
        self._topics.append((prefix, queue))
        return queue

    @property
    def listening(self) -> set[str]:
        return {prefix for prefix, _ in self._topics}

    async def request(self, target: str, body: bytes, *, timeout: float = 60.0) -> bytes:
        handler = self._handlers.get(target)
        if handler is None:
            raise Unreachable("Core does not answer.", where=target, remedy="Wait until it is back.")
        return await asyncio.wait_for(handler(body), timeout)

    def serve(self, target: str, handler: Callable[[bytes], Awaitable[bytes]]) -> None:
        self._handlers[target] = handler

    async def command(self, command: Command) -> Result:
        raise Unreachable("Nobody owns it.", where=command.entity)

    def claim(self, entities: Sequence[str], execute: Callable[[Command], Awaitable[Result]]) -> None:
        raise NotImplementedError
