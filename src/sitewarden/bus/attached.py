"""A worker as the hub sees it: what it owns and subscribes to, and what it asks over its link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewarden.bus import messages
from sitewarden.bus.work import refused
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.domain.events import StoredEvent
from sitewarden.link import LinkSession, LinkStream
from sitewarden.wire.link import URGENT, Notify, Request

if TYPE_CHECKING:
    from sitewarden.bus.hub import Hub

RECORD = 256 * 1024
"""Bytes of events in one record of the stream; more are split, down to one event."""
NAMES_LIMIT = 100_000
"""Names that one worker may register."""


class AttachedWorker:
    """One worker's link."""

    def __init__(self, hub: Hub, session: LinkSession) -> None:
        self.session = session
        self.role = session.peer.role
        self.topics: tuple[str, ...] = ()
        self._hub = hub
        session.on_request(messages.REGISTER, self._register)
        session.on_request(messages.EMIT, self._emit)
        session.on_request(messages.COMMAND, self._command)
        session.on_request(messages.ASK, self._ask)
        session.on_notify("", self._publish)
        session.on_stream(messages.EVENTS, self._events)

    # -- what core asks of it ---------------------------------------------------------------------------------------

    async def handle(self, target: str, body: bytes, timeout: float) -> bytes:
        """Ask the worker."""
        return await self.session.request(messages.ASK + target, body, timeout)

    async def execute(self, command: Command) -> Result:
        """Have the worker execute a command."""
        try:
            answer = await self.session.request(messages.EXECUTE, messages.encode(command), command.timeout, priority=URGENT)
            return messages.result(answer)
        except Refusal as refusal:
            return refused(refusal)

    # -- what it asks of core ---------------------------------------------------------------------------------------

    async def _register(self, request: Request) -> bytes:
        said = messages.registration(request.body)
        if len(said.serves) + len(said.claims) + len(said.topics) > NAMES_LIMIT:
            raise Invalid(f"A worker registers at most {NAMES_LIMIT} names.", where=self.role)
        self.topics = said.topics
        return messages.encode(messages.Registered(self._hub.register(self, said)))

    async def _emit(self, request: Request) -> bytes:
        said = messages.emission(request.body)
        await self._hub.emit(said.events, said.confirm)
        return b""

    async def _command(self, request: Request) -> bytes:
        return messages.encode(await self._hub.command(messages.command(request.body)))

    async def _ask(self, request: Request) -> bytes:
        return await self._hub.request(request.kind.removeprefix(messages.ASK), request.body, timeout=3600.0)

    def _publish(self, notice: Notify) -> None:
        self._hub.relay(notice.kind, notice.body, self)

    async def _events(self, stream: LinkStream) -> None:
        said = messages.follow(stream.params)
        feed = self._hub.events(after=None if said.live else stream.resume, types=said.types, entities=said.entities)
        try:
            stream.accept(params=messages.encode(feed.cursor), window=0)
            while batch := await feed.next():
                await _send(stream, batch)
        finally:
            feed.close()


async def _send(stream: LinkStream, batch: list[StoredEvent]) -> None:
    body = messages.encode(batch)
    if len(body) <= RECORD or len(batch) == 1:
        await stream.send(batch[-1].seq, body)
        return
    middle = len(batch) // 2
    await _send(stream, batch[:middle])
    await _send(stream, batch[middle:])
