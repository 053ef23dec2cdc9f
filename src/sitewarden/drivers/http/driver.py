"""The HTTP driver: a port that devices push JSON to, or devices that are asked for it."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.status import Status
from sitewarden.drivers.http.asking import Asker, Exchange
from sitewarden.drivers.http.config import EndpointConfig
from sitewarden.drivers.http.inbox import Inbox
from sitewarden.drivers.http.manifest import MANIFEST
from sitewarden.drivers.http.mapping import Unread, body_of
from sitewarden.drivers.http.senders import Sender, Senders
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import PeerViolation, Unavailable, reaching
from sitewarden.kit.trust import Trust
from sitewarden.net.interfaces import Tls

TICK: Final = 1.0
"""Seconds between two looks at what has grown old."""
REPORT: Final = 5.0
"""Seconds between two reports of an endpoint's figures."""
MISSES: Final = 2
"""Questions in a row without an answer after which a device counts as lost."""


class HttpEndpoint:
    """One endpoint. What it last heard outlives a reconnection."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._senders = Senders(spec, self._config)
        secure = self._config.tls == "on" or (self._config.tls == "auto" and not _loopback(self._config.host))
        self._trust = Trust(self._config.ca, self._config.fingerprint) if secure and self._config.mode == "client" else None
        self._asker: Asker | None = None

    async def run(self, ctx: Context) -> None:
        """Serve until cancelled, or until the device that is asked cannot be reached."""
        self._senders.begin(ctx)
        try:
            if self._config.mode == "server":
                await self._serve(ctx)
            else:
                await self._ask(ctx)
        finally:
            self._senders.end()

    def age(self, ctx: Context) -> float | None:
        """Turn last known values Bad when their time has come."""
        return self._senders.age(ctx)

    async def execute(self, command: Command) -> Result:
        """Write a point: args {"value", "read_back" (default true)}; the result has old, new and read_back."""
        _, _, id_ = command.entity.partition(":")
        sender = self._senders.of_point(id_)
        if command.name != "point.write" or sender is None:
            raise Invalid(f"{command.name} is nothing that {command.entity} can do", where=command.entity)
        point, address = sender.points[id_]
        if not point.writable:
            raise Invalid(f"{point.name} is read-only", where=command.entity, remedy="Make the point writable.")
        value = command.args.get("value")
        body = body_of(point, address, value)
        asker = self._asker
        if asker is None:
            raise Unavailable(f"{self._spec.name} is not connected")
        old = self._held(sender, id_)
        answer = await asker.ask(address.method, address.write, body)
        if not 200 <= answer.status < 300:
            said = answer.body[:200].decode("utf-8", "replace")
            what = (
                f"{point.name}: the device answers {answer.status}: {said}"
                if said
                else f"{point.name}: it answers {answer.status}"
            )
            return Result(ok=False, code="refused", what=what, remedy="Check the address and the value.")
        back = None
        if command.args.get("read_back", True):
            await self._question(asker, sender)
            back = self._held(sender, id_)
        return Result(ok=True, value={"old": old, "new": value, "read_back": back, "unit": point.unit})

    def _held(self, sender: Sender, id_: str) -> object:
        if sender.apart:
            values = sender.groups[id_].values
            return values[0] if values else None
        return sender.whole.values[sender.whole.ids.index(id_)] if sender.whole.values else None

    async def _serve(self, ctx: Context) -> None:
        inbox = Inbox(self._config, self._senders)
        listener = await ctx.net.listen("http-server", inbox.connection, number=self._config.port, tls=self._shown(ctx))
        try:
            await self._watch(ctx, inbox.sweep)
        finally:
            inbox.close()
            await listener.close()

    def _shown(self, ctx: Context) -> Tls:
        if self._config.tls == "on":
            return ctx.own_tls() if ctx.own_tls is not None else None
        if self._config.tls == "auto":
            return ctx.face_tls() if ctx.face_tls is not None else None
        return None

    async def _ask(self, ctx: Context) -> None:
        async def dial() -> Exchange:
            return await self._dial(ctx)

        asker = Asker(self._config, dial)
        try:
            async with asyncio.TaskGroup() as group:
                self._asker = asker
                for sender in self._senders.all:
                    group.create_task(self._poll(asker, sender), name=f"http {sender.spec.id}")
                group.create_task(self._grow_old(ctx), name="http ageing")
        except ExceptionGroup as errors:
            raise _first(errors) from None
        finally:
            self._asker = None
            asker.close()

    async def _dial(self, ctx: Context) -> Exchange:
        config, trust = self._config, self._trust
        peer = f"{config.host}:{config.port}"
        try:
            with reaching(peer):
                transport, exchange = await ctx.net.dial(
                    "http-server",
                    lambda: Exchange(config.most),
                    config.host,
                    config.port,
                    tls=None if trust is None else trust.context,
                    timeout=max(config.timeout, 3.0),
                )
        except Unavailable as error:
            raise Trust.refusal(error, peer) from error
        if trust is not None:
            trust.check(transport, config.host)
        ctx.status(Status(ref=self._spec.reference, state="online", since=ctx.clock.now()))
        return exchange

    async def _poll(self, asker: Asker, sender: Sender) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            pause = await self._try(asker, sender)
            due = max(due + sender.config.every, loop.time()) if pause is None else loop.time() + pause
            await asyncio.sleep(due - loop.time())

    async def _try(self, asker: Asker, sender: Sender) -> float | None:
        """Ask once; return None, or the seconds after which one that did not answer is asked again."""
        try:
            await self._question(asker, sender)
        except (PeerViolation, Unavailable) as error:
            if error.__cause__ is not None:
                raise  # It could not be dialled: that is the endpoint's trouble, and supervise tries again.
            sender.misses += 1
            if sender.misses < MISSES:
                return 0.0
            self._senders.lost(sender, str(error))
            return sender.backoff.next()
        sender.misses = 0
        sender.backoff.reset()
        return None

    async def _question(self, asker: Asker, sender: Sender) -> None:
        answer = await asker.ask("GET", sender.config.path)
        if answer.status != 200:
            raise PeerViolation(f"{sender.config.path} is answered with {answer.status}")
        try:
            self._senders.read(sender, answer.body, asyncio.get_running_loop().time())
        except Unread as error:
            raise PeerViolation(str(error)) from None

    async def _grow_old(self, ctx: Context) -> None:
        while True:
            due = self.age(ctx)
            await asyncio.sleep(TICK if due is None else max(0.01, min(TICK, due)))

    async def _watch(self, ctx: Context, sweep: Callable[[], None]) -> None:
        """Tell that the endpoint is up, then look after what grows old."""
        since, told, told_at = ctx.clock.now(), None, 0.0
        loop = asyncio.get_running_loop()
        while True:
            figures = self._senders.figures()
            if figures != told and (told is None or loop.time() - told_at >= REPORT):
                ctx.status(Status(ref=self._spec.reference, state="online", since=since, data=figures))
                told, told_at = figures, loop.time()
            due = self.age(ctx)
            await asyncio.sleep(TICK if due is None else max(0.01, min(TICK, due)))
            self._senders.look()
            sweep()


def _first(errors: ExceptionGroup[Exception]) -> Exception:
    """Return what ended the group: supervise knows single errors."""
    found = errors.exceptions[0]
    return _first(found) if isinstance(found, ExceptionGroup) else found


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class HttpDriver:
    """Makes HTTP endpoints."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> HttpEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return HttpEndpoint(spec)


DRIVER: Final = HttpDriver()
