"""What is asked over one connection: one exchange at a time, writes before polls, each with a time limit.

All is driven by messages and one timer; nothing is awaited on the way of a value.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Final

from sitewarden.drivers.tcp.station import Station
from sitewarden.kit.errors import Unavailable
from sitewarden.wire.expressions import Expression

ORDERS: Final = 64
"""Writes that wait for one connection; a further one is refused to its issuer, who is told to try again."""
MISSES: Final = 2
"""Polls in a row without an answer after which a device counts as lost."""


class Refused(Exception):
    """The device's answer says that it does not do what it was told."""


class Exchange:
    """Something sent, and what answers it: any message of the device where nothing more is said."""

    __slots__ = ("confirm", "data", "due", "future", "refused", "station")

    def __init__(
        self,
        station: Station,
        data: bytes,
        confirm: Expression | None = None,
        refused: Expression | None = None,
        future: asyncio.Future[bytes] | None = None,
    ) -> None:
        self.station, self.data, self.confirm, self.refused, self.future = station, data, confirm, refused, future
        self.due = 0.0
        """When a poll was due, loop time."""

    def answered_by(self, station: Station | None, message: bytes) -> bool:
        """Tell whether `message` answers it; raise Refused where it refuses."""
        if station is not None and station is not self.station:
            return False
        if self.refused is not None and self.refused.spans(message) is not None:
            raise Refused(message.decode("utf-8", "replace")[:200])
        if self.confirm is not None:
            return self.confirm.spans(message) is not None
        return station is self.station


class Talk:
    """The exchanges of one connection."""

    def __init__(self, send: Callable[[bytes], None], timeout: float, missed: Callable[[Station, str], None]) -> None:
        """`timeout` in seconds for each answer; `missed` hears of a device that has left MISSES polls without one."""
        self._loop = asyncio.get_running_loop()
        self._send = send
        self._timeout = timeout
        self._missed = missed
        self._orders: deque[Exchange] = deque()
        self._polls: list[tuple[float, int, Station]] = []
        self._polled: set[Station] = set()
        self._order = count()
        self._current: Exchange | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = ""

    def poll(self, station: Station) -> None:
        """Poll a device from now on."""
        if station.poll and station not in self._polled:
            self._polled.add(station)
            heappush(self._polls, (self._loop.time(), next(self._order), station))
            self._pump()

    async def ask(
        self, station: Station, data: bytes, confirm: Expression | None = None, refused: Expression | None = None
    ) -> bytes:
        """Send before all polls; return the answer, or raise Refused or Unavailable."""
        if self._stopped:
            raise Unavailable(self._stopped)
        if len(self._orders) >= ORDERS:
            raise Unavailable(f"{ORDERS} writes wait for {station.spec.name} already")
        future: asyncio.Future[bytes] = self._loop.create_future()
        self._orders.append(Exchange(station, data, confirm, refused, future))
        self._pump()
        return await future

    def heard(self, station: Station | None, message: bytes) -> None:
        """Take a message (of a device, or None where it names none) for the answer to what is under way, where it is one."""
        current = self._current
        if current is None:
            return
        try:
            if not current.answered_by(station, message):
                return
        except Refused as refusal:
            self._finish(current, refusal)
            return
        self._finish(current, message)

    def stop(self, reason: str) -> None:
        """Send nothing more; who waits is told."""
        self._stopped = reason or "the connection is down"
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for one in (self._current, *self._orders):
            if one is not None and one.future is not None and not one.future.done():
                one.future.set_exception(Unavailable(self._stopped))
        self._current = None
        self._orders.clear()
        self._polls.clear()

    def _pump(self) -> None:
        if self._stopped or self._current is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._loop.time()
        while self._orders:
            order = self._orders.popleft()
            if order.future is not None and not order.future.done():
                self._begin(order, now)
                return
        if not self._polls:
            return
        due, _, station = self._polls[0]
        if due > now:
            self._timer = self._loop.call_at(due, self._pump)
            return
        heappop(self._polls)
        exchange = Exchange(station, station.poll)
        exchange.due = due
        self._begin(exchange, now)

    def _begin(self, exchange: Exchange, now: float) -> None:
        self._current = exchange
        self._timer = self._loop.call_at(now + self._timeout, self._expire)
        self._send(exchange.data)

    def _expire(self) -> None:
        self._timer = None
        if self._current is not None:
            self._finish(self._current, TimeoutError())

    def _finish(self, exchange: Exchange, answer: bytes | Exception) -> None:
        self._current = None
        station = exchange.station
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if exchange.future is None:
            self._polled_again(station, exchange.due, missed=isinstance(answer, Exception))
        elif not exchange.future.done():
            if isinstance(answer, TimeoutError):
                answer = Unavailable(f"{station.spec.name} did not answer within {self._timeout:g} s")
            if isinstance(answer, Exception):
                exchange.future.set_exception(answer)
            else:
                exchange.future.set_result(answer)
        self._pump()

    def _polled_again(self, station: Station, due: float, *, missed: bool) -> None:
        now = self._loop.time()
        if not missed:
            station.misses = 0
            station.backoff.reset()
            then = max(due + station.config.every, now)
        else:
            station.misses += 1
            then = now
            if station.misses >= MISSES:
                self._missed(station, f"it left {MISSES} polls in a row without an answer within {self._timeout:g} s")
                then = now + station.backoff.next()
        if not self._stopped:
            heappush(self._polls, (then, next(self._order), station))
