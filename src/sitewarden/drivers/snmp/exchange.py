"""Requests under way to agents over UDP, by their ids, each with a deadline; from one socket or from many in turn. Does I/O."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sitewarden.drivers.snmp.agent import Agent, Answer
from sitewarden.wire.snmp import ber, community, v3
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Kind
from sitewarden.wire.snmp.remote import RESYNC

Done = Callable[[Answer], None]

RESYNCS: Final = 3
"""Times that one request is sent again because the agent told its id or its time."""
RECEIVE: Final = 1 << 20
"""Bytes of a socket's receive buffer: answers that wait while the loop is busy."""


class _Waiting(NamedTuple):
    agent: Agent
    kind: int
    status: int
    position: int
    varbinds: bytes
    deadline: float
    done: Done
    resyncs: int


class Exchange:
    """Sends requests and calls back, once each: with the response, a Denied, or a TimeoutError."""

    def __init__(self, timeout: float) -> None:
        """`timeout` in seconds for each request."""
        self._loop = asyncio.get_running_loop()
        self._timeout = timeout
        self._sockets: list[asyncio.DatagramTransport] = []
        self._turn = 0
        self._waiting: dict[int, _Waiting] = {}
        self._next = secrets.randbits(31)
        self._salt = secrets.randbits(64)
        self._timer: asyncio.TimerHandle | None = None
        self.strays = 0
        """Datagrams that nobody asked for, or that were not to be believed."""

    def add(self, socket: asyncio.DatagramTransport) -> None:
        """Send from this socket too."""
        self._sockets.append(socket)

    def send(self, agent: Agent, kind: int, varbinds: bytes, done: Done, status: int = 0, position: int = 0) -> None:
        """Send a PDU around written bindings; `done` is called once."""
        deadline = self._loop.time() + self._timeout
        self._send(_Waiting(agent, kind, status, position, varbinds, deadline, done, 0))

    def close(self) -> None:
        """Close the sockets; nothing is called back any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting.clear()
        for socket in self._sockets:
            socket.close()
        self._sockets.clear()

    def received(self, data: bytes, sender: tuple[Any, ...]) -> None:
        """Take a datagram; what is not an answer of the agent that was asked is counted and left."""
        try:
            id_ = _id(data)
            waiting = self._waiting.get(id_)
            if waiting is None or sender[:2] != waiting.agent.sockaddr:
                self.strays += 1
                return
            answer = waiting.agent.read(data, self._loop.time())
        except WireError:
            self.strays += 1
            return
        del self._waiting[id_]
        if answer.kind != Kind.REPORT:
            waiting.done(answer)
            return
        report = v3.report_of(answer)
        if report in RESYNC and waiting.resyncs < RESYNCS:
            self._send(waiting._replace(resyncs=waiting.resyncs + 1))
        else:
            waiting.done(v3.Denied(report or v3.UNSUPPORTED_LEVEL))

    def _send(self, waiting: _Waiting) -> None:
        self._next = id_ = self._next + 1 & 0x7FFFFFFF
        self._waiting[id_] = waiting
        agent = waiting.agent
        self._salt = self._salt + (1 << 32) & 0xFFFFFFFFFFFFFFFF
        data = agent.write(id_, waiting.kind, waiting.status, waiting.position, waiting.varbinds, self._loop.time(), self._salt)
        if self._sockets and agent.sockaddr is not None:
            self._turn = (self._turn + 1) % len(self._sockets)
            self._sockets[self._turn].sendto(data, agent.sockaddr)
        if self._timer is None:
            self._timer = self._loop.call_at(waiting.deadline, self._expire)

    def _expire(self) -> None:
        self._timer = None
        now = self._loop.time()
        # Requests are in order of their deadlines, but for the few that were sent again with what was left of their time.
        while self._waiting:
            id_, waiting = next(iter(self._waiting.items()))
            if waiting.deadline > now:
                self._timer = self._loop.call_at(waiting.deadline, self._expire)
                return
            del self._waiting[id_]
            waiting.done(TimeoutError())


class Socket(asyncio.DatagramProtocol):
    """Hands what arrives to an exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._received = exchange.received

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._received(data, addr)


def _id(data: bytes) -> int:
    """Return a message's id: that of the PDU in versions 1 and 2c, the envelope's own in version 3."""
    at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
    version, at = ber.integer(data, at, end)
    if version == community.V3:
        at, end = ber.expect(data, at, end, ber.SEQUENCE)
    else:
        _, at = ber.octets(data, at, end, community.COMMUNITY)
        _, at, end = ber.header(data, at, end)
    return ber.integer(data, at, end)[0]
