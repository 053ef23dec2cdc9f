"""The bus in a worker: one link to core, dialled again for ever; what was served, claimed and followed is said again."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sitewarden.bus import messages
from sitewarden.bus.emitter import Emitter
from sitewarden.bus.interfaces import Handler, Outbox
from sitewarden.bus.remote_feed import RemoteFeed
from sitewarden.bus.routes import Routes
from sitewarden.bus.topics import TopicQueue, Topics
from sitewarden.bus.work import check_name, execute, refused
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid, NotFound, Refusal, TimedOut, Unreachable
from sitewarden.domain.events import Confirm, Event
from sitewarden.link import LinkSession, Redialler, dial_link_unix
from sitewarden.net.interfaces import Network
from sitewarden.wire.link import URGENT, VERSION, Hello, Notify, Request, Timing

log = logging.getLogger(__name__)

PORT = "bus"
TIMING = Timing(hello=5.0, heartbeat=5.0, idle=20.0)
CEILING = 1.0
"""Greatest pause in seconds between attempts to reach core."""
Execute = Callable[[Command], Awaitable[Result]]


class BusClient:
    """`Bus` in a worker. `run` holds the link and delivers the outbox; everything works, or refuses, without it too.

    Without an `outbox` (a worker that emits nothing that must survive) `emit` raises Unreachable while core is down.
    """

    def __init__(self, network: Network, path: Path | str, role: str, outbox: Outbox | None = None) -> None:
        self.role = role
        self._network = network
        self._path = str(path)
        self._hello = Hello(VERSION, VERSION, role, role, f"pid {os.getpid()}")
        self._emitter = Emitter(outbox)
        self._topics = Topics(self._register)
        self._serves: Routes[Handler] = Routes("/")
        self._claims: Routes[Execute] = Routes("*")
        self._feeds: list[RemoteFeed] = []
        self._session: LinkSession | None = None
        self._up = asyncio.Event()
        self._down = asyncio.Event()
        self._down.set()
        self._registering = False
        self._redialler = Redialler(self._dial, changed=self._changed, first=0.05, ceiling=CEILING)

    # -- life -------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Hold the link until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._redialler.run(), name="bus-link")
            group.create_task(self._emitter.run(), name="bus-outbox")

    async def ready(self) -> None:
        """Return once core is reached."""
        await self._up.wait()

    async def lost(self) -> None:
        """Return once core is not reached."""
        await self._down.wait()

    @property
    def connected(self) -> bool:
        """Tell whether core is reached now."""
        return self._session is not None and self._session.up

    @property
    def spilled(self) -> bool:
        """Tell whether events wait in the outbox."""
        return self._emitter.spilled

    async def _dial(self) -> LinkSession:
        return await dial_link_unix(self._network, PORT, self._path, hello=self._hello, admit=self._admit, timing=TIMING)

    def _admit(self, session: LinkSession) -> None:
        session.on_request(messages.EXECUTE, self._execute)
        session.on_request(messages.ASK, self._asked)
        session.on_notify("", self._noticed)

    def _changed(self, session: LinkSession | None) -> None:
        self._session = session
        self._emitter.changed(session)
        if session is None:
            self._up.clear()
            self._down.set()
        else:
            self._register()
            self._up.set()
            self._down.clear()
        for feed in list(self._feeds):
            feed.changed(session)

    def _register(self) -> None:
        """Say once, for all changes of this turn of the loop, what is served, claimed and subscribed to."""
        if self._session is not None and not self._registering:
            self._registering = True
            asyncio.get_running_loop().call_soon(self._send_registration)

    def _send_registration(self) -> None:
        self._registering = False
        session = self._session
        if session is None or not session.up:
            return
        body = messages.encode(messages.Registration(self._serves.names, self._claims.names, self._topics.prefixes))
        session.call(messages.REGISTER, body, priority=URGENT).add_done_callback(self._registered)

    def _registered(self, answer: asyncio.Future[bytes]) -> None:
        if answer.cancelled():
            return
        error = answer.exception()
        if error is not None:
            log.warning("core did not take what %s owns: %s", self.role, error)
            return
        for taken in messages.registered(answer.result()).taken:
            log.error("%s cannot own %s: somebody else does", self.role, taken)

    # -- events -----------------------------------------------------------------------------------------------------

    async def emit(self, events: Sequence[Event], confirm: Confirm | None = None) -> None:
        await self._emitter.emit(events, confirm)

    def events(self, *, after: int | None = None, types: Sequence[str] = (), entities: Sequence[str] = ()) -> RemoteFeed:
        feed = RemoteFeed(after, types, entities, self._feeds.remove)
        self._feeds.append(feed)
        if self._session is not None:
            feed.changed(self._session)
        return feed

    # -- topics -----------------------------------------------------------------------------------------------------

    def publish(self, topic: str, payload: bytes) -> None:
        check_name(topic)
        self._topics.put(topic, payload)
        if self._session is not None:
            self._session.notify(topic, payload)

    def subscribe(self, prefix: str, *, capacity: int = 256) -> TopicQueue:
        return self._topics.subscribe(prefix, capacity)

    def _noticed(self, notice: Notify) -> None:
        self._topics.put(notice.kind, notice.body)

    # -- requests ---------------------------------------------------------------------------------------------------

    async def request(self, target: str, body: bytes, *, timeout: float = 5.0) -> bytes:
        check_name(target)
        handler = self._serves.find(target)
        if handler is None:
            return await self._core().request(messages.ASK + target, body, timeout)
        try:
            async with asyncio.timeout(timeout):
                return await handler(body)
        except TimeoutError as error:
            raise TimedOut(f"No answer came within {timeout:g} s.", where=target) from error

    def serve(self, target: str, handler: Handler) -> None:
        self._serves.add(check_name(target), handler)
        self._register()

    async def _asked(self, request: Request) -> bytes:
        target = request.kind.removeprefix(messages.ASK)
        handler = self._serves.find(target)
        if handler is None:
            raise NotFound("Nobody answers this.", where=target)
        return await handler(request.body)

    # -- commands ---------------------------------------------------------------------------------------------------

    async def command(self, command: Command) -> Result:
        run = self._claims.find(command.entity)
        if run is not None:
            return await execute(run, command)
        try:
            answer = await self._core().request(
                messages.COMMAND, messages.encode(command), command.timeout + 0.5, priority=URGENT
            )
            return messages.result(answer)
        except Refusal as refusal:
            return refused(refusal)

    def claim(self, entities: Sequence[str], execute: Execute) -> None:
        self._claims.drop(execute)
        for entity in entities:
            self._claims.add(entity, execute)
        self._register()

    async def _execute(self, request: Request) -> bytes:
        command = messages.command(request.body)
        run = self._claims.find(command.entity)
        if run is None:
            raise Invalid("This worker does not own it any more.", where=command.entity, remedy="Try again.")
        return messages.encode(await execute(run, command))

    def _core(self) -> LinkSession:
        if self._session is None or not self._session.up:
            raise Unreachable("The core process cannot be reached.", remedy="It is tried again by itself.")
        return self._session
