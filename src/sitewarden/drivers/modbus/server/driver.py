"""The Modbus TCP server: a port, its units, and the masters that are let in."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.status import Status
from sitewarden.drivers.modbus.server.config import DeviceConfig, EndpointConfig
from sitewarden.drivers.modbus.server.connection import Connection
from sitewarden.drivers.modbus.server.image import Image
from sitewarden.drivers.modbus.server.manifest import MANIFEST
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import LocalMisuse, Misconfigured
from sitewarden.wire.modbus import DeviceException, ExceptionCode, Function, Request, respond

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at idle connections."""
STATUS_EVERY: Final = 10.0
_CODES: Final[dict[str, ExceptionCode]] = {
    "invalid": ExceptionCode.ILLEGAL_DATA_VALUE,
    "not-found": ExceptionCode.ILLEGAL_DATA_ADDRESS,
    "denied": ExceptionCode.ILLEGAL_DATA_ADDRESS,
    "too-many": ExceptionCode.SERVER_DEVICE_BUSY,
}


class ServerEndpoint:
    """One port; `run` ends only by being cancelled, or where the port cannot be had."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._networks = [ipaddress.ip_network(one, strict=False) for one in self._config.clients]
        self._units: dict[int, Image] = {}
        for device in spec.devices:
            config = load(DeviceConfig, device.config, f"{device.reference}.config")
            if config.unit in self._units:
                raise Misconfigured(f"{device.reference}: unit {config.unit} stands on this port already; give each its own")
            self._units[config.unit] = Image(config)
        self._connections: set[Connection] = set()
        self._ctx: Context | None = None
        self._served = 0
        self._written = 0
        self._refused = ""

    async def execute(self, command: Command) -> Result:
        """It is asked by masters alone."""
        raise Invalid(f"{command.name} is nothing that a Modbus server can do", where=command.entity)

    async def run(self, ctx: Context) -> None:
        """Listen, and keep the registers as the house is."""
        if ctx.house is None:
            raise LocalMisuse("the modbus-server driver needs a house in its context")
        self._ctx = ctx
        config = self._config
        unfollow = [ctx.house.follow(image.sources, image.put) for image in self._units.values()]
        try:
            listener = await ctx.net.listen("modbus", self._connection, number=config.port)
            try:
                await self._look_after(ctx)
            finally:
                for connection in list(self._connections):
                    connection.close()
                await listener.close()
        finally:
            for end in unfollow:
                end()

    def _connection(self) -> Connection:
        return Connection(self._admit, self._ended, self._read, self._write)

    async def _look_after(self, ctx: Context) -> None:
        loop = asyncio.get_running_loop()
        since = ctx.clock.now()
        told = -STATUS_EVERY
        for device in self._spec.devices:
            ctx.status(Status(ref=device.reference, state="online", since=since))
        while True:
            now = loop.time()
            for connection in list(self._connections):
                if now - connection.heard > self._config.idle:
                    connection.close()
            if now - told >= STATUS_EVERY:
                told = now
                data = {
                    "masters": len(self._connections),
                    "requests": self._served + sum(one.served for one in self._connections),
                    "writes": self._written,
                }
                ctx.status(Status(ref=self._spec.reference, state="online", detail=self._refused, since=since, data=data))
            await asyncio.sleep(LOOK_EVERY)

    def _admit(self, connection: Connection) -> bool:
        try:
            address = ipaddress.ip_address(connection.peer)
        except ValueError:
            return False
        if not any(address in network for network in self._networks):
            self._refused = f"{connection.peer} was cut off: it is in none of the networks whose masters may connect"
            return False
        if len(self._connections) >= self._config.connections:
            self._refused = f"{connection.peer} was cut off: {self._config.connections} masters are connected already"
            return False
        self._connections.add(connection)
        return True

    def _ended(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.discard(connection)
            self._served += connection.served

    def _image(self, unit: int, function: int) -> Image:
        image = self._units.get(unit)
        if image is None:
            raise DeviceException(function, ExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND)
        return image

    def _read(self, unit: int, request: Request) -> bytes:
        return respond(request, self._image(unit, request.function).read(request))

    async def _write(self, unit: int, request: Request, master: str) -> bytes:
        ctx = self._ctx
        assert ctx is not None, "a connection comes after the start"
        assert ctx.house is not None, "run demanded it"
        image = self._image(unit, request.function)
        for order in image.writes(request):
            register = order.register
            reason = f"Modbus master {master}: unit {unit}, {register.table} {register.register}"
            result = await ctx.house.write(order.ref, order.value, by=self._spec.id, remote=master, reason=reason)
            if not result.ok:
                raise DeviceException(request.function, _CODES.get(result.code, ExceptionCode.SERVER_DEVICE_FAILURE))
            self._written += 1
        if request.function == Function.READ_WRITE_REGISTERS:
            address, count = request.read
            read = Request(Function.READ_HOLDING_REGISTERS, address, count)
            return respond(request, image.read(read))
        return respond(request)


class ModbusServerDriver:
    """Makes Modbus servers."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> ServerEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return ServerEndpoint(spec)


DRIVER: Final = ModbusServerDriver()
