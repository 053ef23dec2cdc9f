"""The OPC UA driver: a session with a server, what is subscribed there, and writing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

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
        self._points, self._roots = _read(spec, {})
        self._heard = Heard(self._config.bad_after)
        self._running: Running | None = None
        self._ctx: Context | None = None
        self._refused: dict[str, int] = {}
        """Points that the server refuses, with its StatusCodes."""
        self._placed: dict[str, tuple[Point, AddressConfig]] = {}
        """Points that the session at work was told of."""
        self._changed = asyncio.Event()
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
            self._heard.drop(self._placed.keys() - self._points.keys())
            self._placed = self._points
            self._changed.clear()
            self._refused = dict(await running.begin(self._points, self._since(), self._without, ctx.clock.now()))
            self._running, began = running, True
            self._tell(ctx, self._refused)
            while not running.closed.done():
                if self._changed.is_set():
                    self._changed.clear()
                    await self._change(ctx, running)
                due = self.age(ctx)
                silent = ctx.clock.monotonic()
                changed = asyncio.ensure_future(self._changed.wait())
                either: list[asyncio.Future[Any]] = [running.closed, changed]
                try:
                    await asyncio.wait(
                        either,
                        timeout=1.0 if due is None else max(0.01, min(1.0, due)),
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                finally:
                    changed.cancel()
            raise running.closed.result()
        finally:
            self._running = None
            # While a subscription lived, what said nothing was as it had been.
            self._heard.lost(self._points, ctx.clock, ctx.samples, silent if began else 0.0)
            await running.close()

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come."""
        return self._heard.age(ctx.clock, ctx.samples)

    def reconfigure(self, spec: EndpointSpec) -> bool:
        """Take changed devices and points in the open session; the others are not disturbed."""
        running = self._running
        if spec.config != self._spec.config or running is None or running.closed.done():
            return False
        self._points, self._roots = _read(spec, self._points)
        self._spec = spec
        self._changed.set()
        return True

    async def _change(self, ctx: Context, running: Running) -> None:
        """Tell the server what is different between the points that it has and those that are wanted."""
        before, after = self._placed, self._points
        gone = {id_ for id_, held in before.items() if after.get(id_) != held}
        fresh = {id_: wanted for id_, wanted in after.items() if before.get(id_) != wanted}
        self._heard.drop(gone)
        self._without -= gone
        self._placed = after
        refused = dict(await running.change(gone, fresh, ctx.clock.now()))
        self._refused = {id_: code for id_, code in self._refused.items() if id_ not in gone} | refused
        self._tell(ctx, refused)

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

    def _tell(self, ctx: Context, fresh: dict[str, int]) -> None:
        """Say that the server is there, and of each device what the server refuses of it; `fresh` is so since now."""
        now, codes = ctx.clock.now(), self._refused
        if fresh:
            times = [now] * len(fresh)
            ctx.samples(Samples(list(fresh), times, times, [None] * len(fresh), list(fresh.values())))
        ctx.status(Status(ref=self._spec.reference, state="online", since=now))
        for device in self._spec.devices:
            bad = [point for point in device.points if point.id in codes]
            if not bad:
                ctx.status(Status(ref=device.reference, state="online", since=now))
                continue
            named = "; ".join(f"{self._points[one.id][1].node} (0x{codes[one.id]:08X})" for one in bad[:NAMED])
            detail = f"the server refuses {len(bad)} of {len(device.points)} nodes: {named}"
            ctx.status(Status(ref=device.reference, state="degraded", detail=detail, since=now))


def _read(
    spec: EndpointSpec, before: dict[str, tuple[Point, AddressConfig]]
) -> tuple[dict[str, tuple[Point, AddressConfig]], dict[str, str]]:
    """Return a spec's points with their addresses, and its devices' roots; what is as it was is not read again."""
    points: dict[str, tuple[Point, AddressConfig]] = {}
    roots: dict[str, str] = {}
    for device in spec.devices:
        roots[device.reference] = load(DeviceConfig, device.config, f"{device.reference}.config").root
        for point in device.points:
            held = before.get(point.id)
            same = held is not None and held[0] == point
            points[point.id] = held if held is not None and same else (point, _address(point))
    return points, roots


def _address(point: Point) -> AddressConfig:
    return load(AddressConfig, point.address, f"point:{point.id}.address")


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
