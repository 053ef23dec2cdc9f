"""The OPC UA driver: a session with a server, what is subscribed there, and writing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status
from sitewarden.drivers.opcua.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.drivers.opcua.manifest import MANIFEST
from sitewarden.drivers.opcua.mapping import Columns
from sitewarden.drivers.opcua.wire import Values
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import LocalMisuse, Unavailable
from sitewarden.kit.freshness import Heard

if TYPE_CHECKING:
    from sitewarden.drivers.opcua.running import Running

NAMED: Final = 5
"""Refused points that a device's health names."""


class OpcuaEndpoint:
    """One server. What was heard outlives a reconnection, so that what came meanwhile is asked of the server's history."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._points: dict[str, tuple[Point, AddressConfig]] = {}
        self._roots: dict[str, str] = {}
        for device in spec.devices:
            self._roots[device.reference] = load(DeviceConfig, device.config, f"{device.reference}.config").root
            for point in device.points:
                self._points[point.id] = (point, load(AddressConfig, point.address, f"point:{point.id}.address"))
        self._heard = Heard(self._config.bad_after)
        self._running: Running | None = None
        self._ctx: Context | None = None
        self._without: set[str] = set()
        """Points whose node has no history."""

    async def run(self, ctx: Context) -> None:
        """Connect, subscribe, and take what comes until the connection ends."""
        if ctx.application is None:
            raise LocalMisuse("the opcua driver needs an application's certificate in its context")
        self._ctx = ctx
        # The library takes its time to load, and a first key to be made: the loop goes on meanwhile.
        made = await asyncio.to_thread(_library)
        application = await asyncio.to_thread(ctx.application)
        running = made(ctx, self._config, application, self._take)
        silent = ctx.clock.monotonic()
        began = False
        try:
            await running.open()
            refused = await running.begin(self._points, self._since(), self._without, ctx.clock.now())
            self._running, began = running, True
            self._tell(ctx, refused)
            while not running.closed.done():
                due = self.age(ctx)
                silent = ctx.clock.monotonic()
                await asyncio.wait([running.closed], timeout=1.0 if due is None else max(0.01, min(1.0, due)))
            raise running.closed.result()
        finally:
            self._running = None
            # While a subscription lived, what said nothing was as it had been.
            self._heard.lost(self._points, ctx.clock, ctx.samples, silent if began else 0.0)
            await running.close()

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come."""
        return self._heard.age(ctx.clock, ctx.samples)

    async def execute(self, command: Command) -> Result:
        """Write a point (args {"value", "read_back"}), list nodes (device.browse: args {"under", "most"}), or servers and what
        they offer (endpoint.browse: args {"filter", a URL of those}), which needs no session.
        """
        running, ctx = self._running, self._ctx
        entity = command.entity
        if command.name == "device.browse" and entity in self._roots:
            if running is None:
                raise Unavailable(f"{self._spec.name} is not connected")
            under, most = command.args.get("under") or self._roots[entity], command.args.get("most") or 500
            if not isinstance(under, str) or not isinstance(most, int) or most < 1:
                raise Invalid("under is a node, and most a number from 1", where="args")
            return await running.browse(under, most)
        if command.name == "endpoint.browse" and entity == self._spec.reference:
            return await self._scout(command.args.get("filter") or "")
        found = self._points.get(entity.partition(":")[2])
        if command.name != "point.write" or found is None:
            raise Invalid(f"{command.name} is nothing that {entity} can do", where=entity)
        point, address = found
        if not point.writable:
            raise Invalid(f"{point.name} is read-only", where=entity, remedy="Make the point writable.")
        if running is None or ctx is None:
            raise Unavailable(f"{self._spec.name} is not connected")
        wanted = bool(command.args.get("read_back", address.read_back))
        result, back = await running.write(point, address, command.args.get("value"), read_back=wanted)
        if back is None:
            return result
        samples = Columns([point], [address.element]).samples(back, ctx.clock.now())
        self._heard.take(samples, ctx.clock, ctx.samples)
        return Result(ok=True, value=result.value | {"read_back": samples.values[0]})

    async def _scout(self, url: object) -> Result:
        ctx = self._ctx
        if ctx is None or ctx.application is None:
            raise Unavailable(f"{self._spec.name} is not running")
        if not isinstance(url, str):
            raise Invalid("filter is the URL of a server", where="filter")
        await asyncio.to_thread(_library)
        from sitewarden.drivers.opcua.scouting import scout

        return Result(ok=True, value=await scout(ctx, self._config, await asyncio.to_thread(ctx.application), url))

    def _take(self, columns: Columns, told: Values) -> None:
        ctx = self._ctx
        assert ctx is not None, "run set it before anything can be heard"
        self._heard.take(columns.samples(told, ctx.clock.now()), ctx.clock, ctx.samples)

    def _since(self) -> dict[str, int]:
        """Return until when each point is known, for those of which anything is."""
        known = {id_: self._heard.since(id_) for id_ in self._points}
        return {id_: time for id_, time in known.items() if time is not None}

    def _tell(self, ctx: Context, refused: list[tuple[str, int]]) -> None:
        """Say that the server is there, and of each device what the server refuses of it."""
        now, codes = ctx.clock.now(), dict(refused)
        if codes:
            times = [now] * len(codes)
            ctx.samples(Samples(list(codes), times, times, [None] * len(codes), list(codes.values())))
        ctx.status(Status(ref=self._spec.reference, state="online", since=now))
        for device in self._spec.devices:
            bad = [point for point in device.points if point.id in codes]
            if not bad:
                ctx.status(Status(ref=device.reference, state="online", since=now))
                continue
            named = "; ".join(f"{self._points[one.id][1].node} (0x{codes[one.id]:08X})" for one in bad[:NAMED])
            detail = f"the server refuses {len(bad)} of {len(device.points)} nodes: {named}"
            ctx.status(Status(ref=device.reference, state="degraded", detail=detail, since=now))


def _library() -> type[Running]:
    """Import what needs asyncua; blocks for a second or more at the first use."""
    from sitewarden.drivers.opcua.running import Running

    return Running


class OpcuaDriver:
    """Makes OPC UA endpoints."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> OpcuaEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return OpcuaEndpoint(spec)


DRIVER: Final = OpcuaDriver()
