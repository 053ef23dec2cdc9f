"""One agent as the poller sees it: what is read of it together, what waits to be sent, and whether it answers. Does no I/O."""

from __future__ import annotations

import ipaddress
from asyncio import Future, Lock
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.snmp.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.drivers.snmp.mapping import Read, reader
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.config import load
from sitewarden.kit.driver import DeviceSpec
from sitewarden.kit.errors import Misconfigured
from sitewarden.kit.freshness import Group
from sitewarden.wire.snmp import community, pdu
from sitewarden.wire.snmp.ber import WireError
from sitewarden.wire.snmp.pdu import Kind, Pdu
from sitewarden.wire.snmp.remote import Remote
from sitewarden.wire.snmp.usm import User

ORDERS: Final = 64
"""Orders that wait for one agent; a further one is refused to its issuer, who is told to try again."""
VERSIONS: Final = {"1": community.V1, "2c": community.V2C}

Item = tuple[Point, AddressConfig]
Answer = Pdu | Exception


class Order(NamedTuple):
    """A request that goes before all reads; its future takes the answer."""

    kind: int
    varbinds: bytes
    status: int
    position: int
    future: Future[Answer]


class Batch(Group):
    """One request: points of one period, and how they stood last."""

    __slots__ = ("due", "items", "names", "parked", "period", "reads", "request")

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__([point.id for point, _ in items])
        self.items = tuple(items)
        self.period = items[0][0].period
        self.names = [address.name for _, address in items]
        self.reads: list[Read] = [reader(point, address) for point, address in items]
        self.request = pdu.ask(self.names)
        self.due = 0.0
        self.parked = False
        """Waits for its agent to come back."""

    def learn(self, id_: str, value: Value) -> None:
        """Take a value that came beside the polling, so that it is the last known one."""
        if self.values:
            self.values = [value if own == id_ else known for own, known in zip(self.ids, self.values, strict=True)]

    def halves(self) -> list[Batch]:
        """Return two requests for the same points; empty for a single one."""
        middle = len(self.items) // 2
        return [Batch(self.items[:middle]), Batch(self.items[middle:])] if middle else []

    def without(self, place: int) -> list[Batch]:
        """Return a request for the point at `place` alone, and one for the rest; empty for a single one."""
        rest = (*self.items[:place], *self.items[place + 1 :])
        return [Batch(self.items[place : place + 1]), Batch(rest)] if rest else []


class Agent:
    """A device's reads, orders and health, and how it is spoken with."""

    def __init__(self, spec: DeviceSpec, endpoint: EndpointConfig, user: User | None) -> None:
        """Raise Misconfigured where the device or an address does not fit."""
        self.spec = spec
        self.config = load(DeviceConfig, spec.config, f"device:{spec.id}")
        self.addresses: dict[str, Item] = {
            point.id: (point, load(AddressConfig, point.address, f"point:{point.id}.address")) for point in spec.points
        }
        for point, address in self.addresses.values():
            if point.writable and not address.poll:
                raise Misconfigured(f"point:{point.id}: what is only heard cannot be written; let it be polled, or read-only")
        polled: dict[float, list[Item]] = defaultdict(list)
        for item in self.addresses.values():
            if item[1].poll:
                polled[item[0].period].append(item)
        most = self.config.max_oids
        self.batches = [Batch(items[at : at + most]) for items in polled.values() for at in range(0, len(items), most)]
        self.heard = {id_: Group([id_]) for id_, (_, address) in self.addresses.items() if not address.poll}
        """Points that only traps and informs tell."""
        self.readers = {id_: reader(*item) for id_, item in self.addresses.items()}
        self.batch_of = {id_: batch for batch in self.batches for id_ in batch.ids}
        self.by_name: dict[bytes, list[str]] = defaultdict(list)
        for id_, (_, address) in self.addresses.items():
            self.by_name[address.name].append(id_)
        self.literal = _literal(self.config.host)
        self.sockaddr: tuple[str, int] | None = (self.literal, endpoint.port) if self.literal else None
        """Where it is; None until its name is resolved."""
        self.remote = Remote(user, self.config.context) if user is not None else None
        self._version = VERSIONS.get(endpoint.version, 0)
        self._read = endpoint.community.encode()
        self._write = endpoint.write_community.encode() or self._read
        self.orders: deque[Order] = deque()
        self.reads: deque[Batch] = deque()
        self.writing = Lock()
        """Held while a value is read, written and read back."""
        self.flying = 0
        self.misses = 0
        """Requests in a row that nobody answered."""
        self.dead = False
        self.online = False
        """Told as online since the sockets were opened."""
        self.gone = False
        """No longer configured; what is under way to it comes to nothing."""
        self.queued = False
        self.probe: Batch | None = None
        """The one read that asks a lost agent whether it is back."""
        self.backoff = Backoff(min(1.0, endpoint.probe_every), endpoint.probe_every)

    @property
    def groups(self) -> list[Group]:
        """All that is fresh or lost with it."""
        return [*self.batches, *self.heard.values()]

    def begin(self) -> None:
        """Forget how it was when the sockets were last open."""
        self.reads.clear()
        self.flying = self.misses = 0
        self.dead = self.online = self.queued = False
        self.probe = None
        self.backoff.reset()
        for batch in self.batches:
            batch.parked = False

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

    def replace(self, batch: Batch, smaller: list[Batch]) -> None:
        """Read `smaller` in the place of `batch`."""
        place = self.batches.index(batch)
        self.batches[place : place + 1] = smaller
        for one in smaller:
            for id_ in one.ids:
                self.batch_of[id_] = one

    def write(self, id_: int, kind: int, status: int, position: int, varbinds: bytes, now: float, salt: int) -> bytes:
        """Return a request as it goes out."""
        written = pdu.write_pdu(kind, id_, status, position, varbinds)
        if self.remote is not None:
            return self.remote.write(id_, written, now, salt)
        return community.write(self._version, self._write if kind == Kind.SET else self._read, written)

    def read(self, data: bytes, now: float) -> Pdu:
        """Return the response or report in a datagram; raise WireError for what is not to be believed."""
        if self.remote is not None:
            return self.remote.read(data, now)[1]
        message = community.read(data)
        if message.version != self._version or not isinstance(message.pdu, Pdu) or message.pdu.kind != Kind.RESPONSE:
            raise WireError("an agent sent what is no answer")
        return message.pdu


def _literal(host: str) -> str:
    """Return an address as the kernel writes it; empty for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""
