"""The MQTT driver: a connection to a broker, what is subscribed there, and writing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.domain.status import Status
from sitewarden.drivers.mqtt.browse import LONGEST, Listening
from sitewarden.drivers.mqtt.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.drivers.mqtt.manifest import MANIFEST
from sitewarden.drivers.mqtt.mapping import Batch, payload_of
from sitewarden.drivers.mqtt.session import Session
from sitewarden.drivers.mqtt.site import Site
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import Misconfigured, Unavailable, reaching
from sitewarden.kit.freshness import Heard
from sitewarden.kit.values import raw
from sitewarden.net.tls import peer_context
from sitewarden.wire.mqtt import V4, V5, Ack, Connect, Publish, Suback, Will, check_filter, reason_text
from sitewarden.wire.mqtt.client import FILTERS, Kept

TRANSIENT: Final = frozenset({9, 10})
"""OpenSSL's codes of a certificate that is not yet, or no longer, valid: its owner mends that, not our settings."""
READ_BACK: Final = 3.0
"""Seconds for which a write waits for the point's next message, where that is asked for."""


class MqttEndpoint:
    """One broker. What was heard outlives a reconnection, and so does the session where the broker keeps it."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._freshness = Heard(self._config.bad_after)
        self._site = Site(spec, self._freshness)
        self._kept = Kept()
        self._session: Session | None = None
        self._ctx: Context | None = None
        self._awaited: dict[str, asyncio.Future[Value]] = {}
        self._listening: list[Listening] = []

    async def run(self, ctx: Context) -> None:
        """Connect, subscribe, and take what comes until the connection ends."""
        self._ctx = ctx
        config = self._config
        session: Session | None = None
        try:
            session = await self._connect(ctx)
            await self._begin(ctx, session)
            while True:
                due = self.age(ctx)
                await asyncio.wait([session.closed], timeout=1.0 if due is None else max(0.01, min(1.0, due)))
                if session.closed.done():
                    raise session.closed.result()
                self._site.presence.look(ctx)
        finally:
            self._session = None
            if session is not None:
                if config.will_topic or config.host_id:
                    self._say(session, ctx, here=False)
                session.close()
            self._freshness.lost(self._site.points, ctx.clock, ctx.samples)

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come."""
        return self._freshness.age(ctx.clock, ctx.samples)

    def reconfigure(self, spec: EndpointSpec) -> bool:
        """Take changed devices and points on the open connection."""
        session, ctx, before = self._session, self._ctx, self._site
        if spec.config != before.spec.config or session is None or ctx is None or session.closed.done():
            return False
        site = Site(spec, self._freshness)
        self._site = site
        self._freshness.drop(before.points.keys() - site.points.keys())
        session.unsubscribe([one for one in before.filters if one not in site.filters])
        site.presence.begin(ctx)
        site.host.begin()
        # All of them, since the broker tells its retained messages anew, and so a new point its value.
        self._subscribe(ctx, session)
        self._ask(ctx, session)
        return True

    async def execute(self, command: Command) -> Result:
        """Write a point (args {"value"}), or list what is heard (endpoint.browse: args {"filter", "seconds"})."""
        if command.name == "endpoint.browse" and command.entity == self._site.spec.reference:
            return await self._browse(str(command.args.get("filter") or "#"), float(command.args.get("seconds") or 3.0))
        _, _, id_ = command.entity.partition(":")
        found = self._site.points.get(id_)
        if command.name != "point.write" or found is None:
            raise Invalid(f"{command.name} is nothing that {command.entity} can do", where=command.entity)
        return await self._write(command, *found)

    async def _connect(self, ctx: Context) -> Session:
        config = self._config
        peer = f"{config.host}:{config.port}"
        connect = self._greeting()
        if connect.clean:
            self._kept = Kept()
        tls = None
        if config.tls:
            try:
                tls = await asyncio.to_thread(
                    partial(peer_context, authorities=config.ca, certificate=config.certificate, key=config.private_key)
                )
            except Invalid as error:
                raise Misconfigured(str(error)) from error
        session = Session(connect, self._kept, self._take, config.keep_alive)
        try:
            with reaching(peer):
                await self._dial(ctx, session, tls)
        except Unavailable as error:
            cause = error.__cause__
            if isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code not in TRANSIENT:
                raise Misconfigured(
                    f"{peer} shows a certificate that is not trusted ({cause.verify_message}); set ca, or server_name"
                ) from error
            raise
        return session

    async def _dial(self, ctx: Context, session: Session, tls: ssl.SSLContext | None) -> None:
        config = self._config
        await ctx.net.dial(
            "mqtt",
            lambda: session,
            config.host,
            config.port,
            tls=tls,
            server_hostname=(config.server_name or config.host) if tls is not None else None,
            timeout=config.timeout,
        )

    def _greeting(self) -> Connect:
        config = self._config
        version = V5 if config.version == "5" else V4
        will = None
        if config.will_topic or config.host_id:
            topic, payload = self._state(here=False)
            will = Will(topic=topic, payload=payload, qos=1, retain=True)
        properties: dict[str, Any] = {}
        if version == V5 and config.keep_session:
            properties["session_expiry_interval"] = config.keep_session
        return Connect(
            version=version,
            client_id=config.client_id or f"sitewarden-{self._site.spec.id}",
            clean=not config.keep_session,
            keep_alive=config.keep_alive,
            username=config.username or None,
            password=config.password.encode() if config.password else None,
            will=will,
            properties=properties,
        )

    async def _begin(self, ctx: Context, session: Session) -> None:
        """Wait for the broker's welcome and its grants; what comes meanwhile is taken already."""
        config, site = self._config, self._site
        await self._until(session, [session.connected], "has not answered the greeting")
        site.presence.begin(ctx)
        site.host.begin()
        self._session = session
        await self._until(session, self._subscribe(ctx, session), "has not answered the subscriptions")
        ctx.status(Status(ref=site.spec.reference, state="online", since=ctx.clock.now()))
        if config.will_topic or config.host_id:
            self._say(session, ctx, here=True)
        self._ask(ctx, session)

    async def _until(self, session: Session, wanted: Sequence[asyncio.Future[Any]], complaint: str) -> None:
        """Wait for all of `wanted`; raises why the connection ended, or Unavailable when the time is over."""
        if wanted:
            every: asyncio.Future[Any] = asyncio.gather(*wanted, return_exceptions=True)
            either: list[asyncio.Future[Any]] = [every, session.closed]
            await asyncio.wait(either, timeout=self._config.timeout, return_when=asyncio.FIRST_COMPLETED)
            if not every.done() and not session.closed.done():
                raise Unavailable(f"the broker {complaint} within {self._config.timeout:g} s")
        if session.closed.done():
            raise session.closed.result()

    def _subscribe(self, ctx: Context, session: Session) -> list[asyncio.Future[Ack | Suback]]:
        filters = self._site.filters
        qos = self._config.qos
        futures = session.subscribe([(one, qos) for one in filters])
        for place, future in enumerate(futures):
            future.add_done_callback(partial(self._granted, ctx, self._site, place * FILTERS))
        return futures

    def _granted(self, ctx: Context, site: Site, start: int, future: asyncio.Future[Ack | Suback]) -> None:
        """Points whose topic the broker refuses are Bad, and their device says why."""
        if future.cancelled() or site is not self._site:
            return
        answer = future.result()
        if not isinstance(answer, Suback):
            return
        for filter_, code in zip(site.filters[start:], answer.codes, strict=False):
            if code < 0x80:
                continue
            refused = [one for one in site.routes.sources.values() if one.filter == filter_]
            now, count = ctx.clock.now(), len(refused)
            if refused:
                bad = [int(Quality.BAD_CONFIGURATION_ERROR)] * count
                ctx.samples(Samples([one.point for one in refused], [now] * count, [now] * count, [None] * count, bad))
            for device in dict.fromkeys(one.device for one in refused):
                detail = f"the broker refuses the topic {filter_}: {reason_text(code)}"
                ctx.status(Status(ref=f"device:{device}", state="degraded", detail=detail, since=now))

    def _take(self, messages: list[Publish]) -> None:
        """Take what the connection brought, all at once."""
        ctx, site = self._ctx, self._site
        if ctx is None:
            return
        for listening in self._listening:
            listening.take(messages)
        now = ctx.clock.now()
        batch = Batch()
        presence = site.presence
        if presence.topics:
            for message in messages:
                if message.topic in presence.topics:
                    presence.available(ctx, message.topic, message.payload)
        if site.host:
            monotonic = ctx.clock.monotonic()
            rest = [one for one in messages if not site.host.take(one, now, monotonic, batch)]
            for device, there in site.host.changes:
                if there:
                    presence.appeared(ctx, device)
                else:
                    presence.vanished(ctx, device, "its node said that it is gone")
            site.host.changes.clear()
            if site.host.asks and self._session is not None:
                self._ask(ctx, self._session)
            site.routes.take(rest, now, batch)
        else:
            site.routes.take(messages, now, batch)
        if batch.points:
            self._freshness.take(batch.samples(now), ctx.clock, ctx.samples)
            if self._awaited:
                self._answer(batch)
        if batch.devices:
            presence.heard(ctx, batch.devices)

    def _answer(self, batch: Batch) -> None:
        for point, value in zip(batch.points, batch.values, strict=True):
            waiting = self._awaited.get(point)
            if waiting is not None and not waiting.done():
                waiting.set_result(value)

    def _ask(self, ctx: Context, session: Session) -> None:
        for request in self._site.host.requests(ctx.clock.now(), ctx.clock.monotonic()):
            session.publish(request)

    def _state(self, *, here: bool, now: int = 0) -> tuple[str, bytes]:
        config = self._config
        if config.host_id:
            told = f'{{"online":{"true" if here else "false"},"timestamp":{now // 1000}}}'
            return f"spBv1.0/STATE/{config.host_id}", told.encode()
        return config.will_topic, (config.birth_payload if here else config.will_payload).encode()

    def _say(self, session: Session, ctx: Context, *, here: bool) -> None:
        """Tell whether this client is there, where that is asked for."""
        if session.closed.done() or not session.connected.done():
            return
        topic, payload = self._state(here=here, now=ctx.clock.now())
        session.publish(Publish(topic, payload, 1, retain=True))

    async def _write(self, command: Command, point: Point, address: AddressConfig, config: DeviceConfig) -> Result:
        where = command.entity
        if not point.writable:
            raise Invalid(f"{point.name} is read-only", where=where, remedy="Make the point writable.")
        if not address.metric and not address.write_topic:
            raise Invalid(f"{point.name} has no topic to write to", where=where, remedy="Set write_topic in its address.")
        session, ctx = self._session, self._ctx
        if session is None or ctx is None:
            raise Unavailable(f"{self._site.spec.name} is not connected")
        value = command.args.get("value")
        told = raw(point, value)
        now = ctx.clock.now()
        old = self._freshness.last(point.id)
        try:
            if address.metric:
                message = self._site.host.command(point.id, told, now)
                if message is None:
                    raise Unavailable(f"{point.name}: its node has not told this metric, so nothing can be written to it")
            else:
                payload = payload_of(address, told, now)
                message = Publish(config.full(address.write_topic), payload, address.write_qos, address.write_retain)
            waiting = self._await(point.id) if address.metric or address.read_back else None
            try:
                refusal = await self._confirmed(session, message, point)
                if refusal is not None:
                    return refusal
                back = await self._read_back(point, waiting) if waiting is not None else None
            finally:
                if self._awaited.get(point.id) is waiting:
                    self._awaited.pop(point.id, None)
        except ValueError as error:
            raise Invalid(str(error), where=where) from error
        return Result(ok=True, value={"old": old, "new": value, "read_back": back, "unit": point.unit})

    def _await(self, point: str) -> asyncio.Future[Value]:
        # Two writes of one point wait for the same message.
        waiting = self._awaited.get(point)
        if waiting is None or waiting.done():
            waiting = self._awaited[point] = asyncio.get_running_loop().create_future()
        return waiting

    async def _confirmed(self, session: Session, message: Publish, point: Point) -> Result | None:
        """Publish, and wait until the broker has the message; None where it has."""
        future = session.publish(message)
        if future is None:
            return None
        either: list[asyncio.Future[Any]] = [future, session.closed]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if future.cancelled() or not future.done():
            raise Unavailable("the connection ended before the broker confirmed the write; it may or may not have arrived")
        answer = future.result()
        if isinstance(answer, Ack) and answer.code >= 0x80:
            what = f"{point.name}: the broker refuses the message: {reason_text(answer.code)}"
            return Result(ok=False, code="refused", what=what, remedy="Check the rights of this client on the broker.")
        return None

    async def _read_back(self, point: Point, waiting: asyncio.Future[Value]) -> Value:
        done, _ = await asyncio.wait([waiting], timeout=READ_BACK)
        if not done:
            raise Unavailable(f"{point.name}: the write was sent, and the device has told no new value within {READ_BACK:g} s")
        return waiting.result()

    async def _browse(self, filter_: str, seconds: float) -> Result:
        session = self._session
        if session is None:
            raise Unavailable(f"{self._site.spec.name} is not connected")
        try:
            check_filter(filter_)
        except ValueError as error:
            raise Invalid(str(error), where="filter", remedy='Give a topic filter such as "site/#".') from error
        listening = Listening(filter_)
        self._listening.append(listening)
        try:
            await self._until(session, session.subscribe([(filter_, 0)]), "has not answered the subscription")
            await asyncio.wait([session.closed], timeout=min(max(0.2, seconds), LONGEST))
        finally:
            self._listening.remove(listening)
            if not session.closed.done() and not any(one.filter == filter_ for one in self._listening):
                if filter_ in self._site.filters:
                    session.subscribe([(filter_, self._config.qos)])
                else:
                    session.unsubscribe([filter_])
        return Result(ok=True, value={"items": listening.found(), "more": listening.left_out > 0})


class MqttDriver:
    """Makes MQTT endpoints."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> MqttEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return MqttEndpoint(spec)


DRIVER: Final = MqttDriver()
