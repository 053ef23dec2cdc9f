"""The BACnet device: answers who reads, tells who subscribed, and passes writes to the house."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.status import Status
from sitewarden.drivers.bacnet.exchange import Heard
from sitewarden.drivers.bacnet.port import Port, shared
from sitewarden.drivers.bacnet.server.config import DeviceConfig, EndpointConfig
from sitewarden.drivers.bacnet.server.image import Image, Order
from sitewarden.drivers.bacnet.server.manifest import MANIFEST
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import LocalMisuse, Misconfigured
from sitewarden.kit.house import Reading, Source
from sitewarden.wire.bacnet import apdu, names, network, services
from sitewarden.wire.bacnet.apdu import Abort, Confirmed, Error, Reject, Request, SegmentAck, Unconfirmed
from sitewarden.wire.bacnet.network import Station
from sitewarden.wire.bacnet.objects import Subscriber, Subscribers
from sitewarden.wire.bacnet.segments import Cut
from sitewarden.wire.bacnet.services import IAm, Refused
from sitewarden.wire.bacnet.tags import WireError

STATUS_EVERY: Final = 10.0
WRITES: Final = 64
"""Writes that wait for the house; a further one is aborted, and its sender tries again."""
CUTS: Final = 64
"""Answers in segments under way; a further one is aborted."""
TRIES: Final = 3
OUT_OF_RESOURCES: Final = 9
_CODES: Final[dict[str, Refused]] = {
    "invalid": names.OUT_OF_RANGE,
    "not-found": names.UNKNOWN_OBJECT,
    "denied": names.NOT_WRITABLE,
    "too-many": (0, 3),
}


class DeviceEndpoint:
    """One port and the device on it; `run` ends only by being cancelled, or where the port cannot be had."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._networks = [ipaddress.ip_network(one, strict=False) for one in self._config.clients]
        if len(spec.devices) > 1:
            raise Misconfigured(f"{spec.reference}: one port is one BACnet device; give {spec.devices[1].reference} another port")
        self._images = [Image(load(DeviceConfig, one.config, f"{one.reference}.config")) for one in spec.devices]
        self._subscribers = [Subscribers(image.objects) for image in self._images]
        self._cuts: dict[tuple[Station, int], tuple[Cut, asyncio.TimerHandle, int]] = {}
        self._writes: set[asyncio.Task[None]] = set()
        self._flags: dict[int, tuple[bool, ...]] = {}
        self._served = self._written = self._told = 0
        self._refused = ""
        self._port: Port | None = None
        self._ctx: Context | None = None

    async def execute(self, command: Command) -> Result:
        """It is asked by others alone."""
        raise Invalid(f"{command.name} is nothing that a BACnet device can do", where=command.entity)

    async def run(self, ctx: Context) -> None:
        """Answer on the port, and keep the objects as the house is."""
        if ctx.house is None:
            raise LocalMisuse("the bacnet-server driver needs a house in its context")
        self._ctx = ctx
        async with shared(ctx.net, self._config.port) as port:
            if port.server is not None:
                raise Misconfigured(f"{self._spec.reference}: a BACnet device of ours stands on port {port.number} already")
            port.server, self._port = self, port
            unfollow: list[Callable[[], None]] = []
            try:
                unfollow += [ctx.house.follow(image.sources, self._changed) for image in self._images]
                port.ask_all(self._i_am(), number=port.number)
                await self._tell(ctx)
            finally:
                for end in unfollow:
                    end()
                port.server = self._port = None
                for _, timer, _ in self._cuts.values():
                    timer.cancel()
                self._cuts.clear()
                for task in self._writes:
                    task.cancel()
                await asyncio.gather(*self._writes, return_exceptions=True)

    def looked_for(self, source: Station, low: int, high: int) -> None:
        """Tell who asks that the device is there."""
        if self._admits(source) and low <= self._instance <= high:
            self._send(source, self._i_am())

    def asked(self, source: Station, request: Request) -> None:
        """Answer a request."""
        if not self._admits(source):
            return
        self._served += 1
        try:
            self._serve(source, request)
        except WireError:
            self._send(source, apdu.reject(request.invoke, apdu.RejectReason.INVALID_TAG))

    def acknowledged(self, source: Station, ack: SegmentAck) -> None:
        """Send the next segments."""
        held = self._cuts.pop((source, ack.invoke), None)
        if held is None:
            return
        cut, timer, _ = held
        timer.cancel()
        segments = cut.take(ack)
        if not cut.over:
            self._wait(source, cut, TRIES)
        for one in segments:
            self._send(source, one)

    @property
    def _instance(self) -> int:
        return self._images[0].objects.device & 0x3FFFFF

    def _admits(self, source: Station) -> bool:
        address = ipaddress.ip_address(source.host)
        if any(address in one for one in self._networks):
            return True
        self._refused = f"{source.host} gets no answer: it is in none of the networks that may ask"
        return False

    def _serve(self, source: Station, request: Request) -> None:
        image, invoke, service = self._images[0], request.invoke, request.service
        match service:
            case Confirmed.READ_PROPERTY | Confirmed.READ_PROPERTY_MULTIPLE:
                found = image.objects.read(request)
                if isinstance(found, tuple):
                    self._send(source, apdu.error(invoke, service, *found))
                else:
                    self._answer(source, request, found)
            case Confirmed.WRITE_PROPERTY:
                order = image.order(services.read_write_property(request.data))
                if not isinstance(order, Order):
                    self._send(source, apdu.error(invoke, service, *order))
                elif len(self._writes) >= WRITES:
                    self._send(source, apdu.abort(invoke, OUT_OF_RESOURCES))
                else:
                    task = asyncio.create_task(self._write(source, request, order), name=f"BACnet write of {source}")
                    self._writes.add(task)
                    task.add_done_callback(self._writes.discard)
            case Confirmed.SUBSCRIBE_COV:
                taken = self._subscribers[0].take(source, services.read_subscribe(request.data), self._now())
                if isinstance(taken, tuple):
                    self._send(source, apdu.error(invoke, service, *taken))
                    return
                self._send(source, apdu.done(invoke, service))
                if taken is not None:
                    taken.told = image.analog(taken.asked.object)[0]
                    self._notify(taken)
            case _:
                self._send(source, apdu.reject(invoke, apdu.RejectReason.UNRECOGNIZED_SERVICE))

    def _answer(self, source: Station, request: Request, found: bytes) -> None:
        longest, invoke = min(request.longest, apdu.LONGEST), request.invoke
        if len(found) + 3 <= longest:
            self._send(source, apdu.answer(invoke, request.service, found))
            return
        if not request.segmented:
            self._send(source, apdu.abort(invoke, apdu.AbortReason.SEGMENTATION_NOT_SUPPORTED))
            return
        try:
            cut = Cut(invoke, request.service, found, longest)
        except ValueError:
            self._send(source, apdu.abort(invoke, apdu.AbortReason.BUFFER_OVERFLOW))
            return
        if len(self._cuts) >= CUTS and (source, invoke) not in self._cuts:
            self._send(source, apdu.abort(invoke, OUT_OF_RESOURCES))
            return
        held = self._cuts.pop((source, invoke), None)
        if held is not None:
            held[1].cancel()
        self._wait(source, cut, TRIES)
        for one in cut.begin():
            self._send(source, one)

    def _wait(self, source: Station, cut: Cut, left: int) -> None:
        timer = asyncio.get_running_loop().call_later(self._config.timeout, self._again, source, cut, left - 1)
        self._cuts[source, cut.invoke] = (cut, timer, left)

    def _again(self, source: Station, cut: Cut, left: int) -> None:
        del self._cuts[source, cut.invoke]
        if left > 0:
            self._wait(source, cut, left)
            for one in cut.again():
                self._send(source, one)

    async def _write(self, source: Station, request: Request, order: Order) -> None:
        ctx = self._ctx
        assert ctx is not None, "a request comes after the start"
        assert ctx.house is not None, "run demanded it"
        reason = f"BACnet client {source}"
        result = await ctx.house.write(order.ref, order.value, by=self._spec.id, remote=source.host, reason=reason)
        if result.ok:
            self._written += 1
            self._send(source, apdu.done(request.invoke, request.service))
        else:
            self._send(source, apdu.error(request.invoke, request.service, *_CODES.get(result.code, (0, 25))))

    def _changed(self, news: Sequence[tuple[Source, Reading]]) -> None:
        image, subscribers = self._images[0], self._subscribers[0]
        for object_ in image.put(news):
            flags = image.flags(object_)
            forced = self._flags.get(object_) != flags
            self._flags[object_] = flags
            value, increment = image.analog(object_)
            for one in subscribers.of(object_, self._now()):
                if forced or value is None or one.told is None or abs(value - one.told) >= increment:
                    one.told = value
                    self._notify(one)

    def _notify(self, one: Subscriber) -> None:
        """Tell a subscriber; what changes before its answer is told once after it."""
        source, port = one.source, self._port
        assert isinstance(source, Station)
        if port is None:
            return
        if one.busy:
            one.changed = True
            return
        self._told += 1
        written = self._subscribers[0].notification(one, self._now())
        if not one.asked.confirmed:
            self._send(source, apdu.message(Unconfirmed.COV_NOTIFICATION, written))
            return

        def done(heard: Heard) -> None:
            one.busy = False
            if isinstance(heard, (Error, Reject, Abort)):
                self._subscribers[0].drop(one)
            elif one.changed:
                one.changed = False
                self._notify(one)

        one.busy = True
        port.exchange.request(source, Confirmed.COV_NOTIFICATION, written, done, timeout=self._config.timeout, retries=TRIES - 1)

    def _i_am(self) -> bytes:
        device = self._images[0].objects.device
        return apdu.message(Unconfirmed.I_AM, services.i_am(IAm(device, apdu.LONGEST, services.SEGMENTED_TRANSMIT, 0)))

    def _send(self, to: Station, content: bytes) -> None:
        if self._port is not None:
            self._port.send(network.unicast(to, content, reply=False), to)

    async def _tell(self, ctx: Context) -> None:
        since = ctx.clock.now()
        for device in self._spec.devices:
            ctx.status(Status(ref=device.reference, state="online", since=since))
        while True:
            self._subscribers[0].expire(self._now())
            data = {
                "requests": self._served,
                "writes": self._written,
                "notifications": self._told,
                "subscriptions": len(self._subscribers[0]),
            }
            ctx.status(Status(ref=self._spec.reference, state="online", detail=self._refused, since=since, data=data))
            await asyncio.sleep(STATUS_EVERY)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


class BacnetServerDriver:
    """Makes BACnet devices."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> DeviceEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return DeviceEndpoint(spec)


DRIVER: Final = BacnetServerDriver()
