"""One controller on its link: hello, log, doors, rules, orders."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sitewarden.domain.access.decision import Decision
from sitewarden.domain.access.door_commands import DoorCommandName
from sitewarden.domain.access.snapshot import Packed
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Unreachable
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

BATCH = 128
"""Records taken at once: making events of more would hold the loop, and so a door that asks, for longer. The log groups them."""
TURNS = 48
"""Batches of all controllers that are made into events and stored at once, a group of the log; the others wait as bytes."""
WINDOW = 128 * 1024
"""Bytes of records that a controller may have on their way: a thousand of them at once are to fit in memory."""
RULES_TIMEOUT = 30.0
"""Seconds that a controller has to take a part of the rules."""
RULES_RETRY = 5.0
RELAYED = 45.0
"""Seconds for which what a laptop relayed of a controller's state is shown; it relays more often."""
GRACE = 20.0
"""Seconds that a controller has to dial in after the listener began; until then it is pending, and nobody is warned."""

_hello = msgspec.msgpack.Decoder(wire.Hello).decode
_commissioning = msgspec.msgpack.Decoder(wire.Commissioning).decode
_match = msgspec.msgpack.Decoder(wire.MatchRequest).decode
_start = msgspec.msgpack.Decoder(wire.LogStart).decode
_reports = msgspec.msgpack.Decoder(tuple[wire.DoorReport, ...]).decode
_held = msgspec.msgpack.Decoder(wire.RulesHeld).decode
_done = msgspec.msgpack.Decoder(wire.OrderDone).decode
_clock = msgspec.msgpack.Decoder(wire.Clock).decode
_certificate = msgspec.msgpack.Decoder(wire.CertificateRequest).decode
_scanned = msgspec.msgpack.Decoder(wire.Scanned).decode
_many_done = msgspec.msgpack.Decoder(wire.ManyDone).decode


class Device:
    """A configured controller, connected or not.

    `dialled`: the server dials it (direct mode), it does not dial in. `turns`: shared by those whose records come at once.
    """

    def __init__(self, spec: DeviceSpec, ctx: Context, *, dialled: bool = False, turns: asyncio.Semaphore | None = None) -> None:
        self.spec = spec
        self._turns = turns or asyncio.Semaphore(1)
        self.session: LinkSession | None = None
        self._ctx = ctx
        self._reports: dict[str, wire.DoorReport] = {}
        self._digest = ""
        self._dialled = dialled
        self._commissioned = False
        self._hold: wire.Hold | None = None
        self._relayed: tuple[str, asyncio.TimerHandle] | None = None
        self._why = "it was not reached yet" if dialled else "it has not dialled in"
        self._refused = ""
        self._telling: set[asyncio.Task[None]] = set()
        self._outdated = asyncio.Event()
        self._pusher: asyncio.Task[None] | None = None
        self._grace: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(GRACE, self._overdue)
        self.tell()

    @property
    def doors(self) -> set[str]:
        """Ids of its doors."""
        return {split_ref(reference)[1] for reference in self.spec.entities if reference.startswith("door:")}

    def attach(self, session: LinkSession, *, commissioned: bool = False) -> None:
        """Take its new link; an older one is closed.

        `commissioned`: what proved the two to each other is the commissioning code, since the controller is not of the site yet.
        """
        self.settle()
        self._forget_relay()
        before, self.session = self.session, session
        self._commissioned, self._refused = commissioned, ""
        if before is not None:
            before.close(Unreachable("The controller dialled again.", where=self.spec.reference))
        session.on_request(wire.HELLO, self._greet)
        session.on_request(wire.MATCH, self._decide)
        session.on_request(wire.COMMISSIONING, self._commission)
        session.on_request(wire.TIME, self._tell_time)
        session.on_request(wire.CERTIFICATE, self._certify)
        session.on_notify(wire.DOORS, self._take_reports)
        session.on_stream(wire.LOG, self._take_log)
        session.closed.add_done_callback(lambda closed: self._gone(session, closed))

    def detach(self, reason: Refusal | None = None) -> None:
        """Close its link: it is no longer configured, or was paired anew, or its pairing was revoked."""
        self.settle()
        self._forget_relay()
        if self.session is not None:
            self.session.close(reason)

    def respecify(self, spec: DeviceSpec) -> None:
        """Take a changed configuration. A link ends whose key is not the paired one any more, or whose pairing was revoked."""
        self.spec = spec
        session = self.session
        if session is not None and not self._commissioned:
            try:
                self._demand_key(key_fingerprint(session.certificate or b""))
            except Forbidden as refusal:
                self.detach(refusal)
        self.tell()

    def demand(self, key: str) -> None:
        """Refuse a key that is not the paired one, though the site's CA signed it; say so once in the log."""
        try:
            self._demand_key(key)
        except Forbidden as refusal:
            if self._refused != refusal.what:
                self._refused = refusal.what
                self._tell_refused(refusal.what)
            raise

    def _demand_key(self, key: str) -> None:
        paired = str(self.spec.config.get("fingerprint", ""))
        if paired and key != paired:
            raise Forbidden(
                f"Controller {self.spec.name} was paired again with another key.",
                where=self.spec.reference,
                remedy="If this is the right one, pair it again.",
            )
        if not paired and self.spec.config.get("revoked"):
            raise Forbidden(
                f"The pairing of controller {self.spec.name} was revoked.",
                where=self.spec.reference,
                remedy="If that was a mistake, pair it again.",
            )

    def settle(self) -> None:
        """End the time that it has to dial in, without a word."""
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def tell(self) -> None:
        """Tell how it and its doors are: pending while it still has time to dial in for the first time."""
        now, up, awaited = self._ctx.clock.now(), self.session is not None, self._grace is not None
        state = "online" if up else "pending" if awaited else "offline"
        detail = "" if up else "it has not dialled in yet" if awaited and not self._dialled else self._why
        data: dict[str, Any] = {}
        if self._dialled:
            data = {"mode": "direct", "temporary": True}
            if up and self._hold is not None:
                detail = "direct mode, which is temporary"
                data |= {"held_since": self._hold.since, "held_until": self._hold.until}
        if not up and self._relayed is not None:
            state, detail = "online", f"relayed by {self._relayed[0]}, who holds it in direct mode for a while"
            data = {"mode": "direct", "temporary": True, "relayed_by": self._relayed[0]}
        self._ctx.status(Status(ref=self.spec.reference, state=state, detail=detail, since=now, data=data))
        for door in self.doors:
            report = self._reports.get(door)
            if report is not None and (up or self._relayed is not None):
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
        if command.name == "controller.relay":
            return await self._relay(command)
        session = self._demand()
        if command.name == "controller.scan":
            return await self._scan(session, command)
        if command.name == "controller.command-doors":
            return await self._command_doors(session, command)
        if command.name == "controller.zone":
            return await self._command_zone(session, command)
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

    async def _command_zone(self, session: LinkSession, command: Command) -> Result:
        """What an operator does to a zone that it holds."""
        args = command.args
        asked = wire.ZoneOrder(
            command.id,
            args["zone"],
            args["action"],
            command.issuer[:120],
            command.reason[:500],
            args.get("holder", ""),
            tuple(args.get("credentials", ())),
        )
        await session.request(wire.ZONE, wire.encode(asked), command.timeout, priority=URGENT)
        return Result(ok=True)

    # -- what the controller says -------------------------------------------------------------------------------------

    async def _greet(self, request: Request) -> bytes:
        hello = _read(_hello, request)
        self._digest, self._hold = hello.digest, hello.hold
        for report in hello.doors:
            self._take_report(report)
        if not self._commissioned and (self._pusher is None or self._pusher.done()):
            session = self._demand()
            self._pusher = asyncio.get_running_loop().create_task(self._push(session), name=f"rules of {self.spec.id}")
        self._outdated.set()
        self.tell()
        await self._returned()
        return wire.encode(wire.Welcome(self._ctx.clock.now()))

    async def _returned(self) -> None:
        """Have it told what it missed: once it is back, and once it has rules that name its doors."""
        if self._ctx.inquire is not None and not self._commissioned:
            await self._ctx.inquire("access.returned", self.spec.id)

    async def _commission(self, request: Request) -> bytes:
        if self._ctx.inquire is None:
            raise Unreachable("Nobody keeps commissioning codes here.", where=self.spec.reference)
        told: wire.Commissioning = _read(_commissioning, request)
        await self._ctx.inquire(wire.COMMISSIONING, (self.spec.id, told.code))
        return b""

    async def _tell_time(self, request: Request) -> bytes:
        _read(_clock, request)
        return wire.encode(wire.Welcome(self._ctx.clock.now()))

    async def _certify(self, request: Request) -> bytes:
        """Have a certificate made: a new one for the key that the link proves, or the first after the commissioning code."""
        if self._ctx.inquire is None:
            raise Unreachable("Nobody signs certificates here.", where=self.spec.reference)
        asked: wire.CertificateRequest = _read(_certificate, request)
        session = self._demand()
        proven = "" if self._commissioned else key_fingerprint(session.certificate or b"")
        question = (self.spec.id, asked.request, proven, session.peer.address)
        chain, ca = await self._ctx.inquire(wire.CERTIFICATE, question)
        return wire.encode(wire.Certificate(chain, ca))

    async def _scan(self, session: LinkSession, command: Command) -> Result:
        """Have the next card at a reader told."""
        try:
            asked = msgspec.convert({"reader": command.args.get("reader"), "seconds": command.args.get("seconds")}, _ScanFields)
        except msgspec.ValidationError as error:
            raise Invalid(f"The scan cannot be asked for: {error}.", where=command.entity) from None
        body = wire.encode(wire.Scan(asked.reader, asked.seconds))
        told = _scanned(await session.request(wire.SCAN, body, asked.seconds + 5.0))
        return Result(ok=True, value={"card": told.card})

    async def _relay(self, command: Command) -> Result:
        """Take what a laptop relays of a controller that it holds: records are stored once, and confirm nothing."""
        if self.session is not None and self.session.up:
            raise Conflict(
                "The server is connected to this controller itself.",
                where=self.spec.reference,
                remedy="There is nothing to relay.",
            )
        relay = msgspec.convert(command.args, mapping.Relay)
        rows = [(index, body) for index, body in relay.records]
        records = mapping.read_records(rows)
        names, now = await self._names(records), self._ctx.clock.now()
        mapper = mapping.Mapper(self.spec.id, relay.epoch, self.doors, names, relayed_by=command.issuer)
        events = mapper.events(records, now)
        if events:
            await self._ctx.emit(events)
        for report in relay.doors:
            if report.door in self.doors:
                self._reports[report.door] = report
        self._forget_relay()
        timer = asyncio.get_running_loop().call_later(RELAYED, self._relay_over)
        self._relayed = (command.issuer, timer)
        self.settle()
        self.tell()
        return Result(ok=True, value={"stored": len(events), "confirmed": self._confirmed(relay.epoch)})

    def _relay_over(self) -> None:
        self._relayed = None
        self.tell()

    def _forget_relay(self) -> None:
        if self._relayed is not None:
            self._relayed[1].cancel()
            self._relayed = None

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
        stream.accept(index=self._confirmed(start.epoch), window=WINDOW)
        while rows := await stream.batch(BATCH):
            last = rows[-1][0]
            async with self._turns:
                records = mapping.read_records(rows)
                names = await self._names(records)
                mapper = mapping.Mapper(self.spec.id, start.epoch, self.doors, names)
                events = mapper.events(records, self._ctx.clock.now())
                await self._ctx.emit(events, confirm=Confirm(self.spec.id, start.epoch, last))
            stream.ack(last)

    def _confirmed(self, epoch: int) -> int:
        """Return the index up to which its log of this epoch is stored."""
        held = self._ctx.confirmed(self.spec.id) if self._ctx.confirmed is not None else None
        return held[1] if held is not None and held[0] == epoch else 0

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
                await self._returned()
            except Refusal as refusal:
                if not session.up:
                    return
                log.warning("%s did not take the rules: %s", self.spec.reference, refusal)
                await asyncio.sleep(RULES_RETRY)
                self._outdated.set()

    async def _bring_rules(self, session: LinkSession) -> None:
        """Bring the rules of now: the deltas that lead there from those that it has where they are kept, whole otherwise."""
        if self._ctx.inquire is None:
            return
        deltas: tuple[Packed, ...] | None = None
        if self._digest:
            deltas = await self._ctx.inquire("access.rules-deltas", self._digest)
        if deltas is not None:
            try:
                for delta in deltas:
                    await self._transfer(session, delta, self._digest)
                return
            except (Conflict, Invalid) as refusal:
                log.info("%s takes the rules whole: %s", self.spec.reference, refusal)
        packed: Packed | None = await self._ctx.inquire("access.rules", self._digest)
        if packed is not None and packed.digest != self._digest:
            await self._transfer(session, packed, "")

    async def _transfer(self, session: LinkSession, packed: Packed, base: str) -> None:
        """Send the parts; the controller says where the next begins, also after a link that broke amid them."""
        data = packed.data
        offset, size = 0, len(data)
        while True:
            part = wire.RulesPart(packed.version, packed.digest, size, offset, data[offset : offset + wire.PART], base)
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
                remedy=f"{'It is dialled' if self._dialled else 'It dials in'} by itself; check its power and its network.",
            )
        return self.session

    def _overdue(self) -> None:
        self._grace = None
        self.tell()

    def _gone(self, session: LinkSession, closed: asyncio.Future[Refusal | None]) -> None:
        if self.session is not session:
            return
        self.session, self._hold = None, None
        if self._pusher is not None:
            self._pusher.cancel()
        reason = closed.result()
        if self._dialled:
            self._why = reason.what if reason is not None else "the link was closed"
        self.tell()

    def _tell_refused(self, detail: str) -> None:
        task = asyncio.get_running_loop().create_task(self._emit_refused(detail), name=f"refusal of {self.spec.id}")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _emit_refused(self, detail: str) -> None:
        try:
            await self._ctx.emit([mapping.refused(self.spec.id, self.spec.name, detail, self._ctx.clock.now())])
        except Refusal as refusal:
            log.warning("that %s was refused is not in the log: %s", self.spec.reference, refusal)


class _OrderFields(msgspec.Struct, frozen=True):
    id: str
    door: str
    command: DoorCommandName
    issuer: str
    reason: str
    extended: bool


class _ScanFields(msgspec.Struct, frozen=True):
    reader: Annotated[int, msgspec.Meta(ge=0, le=255)]
    seconds: Annotated[float, msgspec.Meta(ge=1.0, le=120.0)]


def key_fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate's public key (SubjectPublicKeyInfo, DER) as hex; empty for no certificate."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError:
        return ""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _read(decode: Callable[[bytes], Any], request: Request) -> Any:
    try:
        return decode(request.body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"the body cannot be read: {error}", where=request.kind, remedy="Update the controller.") from None
