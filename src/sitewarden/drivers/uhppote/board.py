"""One board: found, set up, its log read without a gap, its cards kept as the site's rules say, its doors commanded. Does I/O."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any, Final
from zoneinfo import ZoneInfo

from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.access.snapshot import Snapshot
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import SECOND
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, NotFound, Refusal, Unreachable
from sitewarden.domain.events import Confirm, Event
from sitewarden.domain.refs import ref, split_ref
from sitewarden.domain.status import Status
from sitewarden.drivers.uhppote import mapping
from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote.config import DeviceConfig
from sitewarden.drivers.uhppote.link import NUMBER, BoardLink, find
from sitewarden.drivers.uhppote.mapping import BACK, MODES, Origin
from sitewarden.drivers.uhppote.table import DoorPlan, Table, card_of, doors_of, table_of
from sitewarden.drivers.uhppote.upkeep import Upkeep
from sitewarden.drivers.uhppote.wishes import KNOWN, Wishes, mode_of
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import DeviceSpec
from sitewarden.kit.errors import DriverError, PeerViolation, Unavailable

log = logging.getLogger(__name__)

SEARCH: Final = 2.0
"""Seconds of a search for a board whose address is not set."""
BATCH: Final = 64
"""Events stored in one transaction."""
EPOCHS: Final = 1000
"""Logs of one board that are told apart; the number of a log is the serial number, and three digits."""
GRACE: Final = 20.0
"""Seconds that a board has to answer after the start; until then it is pending, and nobody is warned."""
RELEASES: Final = 32
"""Releases whose event is still to come; the oldest goes."""
RECHECK: Final = 86_400.0
"""Seconds after which all that the board holds is read again: another program may have changed it."""


class Board:
    """A configured board, connected or not."""

    def __init__(self, spec: DeviceSpec, ctx: Context, bind: str, port: int) -> None:
        self.spec = spec
        self._ctx, self._bind, self._port = ctx, bind, port
        self._config = load(DeviceConfig, spec.config, spec.reference)
        self.serial = self._config.serial
        self._link: BoardLink | None = None
        self._who: m.Controller | None = None
        self._told: m.Status | None = None
        self._snapshot: Snapshot | None = None
        self._table: Table | None = None
        self._names: dict[str, str] = {}
        self._wishes = Wishes()
        self._alarms: dict[str, str] = {}
        self._statuses: dict[str, Status] = {}
        self._epoch = self._index = 0
        self._wake, self._outdated = asyncio.Event(), asyncio.Event()
        self._releases: deque[tuple[int, Command]] = deque(maxlen=RELEASES)
        self._started, self._orders = ctx.clock.now(), 0
        self._begun = ctx.clock.monotonic()
        self._upkeep: Upkeep | None = None

    # -- life ---------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look after the board until cancelled."""
        backoff = Backoff()
        self._lost("it has not answered yet")
        while True:
            began = self._ctx.clock.monotonic()
            try:
                await self._session()
            except (DriverError, Refusal) as error:
                self._lost(str(error))
            if self._ctx.clock.monotonic() - began > GRACE:
                backoff.reset()
            await asyncio.sleep(backoff.next())

    def wake(self) -> None:
        """Something happened at the board: read its log."""
        self._wake.set()

    def outdated(self) -> None:
        """Bring it the rules of now."""
        self._outdated.set()

    async def _session(self) -> None:
        self._upkeep = None
        link = await self._reach()
        try:
            self._who = await link.ask(m.GetController(serial=self.serial), m.Controller)
            await self._refresh_rules()
            await self._set_up(link)
            self._link = link
            await self._look(link)
            loop = asyncio.get_running_loop()
            both = [
                loop.create_task(self._follow(link), name=f"log of board {self.spec.id}"),
                loop.create_task(self._keep(link), name=f"cards of board {self.spec.id}"),
            ]
            try:
                ended, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in both:
                    task.cancel()
                await asyncio.gather(*both, return_exceptions=True)
            ended.pop().result()
        finally:
            self._link = None
            link.close()

    async def _reach(self) -> BoardLink:
        host, number = host_and_port(self._config.address)
        if not host:
            found = await find(self._ctx.net, self._bind, SEARCH, serial=self.serial)
            if self.serial not in found:
                raise Unavailable(
                    f"no board with the serial number {self.serial} answers on the local networks;"
                    " behind a router it needs its address here"
                )
            host = found[self.serial][1]
        return BoardLink(self._ctx.net, self.serial, host, number, patience=self._config.timeout)

    async def _set_up(self, link: BoardLink) -> None:
        """Let the board decide by itself, tell of everything, send events here, and control its doors as the site says."""
        await self._orderly(link, m.SetPcControl(serial=self.serial, on=False), "decide by itself")
        await self._orderly(link, m.SetSpecialEvents(serial=self.serial, on=True), "tell of doors and buttons")
        interlock = mapping.INTERLOCKS[self._config.interlock]
        await self._orderly(link, m.SetInterlock(serial=self.serial, mode=interlock), "take its interlock")
        await self._set_antipassback(link)
        listener = m.SetListener(serial=self.serial, address=link.local, port=self._port)
        await self._orderly(link, listener, "send its events here")
        for plan in self._table.doors if self._table is not None else ():
            door = await link.ask(m.GetDoor(serial=self.serial, door=plan.number), m.Door)
            mode = self._wishes.adopt(plan.row.id, BACK.get(door.mode, DoorMode.LOCKED))
            if (door.mode, door.delay) != (MODES[mode], plan.delay):
                await self._control(link, plan, mode)

    async def _set_antipassback(self, link: BoardLink) -> None:
        wanted = mapping.ANTIPASSBACKS[self._config.antipassback]
        try:
            held = await link.ask(m.GetAntipassback(serial=self.serial), m.Antipassback)
        except Unavailable:
            if wanted:
                raise Unavailable("the board's firmware knows no anti-passback; set it to none, or use another board") from None
            return
        if held.mode != wanted:
            await self._orderly(link, m.SetAntipassback(serial=self.serial, mode=wanted), "take its anti-passback")

    async def _orderly(self, link: BoardLink, order: m.Message, what: str) -> None:
        if not await link.tell(order):
            raise PeerViolation(f"board {self.serial} refuses to {what}")

    async def _control(self, link: BoardLink, plan: DoorPlan, mode: DoorMode) -> None:
        order = m.SetDoor(serial=self.serial, door=plan.number, mode=MODES[mode], delay=plan.delay)
        done = await link.ask(order, m.Door)
        if (done.door, done.mode, done.delay) != (order.door, order.mode, order.delay):
            raise PeerViolation(f"board {self.serial} did not take the mode of door {plan.number}")

    # -- the log ------------------------------------------------------------------------------------------------------

    async def _follow(self, link: BoardLink) -> None:
        """Read its log whenever it tells of an event, and look at it now and then: a datagram may be lost."""
        await self._resume()
        while True:
            self._wake.clear()
            await self._read_log(link)
            try:
                async with asyncio.timeout(self._config.poll):
                    await self._wake.wait()
            except TimeoutError:
                pass
            await self._look(link)

    async def _look(self, link: BoardLink) -> None:
        told = await link.ask(m.GetStatus(serial=self.serial), m.Status)
        self._told = told
        await self._set_clock(link, told)
        self.tell()

    async def _set_clock(self, link: BoardLink, told: m.Status) -> None:
        zone, now = self._zone, self._ctx.clock.now()
        shows = mapping.moment(told.now, zone, 0)
        off = (now - shows) / SECOND
        # Beyond an hour's edge the wall clock may be ambiguous; what counts is what it shows.
        if told.now is not None and abs((mapping.wall(now, zone) - told.now).total_seconds()) <= self._config.drift:
            return
        await link.ask(m.SetTime(serial=self.serial, time=mapping.wall(now, zone)), m.Time)
        data = {"seconds": round(off, 1) if told.now is not None else 0.0, "name": self.spec.name}
        await self._emit_own("controller.time", ref("controller", self.spec.id), data)

    async def _resume(self) -> None:
        """Find where the log goes on: at the index that is stored, or at its end for a board that is new here."""
        assert self._told is not None
        confirmed = self._ctx.confirmed(self.spec.id) if self._ctx.confirmed is not None else None
        newest, first = self._told.index, self.serial * EPOCHS
        if confirmed is not None and confirmed[0] // EPOCHS == self.serial:
            self._epoch, self._index = confirmed
            if newest < self._index:
                # It counts from the beginning again: it was reset to its defaults.
                self._epoch, self._index = self._epoch + 1, 0
            return
        self._epoch, self._index = first, newest
        if newest:
            said = f"its log is read from here on; {newest} older events stay on the board"
            origin = self._origin
            data = {"name": origin.name, "detail": said, "index": newest}
            await self._store([self._event("controller.event", f"{self.spec.id}/{first}/{newest}", data)], newest)

    async def _read_log(self, link: BoardLink) -> None:
        """Store what is new, in order, until nothing is."""
        while True:
            found: list[m.Event] = []
            lost: tuple[int, int] | None = None
            while len(found) < BATCH:
                index = self._index + len(found) + 1
                if self._told is not None and index > self._told.index:
                    break
                event = await link.ask(m.GetEvent(serial=self.serial, index=index), m.Event)
                if event.type == 0:
                    break
                if event.type == m.OVERWRITTEN:
                    oldest = await link.ask(m.GetEvent(serial=self.serial, index=0), m.Event)
                    if not found and oldest.index > index:
                        lost = index, oldest.index - 1
                    break
                if event.index != index:
                    raise PeerViolation(f"board {self.serial} answered event {index} with event {event.index}")
                found.append(event)
            if lost is not None:
                await self._store([mapping.gap(self._origin, self._epoch, *lost, self._ctx.clock.now())], lost[1])
            elif found:
                await self._take(found)
            else:
                return

    async def _take(self, found: list[m.Event]) -> None:
        cards = await self._cards(found)
        now = self._ctx.clock.now()
        events = [
            self._with_issuer(each, mapping.event(self._origin, self._epoch, each, self._table, card, now))
            for each, card in zip(found, cards, strict=True)
        ]
        await self._store(events, found[-1].index)
        for each in found:
            plan = mapping.plan_of(self._table, each.door)
            if plan is not None:
                self._alarms[plan.row.id] = mapping.alarm_after(self._alarms.get(plan.row.id, "normal"), each.reason)
        self.tell()

    async def _cards(self, found: list[m.Event]) -> list[mapping.Card | None]:
        """Return what the site knows of the cards of events, and what its rules say of that moment."""
        if self._ctx.inquire is None:
            return [None] * len(found)
        zone, now = self._zone, self._ctx.clock.now()
        asked = [
            (mapping.point_of(self._table, each), card_of(each.card), mapping.moment(each.time, zone, now))
            if mapping.swipe(each)
            else None
            for each in found
        ]
        answers: list[dict[str, Any]] = await self._ctx.inquire("access.explain", [each for each in asked if each is not None])
        left = iter(answers)
        return [mapping.Card(**next(left)) if each is not None else None for each in asked]

    def _with_issuer(self, found: m.Event, event: Event) -> Event:
        """Return the event of a release with who ordered it, where that was done from here."""
        if found.reason not in mapping.REMOTE:
            return event
        for at, (door, command) in enumerate(self._releases):
            if door == found.door:
                del self._releases[at]
                data = event.data | {"actor": command.issuer, "id": command.id}
                return Event(
                    key=event.key,
                    type=event.type,
                    entity=event.entity,
                    time=event.time,
                    severity=event.severity,
                    related=event.related,
                    text=describe(event.type, data),
                    data=data,
                )
        return event

    async def _store(self, events: list[Event], last: int) -> None:
        await self._ctx.emit(events, confirm=Confirm(self.spec.id, self._epoch, last))
        self._index = last

    # -- cards --------------------------------------------------------------------------------------------------------

    async def _keep(self, link: BoardLink) -> None:
        """Bring the board what the rules say, whenever they change or a moment comes that changes them."""
        upkeep = self._upkeep = Upkeep(link, self.serial)
        self._outdated.set()
        checked = self._ctx.clock.monotonic()
        while True:
            try:
                async with asyncio.timeout(self._pause(checked)):
                    await self._outdated.wait()
            except TimeoutError:
                pass
            self._outdated.clear()
            if self._ctx.clock.monotonic() - checked >= RECHECK:
                upkeep.forget()
                checked = self._ctx.clock.monotonic()
            await self._refresh_rules()
            if self._table is None:
                continue
            await self._retime(link, self._table)
            await upkeep.bring(self._table.cards, self._outdated)
            self.tell()

    def _pause(self, checked: float) -> float:
        pause = RECHECK - (self._ctx.clock.monotonic() - checked)
        if self._table is not None and self._table.until is not None:
            pause = min(pause, (self._table.until - self._ctx.clock.now()) / SECOND)
        return max(pause, 0.05)

    async def _refresh_rules(self) -> None:
        """Ask for the rules of now, and make the table of them; a large one in a thread, so that nobody waits for it."""
        if self._ctx.inquire is None:
            return
        snapshot: Snapshot = await self._ctx.inquire("access.snapshot", self.spec.id)
        self._snapshot = snapshot
        self._table = await asyncio.to_thread(table_of, snapshot, self.spec.id, self._config, self._ctx.clock.now())
        wanted = {ref("controller", self.spec.id)}
        for plan in self._table.doors:
            wanted |= {ref("door", plan.row.id), *(ref("access-point", point.id) for point in plan.points.values())}
        self._names = await self._ctx.inquire("access.names", wanted)

    async def _retime(self, link: BoardLink, table: Table) -> None:
        """Control doors that are new, or have another release time."""
        for plan in table.doors:
            door = await link.ask(m.GetDoor(serial=self.serial, door=plan.number), m.Door)
            mode = self._wishes.adopt(plan.row.id, BACK.get(door.mode, DoorMode.LOCKED))
            if (door.mode, door.delay) != (MODES[mode], plan.delay):
                await self._control(link, plan, mode)

    # -- commands -----------------------------------------------------------------------------------------------------

    async def execute(self, command: Command) -> Result:
        """Carry out a command; raises Unreachable while the board does not answer."""
        if command.name == "controller.sync":
            self.outdated()
            return Result(ok=True, value={"connected": self._link is not None})
        kind, door = split_ref(command.entity)
        verb = command.name.removeprefix("door.")
        if kind != "door" or command.name == verb or verb not in KNOWN:
            raise NotFound(f"a board does not know {command.name}", where=command.entity, remedy="See the list of commands.")
        link = self._link
        if link is None:
            raise Unreachable(
                f"Controller {self.spec.name} is not connected.",
                where=self.spec.reference,
                remedy="It is asked again by itself; check its power and its network.",
            )
        plan = next((plan for plan in self._table.doors if plan.row.id == door), None) if self._table is not None else None
        if plan is None:
            raise NotFound(
                f"door {door} is not wired here",
                where=command.entity,
                remedy=f"Set its output to the door's number on the board, 1 to {doors_of(self.serial)}.",
            )
        await self._order(link, plan, verb, command)
        await self._look(link)
        return Result(ok=True, value={"door": self._statuses[door].data})

    async def _order(self, link: BoardLink, plan: DoorPlan, verb: str, command: Command) -> None:
        id_ = plan.row.id
        mode, slots = self._wishes.of(id_).base, self._wishes.after(id_, verb, command.entity)
        if slots is None:
            self._releases.append((plan.number, command))
            if not await link.tell(m.OpenDoor(serial=self.serial, door=plan.number)):
                self._releases.pop()
                raise Conflict(
                    "the board did not release the door", where=command.entity, remedy="Is another door of its interlock open?"
                )
            self.wake()
            return
        wanted = mode_of(slots)
        await self._control(link, plan, wanted)
        self._wishes.take(id_, slots)
        entity, name = command.entity, self._names.get(command.entity, plan.row.name)
        said = {"name": name, "command": verb, "actor": command.issuer, "id": command.id}
        await self._emit_own("door.command", entity, said)
        if wanted is not mode:
            await self._emit_own("door.mode", entity, {"name": name, "mode": str(wanted)})

    # -- telling ------------------------------------------------------------------------------------------------------

    def tell(self) -> None:
        """Tell how it and its doors are."""
        told, now = self._told, self._ctx.clock.now()
        if self._link is None or told is None:
            return
        upkeep, who = self._upkeep, self._who
        data: dict[str, Any] = {
            "firmware": who.version if who is not None else "",
            "hardware": who.hardware if who is not None else "",
            "address": who.address if who is not None else "",
            "error": told.error,
            "inputs": told.inputs,
            "relays": told.relays,
            "buttons": [number for number in range(1, 5) if getattr(told, f"button_{number}")],
            "cards": upkeep.held if upkeep is not None else 0,
            "refused": upkeep.refused if upkeep is not None else 0,
        }
        problem = upkeep.problem if upkeep is not None else ""
        if told.error:
            problem = problem or f"it tells of error {told.error}"
        state = "degraded" if problem else "online"
        self._ctx.status(Status(ref=self.spec.reference, state=state, detail=problem, since=now, data=data))
        for plan in self._table.doors if self._table is not None else ():
            id_ = plan.row.id
            if not told.open(plan.number):
                self._alarms[id_] = "normal"
            status = mapping.door_status(plan, told, self._wishes.of(id_), self._alarms.get(id_, "normal"), now)
            self._statuses[id_] = status
            self._ctx.status(status)

    def _lost(self, detail: str) -> None:
        now = self._ctx.clock.now()
        awaited = self._told is None and self._ctx.clock.monotonic() - self._begun < GRACE
        state = "pending" if awaited else "offline"
        self._ctx.status(Status(ref=self.spec.reference, state=state, detail=detail, since=now))
        for entity in self.spec.entities:
            kind, door = split_ref(entity)
            if kind == "door":
                last = self._statuses.get(door)
                self._ctx.status(mapping.lost_door(door, self.spec.name, last, detail, now, awaited=awaited))

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._snapshot.tables.zone if self._snapshot is not None else "UTC")

    @property
    def _origin(self) -> Origin:
        return Origin(self.spec.id, self.spec.name, self.serial, self._zone, self._names)

    async def _emit_own(self, type_: str, entity: str, data: dict[str, Any]) -> None:
        """Store what the board keeps no record of; `_started` tells the runs of this program apart."""
        self._orders += 1
        key = f"board-{self.spec.id}/{self._started}/{self._orders}"
        await self._ctx.emit([self._event(type_, key, data, entity)])

    def _event(self, type_: str, key: str, data: dict[str, Any], entity: str = "") -> Event:
        own = ref("controller", self.spec.id)
        return Event(
            key=key,
            type=type_,
            entity=entity or own,
            time=self._ctx.clock.now(),
            severity=severity(type_),
            related=() if not entity or entity == own else (own,),
            text=describe(type_, data),
            data=data,
        )


def host_and_port(address: str) -> tuple[str, int]:
    """Return ("10.1.0.5", 60000) of "10.1.0.5", and the number that is given of "10.1.0.5:61000"."""
    host, colon, number = address.rpartition(":")
    return (host, int(number)) if colon and number.isascii() and number.isdigit() else (address, NUMBER)
