"""Confirmed requests under way: an invoke id for each, sent again when nothing comes, answers put together of their segments.

It works by timers of the running loop; whoever owns it sends its datagrams (`port.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sitewarden.drivers.bacnet.mapping import reason
from sitewarden.wire.bacnet import apdu, network
from sitewarden.wire.bacnet.apdu import Abort, Answer, Apdu, Done, Error, Reject
from sitewarden.wire.bacnet.network import Station
from sitewarden.wire.bacnet.segments import Assembly
from sitewarden.wire.bacnet.tags import WireError

Heard = Done | Answer | Error | Reject | Abort | TimeoutError
Call = Callable[[Heard], None]
Send = Callable[[bytes, Station], None]

INVOKES: Final = 256
"""Requests that may be under way to one device; a further one fails at once."""


class Refusing(Exception):
    """A device refuses what it was asked; its text says why."""

    def __init__(self, answer: Error | Reject | Abort) -> None:
        super().__init__(reason(answer))
        self.answer = answer


class _Waiting:
    __slots__ = ("assembly", "call", "data", "left", "timeout", "timer")

    def __init__(self, data: bytes, call: Call, timeout: float, left: int) -> None:
        self.data, self.call, self.timeout, self.left = data, call, timeout, left
        self.timer: asyncio.TimerHandle | None = None
        self.assembly: Assembly | None = None


class Exchange:
    """Sends requests and calls back once each: with what was answered, or a TimeoutError."""

    def __init__(self, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        self._send = send
        self._waiting: dict[tuple[Station, int], _Waiting] = {}
        self._next: dict[Station, int] = {}
        self.strays = 0
        """Answers that nobody waited for."""

    def request(self, to: Station, service: int, data: bytes, call: Call, *, timeout: float, retries: int) -> None:
        """Send a confirmed request; `call` is called once, never from within."""
        if len(self._next) > 100_000:
            self._next.clear()
        first = self._next.get(to, 0)
        for invoke in range(first, first + INVOKES):
            invoke &= 0xFF
            if (to, invoke) not in self._waiting:
                break
        else:
            self._loop.call_soon(call, TimeoutError())
            return
        self._next[to] = invoke + 1
        written = network.unicast(to, apdu.request(invoke, service, data), reply=True)
        waiting = self._waiting[to, invoke] = _Waiting(written, call, timeout, retries)
        waiting.timer = self._loop.call_later(timeout, self._late, to, invoke)
        self._send(written, to)

    def take(self, source: Station, heard: Apdu) -> None:
        """Take what is an answer to a request; what nobody waits for is counted and left."""
        key = (source, heard.invoke)  # type: ignore[union-attr]
        waiting = self._waiting.get(key)
        if waiting is None:
            self.strays += 1
            return
        if isinstance(heard, Answer) and heard.sequence is not None:
            whole = self._segment(key, waiting, heard)
            if whole is None:
                return
            heard = whole
        if isinstance(heard, (Done, Answer, Error, Reject, Abort)):
            self._forget(key, waiting)
            waiting.call(heard)

    def close(self) -> None:
        """Forget all; nothing is called back any more."""
        for waiting in self._waiting.values():
            if waiting.timer is not None:
                waiting.timer.cancel()
        self._waiting.clear()

    def _segment(self, key: tuple[Station, int], waiting: _Waiting, heard: Answer) -> Answer | None:
        source, invoke = key
        try:
            if waiting.assembly is None:
                waiting.assembly = Assembly(heard)
            reply = waiting.assembly.take(heard)
        except WireError:
            self._send(network.unicast(source, apdu.abort(invoke, apdu.AbortReason.OTHER, server=False), reply=False), source)
            self._forget(key, waiting)
            waiting.call(Abort(invoke, apdu.AbortReason.OTHER))
            return None
        if reply:
            self._send(network.unicast(source, reply, reply=not waiting.assembly.whole), source)
        if waiting.timer is not None:
            waiting.timer.cancel()
        waiting.timer = self._loop.call_later(waiting.timeout, self._late, source, invoke)
        return waiting.assembly.whole

    def _late(self, to: Station, invoke: int) -> None:
        waiting = self._waiting[to, invoke]
        if waiting.left > 0:
            waiting.left -= 1
            waiting.assembly = None
            waiting.timer = self._loop.call_later(waiting.timeout, self._late, to, invoke)
            self._send(waiting.data, to)
            return
        del self._waiting[to, invoke]
        waiting.call(TimeoutError())

    def _forget(self, key: tuple[Station, int], waiting: _Waiting) -> None:
        if waiting.timer is not None:
            waiting.timer.cancel()
        del self._waiting[key]
