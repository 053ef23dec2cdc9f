"""When which device is asked: what is due in order of time, orders before reads, a bound on what is under way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from itertools import count

from sitewarden.drivers.bacnet.config import EndpointConfig
from sitewarden.drivers.bacnet.device import ORDERS, Batch, Device, Order
from sitewarden.drivers.bacnet.exchange import Heard, Refusing
from sitewarden.drivers.bacnet.port import Port
from sitewarden.kit.errors import Unavailable
from sitewarden.wire.bacnet.apdu import Abort, Answer, Done, Error, Reject
from sitewarden.wire.bacnet.network import Station


class Schedule:
    """The queue of one endpoint; what is asked, and what answers mean, is the poller's."""

    def __init__(self, config: EndpointConfig, port: Port) -> None:
        self._config, self._port = config, port
        self._loop = asyncio.get_running_loop()
        self._flying = 0
        self._lost_flying = 0
        self._lost_limit = max(1, config.in_flight // 2)
        self._heap: list[tuple[float, int, Device, Batch | None]] = []
        self._order = count()
        self._ready: deque[Device] = deque()
        self._sent: set[Order] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    async def order(self, device: Device, service: int, data: bytes) -> Answer | Done:
        """Send a request before all reads. Raises Unavailable, or Refusing with what the device says."""
        if self._stopped or device.station is None:
            raise Unavailable(f"{device.spec.name} is not reached now")
        if len(device.orders) >= ORDERS:
            raise Unavailable(f"{ORDERS} orders wait for {device.spec.name} already")
        future: asyncio.Future[Heard] = self._loop.create_future()
        device.orders.append(Order(service, data, future))
        self._enqueue(device)
        self._pump()
        answer = await future
        if isinstance(answer, (Error, Reject, Abort)):
            raise Refusing(answer)
        if isinstance(answer, TimeoutError):
            raise Unavailable(f"{device.spec.name} did not answer within {self._config.timeout:g} s")
        return answer

    def _look_again(self, device: Device) -> None:
        """Look for a device whose look is due."""
        raise NotImplementedError

    def _ask_batch(self, device: Device, station: Station, batch: Batch) -> None:
        """Ask for a batch whose turn it is."""
        raise NotImplementedError

    def _heard(self, device: Device, heard: Heard) -> None:
        """Take whether a device answered."""
        raise NotImplementedError

    def _later(self, device: Device, batch: Batch | None, due: float) -> None:
        if batch is not None:
            if batch.gone:
                return
            batch.due = due
        heappush(self._heap, (due, next(self._order), device, batch))

    def _enqueue(self, device: Device) -> None:
        if not device.queued and device.wants:
            device.queued = True
            self._ready.append(device)

    def _pump(self) -> None:
        """Send what is due and allowed, then set the timer for what comes next."""
        if self._stopped:
            return
        now = self._loop.time()
        heap = self._heap
        while heap and heap[0][0] <= now:
            _, _, device, batch = heappop(heap)
            if batch is not None:
                device.reads.append(batch)
                self._enqueue(device)
            else:
                self._look_again(device)
        aside: list[Device] = []
        while self._ready and self._flying < self._config.in_flight:
            device = self._ready.popleft()
            device.queued = False
            if device.dead and self._lost_flying >= self._lost_limit:
                aside.append(device)
            elif device.wants:
                self._send(device)
                self._enqueue(device)
        for device in aside:
            self._enqueue(device)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(heap[0][0], self._pump) if heap else None

    def _send(self, device: Device) -> None:
        station = device.station
        order = device.next_order()
        batch = device.reads.popleft() if order is None and device.reads else None
        if station is None or (order is None and batch is None):
            return
        if order is not None:
            self._sent.add(order)
            self._ask(device, station, order.service, order.data, lambda heard: self._ordered(order, heard))
        elif batch is not None:
            self._ask_batch(device, station, batch)

    def _ask(self, device: Device, station: Station, service: int, data: bytes, then: Callable[[Heard], None]) -> None:
        self._flying += 1
        device.flying += 1
        lost = device.dead
        self._lost_flying += lost

        def done(heard: Heard) -> None:
            self._flying -= 1
            device.flying -= 1
            self._lost_flying -= lost
            if self._stopped:
                return
            if not device.gone:
                self._heard(device, heard)
            then(heard)
            self._enqueue(device)
            self._pump()

        config = self._config
        self._port.exchange.request(station, service, data, done, timeout=config.timeout, retries=0 if lost else config.retries)

    def _ordered(self, order: Order, heard: Heard) -> None:
        self._sent.discard(order)
        _resolve(order, heard)

    def _withdraw(self, device: Device) -> None:
        """Take all of a device out of the schedule."""
        self._heap = [entry for entry in self._heap if entry[2] is not device]
        heapify(self._heap)

    def _hurry(self, device: Device) -> None:
        """Read what tells a fault at once: why comes with the answer."""
        now = self._loop.time()
        due = [entry[3] for entry in self._heap if entry[2] is device and entry[3] is not None and entry[3].stale]
        self._heap = [entry for entry in self._heap if entry[3] is None or entry[3] not in due or entry[2] is not device]
        heapify(self._heap)
        for batch in due:
            if batch is not None:
                batch.build()
                self._later(device, batch, now)
        self._pump()

    def _refuse_orders(self, device: Device, why: str) -> None:
        for order in device.orders:
            _resolve(order, Unavailable(why))
        device.orders.clear()

    def _end(self, devices: Iterable[Device], why: str) -> None:
        """Send nothing more; orders that wait fail."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for device in devices:
            self._refuse_orders(device, why)
        for order in self._sent:
            _resolve(order, Unavailable(why))


def _resolve(order: Order, answer: Heard | Unavailable) -> None:
    if order.future.done():
        return
    if isinstance(answer, Unavailable):
        order.future.set_exception(answer)
    else:
        order.future.set_result(answer)
