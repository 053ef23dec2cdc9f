"""The Modbus TCP driver: a connection, its units polled, points written."""

from __future__ import annotations

import asyncio
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.drivers.modbus.config import AddressConfig, EndpointConfig
from sitewarden.drivers.modbus.manifest import MANIFEST
from sitewarden.drivers.modbus.mapping import Decoder, encode, masks, merge_bits
from sitewarden.drivers.modbus.plan import FUNCTIONS
from sitewarden.drivers.modbus.poller import Poller
from sitewarden.drivers.modbus.session import Session
from sitewarden.drivers.modbus.unit import Unit
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Misconfigured, Unavailable, reaching
from sitewarden.kit.freshness import Freshness
from sitewarden.wire import modbus as wire

SILENCE: Final = 5.0
"""Seconds, or that many time limits of a request if longer, after which a connection that says nothing is given up."""


class ModbusEndpoint:
    """One TCP connection with its units. What it learnt (values, refused registers) outlives a reconnection."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._units = self._make(spec, {})
        self._unit_of = {point: unit for unit in self._units for point in unit.addresses}
        self._freshness = Freshness(self._config.bad_after)
        self._poller: Poller | None = None
        self._ctx: Context | None = None

    async def run(self, ctx: Context) -> None:
        """Connect and poll until the connection ends."""
        config = self._config
        self._ctx = ctx
        peer = f"{config.host}:{config.port}"
        loop = asyncio.get_running_loop()
        try:
            with reaching(peer):
                _, session = await ctx.net.dial(
                    "modbus", lambda: Session(config.timeout), config.host, config.port, timeout=max(config.timeout, 3.0)
                )
        except Unavailable:
            for unit in self._units:
                self._freshness.lost(unit.blocks, ctx.clock, ctx.samples)
            raise
        poller = Poller(ctx, self._spec.reference, config, self._units, self._freshness, session)
        session.late = poller.late
        patience = SILENCE * max(1.0, config.timeout)
        self._poller = poller
        try:
            poller.start()
            while True:
                due = self.age(ctx)
                await asyncio.wait([session.closed], timeout=min(1.0, due) if due is not None else 1.0)
                if session.closed.done():
                    raise session.closed.result()
                if session.silent_since is not None and loop.time() - session.silent_since > patience:
                    raise Unavailable(f"{peer} took the connection, and has answered nothing for {patience:g} s")
        finally:
            self._poller = None
            session.close()
            poller.stop(f"the connection to {peer} is down")

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come."""
        return self._freshness.age(ctx.clock, ctx.samples)

    def reconfigure(self, spec: EndpointSpec) -> bool:
        """Take changed devices and points on the open connection; devices that did not change are not disturbed."""
        if spec.config != self._spec.config or self._poller is None:
            return False
        self._units = self._make(spec, {unit.spec.id: unit for unit in self._units})
        self._unit_of = {point: unit for unit in self._units for point in unit.addresses}
        self._spec = spec
        self._poller.change(self._units)
        return True

    async def execute(self, command: Command) -> Result:
        """Write a point: args {"value", "read_back" (default true)}; the result has old, new and read_back."""
        _, _, id_ = command.entity.partition(":")
        unit = self._unit_of.get(id_)
        if command.name != "point.write" or unit is None:
            raise Invalid(f"{command.name} is nothing that {command.entity} can do", where=command.entity)
        point, address = unit.addresses[id_]
        if not point.writable:
            raise Invalid(f"{point.name} is read-only", where=command.entity, remedy="Make the point writable.")
        poller, ctx = self._poller, self._ctx
        if poller is None or ctx is None:
            raise Unavailable(f"{self._spec.name} is not connected")
        value = command.args.get("value")
        data = encode(point, address, value)
        try:
            async with unit.writing:
                old = await _read(poller, unit, point, address)
                await _write(poller, unit, address, data)
                back = await _read(poller, unit, point, address) if command.args.get("read_back", True) else None
        except wire.DeviceException as refusal:
            return Result(ok=False, code="refused", what=f"{point.name}: {refusal}", remedy="Check the address and the value.")
        if back is not None:
            unit.block_of[id_].learn(id_, back.value)
            now = ctx.clock.now()
            quality = Quality.GOOD if back.value is not None else Quality.BAD_SENSOR_FAILURE
            ctx.samples(Samples([id_], [now], [now], [back.value], [int(quality)]))
        return Result(
            ok=True, value={"old": old.value, "new": value, "read_back": None if back is None else back.value, "unit": point.unit}
        )

    def _make(self, spec: EndpointSpec, known: dict[str, Unit]) -> list[Unit]:
        """Return a unit for each device, the same where nothing of it changed."""
        units: list[Unit] = []
        numbers: dict[int, str] = {}
        for device in spec.devices:
            same = known.get(device.id)
            unit = same if same is not None and same.spec == device else Unit(device, self._config.probe_every)
            other = numbers.setdefault(unit.number, device.id)
            if other != device.id:
                raise Misconfigured(f"device:{device.id}: unit {unit.number} is device {other} already; give each its own")
            units.append(unit)
        return units


class _Reading:
    """What a register held, as value and as bytes."""

    def __init__(self, value: Value, data: bytes) -> None:
        self.value = value
        self.data = data


async def _read(poller: Poller, unit: Unit, point: Point, address: AddressConfig) -> _Reading:
    data = await poller.order(unit, wire.read(FUNCTIONS[address.table], address.register, address.size))
    values, _ = Decoder([(point, address)], address.register).decode(data)
    return _Reading(values[0], data)


async def _write(poller: Poller, unit: Unit, address: AddressConfig, data: bytes) -> None:
    if address.bits:
        on = data != b"\x00"
        many = address.write == "multiple"
        await poller.order(unit, wire.write_coils(address.register, [on]) if many else wire.write_coil(address.register, on))
        return
    if address.bit is not None:
        if address.write == "auto" and await _masked(poller, unit, address, data):
            return
        held = await poller.order(unit, wire.read(wire.Function.READ_HOLDING_REGISTERS, address.register, 1))
        data = merge_bits(address, held, data)
    if len(data) == 2 and address.write != "multiple":
        await poller.order(unit, wire.write_register(address.register, data))
    else:
        await poller.order(unit, wire.write_registers(address.register, data))


async def _masked(poller: Poller, unit: Unit, address: AddressConfig, data: bytes) -> bool:
    """Set bits in one step within the device; False where it does not know how."""
    if not unit.masks:
        return False
    try:
        await poller.order(unit, wire.mask_register(address.register, *masks(address, data)))
    except wire.DeviceException as refusal:
        if refusal.code != wire.ExceptionCode.ILLEGAL_FUNCTION:
            raise
        unit.masks = False
    return unit.masks


class ModbusDriver:
    """Makes Modbus endpoints."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> ModbusEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return ModbusEndpoint(spec)


DRIVER: Final = ModbusDriver()
