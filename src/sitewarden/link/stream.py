"""One stream of a session: acknowledged records with credit, both ways."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from sitewarden.domain.errors import Refusal, TooLarge, Unreachable
from sitewarden.link.refusals import refusal
from sitewarden.wire.link import Connection, Credit, StreamAccept, StreamAck, StreamData, StreamEnd, StreamOpen

if TYPE_CHECKING:
    from sitewarden.link.session import LinkSession

Record = tuple[int, bytes]


class LinkStream:
    """One end of a stream.

    What arrives waits unread within the credit that was given (`Limits.window`); the peer stops when it is used up.
    """

    def __init__(self, session: LinkSession, id_: int, kind: str, params: bytes = b"") -> None:
        self.session = session
        self.id = id_
        self.kind = kind
        self.params = params
        """What the opener said; what the acceptor said once it accepted, on the opener's side."""
        self.resume = 0
        """The greatest index that the peer holds of what we send: send what comes after it."""
        self.acked = 0
        """The greatest index that the peer said is safe with it."""
        self.ended = False
        self._reason: Refusal | None = None
        self._unread: deque[Record] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._writers: deque[asyncio.Future[None]] = deque()
        self._waiting_acks: list[tuple[int, asyncio.Future[None]]] = []

    async def opened(self) -> None:
        """Return once the peer accepted the stream that we opened; raises the refusal with which it ended it."""
        while True:
            self._check()
            state = self.session.connection.stream(self.id)
            if state is not None and state.accepted:
                return
            await self._wait(self._writers)

    # -- sending ----------------------------------------------------------------------------------------------------

    def try_send(self, index: int, body: bytes) -> bool:
        """Send a record if the peer's credit allows; `index` grows. Raises TooLarge where it never can be sent."""
        self._check()
        connection = self.session.connection
        state = connection.stream(self.id)
        assert state is not None
        cost = Connection.cost(body)
        if 0 <= state.record_limit < cost:
            raise TooLarge(f"A record of {len(body)} bytes is above the stream's limit.", where=self.kind, remedy="Split it.")
        if cost > state.can_send:
            return False
        connection.send_data(self.id, index, body)
        self.session.wake()
        return True

    async def send(self, index: int, body: bytes) -> None:
        """Send a record, waiting for credit. Raises the refusal that ended the stream."""
        while not self.try_send(index, body):
            await self._wait(self._writers)

    async def wait_acked(self, index: int) -> None:
        """Return once the peer said that all up to `index` is safe with it."""
        if self.acked >= index:
            return
        self._check()
        waiter = self.session.loop.create_future()
        self._waiting_acks.append((index, waiter))
        await waiter

    # -- receiving --------------------------------------------------------------------------------------------------

    def accept(self, *, index: int = 0, params: bytes = b"", window: int | None = None) -> None:
        """Take a stream that the peer opened; `index` is the greatest that we hold of its records."""
        self.session.connection.accept_stream(self.id, params, index=index, window=window)
        self.session.wake()

    async def batch(self, limit: int = 512) -> list[Record]:
        """Return the records that wait, at least one; empty once the peer ended the stream in order.

        Raises the refusal with which the peer ended it, or Unreachable where the link broke.
        """
        while not self._unread:
            if self.ended:
                if self._reason is not None:
                    raise self._reason
                return []
            if self._reader is None:
                self._reader = self.session.loop.create_future()
            await asyncio.shield(self._reader)
        unread = self._unread
        records = [unread.popleft() for _ in range(min(limit, len(unread)))]
        connection = self.session.connection
        for _ in records:
            connection.consumed(self.id)
        self.session.wake()
        return records

    def ack(self, index: int) -> None:
        """Tell the peer that all up to `index` is safe here."""
        self.session.connection.ack(self.id, index)
        self.session.wake()

    def end(self, refusal: Refusal | None = None) -> None:
        """End the stream for both sides, after what was sent."""
        if self.ended:
            return
        if refusal is None:
            self.session.connection.end_stream(self.id)
        else:
            self.session.connection.end_stream(self.id, refusal.code, refusal.what, refusal.remedy)
        self.session.wake()
        self.session.forget(self)
        self.finish(refusal)

    # -- called by the session --------------------------------------------------------------------------------------

    def take_open(self, message: StreamOpen) -> None:
        """Take what the opener said."""
        self.resume = self.acked = message.index

    def accepted(self, message: StreamAccept) -> None:
        """Take what the acceptor said."""
        self.resume = self.acked = message.index
        self.params = message.params
        self._release(self._writers)

    def data(self, message: StreamData) -> None:
        """Take a record."""
        self._unread.append((message.index, message.body))
        self._wake_reader()

    def confirmed(self, message: StreamAck) -> None:
        """Take an acknowledgement."""
        self.acked = message.index
        if self._waiting_acks:
            due = [waiter for index, waiter in self._waiting_acks if index <= message.index]
            self._waiting_acks = [entry for entry in self._waiting_acks if entry[0] > message.index]
            for waiter in due:
                if not waiter.done():
                    waiter.set_result(None)

    def credited(self, message: Credit) -> None:
        """Go on sending."""
        self._release(self._writers)

    def peer_ended(self, message: StreamEnd) -> None:
        """Take the peer's end."""
        self.finish(refusal(message.code, message.what, "", message.remedy) if message.code else None)

    def finish(self, reason: Refusal | None) -> None:
        """The stream is over; whoever waits is told."""
        if self.ended:
            return
        self.ended = True
        self._reason = reason
        self._wake_reader()
        self._release(self._writers)
        for _, waiter in self._waiting_acks:
            if not waiter.done():
                waiter.set_exception(reason or Unreachable("The stream ended before the record was confirmed.", where=self.kind))
        self._waiting_acks.clear()

    # -- inside -----------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        if self.ended:
            raise self._reason or Unreachable("The stream has ended.", where=self.kind)

    def _wake_reader(self) -> None:
        if self._reader is not None:
            if not self._reader.done():
                self._reader.set_result(None)
            self._reader = None

    async def _wait(self, waiters: deque[asyncio.Future[None]]) -> None:
        waiter = self.session.loop.create_future()
        waiters.append(waiter)
        await waiter

    @staticmethod
    def _release(waiters: deque[asyncio.Future[None]]) -> None:
        while waiters:
            waiter = waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
