"""Reads the devices of an endpoint: each batch in its period, orders before reads, a lost device beside the others.

All is driven by callbacks of the exchange and one timer; nothing is awaited on the way of a sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.domain.status import Status as Health
from sitewarden.drivers.bacnet.config import EndpointConfig
from sitewarden.drivers.bacnet.device import Batch, Device
from sitewarden.drivers.bacnet.exchange import Heard
from sitewarden.drivers.bacnet.mapping import STATUS_FLAGS, decode, quality_of
from sitewarden.drivers.bacnet.port import Port
from sitewarden.drivers.bacnet.schedule import Schedule
from sitewarden.drivers.bacnet.subscribing import Subscribing
from sitewarden.kit.context import Context
from sitewarden.kit.errors import Unavailable
from sitewarden.kit.freshness import Heard as Freshness
from sitewarden.wire.bacnet import apdu, services, tags
from sitewarden.wire.bacnet.apdu import Abort, Answer, Confirmed, Error, Reject, Unconfirmed
from sitewarden.wire.bacnet.network import Station
from sitewarden.wire.bacnet.services import IAm, Notification, Property, Result
from sitewarden.wire.bacnet.tags import WireError

ANY_DEVICE: Final = tags.object_of(8, tags.INSTANCES)
ABSENT_PERIOD: Final = 60.0
"""Seconds between two tries of a single point that the device says it does not have."""


class Poller(Schedule):
    """The schedule of one endpoint. It lives as long as its port."""

    def __init__(self, ctx: Context, config: EndpointConfig, devices: Sequence[Device], freshness: Freshness, port: Port) -> None:
        super().__init__(config, port)
        self._ctx, self._freshness = ctx, freshness
        self._devices = list(devices)
        self._at: dict[Station, Device] = {}
        self._fresh = Samples([], [], [], [], [])
        self._subscribing = Subscribing(self)
        self.found: dict[int, tuple[Station, IAm]] = {}
        """Devices that told of themselves, by instance, while somebody looks; see `browse.py`."""
        self.looking = 0
        self.broken = self._subscribing.broken

    def start(self) -> None:
        """Look for devices, and read everything now that has an address; then each batch in its period."""
        self._port.clients.append(self)
        for device in self._devices:
            self._begin(device)
        self._pump()

    def change(self, devices: Sequence[Device]) -> None:
        """Read these devices from now on; those that stay are not disturbed."""
        staying = set(devices)
        for device in self._devices:
            if device not in staying:
                device.gone = True
                self._withdraw(device)
                device.reads.clear()
                self._subscribing.end(device)
                self._refuse_orders(device, f"{device.spec.name} was changed meanwhile")
                self._freshness.drop(device.ids)
                if device.station is not None:
                    self._at.pop(device.station, None)
        known = set(self._devices)
        self._devices = list(devices)
        for device in devices:
            if device not in known:
                self._begin(device)
        self._pump()

    def stop(self, why: str) -> None:
        """Send nothing more; orders that wait fail, and all that was Good is Uncertain."""
        if self in self._port.clients:
            self._port.clients.remove(self)
        self._flush()
        for device in self._devices:
            self._subscribing.end(device)
            self._freshness.lost(device.ids, self._ctx.clock, self._ctx.samples)
        self._end(self._devices, why)

    async def read(self, device: Device, what: Property) -> list[tags.Tagged]:
        """Return a property's values, read before all polls. Raises Unavailable or Refusing."""
        answer = await self.order(device, Confirmed.READ_PROPERTY, services.read_property(what))
        try:
            result = services.read_read_property_ack(answer.data if isinstance(answer, Answer) else b"")
        except WireError as error:
            raise Unavailable(f"{device.spec.name} answers what cannot be read: {error}") from None
        if result.property != what.property or (result.object != what.object and what.object != ANY_DEVICE):
            raise Unavailable(f"{device.spec.name} answers another question")
        return result.values or []

    def is_there(self, source: Station, one: IAm) -> None:
        """A device tells of itself: it was looked for, or it has just started."""
        instance = one.device & tags.INSTANCES
        if self.looking and len(self.found) < 10_000:
            self.found[instance] = (source, one)
        for device in self._devices:
            if device.instance != instance and (device.instance is not None or device.station != source):
                continue
            anew = device.station is None
            if device.station not in (None, source) and (device.config.host or not device.dead):
                # A device that answers where it is does not move because another one says that it is it.
                continue
            if device.station != source and device.station is not None:
                self._at.pop(device.station, None)
            device.station = source
            self._at[source] = device
            if device.limit(one.longest):
                self._replan(device)
            if device.instance is None:
                device.instance = instance
            if anew:
                self._withdraw(device)
                device.backoff.reset()
                self._subscribing.attend(device)
            elif device.dead:
                self._alive(device)
            elif device.online:
                # A device that starts again has forgotten who asked it.
                self._subscribing.attend(device)
        self._pump()

    def changed(self, source: Station, told: Notification) -> bool:
        """Take what a device tells by itself; False where it is not known."""
        device = self._at.get(source)
        if device is None:
            return False
        items = device.told.get(told.object)
        if items is None:
            return False
        values: list[tags.Tagged] | None = None
        flags: Sequence[bool] = ()
        for property_, _, content in told.values:
            if property_ == STATUS_FLAGS and content and content[0][0] == tags.BITS:
                flags = content[0][1]
            elif property_ == items[0].property:
                values = content
        now = self._ctx.clock.now()
        for item in items:
            if values is None:
                continue
            before = item.faulty
            value, quality = item.reading(values, flags, None)
            self._tell(item.point.id, now, value, quality)
            if item.faulty and not before:
                self._hurry(device)
        if device.dead:
            self._alive(device)
            self._pump()
        return True

    def look(self) -> None:
        """Ask everyone who is there."""
        self._port.ask_all(apdu.message(Unconfirmed.WHO_IS, services.who_is()), self._config.broadcast, self._config.port)

    def deliver(self, samples: Samples) -> None:
        """Hand over what was read, after what was told before it."""
        self._flush()
        self._freshness.take(samples, self._ctx.clock, self._ctx.samples)

    def replan(self, device: Device) -> None:
        """Read a device anew by what it tells by itself now."""
        self._replan(device)
        self._pump()

    def status(self, device: Device) -> None:
        """Tell that a device is online, and what of it is refused."""
        since = self._ctx.clock.now()
        self._ctx.status(Health(ref=device.spec.reference, state="online", detail=device.detail, since=since))

    def _tell(self, id_: str, now: int, value: Value, quality: int) -> None:
        fresh = self._fresh
        if not fresh.points:
            self._loop.call_soon(self._flush)
        fresh.points.append(id_)
        fresh.source_times.append(now)
        fresh.server_times.append(now)
        fresh.values.append(value)
        fresh.qualities.append(int(quality))

    def _flush(self) -> None:
        if self._fresh.points:
            fresh, self._fresh = self._fresh, Samples([], [], [], [], [])
            self._freshness.take(fresh, self._ctx.clock, self._ctx.samples)

    def _begin(self, device: Device) -> None:
        device.begin()
        if device.station is not None:
            self._at[device.station] = device
            # Its answer says how long messages may be; until then it is asked as any device is.
            self._port.ask_one(device.station)
            self._subscribing.attend(device)
        else:
            self._look(device)

    def learnt(self, device: Device) -> None:
        """The device has answered, and what is needed to read it is known: begin."""
        device.learnt = True
        if device.gone or self._stopped or device.dead:
            return
        device.online = True
        self.status(device)
        self._read_all(device)
        self._pump()

    def unlearnt(self, device: Device, why: str) -> None:
        """The device did not answer as it should when it was first asked."""
        if not device.gone and not self._stopped and not device.dead:
            self._dead(device, why)
            self._pump()

    def _read_all(self, device: Device) -> None:
        """Read all of a device now; one without points is looked at now and then."""
        self._withdraw(device)
        now = self._loop.time()
        for batch in device.batches:
            self._later(device, batch, now)
        if not device.batches:
            self._later(device, None, now + self._config.probe_every)

    def _look(self, device: Device) -> None:
        """Ask where a device is, again with growing pauses until it tells."""
        low = device.instance or 0
        content = apdu.message(Unconfirmed.WHO_IS, services.who_is(low, low))
        self._port.ask_all(content, self._config.broadcast, self._config.port)
        self._later(device, None, self._loop.time() + device.backoff.next())

    def _not_found(self, device: Device) -> None:
        self._freshness.lost(device.ids, self._ctx.clock, self._ctx.samples)
        detail = f"no device with instance {device.instance} answers"
        self._ctx.status(Health(ref=device.spec.reference, state="offline", detail=detail, since=self._ctx.clock.now()))
        self._look(device)

    def _look_again(self, device: Device) -> None:
        if device.station is None:
            self._not_found(device)
        else:
            self._probe(device)

    def _ask_batch(self, device: Device, station: Station, batch: Batch) -> None:
        if batch.single:
            item = batch.items[0]
            self._one_by_one(device, station, batch, [Property(item.object, *one) for one in item.asked], [])
            return

        def then(heard: Heard) -> None:
            self._answered(device, batch, heard)

        self._ask(device, station, Confirmed.READ_PROPERTY_MULTIPLE, batch.request, then)

    def _one_by_one(self, device: Device, station: Station, batch: Batch, asked: list[Property], results: list[Result]) -> None:
        what = asked[len(results)]

        def then(heard: Heard) -> None:
            if isinstance(heard, Answer):
                try:
                    results.append(services.read_read_property_ack(heard.data))
                except WireError:
                    self._answered(device, batch, heard)
                    return
            elif isinstance(heard, (Error, Reject, Abort)):
                refused = (heard.error_class, heard.code) if isinstance(heard, Error) else (2, 0)
                results.append(Result(*what, None, refused))
            else:
                self._answered(device, batch, heard)
                return
            if len(results) < len(asked) and not device.gone:
                self._one_by_one(device, station, batch, asked, results)
            else:
                batch.counts = [len(asked)]
                self._read(device, batch, results)

        self._ask(device, station, Confirmed.READ_PROPERTY, services.read_property(what), then)

    def _heard(self, device: Device, heard: Heard) -> None:
        if isinstance(heard, TimeoutError):
            tries = self._config.retries + 1
            self._dead(device, f"{tries} requests had no answer within {self._config.timeout:g} s each")
        elif device.dead:
            self._alive(device)

    def _answered(self, device: Device, batch: Batch, heard: Heard) -> None:
        """Take the answer to a read of many."""
        if device.gone:
            return
        now = self._loop.time()
        if isinstance(heard, Answer):
            try:
                self._read(device, batch, services.read_read_multiple_ack(heard.data))
            except WireError:
                self._bad(batch, Quality.BAD_COMMUNICATION_ERROR)
                self._later(device, batch, now + batch.period)
        elif isinstance(heard, (Error, Reject, Abort)):
            self._refused(device, batch, heard)

    def _read(self, device: Device, batch: Batch, results: list[Result]) -> None:
        if device.gone:
            return
        now = self._loop.time()
        decoded = decode(batch.items, batch.counts, results)
        if decoded is None:
            self._bad(batch, Quality.BAD_COMMUNICATION_ERROR)
            self._later(device, batch, now + batch.period)
            return
        values, qualities, why = decoded
        ids = [item.point.id for item in batch.items]
        times = [self._ctx.clock.now()] * len(ids)
        self.deliver(Samples(ids, times, times, values, qualities))
        if why or device.refused:
            for id_ in ids:
                device.refused.pop(id_, None)
            device.refused |= why
            if device.changed_detail() and device.online:
                self.status(device)
        absent = batch.single and int(Quality.BAD_CONFIGURATION_ERROR) in qualities
        if batch.stale and not batch.single:
            # A fault is told, or is no more: what it is comes with the next answer, which is asked for at once.
            batch.build()
            self._later(device, batch, now)
        else:
            self._later(device, batch, max(batch.due + (ABSENT_PERIOD if absent else batch.period), now))

    def _refused(self, device: Device, batch: Batch, heard: Error | Reject | Abort) -> None:
        """Ask for less where that helps; else find the point that is refused, and read the others."""
        now = self._loop.time()
        if isinstance(heard, Reject) and heard.reason == apdu.RejectReason.UNRECOGNIZED_SERVICE and device.multiple:
            device.multiple = False
            self._replan(device)
            return
        smaller = batch.halves()
        if smaller:
            if not batch.gone:
                device.replace(batch, smaller)
                for one in smaller:
                    self._later(device, one, now)
            return
        refused = (heard.error_class, heard.code) if isinstance(heard, Error) else (5, 0)
        self._bad(batch, quality_of(refused))
        self._later(device, batch, now + max(batch.period, ABSENT_PERIOD))

    def _bad(self, batch: Batch, quality: Quality) -> None:
        ids = [item.point.id for item in batch.items]
        times = [self._ctx.clock.now()] * len(ids)
        self.deliver(Samples(ids, times, times, [None] * len(ids), [int(quality)] * len(ids)))

    def _replan(self, device: Device) -> None:
        """Put its points into other requests, and send them now."""
        self._withdraw(device)
        device.reads.clear()
        device.plan()
        if device.station is not None and not device.dead and device.learnt:
            self._read_all(device)

    def _dead(self, device: Device, detail: str) -> None:
        """Stop reading a device, but for a look with growing pauses."""
        if not device.dead:
            device.dead = True
            device.online = False
            device.backoff.reset()
            self._withdraw(device)
            device.reads.clear()
            self._subscribing.end(device)
            self._flush()
            self._freshness.lost(device.ids, self._ctx.clock, self._ctx.samples)
            self._later(device, None, self._loop.time() + device.backoff.next())
        self._ctx.status(Health(ref=device.spec.reference, state="offline", detail=detail, since=self._ctx.clock.now()))

    def _probe(self, device: Device) -> None:
        """Look whether a lost device is back: ask it for its object's name, and where it is looked for, ask everyone."""
        self._later(device, None, self._loop.time() + device.backoff.next())
        if device.station is None or device.flying:
            return
        if not device.config.host and device.instance is not None:
            content = apdu.message(Unconfirmed.WHO_IS, services.who_is(device.instance, device.instance))
            self._port.ask_all(content, self._config.broadcast, self._config.port)
        instance = tags.INSTANCES if device.instance is None else device.instance
        what = Property(tags.object_of(8, instance), 77)
        self._ask(device, device.station, Confirmed.READ_PROPERTY, services.read_property(what), lambda _heard: None)

    def _alive(self, device: Device) -> None:
        device.dead = False
        device.backoff.reset()
        self._withdraw(device)
        device.reads.clear()
        device.subscribed.clear()
        device.plan()
        if not device.learnt:
            self._subscribing.attend(device)
            return
        self._subscribing.attend(device)
        device.online = True
        self.status(device)
        self._read_all(device)
