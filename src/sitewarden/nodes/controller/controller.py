"""The controller: cards and inputs come in, decisions are made, locks are driven, and then it is recorded.

It decides by its own copy of the site's rules; where the site says so it asks the server first, within a time limit, and decides
by itself when no answer comes. Nothing here waits for a disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from sitewarden.domain.access.cards import format_card
from sitewarden.domain.access.decision import Decision, DoorContext, Request
from sitewarden.domain.access.door_commands import COMMANDS, level, order
from sitewarden.domain.access.door_signals import OPEN_MODES, SHUT_MODES, Contact, Exit, Grant, LockSensor, TamperContact
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.packing import unpack, unpack_delta
from sitewarden.domain.access.snapshot import PointRow
from sitewarden.domain.access.zone_facts import ACTIONS
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal, TimedOut
from sitewarden.nodes.controller.doors import LiveDoor
from sitewarden.nodes.controller.hardware import Hardware, ReaderNews
from sitewarden.nodes.controller.journal import Journal
from sitewarden.nodes.controller.kept_rules import KeptRules
from sitewarden.nodes.controller.openings import Openings
from sitewarden.nodes.controller.settings import ControllerSettings
from sitewarden.nodes.controller.zones import LiveZones
from sitewarden.wire.controller import DoorReport, ManyDone, ManyOrder, MatchRequest, Order, Record, Refused, ZoneOrder

log = logging.getLogger(__name__)

WRONG_PINS: Final = 5
"""Wrong PINs in a row at a reader, whoever keys them in, after which it takes none for a while."""
PIN_PAUSE: Final = 30.0
REPLAYED: Final = 100_000
"""Records of the log that the zones are made of where nothing else was kept of them."""

Match = Callable[[MatchRequest], Awaitable[Decision]]


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
        self.on_report: Callable[[DoorReport], None] = lambda report: None
        self._taking = asyncio.Lock()
        self._kept = KeptRules(journal)
        self._hardware = hardware
        self._clock = clock
        self.zones = LiveZones(settings.node, Path(settings.data) / "zones" if settings.data else None)
        self._readers: dict[int, PointRow] = {}
        self._server_decides = False
        self._denies_alone = False
        self._scans: dict[int, asyncio.Future[str]] = {}
        self._pending: dict[int, tuple[Request, asyncio.TimerHandle]] = {}
        """By reader: what was shown so far, and until when the rest of it may come."""
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._inputs: dict[int, bool] = {}
        self._fire = False
        self._locks = {lock.output: lock for lock in settings.locks}
        self._openings = Openings(clock, lambda: tuple(self.doors.values()), self.zones)
        self._wrong_pins: dict[int, int] = {}
        self._pin_closed: dict[int, float] = {}
        self._burning: set[str] = set()
        """Fire zones whose input was last active."""
        self._roles = {lock.contact: (lock.output, "contact") for lock in settings.locks if lock.contact is not None}
        self._roles |= {lock.exit: (lock.output, "exit") for lock in settings.locks if lock.exit is not None}
        self._roles |= {lock.tamper: (lock.output, "tamper") for lock in settings.locks if lock.tamper is not None}
        self._roles |= {lock.bond: (lock.output, "bond") for lock in settings.locks if lock.bond is not None}

    # -- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Take the rules that are kept, and listen to the hardware. Blocks on the disk once."""
        held = self.zones.load(self.journal.epoch)
        kept = self._kept.load()
        if kept is not None:
            self._install(*kept)
        self.zones.replay(self.journal.records(max(held, self.journal.last - REPLAYED)))
        self.journal.told = self._told
        self._openings.look()
        self._hardware.start(self)
        self.journal.add(Record(self._clock.now(), "controller.started", data={"rules": self.rules.version if self.rules else 0}))

    def close(self) -> None:
        """Lock every door that no mode holds open, and let go of the hardware."""
        for _, timer in self._pending.values():
            timer.cancel()
        for task in self._asking.values():
            task.cancel()
        self._openings.close()
        for door in self.doors.values():
            door.close()
        self.zones.close()
        self._hardware.close()

    def demand_base(self, base: str) -> None:
        """Raise Conflict where a delta of the rules of digest `base` cannot be taken: the sender then brings them whole."""
        if base != self.digest or base != self._kept.digest:
            raise Conflict("This controller decides by other rules.", where="base", remedy="Send the rules whole.")

    async def take_rules(self, digest: str, data: bytes, base: str = "") -> None:
        """Check packed rules, decide by them from now on, and keep them; raises Invalid where they are not whole.

        `base`: `data` is a delta of the rules of that digest. Raises Conflict where it does not lead from there to `digest`.
        """
        async with self._taking:
            if base:
                await self._take_delta(digest, data, base)
                return
            loop = asyncio.get_running_loop()
            rules = await loop.run_in_executor(None, _checked, digest, data)
            self.decide_by(digest, rules)
            await self._kept.put_whole(digest, data)

    def decide_by(self, digest: str, rules: Rules) -> None:
        """Decide by these rules from now on; they are not kept over a restart."""
        self._kept.digest = ""
        self._install(digest, rules)

    async def _take_delta(self, digest: str, data: bytes, base: str) -> None:
        loop = asyncio.get_running_loop()
        delta = await loop.run_in_executor(None, unpack_delta, data)
        self.demand_base(base)
        rules = self.rules
        if rules is None or delta.before != base or delta.after != digest:
            raise Conflict("The delta leads to other rules than were announced.", where="base", remedy="Send the rules whole.")
        # The first look at a digest takes long; nothing changes the rules meanwhile.
        await loop.run_in_executor(None, lambda: rules.digest)
        rules.apply(delta)
        self.decide_by(digest, rules)
        await self._kept.put_delta(digest, data)

    def _install(self, digest: str, rules: Rules) -> None:
        tables, node = rules.tables, self.settings.node
        self.rules, self.digest = rules, digest
        self.zones.install(rules)
        rows = {row.id: row for row in tables.doors if row.controller == node and row.output in self._locks}
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
            self.doors[id_] = LiveDoor(
                row, self._locks[row.output], self._hardware, self.journal, self._clock, self._report, slots
            )
        self._readers = {
            point.reader: point
            for point in tables.points
            if tables.doors[point.door].id in self.doors and point.reader in self.settings.reader_numbers
        }
        mine = next((row for row in tables.controllers if row.id == node), None)
        self._server_decides = mine is not None and mine.matching == "server" and self.settings.decide != "local"
        self._denies_alone = mine is not None and mine.away == "deny"
        for number, active in self._inputs.items():
            self._fire_zones(number)
            self._line(number, active)
        if self._fire:
            self._release_for_fire()
        self._openings.take(rules)
        for door in self.doors.values():
            self._report(door.report())
        self.on_rules(rules.version)

    def _told(self, index: int, record: Record) -> None:
        first = self.zones.state.first
        self.zones.told(index, record)
        if self.zones.state.first != first:
            # Not here: the record may come from the door that is about to be told.
            asyncio.get_running_loop().call_soon(self._openings.look)

    # -- hardware -----------------------------------------------------------------------------------------------------

    def card(self, reader: int, bits: int, value: int) -> None:
        """Take a card that was shown; it is the second holder's where one is awaited."""
        waiting = self._forget_pending(reader)
        card = format_card(bits, value)
        scan = self._scans.pop(reader, None)
        if scan is not None and not scan.done():
            scan.set_result(card)
            self._hardware.signal(reader, "granted")
            return
        if waiting is not None and waiting.first and not waiting.card:
            self._present(reader, msgspec.structs.replace(waiting, card=card))
        elif (point := self._readers.get(reader)) is not None:
            self._present(reader, Request(access_point=point.id, card=card))
        else:
            self._present(reader, Request(access_point="", card=card))

    def pin(self, reader: int, digits: str) -> None:
        """Take digits that were keyed in; after WRONG_PINS wrong ones the reader takes none for PIN_PAUSE seconds."""
        waiting = self._forget_pending(reader)
        if self._clock.monotonic() < self._pin_closed.get(reader, 0.0):
            log.warning("reader %d takes no PIN: too many were wrong", reader)
            self._hardware.signal(reader, "denied")
            return
        point = self._readers.get(reader)
        request = waiting or Request(access_point=point.id if point is not None else "")
        self._present(reader, msgspec.structs.replace(request, pin=digits[:16]))

    async def scan(self, reader: int, seconds: float) -> str:
        """Return the next card at a reader, which opens no door; raises NotFound, Conflict, or TimedOut where none comes."""
        where = f"controller:{self.settings.node}"
        if reader not in self.settings.reader_numbers:
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
        self._fire_zones(number)
        if number == self.settings.fire:
            self._fire_alarm(active)
        self._line(number, active)

    def _line(self, number: int, active: bool) -> None:
        output, role = self._roles.get(number, (None, ""))
        door = next((door for door in self.doors.values() if door.row.output == output), None)
        if door is None:
            return
        if role == "contact":
            door.apply(Contact(active))
        elif role == "tamper":
            door.apply(TamperContact(active))
        elif role == "bond":
            door.apply(LockSensor(active))
        elif active:
            door.apply(Exit())

    def _fire_alarm(self, active: bool) -> None:
        """Release every door while the panel says fire, and until an operator ends it: nobody is locked in by a panel's reset."""
        if active is self._fire:
            return
        self._fire = active
        self.journal.add(Record(self._clock.now(), "controller.fire", data={"state": "active" if active else "at rest"}))
        if active:
            self._release_for_fire()

    def _release_for_fire(self) -> None:
        for door in self.doors.values():
            door.apply(COMMANDS["fire-release"])

    def reader(self, reader: int, news: ReaderNews, detail: str) -> None:
        """Record what happened to a reader, at its door where it has one."""
        type_, state = READER_RECORDS[news]
        point = self._readers.get(reader)
        door = self._door_of(point) if point is not None else None
        data = {"reader": reader, "detail": detail, "state": state}
        place = (door.row.id, point.id) if door is not None and point is not None else ("", "")
        self.journal.add(Record(self._clock.now(), type_, *place, data=data))

    def _fire_zones(self, number: int) -> None:
        """Release the doors of a fire zone while an input of it tells of fire, and until an operator ends it."""
        for row, doors in self.zones.fires(number):
            active = any(self._inputs.get(line) for controller, line in row.inputs if controller == self.settings.node)
            if (row.id in self._burning) is active:
                continue
            (self._burning.add if active else self._burning.discard)(row.id)
            type_ = "zone.fire" if active else "zone.fire-over"
            record: Record | None = Record(self._clock.now(), type_, data={"zone": row.id, "input": number})
            for id_ in doors if active else ():
                door = self.doors.get(id_)
                if door is not None:
                    door.apply(COMMANDS["fire-release"], record)
                    record = None
            if record is not None:
                self.journal.add(record)

    # -- decisions ----------------------------------------------------------------------------------------------------

    def _present(self, reader: int, request: Request) -> None:
        point = self._readers.get(reader)
        if point is None or self.rules is None:
            log.warning("reader %d leads nowhere: no access point of the site names it", reader)
            self._hardware.signal(reader, "denied")
            return
        if reader in self._asking:
            self._hardware.signal(reader, "busy")
            return
        asks = self._server_decides or self.zones.beyond(point.id)
        if asks and self.match is not None:
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
            context = self._context(door)
            decision = await match(MatchRequest(request, context.mode, self._clock.now(), context.priority))
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
        if not (self._server_decides or self.zones.beyond(point.id)):
            return self._decide(point, request, "controller")
        decided = self._decide(point, request, f"controller ({why})")
        if not (self._server_decides and self._denies_alone) or not (decided.granted or decided.needs):
            return decided
        text = f"{why}, and this controller is set to deny without it"
        told = msgspec.structs.replace(decided.explanation, rule="server-unreachable", text=text)
        return msgspec.structs.replace(
            decided, granted=False, needs="", duress=False, reason=DenyReason.SERVER_UNREACHABLE, explanation=told
        )

    def _decide(self, point: PointRow, request: Request, by: str) -> Decision:
        assert self.rules is not None
        door = self._door_of(point)
        return self.zones.decide(self.rules, request, self._context(door), self._clock.now(), by)

    @staticmethod
    def _context(door: LiveDoor | None) -> DoorContext:
        if door is None:
            return DoorContext()
        return DoorContext(mode=door.machine.mode, priority=level(door.machine))

    def _settle(self, point: PointRow, request: Request, decision: Decision) -> None:
        door = self._door_of(point)
        if door is None:
            return
        if (decision.needs == "pin" and request.pin is None) or decision.needs == "second":
            self._await(point, request, decision)
            return
        record = self._record(door, point, request, decision)
        if decision.granted:
            seen = door.monitored and door.machine.base not in OPEN_MODES
            passage = door.new_passage() if seen else None
            if passage is None:
                record.data["unwatched"] = True
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

    def _await(self, point: PointRow, request: Request, decision: Decision) -> None:
        """Wait for the rest: the PIN of what was shown, or the second of two holders."""
        assert self.rules is not None
        seconds = self.settings.pin_time
        if decision.needs == "second":
            now = self._clock.now()
            request = Request(access_point=request.access_point, first=decision.credential, first_at=now)
            profile = self.rules.tables.points[self.rules.points[point.id][0]].profile
            if profile >= 0:
                seconds = self.rules.tables.authentications[profile].dual_window / SECOND
        timer = asyncio.get_running_loop().call_later(seconds, self._rest_missing, point, request, decision)
        self._pending[point.reader] = (request, timer)
        self._hardware.signal(point.reader, "pin")

    def _count_pin(self, reader: int, *, wrong: bool) -> None:
        count = self._wrong_pins.get(reader, 0) + 1 if wrong else 0
        if count >= WRONG_PINS:
            count = 0
            self._pin_closed[reader] = self._clock.monotonic() + PIN_PAUSE
        self._wrong_pins[reader] = count

    def _record(self, door: LiveDoor, point: PointRow, request: Request, decision: Decision) -> Record:
        why = decision.explanation
        data: dict[str, Any] = {
            "explanation": {"profile": "", "schedule": "", "snapshot": 0, "decided_by": "", **msgspec.to_builtins(why)},
            "explanation_text": why.text,
            "format": f"{request.card.partition(':')[0]}-bit" if request.card else "pin",
        }
        if decision.reason is not None:
            data["reason"] = str(decision.reason)
            if not decision.credential and request.card:
                data["card"] = request.card
        if decision.first_holder:
            data |= {"first_holder": decision.first_holder, "first_credential": decision.first_credential}
        if decision.warnings:
            data["warnings"] = [str(reason) for reason in decision.warnings]
        type_ = "access.granted" if decision.granted else "access.denied"
        return Record(self._clock.now(), type_, door.row.id, point.id, decision.credential, decision.holder, data)

    def _rest_missing(self, point: PointRow, request: Request, decision: Decision) -> None:
        self._pending.pop(point.reader, None)
        door = self._door_of(point)
        if door is not None:
            self.journal.add(self._record(door, point, request, decision))
        self._hardware.signal(point.reader, "denied")

    def _forget_pending(self, reader: int) -> Request | None:
        waiting = self._pending.pop(reader, None)
        if waiting is None:
            return None
        waiting[1].cancel()
        return waiting[0]

    def _door_of(self, point: PointRow) -> LiveDoor | None:
        return self.doors.get(self.rules.tables.doors[point.door].id) if self.rules is not None else None

    # -- orders -------------------------------------------------------------------------------------------------------

    def order(self, asked: Order) -> DoorReport:
        """Carry out a command of the server at once; raises NotFound, or Conflict where the door's mode forbids it."""
        door = self.doors.get(asked.door)
        if door is None:
            raise NotFound(
                f"door {asked.door} is not wired here",
                where=f"controller:{self.settings.node}",
                remedy="Compare the door's output with the controller's settings file.",
            )
        where = f"door:{asked.door}"
        if asked.command == "end-fire-release" and (self._fire or self.zones.burns(asked.door, self._burning)):
            raise Conflict("the fire alarm panel still says fire", where=where, remedy="Reset the panel first.")
        happened = order(asked.command, door.machine, extended=asked.extended, where=where)
        said = {"command": asked.command, "actor": asked.issuer, "id": asked.id, "reason": asked.reason}
        door.apply(happened, Record(self._clock.now(), "door.command", asked.door, data=said))
        return door.report()

    def order_many(self, asked: ManyOrder) -> ManyDone:
        """Carry out one command at several doors at once, each by itself: what one refuses holds up none."""
        reports, refused = [], []
        for door in asked.doors:
            try:
                reports.append(self.order(Order(asked.id, door, asked.command, asked.issuer, asked.reason)))
            except Refusal as refusal:
                refused.append(Refused(door, refusal.code, refusal.what[:120], refusal.remedy[:120]))
        return ManyDone(tuple(reports), tuple(refused))

    def zone(self, asked: ZoneOrder) -> None:
        """Do what an operator asks of a zone, and record it; raises NotFound where the zone is not held here."""
        if asked.zone not in (self.zones.state.held or ()):
            raise NotFound(
                f"{asked.zone} is not held here", where=f"controller:{self.settings.node}", remedy="Let it take the rules anew."
            )
        data: dict[str, Any] = {"zone": asked.zone, "actor": asked.issuer, "id": asked.id, "reason": asked.reason}
        if asked.action in ("forgive", "reset"):
            data["credentials"] = list(asked.credentials)
        self.journal.add(Record(self._clock.now(), ACTIONS[asked.action], holder=asked.holder, data=data))

    def reports(self) -> tuple[DoorReport, ...]:
        """Return how all doors are."""
        return tuple(door.report() for door in self.doors.values())

    def _report(self, report: DoorReport) -> None:
        self.zones.door(report.door, report.locked and not report.open, self._clock.now())
        self.on_report(report)


READER_RECORDS: Final[dict[ReaderNews, tuple[str, str]]] = {
    "online": ("controller.reader-online", "online"),
    "offline": ("controller.reader-offline", "offline"),
    "key": ("controller.reader-key", "installed"),
    "tamper": ("controller.reader-tamper", "active"),
    "tamper-cleared": ("controller.reader-tamper", "at rest"),
    "power-failed": ("controller.reader-power", "failed"),
    "power-restored": ("controller.reader-power", "restored"),
}
"""What happens to a reader, to the type of the record and the state that it tells."""


def _checked(digest: str, data: bytes) -> Rules:
    rules = Rules(unpack(data))
    if rules.digest != digest:
        raise Invalid("the rules do not have the digest that was announced", where="snapshot", remedy="Send them again.")
    return rules
