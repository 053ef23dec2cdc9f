"""One device as the poller sees it: what is read of it together, what it tells by itself, whether it answers. Does no I/O."""

from __future__ import annotations

from asyncio import Future
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from sitewarden.drivers.bacnet.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.drivers.bacnet.exchange import Heard
from sitewarden.drivers.bacnet.mapping import Item
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.config import load
from sitewarden.kit.driver import DeviceSpec
from sitewarden.wire.bacnet import services
from sitewarden.wire.bacnet.apdu import LONGEST
from sitewarden.wire.bacnet.network import Station

ORDERS: Final = 64
"""Orders that wait for one device; a further one is refused to its issuer, who is told to try again."""
HEAD: Final = 3
PER_ITEM: Final = 30
"""Bytes that an answer needs for a point with its status flags, with some to spare."""
PER_TEXT: Final = 80


class Order(NamedTuple):
    """A request that goes before all reads; its future takes what comes of it."""

    service: int
    data: bytes
    future: Future[Heard]


class Batch:
    """One request: points of one period."""

    __slots__ = ("counts", "due", "gone", "items", "period", "request", "single")

    def __init__(self, items: Sequence[Item], period: float, *, single: bool = False) -> None:
        self.items = tuple(items)
        self.period = period
        self.single = single
        """It is asked with ReadProperty, each property by itself."""
        self.due = 0.0
        self.gone = False
        """Its points stand in another request now."""
        self.counts: list[int] = []
        self.request = b""
        self.build()

    def build(self) -> None:
        """Write the request as it is now: the reliability is asked for where a fault is told."""
        asked = [(item.object, item.asked) for item in self.items]
        self.counts = [len(properties) for _, properties in asked]
        self.request = b"" if self.single else services.read_multiple(asked)

    @property
    def stale(self) -> bool:
        """Other properties are due than it asks for."""
        return any(count != len(item.asked) for count, item in zip(self.counts, self.items, strict=True) if item.flagged)

    def halves(self) -> list[Batch]:
        """Return two requests for the same points; one by one where there is a single point."""
        middle = len(self.items) // 2
        if not middle:
            return [] if self.single else [Batch(self.items, self.period, single=True)]
        return [Batch(self.items[:middle], self.period), Batch(self.items[middle:], self.period)]


class Device:
    """A device's reads, subscriptions, orders and health."""

    def __init__(self, spec: DeviceSpec, endpoint: EndpointConfig) -> None:
        """Raise Misconfigured where the device or an address does not fit."""
        self.spec = spec
        self.config = load(DeviceConfig, spec.config, f"device:{spec.id}")
        self.items = {
            point.id: Item(point, load(AddressConfig, point.address, f"point:{point.id}.address")) for point in spec.points
        }
        self.ids = list(self.items)
        self.instance = self.config.instance
        self.station: Station | None = self.config.station
        """Where it is; None until it was found."""
        self.longest = self.config.max_apdu
        self.multiple = self.config.multiple
        self.told: dict[int, list[Item]] = defaultdict(list)
        """Object to the points that live of what the device tells of it, where it takes the subscription."""
        for item in self.items.values():
            if item.tells and self.config.cov != "off":
                self.told[item.object].append(item)
        self.subscribed: set[int] = set()
        self.untold: set[int] = set()
        """Objects whose changes it does not tell."""
        self.batches: list[Batch] = []
        self.orders: deque[Order] = deque()
        self.reads: deque[Batch] = deque()
        self.flying = 0
        self.dead = False
        self.online = False
        self.gone = False
        """No longer configured; what is under way to it comes to nothing."""
        self.queued = False
        self.learnt = False
        """The texts of its states were asked for."""
        self.refused: dict[str, str] = {}
        """Point to why its device refuses it."""
        self.detail = ""
        self.backoff = Backoff(min(1.0, endpoint.probe_every), endpoint.probe_every)
        self.plan()

    def begin(self) -> None:
        """Forget how it was when the port was last open."""
        self.reads.clear()
        self.flying = 0
        self.dead = self.online = self.queued = False
        self.subscribed.clear()
        self.untold.clear()
        self.refused.clear()
        self.backoff.reset()
        self.plan()

    def plan(self) -> None:
        """Put the points into requests, by period and by what one answer holds."""
        by_period: dict[float, list[Item]] = defaultdict(list)
        for item in self.items.values():
            told = item.tells and item.object in self.subscribed
            by_period[max(item.point.period, self.config.refresh) if told else item.point.period].append(item)
        for batch in self.batches:
            batch.gone = True
        self.batches = []
        room = self.longest - HEAD
        for period, items in by_period.items():
            if not self.multiple:
                self.batches += [Batch([item], period, single=True) for item in items]
                continue
            held: list[Item] = []
            size = 0
            for item in items:
                need = PER_TEXT if item.point.type == "string" and not item.worded else PER_ITEM
                if held and size + need > room:
                    self.batches.append(Batch(held, period))
                    held, size = [], 0
                held.append(item)
                size += need
            if held:
                self.batches.append(Batch(held, period))

    def replace(self, batch: Batch, smaller: list[Batch]) -> None:
        """Ask `smaller` in the place of `batch`."""
        batch.gone = True
        place = self.batches.index(batch)
        self.batches[place : place + 1] = smaller

    def limit(self, longest: int) -> bool:
        """Take the longest APDU that the device says; True where requests are made anew for it."""
        longest = min(longest, self.config.max_apdu, LONGEST)
        if longest == self.longest:
            return False
        self.longest = longest
        return True

    @property
    def wants(self) -> bool:
        """True when it may be sent something now."""
        return not self.gone and self.flying < self.config.in_flight and bool(self.orders or self.reads)

    def next_order(self) -> Order | None:
        """Take the next order that somebody still waits for."""
        while self.orders:
            order = self.orders.popleft()
            if not order.future.done():
                return order
        return None

    def changed_detail(self) -> bool:
        """Tell whether what is refused of it reads otherwise than it was last told."""
        told = "; ".join(list(self.refused.values())[:3])
        more = len(self.refused) - 3
        if more > 0:
            told += f"; {more} more"
        changed, self.detail = told != self.detail, told
        return changed
