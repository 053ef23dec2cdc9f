"""What the live WebSockets of one process share: one upstream subscription a topic, each message encoded once.

Upstream runs while anybody follows. Points are gathered for `TICK` seconds and told together; a viewer that is slow keeps
only the latest of each status and point, and re-reads events from the log.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Final, Protocol

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.events import StoredEvent
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status
from sitewarden.net.interfaces import LedgerEntry

TICK: Final = 0.1
LEDGER_PERIOD: Final = 2.0
_RETRY: Final = 0.5


class PointTick:
    """The points that changed in one tick: id to the encoded row, and all rows joined once for those who take all."""

    __slots__ = ("_joined", "rows")

    def __init__(self, rows: dict[str, bytes]) -> None:
        self.rows = rows
        self._joined: bytes | None = None

    @property
    def joined(self) -> bytes:
        """All rows as the inside of a JSON array."""
        if self._joined is None:
            self._joined = b",".join(self.rows.values())
        return self._joined


class Follower(Protocol):
    """A connection, as the hub sees it. Nothing in it may block."""

    def on_event(self, stored: StoredEvent, encoded: bytes) -> None: ...

    def on_status(self, status: Status, encoded: bytes) -> None: ...

    def on_points(self, tick: PointTick) -> None: ...

    def on_ledger(self, encoded: bytes) -> None: ...

    def on_rights(self) -> None:
        """Users, roles or entities changed: what may be seen is to be asked for again."""
        ...


class LiveHub:
    """Fans the bus out to the connections of this process."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._followers: set[Follower] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._encode = msgspec.json.Encoder().encode
        self._gathered: dict[str, bytes] = {}
        self._ledgers: dict[str, list[LedgerEntry]] = {}
        self.cursor: int | None = None
        """Greatest seq that was told; None before the first."""

    @contextlib.contextmanager
    def following(self, follower: Follower) -> Iterator[None]:
        """Tell `follower` all there is until the block ends."""
        self._followers.add(follower)
        if not self._tasks:
            parts = (self._follow_events, self._follow_status, self._follow_points, self._tick, self._follow_ledgers)
            self._tasks = [asyncio.create_task(part(), name=part.__name__) for part in parts]
        try:
            yield
        finally:
            self._followers.discard(follower)
            if not self._followers:
                self._stop()

    @property
    def followers(self) -> int:
        """Connections that follow now."""
        return len(self._followers)

    async def close(self) -> None:
        """End the upstream subscriptions."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self._gathered = {}
        self.cursor = None

    async def _follow_events(self) -> None:
        while True:
            subscription = self._bus.events(after=self.cursor)
            try:
                async for batch in subscription:
                    self._tell_events(batch)
            finally:
                subscription.close()
            await asyncio.sleep(_RETRY)

    def _tell_events(self, batch: list[StoredEvent]) -> None:
        rights_changed = False
        for stored in batch:
            encoded = self._encode(stored)
            self.cursor = stored.seq
            rights_changed = rights_changed or stored.event.type.startswith("config.")
            for follower in self._followers:
                follower.on_event(stored, encoded)
        if rights_changed:
            for follower in self._followers:
                follower.on_rights()

    async def _follow_status(self) -> None:
        decode = msgspec.msgpack.Decoder(Status).decode
        async for _, payload in self._topic("status", 4096):
            with contextlib.suppress(msgspec.ValidationError, msgspec.DecodeError):
                status = decode(payload)
                encoded = self._encode(status)
                for follower in self._followers:
                    follower.on_status(status, encoded)

    async def _follow_points(self) -> None:
        decode = msgspec.msgpack.Decoder(Samples).decode
        async for _, payload in self._topic("points", 1024):
            with contextlib.suppress(msgspec.ValidationError, msgspec.DecodeError, ValueError):
                samples = decode(payload)
                rows = zip(
                    samples.points,
                    samples.values,
                    samples.qualities,
                    samples.source_times,
                    samples.server_times,
                    strict=True,
                )
                for row in rows:
                    self._gathered[row[0]] = self._encode(row)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            if self._gathered:
                tick, self._gathered = PointTick(self._gathered), {}
                for follower in self._followers:
                    follower.on_points(tick)

    async def _follow_ledgers(self) -> None:
        decode = msgspec.msgpack.Decoder(list[LedgerEntry]).decode
        due = 0.0
        loop = asyncio.get_running_loop()
        async for topic, payload in self._topic("ledger/", 256):
            with contextlib.suppress(msgspec.ValidationError, msgspec.DecodeError):
                self._ledgers[topic] = decode(payload)
            if loop.time() >= due:
                due = loop.time() + LEDGER_PERIOD * 0.9
                encoded = b",".join(self._encode(entry) for entries in self._ledgers.values() for entry in entries)
                for follower in self._followers:
                    follower.on_ledger(encoded)

    async def _topic(self, prefix: str, capacity: int) -> AsyncIterator[tuple[str, bytes]]:
        # Bound: `capacity` messages; the oldest is dropped, since status and values are told again.
        subscription = self._bus.subscribe(prefix, capacity=capacity)
        try:
            async for item in subscription:
                yield item
        finally:
            subscription.close()
