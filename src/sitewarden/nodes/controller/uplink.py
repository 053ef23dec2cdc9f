"""The controller's link to the server: dials, says how it is, uploads its log, asks, and takes rules and orders."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from sitewarden import __version__
from sitewarden.domain.access.decision import Decision
from sitewarden.domain.access.packing import MAX_PACKED
from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.kit.clock import SystemClock
from sitewarden.link import LinkSession, LinkStream, Redialler
from sitewarden.nodes.controller.controller import Controller
from sitewarden.wire import controller as wire
from sitewarden.wire.link import Request

log = logging.getLogger(__name__)

UPLOAD = 256
"""Records read from the log at once."""

_welcome = msgspec.msgpack.Decoder(wire.Welcome).decode
_decision = msgspec.msgpack.Decoder(Decision).decode
_part = msgspec.msgpack.Decoder(wire.RulesPart).decode
_order = msgspec.msgpack.Decoder(wire.Order).decode
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
    """Holds the one link to the server. `dial` gives a session that is up; `run` keeps it up until cancelled."""

    def __init__(self, controller: Controller, clock: SiteClock, dial: Dial, *, match_timeout: float = 1.0) -> None:
        self._controller = controller
        self._clock = clock
        self._match_timeout = match_timeout
        self._redial = Redialler(dial, changed=self._changed)
        self._work: asyncio.Task[None] | None = None
        self._partial: tuple[str, bytearray] = ("", bytearray())
        self.ready = asyncio.Event()
        """Set while the server knows this controller and takes its log."""
        self.on_ready: Callable[[], None] = lambda: None
        self.commissioning = ""
        """The commissioning code, which a server that this controller is paired with may know."""
        controller.on_report = self._report

    @property
    def session(self) -> LinkSession | None:
        """The link, where there is one."""
        return self._redial.session

    @property
    def last_error(self) -> Refusal | None:
        """Why there is no link."""
        return self._redial.last_error

    def hurry(self) -> None:
        """Dial now rather than after the pause."""
        self._redial.hurry()

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        await self._redial.run()

    def _changed(self, session: LinkSession | None) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None
        self._controller.match = None
        self.ready.clear()
        if session is not None:
            session.on_request(wire.RULES, self._take_rules)
            session.on_request(wire.ORDER, self._take_order)
            session.on_request(wire.ORDERS, self._take_orders)
            self._work = asyncio.get_running_loop().create_task(self._serve(session), name="uplink")

    async def _serve(self, session: LinkSession) -> None:
        try:
            await self._greet(session)
            await self._upload(session)
        except Refusal as refusal:
            if session.up:
                log.warning("the server refuses: %s", refusal)
                session.close()

    async def _greet(self, session: LinkSession) -> None:
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
        )
        try:
            welcome = _welcome(await session.request(wire.HELLO, wire.encode(hello)))
        except (msgspec.DecodeError, ValueError) as error:
            raise Invalid(f"the server's welcome cannot be read: {error}") from None
        self._set_time(welcome)
        if self.commissioning:
            await self._tell_code(session)

        async def match(question: wire.MatchRequest) -> Decision:
            try:
                return _decision(await session.call(wire.MATCH, wire.encode(question), timeout=self._match_timeout))
            except (msgspec.DecodeError, ValueError) as error:
                raise Invalid(f"the server's decision cannot be read: {error}") from None

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

    def _set_time(self, welcome: wire.Welcome) -> None:
        step = welcome.time - self._clock.now()
        if abs(step) > welcome.drift:
            self._clock.offset += step
            record = wire.Record(self._clock.now(), "controller.time", data={"seconds": round(step / SECOND, 3)})
            self._controller.journal.add(record)

    async def _upload(self, session: LinkSession) -> None:
        """Send what the server has not got, then each record as it becomes durable; live and late records go the same way."""
        journal = self._controller.journal
        stream = session.open_stream(wire.LOG, wire.encode(wire.LogStart(journal.epoch)), window=0)
        await stream.opened()
        sent = stream.resume
        if sent > journal.last:
            log.warning("the server holds record %d, this log ends at %d: it came from a backup", sent, journal.last)
            journal.skip_to(sent)
        while True:
            rows = await journal.read(sent, UPLOAD)
            if not rows:
                self._note(stream)
                await journal.wait_beyond(sent)
                continue
            for index, body in rows:
                await stream.send(index, body)
                sent = index
            self._note(stream)

    def _note(self, stream: LinkStream) -> None:
        self._controller.journal.confirm(stream.acked)

    def _report(self, report: wire.DoorReport) -> None:
        session = self._redial.session
        if session is not None and self.ready.is_set():
            session.notify(wire.DOORS, wire.encode((report,)))

    async def _take_rules(self, request: Request) -> bytes:
        part: wire.RulesPart = _read(_part, request)
        if part.size > MAX_PACKED or part.offset + len(part.data) > part.size:
            raise Invalid(f"rules of {part.size} bytes are above the limit, or a part reaches beyond them", where="rules")
        if self._partial[0] != part.digest:
            self._partial = (part.digest, bytearray())
        held = self._partial[1]
        if part.offset == len(held):
            held += part.data
        if len(held) < part.size:
            return wire.encode(wire.RulesHeld(len(held)))
        self._partial = ("", bytearray())
        await self._controller.take_rules(part.digest, bytes(held))
        return wire.encode(wire.RulesHeld(part.size, active=True))

    async def _take_order(self, request: Request) -> bytes:
        return wire.encode(wire.OrderDone(self._controller.order(_read(_order, request))))

    async def _take_orders(self, request: Request) -> bytes:
        return wire.encode(self._controller.order_many(_read(_orders, request)))


def _read(decode: Callable[[bytes], Any], request: Request) -> Any:
    try:
        return decode(request.body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"the body cannot be read: {error}", where=request.kind, remedy="Update the server.") from None
