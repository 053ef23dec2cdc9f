"""The BACnet driver: a network's devices found, read, subscribed to and written."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status
from sitewarden.drivers.bacnet.browse import MOST, devices, objects
from sitewarden.drivers.bacnet.config import EndpointConfig
from sitewarden.drivers.bacnet.device import Device
from sitewarden.drivers.bacnet.exchange import Refusing
from sitewarden.drivers.bacnet.foreign import Foreign
from sitewarden.drivers.bacnet.manifest import MANIFEST
from sitewarden.drivers.bacnet.mapping import Item, encode
from sitewarden.drivers.bacnet.poller import Poller
from sitewarden.drivers.bacnet.port import Port, shared
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Misconfigured, Unavailable
from sitewarden.kit.freshness import Heard
from sitewarden.wire.bacnet import services, tags
from sitewarden.wire.bacnet.apdu import Confirmed
from sitewarden.wire.bacnet.services import Property, Write

LONGEST_LOOK: Final = 20.0
"""Seconds that a look for devices takes at most."""


class BacnetEndpoint:
    """One network. What it knows of values outlives a closed port."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._devices = self._make(spec, {})
        self._device_of = {id_: device for device in self._devices for id_ in device.ids}
        self._freshness = Heard(self._config.bad_after)
        self._poller: Poller | None = None
        self._ctx: Context | None = None
        self._writing: dict[Device, asyncio.Lock] = {}

    async def run(self, ctx: Context) -> None:
        """Open the port and read until cancelled."""
        self._ctx = ctx
        async with shared(ctx.net, self._config.port) as port:
            if not self._config.bbmd:
                await self._serve(ctx, port, None)
                return
            foreign = Foreign(port, self._config)
            try:
                await foreign.register()
                await self._serve(ctx, port, foreign)
            finally:
                foreign.leave()

    async def _serve(self, ctx: Context, port: Port, foreign: Foreign | None) -> None:
        poller = Poller(ctx, self._config, self._devices, self._freshness, port)
        tasks: list[asyncio.Future[None]] = [poller.broken]
        keeping = asyncio.create_task(foreign.keep(), name="BBMD") if foreign is not None else None
        if keeping is not None:
            tasks.append(keeping)
        try:
            self._poller = poller
            poller.start()
            ctx.status(Status(ref=self._spec.reference, state="online", since=ctx.clock.now()))
            while True:
                due = self.age(ctx)
                done, _ = await asyncio.wait(
                    tasks, timeout=min(1.0, due) if due is not None else 1.0, return_when=asyncio.FIRST_COMPLETED
                )
                for one in done:
                    one.result()
        finally:
            self._poller = None
            poller.stop(f"{self._spec.name} is not running")
            if keeping is not None:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come."""
        return self._freshness.age(ctx.clock, ctx.samples)

    def reconfigure(self, spec: EndpointSpec) -> bool:
        """Take changed devices and points; devices that did not change are not disturbed."""
        if spec.config != self._spec.config or self._poller is None:
            return False
        self._devices = self._make(spec, {device.spec.id: device for device in self._devices})
        self._device_of = {id_: device for device in self._devices for id_ in device.ids}
        self._writing.clear()
        self._spec = spec
        self._poller.change(self._devices)
        return True

    async def execute(self, command: Command) -> Result:
        """Write a point: args {"value", "priority", "read_back" (default true)}; the result has old, new, read_back
        and the priority, None where none was told.

        A value of None gives the priority back. device.browse lists a device's objects, endpoint.browse the network's devices.
        """
        if command.name == "device.browse":
            return await self._objects(command)
        if command.name == "endpoint.browse" and command.entity == self._spec.reference:
            seconds = command.args.get("seconds") or 3.0
            if not isinstance(seconds, (int, float)) or not 0 < seconds <= LONGEST_LOOK:
                raise Invalid(f"seconds is a number up to {LONGEST_LOOK:g}", where="seconds")
            return Result(ok=True, value={"items": await devices(self._running(), seconds), "more": False})
        id_ = command.entity.partition(":")[2]
        device = self._device_of.get(id_)
        if command.name != "point.write" or device is None:
            raise Invalid(f"{command.name} is nothing that {command.entity} can do", where=command.entity)
        item = device.items[id_]
        if not item.point.writable:
            raise Invalid(f"{item.point.name} is read-only", where=command.entity, remedy="Make the point writable.")
        async with self._writing.setdefault(device, asyncio.Lock()):
            return await self._write(device, item, command)

    async def _write(self, device: Device, item: Item, command: Command) -> Result:
        poller, ctx, value = self._running(), self._ctx, command.args.get("value")
        priority = command.args.get("priority") or item.address.priority or device.config.priority
        if priority is not None and (not isinstance(priority, int) or not 1 <= priority <= 16):
            raise Invalid(f"{priority} is no priority; they go from 1 to 16", where="priority")
        what = Property(item.object, item.property, item.index)
        point = item.point
        try:
            held = await poller.read(device, what)
            old = item.value(held)
            content = encode(item, held[0][0] if held else tags.NULL, value)
            await poller.order(device, Confirmed.WRITE_PROPERTY, services.write_property(Write(what, content, priority)))
            if not command.args.get("read_back", True):
                return Result(
                    ok=True, value={"old": old, "new": value, "read_back": None, "unit": point.unit, "priority": priority}
                )
            back = item.value(await poller.read(device, what))
        except Refusing as refusing:
            return Result(
                ok=False,
                code="refused",
                what=f"{point.name}: {refusing}",
                remedy="Check the object, the value and the priority.",
            )
        assert ctx is not None, "a poller runs within a context"
        now = [ctx.clock.now()]
        quality = Quality.GOOD if back is not None else Quality.BAD_SENSOR_FAILURE
        if not item.faulty:
            poller.deliver(Samples([point.id], now, now, [back], [int(quality)]))
        return Result(ok=True, value={"old": old, "new": value, "read_back": back, "unit": point.unit, "priority": priority})

    async def _objects(self, command: Command) -> Result:
        device = next((one for one in self._devices if one.spec.reference == command.entity), None)
        if device is None:
            raise Invalid(f"{command.name} is nothing that {command.entity} can do", where=command.entity)
        under, most = command.args.get("under") or "", command.args.get("most") or 500
        if not isinstance(under, str) or not isinstance(most, int) or not 1 <= most <= MOST:
            raise Invalid(f"under is a type of object, and most a number from 1 to {MOST}", where="args")
        try:
            found, more = await objects(self._running(), device, under, most)
        except ValueError as error:
            raise Invalid(str(error), where="under") from None
        return Result(ok=True, value={"items": found, "more": more})

    def _running(self) -> Poller:
        if self._poller is None:
            raise Unavailable(f"{self._spec.name} is not running")
        return self._poller

    def _make(self, spec: EndpointSpec, known: dict[str, Device]) -> list[Device]:
        made: list[Device] = []
        for device in spec.devices:
            same = known.get(device.id)
            made.append(same if same is not None and same.spec == device else Device(device, self._config))
        places: dict[Any, str] = {}
        for one in made:
            for place in (("instance", one.config.instance), ("address", one.config.station)):
                if place[1] is not None and places.setdefault(place, one.spec.id) != one.spec.id:
                    raise Misconfigured(f"{one.spec.reference} and device:{places[place]} have the same {place[0]}")
        return made


class BacnetDriver:
    """Makes BACnet endpoints."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> BacnetEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return BacnetEndpoint(spec)


DRIVER: Final = BacnetDriver()
