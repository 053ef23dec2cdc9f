"""A log and an outbox in memory, a network of plain Unix sockets, and core with its workers in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sitewarden.bus import BusClient, Hub
from sitewarden.domain.events import Confirm, Event, StoredEvent


def event(key: str, entity: str = "door:main", type_: str = "door.opened", **more: Any) -> Event:
    return Event(key=key, type=type_, entity=entity, time=1_700_000_000_000_000, **more)


class MemoryLog:
    def __init__(self) -> None:
        self.stored: list[StoredEvent] = []
        self.confirms: list[Confirm] = []
        self.reads = 0
        self.failure: Exception | None = None
        self._keys: set[str] = set()

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> list[StoredEvent]:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        new = []
        for one in events:
            if one.key not in self._keys:
                self._keys.add(one.key)
                new.append(StoredEvent(seq=len(self.stored) + 1, stored=one.time, event=one))
                self.stored.append(new[-1])
        if confirm is not None:
            self.confirms.append(confirm)
        return new

    def head(self) -> int:
        return len(self.stored)

    async def read(self, after: int, limit: int, types: Sequence[str]) -> list[StoredEvent]:
        self.reads += 1
        await asyncio.sleep(0)
        exact = {name for name in types if not name.endswith(".*")}
        prefixes = tuple(name[:-1] for name in types if name.endswith(".*"))
        found = [
            one
            for one in self.stored[after:]
            if not types or one.event.type in exact or (prefixes and one.event.type.startswith(prefixes))
        ]
        return found[:limit]

    @property
    def keys(self) -> list[str]:
        return [one.event.key for one in self.stored]


class MemoryItem:
    def __init__(self, id_: int, events: Sequence[Event], confirm: Confirm | None) -> None:
        self.id = id_
        self.events = events
        self.confirm = confirm


class MemoryOutbox:
    def __init__(self) -> None:
        self.items: list[MemoryItem] = []
        self._next = 1

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> int:
        self.items.append(MemoryItem(self._next, events, confirm))
        self._next += 1
        await asyncio.sleep(0.001)
        return self._next - 1

    async def pending(self, limit: int = 64) -> list[MemoryItem]:
        await asyncio.sleep(0)
        return self.items[:limit]

    async def ack(self, up_to: int) -> None:
        await asyncio.sleep(0)
        self.items = [item for item in self.items if item.id > up_to]


class Server:
    def __init__(self, server: asyncio.AbstractServer) -> None:
        self._server = server
        self.host, self.number = "", 0

    async def close(self) -> None:
        self._server.close()


class UnixNetwork:
    role = "test"

    async def listen_unix(self, port: str, path: str, factory: Callable[[], asyncio.Protocol]) -> Server:
        Path(path).unlink(missing_ok=True)
        return Server(await asyncio.get_running_loop().create_unix_server(factory, path))

    async def dial_unix(self, port: str, factory: Callable[[], Any], path: str) -> Any:
        return await asyncio.get_running_loop().create_unix_connection(factory, path)


class Site:
    def __init__(self, path: Path) -> None:
        self.path = str(path / "core.sock")
        self.log = MemoryLog()
        self.network: Any = UnixNetwork()
        self.hub: Hub | None = None
        self.changes: list[tuple[str, bool]] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start_core(self) -> Hub:
        self.hub = Hub(self.log, self.log.read, workers_changed=lambda role, up: self.changes.append((role, up)))
        await self.hub.listen(self.network, self.path)
        return self.hub

    async def stop_core(self) -> None:
        if self.hub is not None:
            await self.hub.close()
            self.hub = None

    def client(self, role: str, outbox: MemoryOutbox | None = None) -> BusClient:
        client = BusClient(self.network, self.path, role, outbox)
        self._tasks.append(asyncio.create_task(client.run()))
        return client

    async def worker(self, role: str, outbox: MemoryOutbox | None = None) -> BusClient:
        client = self.client(role, outbox)
        await client.ready()
        return client

    async def stop_worker(self, number: int) -> None:
        task = self._tasks[number]
        task.cancel()
        await asyncio.wait({task})

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.stop_core()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    yield site
    await site.close()


async def until(condition: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            value = condition()
            if value if isinstance(value, bool) else await value:
                return
            await asyncio.sleep(0.002)
