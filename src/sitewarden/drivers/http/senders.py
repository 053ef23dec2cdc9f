"""The devices of one endpoint: whose a message is, how many it may send, what it says, who is lost."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

from sitewarden.domain.points.model import Point
from sitewarden.domain.status import Status
from sitewarden.drivers.http.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.drivers.http.mapping import Reading, Unread
from sitewarden.drivers.http.requests import Request, RequestError
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.errors import Misconfigured
from sitewarden.kit.freshness import Freshness, Group


class Sender:
    """One device: its points, its pace and its health."""

    def __init__(self, spec: DeviceSpec, config: EndpointConfig) -> None:
        """Raise Misconfigured where the device or an address does not fit."""
        self.spec = spec
        self.config = load(DeviceConfig, spec.config, f"device:{spec.id}")
        self.points: dict[str, tuple[Point, AddressConfig]] = {}
        for point in spec.points:
            address = load(AddressConfig, point.address, f"point:{point.id}.address")
            if point.writable and config.mode == "server":
                raise Misconfigured(f"point:{point.id}: a device that pushes cannot be written; make the point read-only")
            if point.writable and not address.write:
                raise Misconfigured(f"point:{point.id}.address.write: is missing; say where it is sent, or make it read-only")
            self.points[point.id] = (point, address)
        self.reading = Reading(self.config, list(self.points.values()))
        self.groups = {id_: Group([id_]) for id_ in self.points}
        """Of each point: a message speaks of some of them."""
        self.whole = Group(self.reading.ids)
        """All together, as most messages speak of them."""
        self.apart = False
        """Its messages have spoken of some points alone."""
        self.online = False
        self.heard_at = 0.0
        """Loop time of its last message, or of the begin."""
        # Who pushes is missed only when it is silent, so that its last values are believed for as long before that.
        patience = self.config.silent_after if config.mode == "server" else 0.0
        self.freshness = Freshness(config.bad_after + patience)
        self.misses = 0
        self.backoff = Backoff(min(1.0, config.probe_every), config.probe_every)
        self._rate = config.rate
        self._most = max(1.0, 2 * config.rate)
        self._left = self._most
        self._filled = 0.0

    def admit(self, now: float) -> float:
        """Take one message of its share; return 0, or the seconds until it has another."""
        self._left = min(self._most, self._left + (now - self._filled) * self._rate)
        self._filled = now
        if self._left < 1.0:
            return (1.0 - self._left) / self._rate
        self._left -= 1.0
        return 0.0

    def all_groups(self) -> list[Group]:
        """Return the groups that hold its points' last values."""
        return list(self.groups.values()) if self.apart else [self.whole]

    def split(self) -> None:
        """Hold each point by itself from now on."""
        if self.apart:
            return
        self.apart = True
        whole = self.whole
        for place, group in enumerate(self.groups.values()):
            group.good_at, group.failed = whole.good_at, whole.failed
            group.values = [whole.values[place]] if whole.values else []


class Senders:
    """Takes messages of all connections of an endpoint, synchronously."""

    def __init__(self, spec: EndpointSpec, config: EndpointConfig) -> None:
        """Raise Misconfigured where a device cannot be told from another."""
        self.all = [Sender(device, config) for device in spec.devices]
        self._of_point = {id_: sender for sender in self.all for id_ in sender.points}
        self._by_path: dict[str, Sender] = {}
        self._by_key: dict[str, Sender] = {}
        self._ctx: Context | None = None
        self._counts = {"messages": 0, "refused": 0}
        self._why = ""
        self.connections = 0
        for sender in self.all:
            self._sort(sender, config)

    def of_point(self, id_: str) -> Sender | None:
        """Return the device of a point."""
        return self._of_point.get(id_)

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come; return the seconds until the next."""
        due = [one for sender in self.all if (one := sender.freshness.age(ctx.clock, ctx.samples)) is not None]
        return min(due, default=None)

    def figures(self) -> dict[str, Any]:
        """Return what the endpoint's status shows: counts, and why the last message was refused."""
        found: dict[str, Any] = {"connections": self.connections, **self._counts}
        return found | {"last_refused": self._why} if self._why else found

    def begin(self, ctx: Context) -> None:
        """Serve; devices that never come are lost by the same clock as those that go."""
        self._ctx = ctx
        now = asyncio.get_running_loop().time()
        for sender in self.all:
            sender.online, sender.heard_at, sender.misses = False, now, 0
            sender.backoff.reset()

    def end(self) -> None:
        """Nobody is heard any more."""
        ctx, self._ctx = self._ctx, None
        for sender in self.all:
            sender.online = False
            if ctx is not None:
                sender.freshness.lost(sender.all_groups(), ctx.clock, ctx.samples)

    def refused(self, address: str, why: str) -> None:
        """Remember what was not taken."""
        self._counts["refused"] += 1
        self._why = f"{address}: {why}"

    def post(self, request: Request, now: float) -> float:
        """Take a pushed message; return 0, or the seconds for which its device is to wait. Raises RequestError."""
        if request.method not in (b"POST", b"PUT"):
            raise RequestError(405, "Send values with POST or PUT; there is nothing to get here.")
        sender = self._whose(request)
        wait = sender.admit(now)
        if wait:
            return wait
        try:
            self.read(sender, request.body, now)
        except Unread as error:
            raise RequestError(422 if "nothing at" in str(error) else 400, f"{sender.spec.name}: {error}.") from None
        return 0.0

    def read(self, sender: Sender, body: bytes, now: float) -> None:
        """Take a message of a device. Raises Unread."""
        ctx = self._ctx
        if ctx is None:
            return
        found = sender.reading.read(body)
        self._counts["messages"] += 1
        sender.heard_at = now
        clock, deliver = ctx.clock, ctx.samples
        if found.ids is sender.reading.ids and not sender.apart:
            sender.freshness.good(sender.whole, found.values, found.qualities, clock, deliver, found.time)
        else:
            if not sender.apart:
                sender.freshness.drop([sender.whole])
                sender.split()
            for id_, value, quality in zip(found.ids, found.values, found.qualities, strict=True):
                sender.freshness.good(sender.groups[id_], [value], [quality], clock, deliver, found.time)
        if not sender.online:
            sender.online, sender.misses = True, 0
            ctx.status(Status(ref=sender.spec.reference, state="online", since=clock.now()))

    def look(self) -> None:
        """Find out who has been silent for too long."""
        now = asyncio.get_running_loop().time()
        for sender in self.all:
            limit = sender.config.silent_after
            if now - sender.heard_at > limit:
                sender.heard_at = now
                self.lost(sender, f"no message came for {limit:g} s")

    def lost(self, sender: Sender, why: str) -> None:
        """A device is gone: its points turn Uncertain, and Bad by the clock."""
        ctx = self._ctx
        if ctx is None:
            return
        sender.freshness.lost(sender.all_groups(), ctx.clock, ctx.samples)
        sender.online = False
        ctx.status(Status(ref=sender.spec.reference, state="offline", detail=why, since=ctx.clock.now()))

    def _whose(self, request: Request) -> Sender:
        proof = hashlib.sha256(request.key.encode("latin-1")).hexdigest() if request.key else ""
        sender = self._by_path.get(request.path) or self._by_key.get(proof)
        if sender is None:
            if request.key:
                raise RequestError(401, "No device has this key.")
            raise RequestError(404, "No device posts to this path; give a device this path, or send its key as a Bearer token.")
        if sender.config.key_hash and not hmac.compare_digest(proof, sender.config.key_hash):
            raise RequestError(401, "The device's key is missing or wrong; send it as: Authorization: Bearer KEY.")
        return sender

    def _sort(self, sender: Sender, config: EndpointConfig) -> None:
        """Note how a device is known."""
        path, key, where = sender.config.path, sender.config.key_hash, f"device:{sender.spec.id}"
        if config.mode == "client":
            if not path:
                raise Misconfigured(f"{where}.path: is missing; give the path of the URL that it is asked for")
            if key:
                raise Misconfigured(f"{where}.key_hash: is of devices that push; give the endpoint a token or a password")
            return
        if not path and not key:
            raise Misconfigured(f"{where}: it cannot be told from others; give it a path, or a key by `sitewarden machine key`")
        known, name = (self._by_path, path) if path else (self._by_key, key)
        if known.setdefault(name, sender) is not sender:
            raise Misconfigured(f"{where}: device {known[name].spec.id} is known by the same already; give each its own")
