"""The TCP driver: a port that devices dial, or a device that is dialled; messages become values, values are written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.status import Status
from sitewarden.drivers.tcp.config import EndpointConfig
from sitewarden.drivers.tcp.manifest import MANIFEST
from sitewarden.drivers.tcp.mapping import framer, message_of
from sitewarden.drivers.tcp.server import Server
from sitewarden.drivers.tcp.session import Session
from sitewarden.drivers.tcp.stations import Stations
from sitewarden.drivers.tcp.talk import Refused
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Unavailable, reaching
from sitewarden.kit.trust import Trust

TICK: Final = 1.0
"""Seconds between two looks at what has grown old."""
REPORT: Final = 5.0
"""Seconds between two reports of an endpoint's figures."""


class TcpEndpoint:
    """One endpoint. What it last heard outlives a reconnection."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._stations = Stations(spec, self._config)
        self._trust = Trust(self._config.ca, self._config.fingerprint) if self._config.tls else None
        self._ctx: Context | None = None

    async def run(self, ctx: Context) -> None:
        """Serve until cancelled, or until the connection that was dialled ends."""
        self._ctx = ctx
        self._stations.begin(ctx)
        try:
            if self._config.mode == "server":
                await self._serve(ctx)
            else:
                await self._dial(ctx)
        finally:
            self._ctx = None
            self._stations.end()

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come."""
        return self._stations.age(ctx)

    async def execute(self, command: Command) -> Result:
        """Write a point: args {"value", "read_back" (default true)}; the result has old, new, read_back and confirmed."""
        _, _, id_ = command.entity.partition(":")
        station = self._stations.of_point(id_)
        if command.name != "point.write" or station is None:
            raise Invalid(f"{command.name} is nothing that {command.entity} can do", where=command.entity)
        point, address = station.points[id_]
        if not point.writable:
            raise Invalid(f"{point.name} is read-only", where=command.entity, remedy="Make the point writable.")
        value = command.args.get("value")
        data = message_of(point, address, value, station.config.says)
        session = station.session
        if self._ctx is None or session is None or session.talk is None or session.closed.done():
            raise Unavailable(f"{station.spec.name} is not connected")
        group, at = station.place[id_]
        old = group.values[at] if group.values else None
        before = group.good_at
        confirm, refused = station.answers[id_]
        try:
            if confirm is not None:
                await session.talk.ask(station, data, confirm, refused)
            else:
                session.send(data)
            if command.args.get("read_back", True) and station.poll:
                await session.talk.ask(station, station.poll)
        except Refused as refusal:
            return Result(ok=False, code="refused", what=f"{point.name}: the device says: {refusal}", remedy="Check the value.")
        back = group.values[at] if group.values and group.good_at is not before else None
        return Result(
            ok=True,
            value={"old": old, "new": value, "read_back": back, "unit": point.unit, "confirmed": confirm is not None},
        )

    async def _serve(self, ctx: Context) -> None:
        config = self._config
        tls = ctx.own_tls() if config.tls and ctx.own_tls is not None else None
        server = Server(config, self._stations)
        listener = await ctx.net.listen("tcp-server", server.session, number=config.port, tls=tls)
        try:
            await self._watch(ctx, server.sweep)
        finally:
            server.close()
            await listener.close()

    async def _dial(self, ctx: Context) -> None:
        config, trust = self._config, self._trust
        peer = f"{config.host}:{config.port}"
        try:
            with reaching(peer):
                transport, session = await ctx.net.dial(
                    "tcp-client",
                    lambda: Session(framer(config), self._stations.heard),
                    config.host,
                    config.port,
                    tls=None if trust is None else trust.context,
                    timeout=max(config.timeout, 3.0),
                )
        except Unavailable as error:
            raise Trust.refusal(error, peer) from error
        try:
            if trust is not None:
                trust.check(transport, config.host)
            self._stations.dialled(session)
            watch = asyncio.create_task(self._watch(ctx, lambda: self._quiet(session, peer)))
            try:
                ended = await session.closed
            finally:
                watch.cancel()
                await asyncio.wait([watch])
            raise ended
        finally:
            session.end(Unavailable(f"the connection to {peer} is down"))

    def _quiet(self, session: Session, peer: str) -> None:
        """Give up a connection on which nothing comes: its far end may be gone without a word."""
        limit = self._stations.patience
        if asyncio.get_running_loop().time() - session.last > limit:
            session.end(Unavailable(f"{peer} took the connection, and has said nothing for {limit:g} s"))

    async def _watch(self, ctx: Context, sweep: Callable[[], None]) -> None:
        """Tell that the endpoint is up, then look after what grows old."""
        since, told, told_at = ctx.clock.now(), None, 0.0
        loop = asyncio.get_running_loop()
        while True:
            figures = self._stations.figures()
            if figures != told and (told is None or loop.time() - told_at >= REPORT):
                ctx.status(Status(ref=self._spec.reference, state="online", since=since, data=figures))
                told, told_at = figures, loop.time()
            due = self.age(ctx)
            await asyncio.sleep(TICK if due is None else max(0.01, min(TICK, due)))
            self._stations.look()
            sweep()


class TcpDriver:
    """Makes TCP endpoints."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> TcpEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return TcpEndpoint(spec)


DRIVER: Final = TcpDriver()
