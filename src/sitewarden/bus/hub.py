"""The bus in core: the event log's fan-out, the routes, and the workers on the Unix socket."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sitewarden.bus.attached import AttachedWorker
from sitewarden.bus.client import PORT, TIMING
from sitewarden.bus.feed import EventFeed
from sitewarden.bus.interfaces import DurableLog, Handler, ReadLog
from sitewarden.bus.messages import Registration
from sitewarden.bus.routes import Routes
from sitewarden.bus.topics import TopicQueue, Topics
from sitewarden.bus.work import check_name, execute, refused
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid, TimedOut, Unreachable
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.link import LinkListener, LinkSession, Sessions, listen_link_unix
from sitewarden.net.interfaces import Network
from sitewarden.wire.link import VERSION, Hello

Execute = Callable[[Command], Awaitable[Result]]
WorkersChanged = Callable[[str, bool], None]


class Hub:
    """`Bus` in core. `listen` serves the workers; without it the hub is a bus of one process.

    `read` gives events of the log after a seq, for subscribers that are behind: (after, limit, types).
    `workers_changed` is called with a role and whether its link came up or went.
    """

    def __init__(self, log: DurableLog, read: ReadLog, *, workers_changed: WorkersChanged | None = None) -> None:
        self._log = log
        self._read = read
        self._published = log.head()
        self._feeds: list[EventFeed] = []
        self._topics = Topics()
        self._serves: Routes[Handler | AttachedWorker] = Routes("/")
        self._claims: Routes[Execute | AttachedWorker] = Routes("*")
        self._workers: list[AttachedWorker] = []
        self._workers_changed = workers_changed
        self._listener: LinkListener | None = None

    # -- life -------------------------------------------------------------------------------------------------------

    async def listen(self, network: Network, path: Path | str) -> None:
        """Serve workers on the Unix socket `path`."""
        hello = Hello(VERSION, VERSION, "core", "core", f"pid {os.getpid()}")
        self._listener = await listen_link_unix(network, PORT, str(path), Sessions(hello, self._admit, timing=TIMING))

    async def close(self) -> None:
        """Stop serving; subscriptions end."""
        if self._listener is not None:
            await self._listener.close()
        for feed in list(self._feeds):
            feed.close()
        self._topics.close()

    @property
    def workers(self) -> list[str]:
        """Roles of the workers whose link is up."""
        return [worker.role for worker in self._workers]

    def _admit(self, session: LinkSession) -> None:
        worker = AttachedWorker(self, session)
        self._workers.append(worker)
        session.closed.add_done_callback(lambda _: self._gone(worker))
        if self._workers_changed is not None:
            self._workers_changed(worker.role, True)

    def _gone(self, worker: AttachedWorker) -> None:
        self._workers.remove(worker)
        self._serves.drop(worker)
        self._claims.drop(worker)
        if self._workers_changed is not None:
            self._workers_changed(worker.role, False)

    def register(self, worker: AttachedWorker, said: Registration) -> tuple[str, ...]:
        """Make the worker own what it says; return what somebody else owns. A worker's successor takes over at once."""
        self._serves.drop(worker)
        self._claims.drop(worker)
        taken: list[str] = []
        for routes, names in ((self._serves, said.serves), (self._claims, said.claims)):
            for name in names:
                holder = routes.holder(name)
                if holder is None or (isinstance(holder, AttachedWorker) and holder.role == worker.role):
                    routes.add(name, worker)
                else:
                    taken.append(f"{name} ({holder.role if isinstance(holder, AttachedWorker) else 'core'})")
        return tuple(taken)

    # -- events -----------------------------------------------------------------------------------------------------

    async def emit(self, events: Sequence[Event], confirm: Confirm | None = None) -> None:
        stored = await self._log.append(events, confirm)
        if stored:
            self._publish(stored)

    def _publish(self, stored: list[StoredEvent]) -> None:
        """Offer stored events to the feeds in log order; where an append came out of turn, they read from the log."""
        first, last = stored[0].seq, stored[-1].seq
        if last <= self._published:
            return
        in_turn = first == self._published + 1
        self._published = last
        for feed in self._feeds:
            if in_turn:
                feed.offer(stored, last)
            else:
                feed.skipped(last)

    def events(self, *, after: int | None = None, types: Sequence[str] = (), entities: Sequence[str] = ()) -> EventFeed:
        if after is not None and not 0 <= after <= (head := self._log.head()):
            raise Invalid(
                f"The cursor {after} is past the end of the event log, {head}.",
                where="after",
                remedy="The log is another one than before (restored?): follow it from 0, or from now.",
            )
        feed = EventFeed(self._log, self._read, after, types, entities, published=self._published, closed=self._feeds.remove)
        self._feeds.append(feed)
        return feed

    # -- topics -----------------------------------------------------------------------------------------------------

    def publish(self, topic: str, payload: bytes) -> None:
        self.relay(check_name(topic), payload, None)

    def relay(self, topic: str, payload: bytes, source: AttachedWorker | None) -> None:
        """Give a payload to all subscribers but the worker that it came from."""
        self._topics.put(topic, payload)
        for worker in self._workers:
            if worker is not source and worker.topics and topic.startswith(worker.topics):
                worker.session.notify(topic, payload)

    def subscribe(self, prefix: str, *, capacity: int = 256) -> TopicQueue:
        return self._topics.subscribe(prefix, capacity)

    # -- requests ---------------------------------------------------------------------------------------------------

    async def request(self, target: str, body: bytes, *, timeout: float = 5.0) -> bytes:
        owner = self._serves.find(check_name(target))
        if owner is None:
            raise Unreachable("No running process answers this.", where=target, remedy="Its worker may be starting; try again.")
        if isinstance(owner, AttachedWorker):
            return await owner.handle(target, body, timeout)
        try:
            async with asyncio.timeout(timeout):
                return await owner(body)
        except TimeoutError as error:
            raise TimedOut(f"No answer came within {timeout:g} s.", where=target) from error

    def serve(self, target: str, handler: Handler) -> None:
        self._serves.add(check_name(target), handler)

    # -- commands ---------------------------------------------------------------------------------------------------

    async def command(self, command: Command) -> Result:
        owner = self._claims.find(command.entity)
        if owner is None:
            return refused(
                Unreachable(
                    "Nothing that runs owns it.", where=command.entity, remedy="Check that its connection is enabled and online."
                )
            )
        if isinstance(owner, AttachedWorker):
            return await owner.execute(command)
        return await execute(owner, command)

    def claim(self, entities: Sequence[str], execute: Execute) -> None:
        self._claims.drop(execute)
        for entity in entities:
            self._claims.add(entity, execute)
