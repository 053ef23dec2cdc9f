"""One Modbus unit as the poller sees it: what waits to be sent to it, and whether it answers."""

from __future__ import annotations

from asyncio import Future, Lock
from collections import deque
from typing import Final, NamedTuple

from sitewarden.domain.points.model import Point
from sitewarden.drivers.modbus.config import AddressConfig, DeviceConfig
from sitewarden.drivers.modbus.plan import Block, build
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.config import load
from sitewarden.kit.driver import DeviceSpec
from sitewarden.kit.errors import Misconfigured
from sitewarden.wire.modbus import DeviceException

WRITES: Final = 64
"""Writes that wait for one unit; a further one is refused to its issuer, who is told to try again."""


class Order(NamedTuple):
    """A request that goes before all reads; its future takes the answer."""

    request: bytes
    future: Future[bytes | DeviceException | TimeoutError]


class Unit:
    """A device's reads, orders and health."""

    def __init__(self, spec: DeviceSpec, probe_every: float) -> None:
        """Raise Misconfigured where the device or an address does not fit."""
        self.spec = spec
        self.config = load(DeviceConfig, spec.config, f"device:{spec.id}")
        self.addresses: dict[str, tuple[Point, AddressConfig]] = {
            point.id: (point, load(AddressConfig, point.address, f"point:{point.id}.address")) for point in spec.points
        }
        for point, address in self.addresses.values():
            if point.writable and address.table in ("input", "discrete-input"):
                raise Misconfigured(f"point:{point.id}: a {address.table} cannot be written; make it read-only")
        self.number = self.config.unit
        self.blocks = build(list(self.addresses.values()), self.config)
        self.block_of = {id_: block for block in self.blocks for id_ in block.ids}
        self.orders: deque[Order] = deque()
        self.reads: deque[Block] = deque()
        self.writing = Lock()
        """Held while a register is read, changed in some bits, and written."""
        self.masks = True
        """Takes function 22; learnt from its refusal."""
        self.flying = 0
        self.misses = 0
        """Requests in a row that nobody answered."""
        self.dead = False
        self.online = False
        """Told as online on this connection."""
        self.gone = False
        """No longer configured; what is under way to it comes to nothing."""
        self.queued = False
        """Stands in the poller's queue of units with something to send."""
        self.backoff = Backoff(min(1.0, probe_every), probe_every)

    def begin(self) -> None:
        """Forget how it was on an earlier connection."""
        self.reads.clear()
        self.flying = self.misses = 0
        self.dead = self.online = self.queued = False
        self.backoff.reset()
        for block in self.blocks:
            block.parked = False

    @property
    def wants(self) -> bool:
        """True when it may be sent something now."""
        return not self.gone and self.flying < self.config.in_flight and bool(self.orders or self.reads)

    def next_order(self) -> Order | None:
        """Take the next order that somebody still waits for; one whose time has passed is not sent any more."""
        while self.orders:
            order = self.orders.popleft()
            if not order.future.done():
                return order
        return None

    def replace(self, block: Block, smaller: list[Block]) -> None:
        """Read `smaller` in the place of `block`."""
        place = self.blocks.index(block)
        self.blocks[place : place + 1] = smaller
        for one in smaller:
            for id_ in one.ids:
                self.block_of[id_] = one
