"""One TCP connection to a Modbus server: requests in flight by transaction identifier, each with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple, cast

from sitewarden.kit.errors import DriverError, PeerViolation, Unavailable
from sitewarden.wire.modbus import DeviceException, Framer, WireError, answer, frame

Done = Callable[[bytes | DeviceException | TimeoutError], None]

FORGOTTEN: Final = 256
"""Timed-out transactions whose late answers are told apart from answers to nothing; the oldest is dropped."""


class _Waiting(NamedTuple):
    unit: int
    request: bytes
    deadline: float
    done: Done


class Session(asyncio.Protocol):
    """Sends requests and calls back. A request that timed out is forgotten; its late answer cannot be taken for another's."""

    late: Callable[[int], None]
    """Hears of a unit that answers after its time."""

    def __init__(self, timeout: float) -> None:
        """`timeout` in seconds for each request."""
        loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[DriverError] = loop.create_future()
        self.silent_since: float | None = None
        """Loop time of the first request since anything was received; None when nothing is owed."""
        self._loop = loop
        self._timeout = timeout
        self.late = lambda _unit: None
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._forgotten: dict[int, int] = {}
        self._next = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclass of it

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(Unavailable(f"the connection was lost: {exc}" if exc else "the device closed the connection"))

    def data_received(self, data: bytes) -> None:
        self.silent_since = None
        try:
            frames = self._framer.feed(data)
            for transaction, unit, pdu in frames:
                self._received(transaction, unit, pdu)
        except WireError as error:
            self._end(PeerViolation(str(error)))

    def send(self, unit: int, request: bytes, done: Done) -> None:
        """Send a PDU; `done` is called once: with the answer's data, the device's exception, or a TimeoutError."""
        self._next = transaction = self._next + 1 & 0xFFFF
        now = self._loop.time()
        deadline = now + self._timeout
        if self.silent_since is None:
            self.silent_since = now
        self._forgotten.pop(transaction, None)
        self._waiting[transaction] = _Waiting(unit, request, deadline, done)
        if self._transport is not None:
            self._transport.write(frame(transaction, unit, request))
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._expire)

    def close(self) -> None:
        """Drop the connection; nothing is called back any more."""
        if not self.closed.done():
            self.closed.cancel()
        self._drop()

    def _received(self, transaction: int, unit: int, pdu: bytes) -> None:
        waiting = self._waiting.pop(transaction, None)
        if waiting is None:
            if self._forgotten.pop(transaction, None) != unit:
                raise WireError(f"transaction {transaction} of unit {unit} was never asked")
            self.late(unit)
            return
        if unit != waiting.unit:
            raise WireError(f"unit {unit} answers what unit {waiting.unit} was asked")
        try:
            data: bytes | DeviceException = answer(waiting.request, pdu)
        except DeviceException as refusal:
            data = refusal
        waiting.done(data)

    def _expire(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._waiting:
            transaction, waiting = next(iter(self._waiting.items()))
            if waiting.deadline > now:
                self._timer = self._loop.call_at(waiting.deadline, self._expire)
                return
            del self._waiting[transaction]
            self._forgotten[transaction] = waiting.unit
            if len(self._forgotten) > FORGOTTEN:
                del self._forgotten[next(iter(self._forgotten))]
            waiting.done(TimeoutError())

    def _end(self, error: DriverError) -> None:
        if not self.closed.done():
            self.closed.set_result(error)
        self._drop()

    def _drop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting.clear()
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
