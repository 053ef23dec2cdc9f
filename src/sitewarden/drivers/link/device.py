"""One controller on its link: hello, log, doors, rules, orders."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec

from sitewarden.domain.access.decision import Decision
from sitewarden.domain.access.door_commands import DoorCommandName
from sitewarden.domain.access.snapshot import Packed
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid, NotFound, Refusal, Unreachable
from sitewarden.domain.events import Confirm
from sitewarden.domain.refs import ref, split_ref
from sitewarden.domain.status import Status
from sitewarden.drivers.link import mapping
from sitewarden.kit.context import Context
from sitewarden.kit.driver import DeviceSpec
from sitewarden.link import LinkSession
from sitewarden.link.stream import LinkStream
from sitewarden.wire import controller as wire
from sitewarden.wire.link import BULK, URGENT, Request

log = logging.getLogger(__name__)

BATCH = 512
"""Records stored in one transaction."""
RULES_TIMEOUT = 30.0
"""Seconds that a controller has to take a part of the rules."""
RULES_RETRY = 5.0
GRACE = 20.0
"""Seconds that a controller has to dial in after the listener began; until then it is pending, and nobody is warned."""

_hello = msgspec.msgpack.Decoder(wire.Hello).decode
_commissioning = msgspec.msgpack.Decoder(wire.Commissioning).decode
_match = msgspec.msgpack.Decoder(wire.MatchRequest).decode
_start = msgspec.msgpack.Decoder(wire.LogStart).decode
_reports = msgspec.msgpack.Decoder(tuple[wire.DoorReport, ...]).decode
_held = msgspec.msgpack.Decoder(wire.RulesHeld).decode
_done = msgspec.msgpack.Decoder(wire.OrderDone).decode
_many_done = msgspec.msgpack.Decoder(wire.ManyDone).decode


class Device:
    """A configured controller, connected or not."""

    def __init__(self, spec: DeviceSpec, ctx: Context) -> None:
        self.spec = spec
        self.session: LinkSession | None = None
        self._ctx = ctx
        self._reports: dict[str, wire.DoorReport] = {}
        self._digest = ""
        self._outdated = asyncio.Event()
        self._pusher: asyncio.Task[None] | None = None
        self._grace: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(GRACE, self._overdue)
        self.tell()

    @property
    def doors(self) -> set[str]:
        """Ids of its doors."""
        return {split_ref(reference)[1] for reference in self.spec.entities if reference.startswith("door:")}

    def attach(self, session: LinkSession) -> None:
        """Take its new link; an older one is closed."""
        self.settle()
        before, self.session = self.session, session
        if before is not None:
            before.close(Unreachable("The controller dialled again.", where=self.spec.reference))
        session.on_request(wire.HELLO, self._greet)
        session.on_request(wire.MATCH, self._decide)
        session.on_request(wire.COMMISSIONING, self._commission)
        session.on_notify(wire.DOORS, self._take_reports)
        session.on_stream(wire.LOG, self._take_log)
        session.closed.add_done_callback(lambda closed: self._gone(session, closed))

    def detach(self) -> None:
        """Close its link: it is no longer configured."""
        self.settle()
        if self.session is not None:
            self.session.close()

    def settle(self) -> None:
        """End the time that it has to dial in, without a word."""
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def tell(self) -> None:
        """Tell how it and its doors are: pending while it still has time to dial in for the first time."""
        now, up, awaited = self._ctx.clock.now(), self.session is not None, self._grace is not None
        state = "online" if up else "pending" if awaited else "offline"
        detail = "" if up else "it has not dialled in yet" if awaited else "it has not dialled in"
        self._ctx.status(Status(ref=self.spec.reference, state=state, detail=detail, since=now))
        for door in self.doors:
            report = self._reports.get(door)
            if up and report is not None:
                self._ctx.status(mapping.door_status(report, now))
            else:
                self._ctx.status(mapping.lost_door(door, self.spec.name, report, now, awaited=awaited))

    def outdated(self) -> None:
        """Bring it the rules of now."""
        self._outdated.set()

    async def execute(self, command: Command) -> Result:
        """Carry out a command; raises Unreachable while it is not connected."""
        if command.name == "controller.sync":
            self.outdated()
            return Result(ok=True, value={"connected": self.session is not None})
        session = self._demand()
        if command.name == "controller.command-doors":
            return await self._command_doors(session, command)
        kind, door = split_ref(command.entity)
        verb = command.name.removeprefix("door.")
        if kind != "door" or command.name == verb:
            raise NotFound(f"a controller does not know {command.name}", where=command.entity, remedy="Send it to a door.")
        try:
            order = msgspec.convert(
                {
                    "id": command.id,
                    "door": door,
                    "command": verb,
                    "issuer": command.issuer[:120],
                    "reason": command.reason[:500],
                    "extended": bool(command.args.get("extended", False)),
                },
                _OrderFields,
            )
        except msgspec.ValidationError:
            raise NotFound(
                f"doors do not know {command.name}", where=command.entity, remedy="See the list of commands."
            ) from None
        body = wire.encode(wire.Order(order.id, order.door, order.command, order.issuer, order.reason, order.extended))
        answer = _done(await session.request(wire.ORDER, body, command.timeout, priority=URGENT))
        self._take_report(answer.report)
        return Result(ok=True, value={"door": mapping.door_status(answer.report, self._ctx.clock.now()).data})

    async def _command_doors(self, session: LinkSession, command: Command) -> Result:
        """One command for several of its doors, in one request; the answer tells of each."""
        asked = wire.ManyOrder(
            command.id, tuple(command.args["doors"]), command.args["command"], command.issuer[:120], command.reason[:500]
        )
        done = _many_done(await session.request(wire.ORDERS, wire.encode(asked), command.timeout, priority=URGENT))
        for report in done.reports:
            self._take_report(report)
        return Result(
            ok=True,
            value={
                "done": {report.door: str(report.mode) for report in done.reports},
                "refused": {one.door: [one.code, one.what, one.remedy] for one in done.refused},
            },
        )

    # -- what the controller says -------------------------------------------------------------------------------------

    async def _greet(self, request: Request) -> bytes:
        hello = _read(_hello, request)
        self._digest = hello.digest
        for report in hello.doors:
            self._take_report(report)
        if self._pusher is None or self._pusher.done():
            session = self._demand()
            self._pusher = asyncio.get_running_loop().create_task(self._push(session), name=f"rules of {self.spec.id}")
        self._outdated.set()
        self.tell()
        return wire.encode(wire.Welcome(self._ctx.clock.now()))

    async def _commission(self, request: Request) -> bytes:
        if self._ctx.inquire is None:
            raise Unreachable("Nobody keeps commissioning codes here.", where=self.spec.reference)
        told: wire.Commissioning = _read(_commissioning, request)
        await self._ctx.inquire(wire.COMMISSIONING, (self.spec.id, told.code))
        return b""

    async def _decide(self, request: Request) -> bytes:
        if self._ctx.inquire is None:
            raise Unreachable("Nobody decides here.", where=self.spec.reference)
        decision: Decision = await self._ctx.inquire(wire.MATCH, (self.spec.id, _read(_match, request)))
        return wire.encode(decision)

    def _take_reports(self, notice: Any) -> None:
        try:
            reports = _reports(notice.body)
        except (msgspec.DecodeError, ValueError):
            log.warning("%s told of its doors what cannot be read", self.spec.reference)
            return
        for report in reports:
            self._take_report(report)

    def _take_report(self, report: wire.DoorReport) -> None:
        if report.door in self.doors:
            self._reports[report.door] = report
            self._ctx.status(mapping.door_status(report, self._ctx.clock.now()))

    async def _take_log(self, stream: LinkStream) -> None:
        """Store its records as they come; what is acknowledged is durable."""
        try:
            start = _start(stream.params)
        except (msgspec.DecodeError, ValueError) as error:
            raise Invalid(f"the parameters of the log cannot be read: {error}", where=self.spec.reference) from None
        confirmed = self._ctx.confirmed(self.spec.id) if self._ctx.confirmed is not None else None
        resume = confirmed[1] if confirmed is not None and confirmed[0] == start.epoch else 0
        stream.accept(index=resume)
        while rows := await stream.batch(BATCH):
            records = mapping.read_records(rows)
            names = await self._names(records)
            now = self._ctx.clock.now()
            events = [
                mapping.event(self.spec.id, start.epoch, index, record, now, self.doors, names) for index, record in records
            ]
            last = rows[-1][0]
            await self._ctx.emit(events, confirm=Confirm(self.spec.id, start.epoch, last))
            stream.ack(last)

    async def _names(self, records: list[mapping.Indexed]) -> dict[str, str]:
        if self._ctx.inquire is None:
            return {}
        names: dict[str, str] = await self._ctx.inquire("access.names", mapping.references(records, self.spec.id))
        return names

    # -- rules --------------------------------------------------------------------------------------------------------

    async def _push(self, session: LinkSession) -> None:
        while session.up:
            await self._outdated.wait()
            self._outdated.clear()
            try:
                await self._bring_rules(session)
            except Refusal as refusal:
                if not session.up:
                    return
                log.warning("%s did not take the rules: %s", self.spec.reference, refusal)
                await asyncio.sleep(RULES_RETRY)
                self._outdated.set()

    async def _bring_rules(self, session: LinkSession) -> None:
        packed: Packed | None = await self._ctx.inquire("access.rules", self._digest) if self._ctx.inquire is not None else None
        if packed is None or packed.digest == self._digest:
            return
        offset, size = 0, len(packed.data)
        while True:
            part = wire.RulesPart(packed.version, packed.digest, size, offset, packed.data[offset : offset + wire.PART])
            answer = _held(await session.request(wire.RULES, wire.encode(part), RULES_TIMEOUT, priority=BULK))
            if answer.active:
                self._digest = packed.digest
                return
            if not 0 <= answer.offset < size:
                raise Invalid(f"it asks for byte {answer.offset} of {size}", where=self.spec.reference)
            offset = answer.offset

    # -- inside -------------------------------------------------------------------------------------------------------

    def _demand(self) -> LinkSession:
        if self.session is None or not self.session.up:
            raise Unreachable(
                f"Controller {self.spec.name} is not connected.",
                where=ref("controller", self.spec.id),
                remedy="It dials in by itself; check its power and its network.",
            )
        return self.session

    def _overdue(self) -> None:
        self._grace = None
        self.tell()

    def _gone(self, session: LinkSession, closed: asyncio.Future[Refusal | None]) -> None:
        if self.session is not session:
            return
        self.session = None
        if self._pusher is not None:
            self._pusher.cancel()
        self.tell()


class _OrderFields(msgspec.Struct, frozen=True):
    id: str
    door: str
    command: DoorCommandName
    issuer: str
    reason: str
    extended: bool


def _read(decode: Callable[[bytes], Any], request: Request) -> Any:
    try:
        return decode(request.body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"the body cannot be read: {error}", where=request.kind, remedy="Update the controller.") from None
