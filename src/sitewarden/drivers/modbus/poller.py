"""Polls the units behind one connection: each block in its period, orders before reads, a lost unit beside the others.

All is driven by callbacks of the session and one timer; nothing is awaited on the way of a sample.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final

from sitewarden.domain.status import Status
from sitewarden.drivers.modbus.config import EndpointConfig
from sitewarden.drivers.modbus.mapping import quality_of
from sitewarden.drivers.modbus.plan import Block
from sitewarden.drivers.modbus.session import Session
from sitewarden.drivers.modbus.unit import WRITES, Order, Unit
from sitewarden.kit.context import Context
from sitewarden.kit.errors import Unavailable
from sitewarden.kit.freshness import Freshness
from sitewarden.kit.phases import Phases
from sitewarden.wire.modbus import DeviceException, ExceptionCode

MISSES: Final = 2
"""Unanswered requests in a row after which a unit counts as lost."""
ILLEGAL_PERIOD: Final = 60.0
"""Seconds between two tries of a single point that the device says it does not have."""

_ILLEGAL = (ExceptionCode.ILLEGAL_DATA_ADDRESS, ExceptionCode.ILLEGAL_DATA_VALUE, ExceptionCode.ILLEGAL_FUNCTION)
_GATEWAY = (ExceptionCode.GATEWAY_PATH_UNAVAILABLE, ExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND)
_PASSING = (ExceptionCode.ACKNOWLEDGE, ExceptionCode.SERVER_DEVICE_BUSY)


class Poller:
    """The schedule of one connection. It lives as long as its session."""

    def __init__(
        self, ctx: Context, ref: str, config: EndpointConfig, units: Sequence[Unit], freshness: Freshness, session: Session
    ) -> None:
        self._ctx = ctx
        self._ref = ref
        self._units = list(units)
        self._freshness = freshness
        self._session = session
        self._limit = config.in_flight
        self._lost_limit = max(1, config.in_flight // 2)
        self._timeout = config.timeout
        self._loop = asyncio.get_running_loop()
        self._flying = 0
        self._lost_flying = 0
        self._heap: list[tuple[float, int, Unit, Block]] = []
        self._order = count()
        self._ready: deque[Unit] = deque()
        self._sent: set[Order] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._phases = Phases()
        self._stopped = False
        self.online = False

    def start(self) -> None:
        """Read everything now; then each block in its period."""
        for unit in self._units:
            self._begin(unit)
        self._pump()

    def change(self, units: Sequence[Unit]) -> None:
        """Poll these units from now on; those that stay are not disturbed, new ones are read at once."""
        staying = set(units)
        for unit in self._units:
            if unit not in staying:
                unit.gone = True
                self._withdraw(unit)
                unit.reads.clear()
                for order in unit.orders:
                    _resolve(order, Unavailable(f"{unit.spec.name} was changed meanwhile"))
                unit.orders.clear()
                self._freshness.drop(unit.blocks)
        known = set(self._units)
        self._units = list(units)
        for unit in units:
            if unit not in known:
                self._begin(unit)
        self._pump()

    def stop(self, reason: str) -> None:
        """Send nothing more; orders that wait fail, and all that was Good is Uncertain."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for unit in self._units:
            self._sent.update(unit.orders)
            unit.orders.clear()
            self._freshness.lost(unit.blocks, self._ctx.clock, self._ctx.samples)
        for order in self._sent:
            _resolve(order, Unavailable(reason))

    async def order(self, unit: Unit, request: bytes) -> bytes:
        """Send `request` before all reads; return the answer's data or raise DeviceException or Unavailable."""
        if self._stopped:
            raise Unavailable("the connection is down")
        if len(unit.orders) >= WRITES:
            raise Unavailable(f"{WRITES} writes wait for {unit.spec.name} already")
        future = self._loop.create_future()
        unit.orders.append(Order(request, future))
        self._enqueue(unit)
        self._pump()
        answer = await future
        if isinstance(answer, DeviceException):
            raise answer
        if isinstance(answer, TimeoutError):
            raise Unavailable(f"{unit.spec.name} (unit {unit.number}) did not answer within {self._timeout:g} s")
        return bytes(answer)

    def late(self, number: int) -> None:
        """A unit answered after its time: it lives, so it is asked again at once."""
        for unit in self._units:
            if unit.number == number and unit.dead:
                self._alive(unit)
        self._pump()

    def _begin(self, unit: Unit) -> None:
        unit.begin()
        now = self._loop.time()
        for block in unit.blocks:
            self._at_once(unit, block, now)

    def _at_once(self, unit: Unit, block: Block, now: float) -> None:
        """Read it now, and from then on in a phase of its own."""
        self._later(unit, block, now)
        block.due -= block.period * (1.0 - self._phases.next())

    def _later(self, unit: Unit, block: Block, due: float) -> None:
        block.due = due
        heappush(self._heap, (due, next(self._order), unit, block))

    def _enqueue(self, unit: Unit) -> None:
        if not unit.queued and unit.wants:
            unit.queued = True
            self._ready.append(unit)

    def _pump(self) -> None:
        """Send what is due and allowed, then set the timer for what comes next."""
        if self._stopped:
            return
        now = self._loop.time()
        heap = self._heap
        while heap and heap[0][0] <= now:
            _, _, unit, block = heappop(heap)
            unit.reads.append(block)
            self._enqueue(unit)
        aside: list[Unit] = []
        while self._ready and self._flying < self._limit:
            unit = self._ready.popleft()
            unit.queued = False
            if unit.dead and self._lost_flying >= self._lost_limit:
                aside.append(unit)
            elif unit.wants:
                self._send(unit)
                self._enqueue(unit)
        for unit in aside:
            self._enqueue(unit)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(heap[0][0], self._pump) if heap else None

    def _send(self, unit: Unit) -> None:
        order = unit.next_order()
        block = unit.reads.popleft() if order is None and unit.reads else None
        if order is not None:
            self._sent.add(order)
        elif block is None:
            return
        self._flying += 1
        unit.flying += 1
        lost = unit.dead
        self._lost_flying += lost

        def done(answer: bytes | DeviceException | TimeoutError) -> None:
            self._flying -= 1
            unit.flying -= 1
            self._lost_flying -= lost
            if not unit.gone:
                self._heard(unit, answer, reading=order is None)
            if order is not None:
                self._sent.discard(order)
                _resolve(order, answer)
            elif block is not None and not unit.gone:
                self._read(unit, block, answer)
            self._enqueue(unit)
            self._pump()

        self._session.send(unit.number, block.request if block is not None else order.request if order else b"", done)

    def _heard(self, unit: Unit, answer: bytes | DeviceException | TimeoutError, *, reading: bool) -> None:
        if isinstance(answer, TimeoutError) or (isinstance(answer, DeviceException) and answer.code in _GATEWAY):
            unit.misses += 1
            if unit.misses >= MISSES and not unit.dead:
                self._dead(unit, str(answer) or f"unit {unit.number} did not answer {MISSES} times within {self._timeout:g} s")
                if not reading and unit.flying == 0 and unit.blocks:
                    unit.blocks[0].parked = False
                    self._later(unit, unit.blocks[0], self._loop.time() + unit.backoff.next())
            return
        unit.misses = 0
        if not self.online:
            self.online = True
            self._ctx.status(Status(ref=self._ref, state="online", since=self._ctx.clock.now()))
        if unit.dead or not unit.online:
            self._alive(unit)
            unit.online = True
            self._ctx.status(Status(ref=unit.spec.reference, state="online", since=self._ctx.clock.now()))

    def _read(self, unit: Unit, block: Block, answer: bytes | DeviceException | TimeoutError) -> None:
        now = self._loop.time()
        if isinstance(answer, bytes):
            values, qualities = block.decoder.decode(answer)
            self._freshness.good(block, values, qualities, self._ctx.clock, self._ctx.samples)
            self._later(unit, block, max(block.due + block.period, now))
        elif unit.dead:
            if block.parked:
                return
            self._later(unit, block, now + unit.backoff.next())
        elif isinstance(answer, TimeoutError) or answer.code in _GATEWAY:
            self._later(unit, block, now)
        elif answer.code in _PASSING:
            self._freshness.lost([block], self._ctx.clock, self._ctx.samples)
            self._later(unit, block, now + block.period)
        else:
            self._refused(unit, block, answer)

    def _refused(self, unit: Unit, block: Block, refusal: DeviceException) -> None:
        """Find out by smaller reads which registers the device does not have."""
        now = self._loop.time()
        smaller = block.split() if refusal.code in _ILLEGAL else []
        if smaller:
            for one in smaller:
                one.good_at, one.failed = None, block.failed
                self._later(unit, one, now)
            unit.replace(block, smaller)
            self._freshness.drop([block])
            return
        self._freshness.bad(block, quality_of(refusal.code), self._ctx.clock, self._ctx.samples)
        self._later(unit, block, now + (max(block.period, ILLEGAL_PERIOD) if refusal.code in _ILLEGAL else block.period))

    def _dead(self, unit: Unit, detail: str) -> None:
        """Stop polling a unit, but for one read that probes it with growing pauses."""
        unit.dead = True
        unit.online = False
        unit.backoff.reset()
        for block in (*self._withdraw(unit), *unit.reads):
            block.parked = True
        unit.reads.clear()
        self._freshness.lost(unit.blocks, self._ctx.clock, self._ctx.samples)
        now = self._ctx.clock.now()
        self._ctx.status(Status(ref=unit.spec.reference, state="offline", detail=detail, since=now))

    def _alive(self, unit: Unit) -> None:
        unit.dead = False
        unit.misses = 0
        now = self._loop.time()
        for block in self._withdraw(unit):
            block.parked = True
        for block in unit.blocks:
            if block.parked:
                block.parked = False
                self._at_once(unit, block, now)

    def _withdraw(self, unit: Unit) -> list[Block]:
        """Take a unit's blocks out of the schedule."""
        taken = [block for _, _, owner, block in self._heap if owner is unit]
        self._heap = [entry for entry in self._heap if entry[2] is not unit]
        heapify(self._heap)
        return taken


def _resolve(order: Order, answer: bytes | DeviceException | TimeoutError | Unavailable) -> None:
    if order.future.done():
        return
    if isinstance(answer, Unavailable):
        order.future.set_exception(answer)
    else:
        order.future.set_result(answer)
