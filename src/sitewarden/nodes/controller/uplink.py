"""The controller's side of a link, whoever dialled: says how it is, uploads its log, asks, and takes rules and orders."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

import msgspec

from sitewarden import __version__
from sitewarden.domain.access.decision import Decision
from sitewarden.domain.access.packing import MAX_PACKED
from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Invalid, NotFound, Refusal
from sitewarden.kit.clock import SystemClock
from sitewarden.link import LinkSession, LinkStream, Redialler
from sitewarden.nodes.controller.controller import Controller
from sitewarden.nodes.controller.identity import SiteIdentity
from sitewarden.wire import controller as wire
from sitewarden.wire.link import Request

log = logging.getLogger(__name__)

UPLOAD: Final = 256
"""Records read from the log at once."""
ROUTINE: Final = 600.0
"""Seconds between two looks at the clock and at the certificate while the link stands."""
KEEP_SECONDS: Final = 1.0
"""An order waits this long for the controller's disk before it is answered."""
SLOW: Final = 2.0
"""Seconds after which an answer about the time is too late to be used."""

_welcome = msgspec.msgpack.Decoder(wire.Welcome).decode
_decision = msgspec.msgpack.Decoder(Decision).decode
_part = msgspec.msgpack.Decoder(wire.RulesPart).decode
_order = msgspec.msgpack.Decoder(wire.Order).decode
_scan = msgspec.msgpack.Decoder(wire.Scan).decode
_certificate = msgspec.msgpack.Decoder(wire.Certificate).decode
_zone = msgspec.msgpack.Decoder(wire.ZoneOrder).decode
_orders = msgspec.msgpack.Decoder(wire.ManyOrder).decode

Dial = Callable[[], Coroutine[Any, Any, LinkSession]]


class SiteClock:
    """The machine's clock, corrected to the server's where they differ; the machine's own is left alone."""

    def __init__(self) -> None:
        self._machine = SystemClock()
        self.offset = 0
        """Microseconds that are added to the machine's time."""

    def now(self) -> int:
        """Microseconds since 1970 UTC."""
        return self._machine.now() + self.offset

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        return self._machine.monotonic()


class Uplink:
    """Holds one link at a time: the one that `run` dials for (server mode), or those that `begin` is given (direct mode).

    The site's server may bring rules, is asked to decide, sets the time, and what it acknowledges of the log is confirmed. Any
    other peer that holds the controller gets state and log, and may give orders.
    """

    def __init__(
        self,
        controller: Controller,
        clock: SiteClock,
        identity: SiteIdentity,
        dial: Dial,
        *,
        match_timeout: float = 1.0,
        routine: float = ROUTINE,
    ) -> None:
        self._controller = controller
        self._clock = clock
        self._identity = identity
        self._match_timeout = match_timeout
        self._routine = routine
        self._redial = Redialler(dial, changed=self._changed)
        self._session: LinkSession | None = None
        self._work: asyncio.Task[None] | None = None
        self._partial: tuple[str, str, bytearray] = ("", "", bytearray())
        self.ready = asyncio.Event()
        """Set while the server knows this controller and takes its log."""
        self.on_ready: Callable[[], None] = lambda: None
        self.on_renewed: Callable[[], None] = lambda: None
        """Called once a new certificate is stored; links from now on use it."""
        self.commissioning = ""
        """The commissioning code, which a server that this controller is paired with may know."""
        controller.on_report = self._report

    @property
    def session(self) -> LinkSession | None:
        """The link, where there is one."""
        return self._session

    @property
    def last_error(self) -> Refusal | None:
        """Why there is no link."""
        return self._redial.last_error

    def hurry(self) -> None:
        """Dial now rather than after the pause."""
        self._redial.hurry()

    async def run(self) -> None:
        """Keep a dialled link up until cancelled."""
        await self._redial.run()

    def _changed(self, session: LinkSession | None) -> None:
        if session is None:
            self.end()
        else:
            self.begin(session, server=True)

    def begin(self, session: LinkSession, *, server: bool, hold: wire.Hold | None = None) -> None:
        """Take a link: its handlers now, the rest once it is up. `hold` tells the peer how long it may stay."""
        self.end()
        self._session = session
        session.on_request(wire.ORDER, self._take_order)
        session.on_request(wire.ORDERS, self._take_orders)
        if server:
            session.on_request(wire.RULES, self._take_rules)
            session.on_request(wire.SCAN, self._take_scan)
            session.on_request(wire.ZONE, self._take_zone)
        work = self._serve(session, server=server, hold=hold)
        self._work = asyncio.get_running_loop().create_task(work, name="uplink")

    def end(self) -> None:
        """Say no more on the link that there was."""
        if self._work is not None:
            self._work.cancel()
            self._work = None
        self._session = None
        self._controller.match = None
        self.ready.clear()

    async def _serve(self, session: LinkSession, *, server: bool, hold: wire.Hold | None) -> None:
        try:
            await asyncio.shield(session.opened)
            await self._greet(session, server=server, hold=hold)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._upload(session, group, server=server), name="log")
                if server:
                    group.create_task(self._look_after(session), name="time and certificate")
        except* Refusal as refusals:
            if session.up:
                log.warning("the other side refuses: %s", refusals.exceptions[0])
                session.close()

    async def _greet(self, session: LinkSession, *, server: bool, hold: wire.Hold | None) -> None:
        controller, journal = self._controller, self._controller.journal
        hello = wire.Hello(
            epoch=journal.epoch,
            first=journal.first,
            last=journal.last,
            rules=controller.rules.version if controller.rules is not None else 0,
            digest=controller.digest,
            time=self._clock.now(),
            doors=controller.reports(),
            software=f"sitewarden/{__version__}",
            hold=hold,
        )
        welcome = _answer(_welcome, await session.request(wire.HELLO, wire.encode(hello)), "welcome")
        if not server:
            return
        self._set_time(welcome, 0.0)
        if self.commissioning:
            await self._tell_code(session)

        async def match(question: wire.MatchRequest) -> Decision:
            answer = await session.call(wire.MATCH, wire.encode(question), timeout=self._match_timeout)
            decision: Decision = _answer(_decision, answer, "decision")
            return decision

        controller.match = match
        self.ready.set()
        self.on_ready()

    async def _tell_code(self, session: LinkSession) -> None:
        try:
            await session.request(wire.COMMISSIONING, wire.encode(wire.Commissioning(self.commissioning)))
        except Refusal as refusal:
            if not session.up:
                raise
            log.info("the server does not take the commissioning code: %s", refusal)

    async def _look_after(self, session: LinkSession) -> None:
        """Renew the certificate before it ends, and keep the clock near the server's, while the link stands."""
        while True:
            try:
                if self._identity.due(self._clock.now()):
                    await self._renew(session)
                await asyncio.sleep(self._routine)
                await self._ask_time(session)
            except Refusal as refusal:
                if not session.up:
                    raise
                if refusal.code != NotFound.code:
                    log.warning("the server does not renew the certificate or tell the time: %s", refusal)
                await asyncio.sleep(self._routine)

    async def ask_certificate(self, session: LinkSession) -> wire.Certificate:
        """Ask the peer for a certificate for the key of now."""
        request = wire.CertificateRequest(self._identity.key.request(self._identity.node))
        answer = await session.request(wire.CERTIFICATE, wire.encode(request), 30.0)
        certificate: wire.Certificate = _answer(_certificate, answer, "certificate")
        return certificate

    async def _renew(self, session: LinkSession) -> None:
        told = await self.ask_certificate(session)
        await asyncio.to_thread(self._identity.renew, told.chain, told.ca)
        until = self._identity.key.life[1].date().isoformat()
        self._controller.journal.add(wire.Record(self._clock.now(), "controller.renewed", data={"until": until}))
        self.on_renewed()

    async def _ask_time(self, session: LinkSession) -> None:
        begun = self._clock.monotonic()
        answer = await session.request(wire.TIME, wire.encode(wire.Clock(self._clock.now())))
        taken = self._clock.monotonic() - begun
        if taken <= SLOW:
            self._set_time(_answer(_welcome, answer, "time"), taken)

    def _set_time(self, welcome: wire.Welcome, taken: float) -> None:
        """Take the server's time where it is off by more than the drift; `taken`: seconds from question to answer."""
        step = welcome.time + int(taken / 2 * SECOND) - self._clock.now()
        if abs(step) > welcome.drift:
            self._clock.offset += step
            record = wire.Record(self._clock.now(), "controller.time", data={"seconds": round(step / SECOND, 3)})
            self._controller.journal.add(record)

    async def _upload(self, session: LinkSession, group: asyncio.TaskGroup, *, server: bool) -> None:
        """Send what the peer has not got, then each record as it becomes durable; live and late records go the same way."""
        journal = self._controller.journal
        stream = session.open_stream(wire.LOG, wire.encode(wire.LogStart(journal.epoch)), window=0)
        await stream.opened()
        sent = stream.resume
        if server:
            if sent > journal.last:
                log.warning("the server holds record %d, this log ends at %d: it came from a backup", sent, journal.last)
                journal.skip_to(sent)
            group.create_task(self._note(stream), name="confirmed")
        while True:
            rows = await journal.read(sent, UPLOAD)
            if not rows:
                await journal.wait_beyond(sent)
                continue
            for index, body in rows:
                await stream.send(index, body)
                sent = index

    async def _note(self, stream: LinkStream) -> None:
        while True:
            self._controller.journal.confirm(stream.acked)
            await stream.wait_acked(stream.acked + 1)

    def _report(self, report: wire.DoorReport) -> None:
        session = self._session
        if session is not None and session.up:
            session.notify(wire.DOORS, wire.encode((report,)))

    async def _take_rules(self, request: Request) -> bytes:
        part: wire.RulesPart = _read(_part, request)
        if part.size > MAX_PACKED or part.offset + len(part.data) > part.size:
            raise Invalid(f"rules of {part.size} bytes are above the limit, or a part reaches beyond them", where="rules")
        if part.base:
            self._controller.demand_base(part.base)
        if self._partial[:2] != (part.digest, part.base):
            self._partial = (part.digest, part.base, bytearray())
        held = self._partial[2]
        if part.offset == len(held):
            held += part.data
        if len(held) < part.size:
            return wire.encode(wire.RulesHeld(len(held)))
        self._partial = ("", "", bytearray())
        await self._controller.take_rules(part.digest, bytes(held), part.base)
        return wire.encode(wire.RulesHeld(part.size, active=True))

    async def _take_order(self, request: Request) -> bytes:
        done = self._controller.order(_read(_order, request))
        await self._kept()
        return wire.encode(wire.OrderDone(done))

    async def _take_orders(self, request: Request) -> bytes:
        done = self._controller.order_many(_read(_orders, request))
        await self._kept()
        return wire.encode(done)

    async def _kept(self) -> None:
        """Return once what was ordered would outlive a restart; where the disk does not answer, it is carried out anyway."""
        with suppress(TimeoutError):
            async with asyncio.timeout(KEEP_SECONDS):
                await self._controller.journal.flush()

    async def _take_zone(self, request: Request) -> bytes:
        self._controller.zone(_read(_zone, request))
        return b""

    async def _take_scan(self, request: Request) -> bytes:
        asked: wire.Scan = _read(_scan, request)
        return wire.encode(wire.Scanned(await self._controller.scan(asked.reader, asked.seconds)))


def _answer(decode: Callable[[bytes], Any], body: bytes, what: str) -> Any:
    try:
        return decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"the other side's {what} cannot be read: {error}", remedy="Update the older side.") from None


def _read(decode: Callable[[bytes], Any], request: Request) -> Any:
    try:
        return decode(request.body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"the body cannot be read: {error}", where=request.kind, remedy="Update the server.") from None
