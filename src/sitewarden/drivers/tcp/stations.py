"""The devices of one endpoint: whose a message is, what it says, who is lost."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any, Final

from sitewarden.domain.points.samples import Samples, Value
from sitewarden.domain.status import Status
from sitewarden.drivers.tcp.config import EndpointConfig
from sitewarden.drivers.tcp.mapping import Naming, text_of
from sitewarden.drivers.tcp.session import Session
from sitewarden.drivers.tcp.station import Station
from sitewarden.drivers.tcp.talk import Talk
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Misconfigured

SHOWN: Final = 120
"""Characters of a message that nobody's is, as the endpoint's status shows it."""


class Batch:
    """The samples of all messages that came together, so that they are handed over once."""

    __slots__ = ("monotonic", "now", "samples")

    def __init__(self, monotonic: float, now: int) -> None:
        """Both times of their arrival."""
        self.monotonic, self.now = monotonic, now
        self.samples = Samples([], [], [], [], [])

    def add(self, ids: list[str], source: int, values: list[Value], qualities: list[int]) -> None:
        """Add what one message said."""
        samples = self.samples
        if len(ids) == 1:
            samples.points.append(ids[0])
            samples.source_times.append(source)
            samples.server_times.append(self.now)
            samples.values.append(values[0])
            samples.qualities.append(qualities[0])
            return
        count = len(ids)
        samples.points.extend(ids)
        samples.source_times.extend([source] * count)
        samples.server_times.extend([self.now] * count)
        samples.values.extend(values)
        samples.qualities.extend(qualities)


class Stations:
    """Takes messages of all connections of an endpoint, synchronously."""

    def __init__(self, spec: EndpointSpec, config: EndpointConfig) -> None:
        """Raise Misconfigured where a device cannot be told from another."""
        self._config = config
        self._all = [Station(device, config.probe_every, config.bad_after) for device in spec.devices]
        self._of_point = {id_: station for station in self._all for id_ in station.points}
        self._naming = Naming(config.device) if config.device else None
        self._named: dict[str, Station] = {}
        self._addressed: dict[str, Station] = {}
        self._only: Station | None = None
        self._sort()
        self._by_name = {name.encode(): station for name, station in self._named.items()}
        self._replies = {
            station: text_of(config.reply, {"device": station.config.says}, spec.reference) if config.reply else b""
            for station in self._all
        }
        self._ctx: Context | None = None
        self._counts = {"messages": 0, "unknown": 0, "unread": 0}
        self._stranger = self._refused = ""
        self.connections = 0
        self.patience = max((_patience(one, config.timeout) for one in self._all), default=60.0)
        """Seconds of silence after which a connection with all of them behind it is given up."""

    def of_point(self, id_: str) -> Station | None:
        """Return the device of a point."""
        return self._of_point.get(id_)

    def of_address(self, address: str) -> Station | None:
        """Return the device that a connection from there is of, without its saying so; None where it must say."""
        return self._addressed.get(plain(address)) or self._only

    def refused(self, address: str, why: str) -> None:
        """Remember a connection that was not taken."""
        self._refused = f"{address}: {why}"

    def admits(self, address: str) -> bool:
        """Tell whether a device may come from there."""
        return self._naming is not None or self.of_address(address) is not None

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come; return the seconds until the next."""
        due = [one for station in self._all if (one := station.freshness.age(ctx.clock, ctx.samples)) is not None]
        return min(due, default=None)

    def figures(self) -> dict[str, Any]:
        """Return what the endpoint's status shows: counts, the last message of no device, the last connection not taken."""
        words = {"stranger": self._stranger, "refused": self._refused}
        return {"connections": self.connections, **self._counts, **{name: word for name, word in words.items() if word}}

    def begin(self, ctx: Context) -> None:
        """Serve; devices that never come are lost by the same clock as those that go."""
        self._ctx = ctx
        now = asyncio.get_running_loop().time()
        for station in self._all:
            station.session, station.online, station.heard_at, station.misses = None, False, now, 0
            station.backoff.reset()

    def end(self) -> None:
        """Nobody is heard any more."""
        ctx, self._ctx = self._ctx, None
        for station in self._all:
            station.session, station.online = None, False
            if ctx is not None:
                station.freshness.lost(station.groups, ctx.clock, ctx.samples)

    def dialled(self, session: Session) -> None:
        """Take the one connection of a client: all its devices are behind it."""
        self._talk(session)
        session.station = self._only
        for station in self._all:
            self.bind(station, session)

    def accepted(self, session: Session) -> None:
        """Take a connection of a server; its device may be known by the address."""
        self._talk(session)
        session.station = self.of_address(session.address)
        if session.station is not None:
            self.bind(session.station, session)

    def bind(self, station: Station, session: Session) -> None:
        """Reach a device over this connection from now on."""
        station.session = session
        if session.talk is not None:
            session.talk.poll(station)

    def heard(self, session: Session, messages: list[bytes]) -> None:
        """Take whole messages of a connection."""
        ctx = self._ctx
        if ctx is None:
            return
        counts, talk = self._counts, session.talk
        counts["messages"] += len(messages)
        batch = Batch(ctx.clock.monotonic(), ctx.clock.now())
        for message in messages:
            station = self._whose(session, message)
            if station is None:
                counts["unknown"] += 1
                self._stranger = f"{session.address}: {message[:SHOWN].decode('utf-8', 'replace')!r}"
            else:
                self._read(ctx, session, station, message, batch)
            if talk is not None:
                talk.heard(station, message)
        if batch.samples.points:
            ctx.samples(batch.samples)

    def look(self) -> None:
        """Find out who has been silent for too long."""
        now = asyncio.get_running_loop().time()
        for station in self._all:
            limit = station.config.silent_after
            polled = station.poll and station.session is not None and not station.session.closed.done()
            if not polled and now - station.heard_at > limit:
                station.heard_at = now
                self.lost(station, f"no message came for {limit:g} s")

    def lost(self, station: Station, why: str) -> None:
        """A device is gone: its points turn Uncertain, and Bad by the clock."""
        ctx = self._ctx
        if ctx is None:
            return
        station.freshness.lost(station.groups, ctx.clock, ctx.samples)
        station.online = False
        ctx.status(Status(ref=station.spec.reference, state="offline", detail=why, since=ctx.clock.now()))

    def _talk(self, session: Session) -> None:
        session.talk = Talk(session.send, self._config.timeout, self.lost)

    def _whose(self, session: Session, message: bytes) -> Station | None:
        if self._naming is None:
            return session.station
        name = self._naming.of(message)
        station = self._by_name.get(name) if name is not None else None
        if station is None or (station.config.address and plain(station.config.address) != plain(session.address)):
            return None
        if station.session is not session:
            self.bind(station, session)
        return station

    def _read(self, ctx: Context, session: Session, station: Station, message: bytes, batch: Batch) -> None:
        station.heard_at = session.last
        understood = False
        for reading, group in station.readings:
            found = reading.read(message)
            if found is not None:
                understood = True
                source = batch.now if found.time is None else found.time
                station.freshness.heard(group, found.values, batch.monotonic, source)
                batch.add(group.ids, source, found.values, found.qualities)
        if not understood and station.readings:
            self._counts["unread"] += 1
        if not station.online:
            station.online = True
            station.misses = 0
            ctx.status(Status(ref=station.spec.reference, state="online", since=ctx.clock.now()))
        reply = self._replies[station]
        if reply:
            session.send(reply)

    def _sort(self) -> None:
        """Note how each device is known."""
        server = self._config.mode == "server"
        for station in self._all:
            config, where = station.config, f"device:{station.spec.id}"
            if config.address and not server:
                raise Misconfigured(f"{where}.address: is of devices that dial; of this one the endpoint's host tells it")
            known: dict[str, Station]
            if self._naming is not None:
                if not config.says:
                    raise Misconfigured(f"{where}.says: is missing; give what the device calls itself in its messages")
                known, key = self._named, config.says
            elif config.address:
                known, key = self._addressed, plain(config.address)
            elif len(self._all) == 1:
                self._only = station
                continue
            else:
                ways = "give the endpoint an expression for device" + (", or each device its address" if server else "")
                raise Misconfigured(f"{where}: it cannot be told from the other devices; {ways}")
            if known.setdefault(key, station) is not station:
                raise Misconfigured(f"{where}: device {known[key].spec.id} is known by the same already; give each its own")


def _patience(station: Station, timeout: float) -> float:
    return max(10.0, 5 * timeout, 3 * station.config.every) if station.poll else station.config.silent_after


def plain(address: str) -> str:
    """Return an address in one form, an IPv4 one as such where it is written as IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(found)
