"""The bus as its users see it; memory inside a process, the link over Unix sockets between processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.events import Confirm, Event, StoredEvent


class EventSubscription(Protocol):
    """Batches of stored events in log order. A subscriber that falls behind is moved back to reading from the log."""

    cursor: int

    def __aiter__(self) -> AsyncIterator[list[StoredEvent]]: ...

    def close(self) -> None: ...


class TopicSubscription(Protocol):
    """Payloads of a volatile topic. When its bound is reached the oldest is dropped and counted."""

    dropped: int

    def __aiter__(self) -> AsyncIterator[tuple[str, bytes]]: ...

    def close(self) -> None: ...


Handler = Callable[[bytes], Awaitable[bytes]]


class Bus(Protocol):
    """Events, volatile topics, requests and commands."""

    async def emit(self, events: Sequence[Event], confirm: Confirm | None = None) -> None:
        """Return once the events are durable: in the log, or in this worker's outbox while core is down."""
        ...

    def events(self, *, after: int | None = None, types: Sequence[str] = (), entities: Sequence[str] = ()) -> EventSubscription:
        """Follow the log from `after` (None: from now). `types` are exact names or prefixes ending in ".*".

        Raises Invalid, here or at the first read, where `after` is past the end of the log.
        """
        ...

    def publish(self, topic: str, payload: bytes) -> None:
        """Send to whoever subscribes now; never blocks, never kept."""
        ...

    def subscribe(self, prefix: str, *, capacity: int = 256) -> TopicSubscription:
        """Receive topics that begin with `prefix`."""
        ...

    async def request(self, target: str, body: bytes, *, timeout: float = 5.0) -> bytes:
        """Ask the one owner of `target` ("points.read", "media.live/cam-1"); raises a domain Refusal that came back."""
        ...

    def serve(self, target: str, handler: Handler) -> None:
        """Become the owner of `target`; a target that ends in "/" owns all below it."""
        ...

    async def command(self, command: Command) -> Result:
        """Route to the owner of the command's entity, claimed with `claim`; time limit from the command.

        What goes wrong comes back as a Result that is not ok: `unreachable` where nobody owns the entity or its owner died,
        `timed-out`, or the refusal of the owner. The owner goes on with a command that timed out: it may still happen.
        """
        ...

    def claim(self, entities: Sequence[str], execute: Callable[[Command], Awaitable[Result]]) -> None:
        """Own these entities' commands ("door:main", or "door:*" for all that nobody claims by name).

        Replaces the earlier claim with the same `execute`; no entities give it up.
        """
        ...


class DurableLog(Protocol):
    """What the hub needs of the event log."""

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> list[StoredEvent]:
        """Return the newly stored events once they are durable; repeats of a key are dropped."""
        ...

    def head(self) -> int:
        """Greatest durable seq."""
        ...


ReadLog = Callable[[int, int, Sequence[str]], Awaitable[list[StoredEvent]]]
"""(after, limit, types) -> at most `limit` events with seq > `after`, ascending, of these types (none: all)."""


class OutboxItem(Protocol):
    """Events that wait in an outbox; `id` grows."""

    @property
    def id(self) -> int: ...

    @property
    def events(self) -> Sequence[Event]: ...

    @property
    def confirm(self) -> Confirm | None: ...


class Outbox(Protocol):
    """A worker's durable queue while core is down."""

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> int:
        """Return the item's id once it is durable."""
        ...

    async def pending(self, limit: int = 64) -> Sequence[OutboxItem]:
        """Return the oldest items, in order."""
        ...

    async def ack(self, up_to: int) -> None:
        """Forget the items with id <= `up_to`."""
        ...
