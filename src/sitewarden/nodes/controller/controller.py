"""The controller: cards and inputs come in, decisions are made, locks are driven, and then it is recorded.

It decides by its own copy of the site's rules; where the site says so it asks the server first, within a time limit, and decides
by itself when no answer comes. Nothing here waits for a disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from sitewarden.domain.access.cards import format_card
from sitewarden.domain.access.decision import Decision, DoorContext, Request
from sitewarden.domain.access.door import OPEN_MODES, SHUT_MODES, Contact, Grant, Priority, SetMode, TamperContact
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import DenyReason, DoorMode
from sitewarden.domain.access.snapshot import PointRow, unpack
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal, TimedOut
from sitewarden.nodes.controller.doors import LiveDoor
from sitewarden.nodes.controller.hardware import Hardware
from sitewarden.nodes.controller.journal import Journal
from sitewarden.nodes.controller.settings import ControllerSettings
from sitewarden.wire.controller import DoorReport, MatchRequest, Order, Record

log = logging.getLogger(__name__)

WRONG_PINS: Final = 5
"""Wrong PINs in a row at a reader, whoever keys them in, after which it takes none for a while."""
PIN_PAUSE: Final = 30.0

Match = Callable[[MatchRequest], Awaitable[Decision]]
Change = Callable[[bytes, bytes], bytes]
"""Makes the next packed rules of those that are held and a change; raises a Refusal where they do not fit."""


class Controller:
    """One controller. `match` asks the server; it is set while there is a link, None otherwise."""

    def __init__(self, settings: ControllerSettings, hardware: Hardware, journal: Journal, clock: Clock) -> None:
        self.settings = settings
        self.journal = journal
        self.match: Match | None = None
        self.rules: Rules | None = None
        self.digest = ""
        self.doors: dict[str, LiveDoor] = {}
        self.on_rules: Callable[[int], None] = lambda version: None
        """Called with the version of the rules that it decides by from now on."""
        self.change: Change | None = None
        """Reads changes of rules; without it every new version is taken whole."""
        self.on_report: Callable[[DoorReport], None] = lambda report: None
        self._hardware = hardware
        self._clock = clock
        self._readers: dict[int, PointRow] = {}
        self._server_decides = False
        self._denies_alone = False
        self._scans: dict[int, asyncio.Future[str]] = {}
        self._pending: dict[int, tuple[str, asyncio.TimerHandle]] = {}
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._inputs: dict[int, bool] = {}
        self._wrong_pins: dict[int, int] = {}
        self._pin_closed: dict[int, float] = {}
        self._roles = {lock.contact: (lock.output, "contact") for lock in settings.locks if lock.contact is not None}
        self._roles |= {lock.exit: (lock.output, "exit") for lock in settings.locks if lock.exit is not None}
        self._roles |= {lock.tamper: (lock.output, "tamper") for lock in settings.locks if lock.tamper is not None}

    # -- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Take the rules that are kept, and listen to the hardware. Blocks on the disk once."""
        kept = self.journal.rules()
        if kept is not None:
            try:
                self._install(kept[0], Rules(unpack(kept[1])))
            except Refusal as refusal:
                log.error("the rules that were kept cannot be used: %s", refusal)
        self._hardware.start(self)
        self.journal.add(Record(self._clock.now(), "controller.started", data={"rules": self.rules.version if self.rules else 0}))

    def close(self) -> None:
        """Lock every door that no mode holds open, and let go of the hardware."""
        for _, timer in self._pending.values():
            timer.cancel()
        for task in self._asking.values():
            task.cancel()
        for door in self.doors.values():
            door.close()
        self._hardware.close()

    def demand_base(self, base: str) -> None:
        """Raise Conflict where a change of the rules of digest `base` cannot be taken: the sender then brings them whole."""
        if self.change is None or base != self.digest:
            what = "decides by other rules" if self.change is not None else "takes rules whole"
            raise Conflict(f"This controller {what}.", where="base", remedy="Send the rules whole.")

    async def take_rules(self, digest: str, data: bytes, base: str = "") -> None:
        """Check packed rules, decide by them from now on, and keep them; raises Invalid where they are not whole.

        `base`: `data` is a change of the rules of that digest. Raises Conflict where what it leads to is not `digest`.
        """
        loop = asyncio.get_running_loop()
        if base:
            self.demand_base(base)
            kept = await loop.run_in_executor(None, self.journal.rules)
            if self.change is None or kept is None or kept[0] != base:
                raise Conflict("The rules that the change is of are not kept here.", where="base", remedy="Send the rules whole.")
            data = await loop.run_in_executor(None, _changed, self.change, kept[1], data, digest)
        rules = await loop.run_in_executor(None, _checked, digest, data)
        self._install(digest, rules)
        await self.journal.keep_rules(digest, data)

    def _install(self, digest: str, rules: Rules) -> None:
        snapshot, node = rules.snapshot, self.settings.node
        self.rules, self.digest = rules, digest
        wired = {lock.output for lock in self.settings.locks}
        rows = {row.id: row for row in snapshot.doors if row.controller == node and row.output in wired}
        kept = self.journal.modes() if rows.keys() - self.doors.keys() else {}
        for id_ in self.doors.keys() - rows.keys():
            self.doors.pop(id_).close()
        for id_, row in rows.items():
            door = self.doors.get(id_)
            if door is not None and door.row.output == row.output:
                door.retime(row)
                continue
            slots = dict(door.machine.slots) if door is not None else kept.get(id_, {})
            if door is not None:
                door.close()
            self.doors[id_] = LiveDoor(row, self._hardware, self.journal, self._clock, self._report, slots)
        self._readers = {
            point.reader: point
            for point in snapshot.points
            if snapshot.doors[point.door].id in self.doors and point.reader in self.settings.readers
        }
        mine = next((row for row in snapshot.controllers if row.id == node), None)
        self._server_decides = mine is not None and mine.matching == "server" and self.settings.decide != "local"
        self._denies_alone = mine is not None and mine.away == "deny"
        for number, active in self._inputs.items():
            self.input(number, active)
        for door in self.doors.values():
            self._report(door.report())
        self.on_rules(rules.version)

    # -- hardware -----------------------------------------------------------------------------------------------------

    def card(self, reader: int, bits: int, value: int) -> None:
        """Take a card that was shown."""
        self._forget_pending(reader)
        scan = self._scans.pop(reader, None)
        if scan is not None and not scan.done():
            scan.set_result(format_card(bits, value))
            self._hardware.signal(reader, "granted")
            return
        self._present(reader, format_card(bits, value), None)

    def pin(self, reader: int, digits: str) -> None:
        """Take digits that were keyed in; after WRONG_PINS wrong ones the reader takes none for PIN_PAUSE seconds."""
        waiting = self._forget_pending(reader)
        if self._clock.monotonic() < self._pin_closed.get(reader, 0.0):
            log.warning("reader %d takes no PIN: too many were wrong", reader)
            self._hardware.signal(reader, "denied")
            return
        self._present(reader, waiting or "", digits[:16])

    async def scan(self, reader: int, seconds: float) -> str:
        """Return the next card at a reader, which opens no door; raises NotFound, Conflict, or TimedOut where none comes."""
        where = f"controller:{self.settings.node}"
        if reader not in self.settings.readers:
            raise NotFound(f"This controller has no reader {reader}.", where=where, remedy="See its settings file.")
        if reader in self._scans:
            raise Conflict(f"Reader {reader} waits for a card already.", where=where, remedy="Wait until that has ended.")
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._scans[reader] = waiting
        self._hardware.signal(reader, "busy")
        try:
            async with asyncio.timeout(seconds):
                return await waiting
        except TimeoutError:
            self._hardware.signal(reader, "denied")
            raise TimedOut(f"No card was shown within {seconds:g} s.", where=where, remedy="Ask again.") from None
        finally:
            if self._scans.get(reader) is waiting:
                del self._scans[reader]

    def input(self, number: int, active: bool) -> None:
        """Take the state of an input."""
        self._inputs[number] = active
        output, role = self._roles.get(number, (None, ""))
        door = next((door for door in self.doors.values() if door.row.output == output), None)
        if door is None:
            return
        if role == "contact":
            door.apply(Contact(active))
        elif role == "tamper":
            door.apply(TamperContact(active))
        elif active:
            door.apply(Grant())

    # -- decisions ----------------------------------------------------------------------------------------------------

    def _present(self, reader: int, card: str, pin: str | None) -> None:
        point = self._readers.get(reader)
        if point is None or self.rules is None:
            log.warning("reader %d leads nowhere: no access point of the site names it", reader)
            self._hardware.signal(reader, "denied")
            return
        if reader in self._asking:
            self._hardware.signal(reader, "busy")
            return
        request = Request(access_point=point.id, card=card, pin=pin)
        if self._server_decides and self.match is not None:
            task = asyncio.get_running_loop().create_task(self._ask(self.match, point, request))
            self._asking[reader] = task
            task.add_done_callback(lambda done: self._asked(reader, done))
        else:
            self._settle(point, request, self._alone(point, request, "server not connected"))

    async def _ask(self, match: Match, point: PointRow, request: Request) -> None:
        door = self._door_of(point)
        if door is None:
            return
        try:
            decision = await match(MatchRequest(request, door.machine.mode, self._clock.now()))
        except Refusal as refusal:
            log.warning("the server did not decide: %s", refusal)
            decision = self._alone(point, request, "server did not answer")
        if decision.granted and door.machine.base in SHUT_MODES:
            decision = self._decide(point, request, "controller (the door was shut meanwhile)")
        self._asking.pop(point.reader, None)
        self._settle(point, request, decision)

    def _asked(self, reader: int, done: asyncio.Task[None]) -> None:
        if self._asking.get(reader) is done:
            del self._asking[reader]

    def _alone(self, point: PointRow, request: Request, why: str) -> Decision:
        """Decide without the server; `why` it was not asked in vain, where it is to be asked."""
        if not self._server_decides:
            return self._decide(point, request, "controller")
        decided = self._decide(point, request, f"controller ({why})")
        if not self._denies_alone or not (decided.granted or decided.needs):
            return decided
        text = f"{why}, and this controller is set to deny without it"
        told = msgspec.structs.replace(decided.explanation, rule="server-unreachable", text=text)
        return msgspec.structs.replace(
            decided, granted=False, needs="", duress=False, reason=DenyReason.SERVER_UNREACHABLE, explanation=told
        )

    def _decide(self, point: PointRow, request: Request, by: str) -> Decision:
        assert self.rules is not None
        door = self._door_of(point)
        mode = door.machine.mode if door is not None else DoorMode.LOCKED
        return decide(self.rules, request, DoorContext(mode=mode), self._clock.now(), by)

    def _settle(self, point: PointRow, request: Request, decision: Decision) -> None:
        door = self._door_of(point)
        if door is None:
            return
        if decision.needs == "pin" and request.pin is None:
            timer = asyncio.get_running_loop().call_later(self.settings.pin_time, self._pin_missing, point, request, decision)
            self._pending[point.reader] = (request.card, timer)
            self._hardware.signal(point.reader, "pin")
            return
        record = self._record(door, point, request, decision)
        if decision.granted:
            passage = door.new_passage() if door.machine.base not in OPEN_MODES else None
            if passage is not None:
                door.remember(passage, record)
            door.apply(Grant(decision.extended, passage), record)
            if decision.duress:
                self.journal.add(Record(record.time, "access.duress", door.row.id, point.id, record.credential, record.holder))
        else:
            self.journal.add(record)
        if request.pin is not None:
            self._count_pin(point.reader, wrong=decision.reason is DenyReason.INVALID_PIN)
        self._hardware.signal(point.reader, "granted" if decision.granted else "denied")

    def _count_pin(self, reader: int, *, wrong: bool) -> None:
        count = self._wrong_pins.get(reader, 0) + 1 if wrong else 0
        if count >= WRONG_PINS:
            count = 0
            self._pin_closed[reader] = self._clock.monotonic() + PIN_PAUSE
        self._wrong_pins[reader] = count

    def _record(self, door: LiveDoor, point: PointRow, request: Request, decision: Decision) -> Record:
        why = decision.explanation
        data: dict[str, Any] = {
            "explanation": {
                "rule": why.rule,
                "text": why.text,
                "profile": why.profile,
                "schedule": why.schedule,
                "snapshot": why.snapshot,
                "decided_by": why.decided_by,
            },
            "explanation_text": why.text,
            "format": f"{request.card.partition(':')[0]}-bit" if request.card else "pin",
        }
        if decision.reason is not None:
            data["reason"] = str(decision.reason)
            if not decision.credential and request.card:
                data["card"] = request.card
        type_ = "access.granted" if decision.granted else "access.denied"
        return Record(self._clock.now(), type_, door.row.id, point.id, decision.credential, decision.holder, data)

    def _pin_missing(self, point: PointRow, request: Request, decision: Decision) -> None:
        self._pending.pop(point.reader, None)
        door = self._door_of(point)
        if door is not None:
            self.journal.add(self._record(door, point, request, decision))
        self._hardware.signal(point.reader, "denied")

    def _forget_pending(self, reader: int) -> str | None:
        waiting = self._pending.pop(reader, None)
        if waiting is None:
            return None
        waiting[1].cancel()
        return waiting[0]

    def _door_of(self, point: PointRow) -> LiveDoor | None:
        return self.doors.get(self.rules.snapshot.doors[point.door].id) if self.rules is not None else None

    # -- orders -------------------------------------------------------------------------------------------------------

    def order(self, order: Order) -> DoorReport:
        """Carry out a command of the server at once; raises NotFound, or Conflict where the door's mode forbids it."""
        door = self.doors.get(order.door)
        if door is None:
            raise NotFound(
                f"door {order.door} is not wired here",
                where=f"controller:{self.settings.node}",
                remedy="Compare the door's output with the controller's settings file.",
            )
        said = {"command": order.command, "actor": order.issuer, "id": order.id}
        base = door.machine.base
        if base is DoorMode.LOCKED_DOWN and order.command not in ("release-lockdown", "lockdown"):
            raise Conflict("the door is locked down", where=f"door:{order.door}", remedy="Release the lockdown first.")
        if order.command == "release" and base is DoorMode.BLOCKED:
            raise Conflict("the door is blocked", where=f"door:{order.door}", remedy="Lock it first, which ends the block.")
        record = Record(self._clock.now(), "door.command", order.door, data=said)
        door.apply(Grant() if order.command == "release" else MODES[order.command], record)
        return door.report()

    def reports(self) -> tuple[DoorReport, ...]:
        """Return how all doors are."""
        return tuple(door.report() for door in self.doors.values())

    def _report(self, report: DoorReport) -> None:
        self.on_report(report)


MODES = {
    "lock": SetMode(Priority.OPERATOR, DoorMode.LOCKED),
    "unlock": SetMode(Priority.OPERATOR, DoorMode.UNLOCKED),
    "block": SetMode(Priority.OPERATOR, DoorMode.BLOCKED),
    "normal": SetMode(Priority.OPERATOR, None),
    "lockdown": SetMode(Priority.EMERGENCY, DoorMode.LOCKED_DOWN),
    "lock-open": SetMode(Priority.EMERGENCY, DoorMode.LOCKED_OPEN),
    "release-lockdown": SetMode(Priority.EMERGENCY, None),
}
"""Commands to the mode that they ask for and its priority."""


def _checked(digest: str, data: bytes) -> Rules:
    if hashlib.sha256(data).hexdigest() != digest:
        raise Invalid("the rules do not have the digest that was announced", where="snapshot", remedy="Send them again.")
    return Rules(unpack(data))


def _changed(change: Change, kept: bytes, data: bytes, digest: str) -> bytes:
    made = change(kept, data)
    if hashlib.sha256(made).hexdigest() != digest:
        raise Conflict("The change leads to other rules than were announced.", where="base", remedy="Send the rules whole.")
    return made
