"""What people see of zones and do to them: who is where, forgive, reset, arm, disarm. And fire, from a controller to others.

A zone that a controller holds is changed there, and its record comes back through the log; any other by an event of the server's.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.model import Controller, Door
from sitewarden.domain.access.people import Credential
from sitewarden.domain.access.rules import Rules
from sitewarden.domain.access.snapshot import FireRow, InterlockRow, ZoneRow
from sitewarden.domain.access.zone_facts import ACTIONS, ZoneAction
from sitewarden.domain.access.zones import ZONE_KINDS, OccupancyZone, Zone
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.domain.commands import Command
from sitewarden.domain.errors import BY_CODE, Conflict, Invalid, NotFound, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.refs import ref, split_ref
from sitewarden.services.access.owed import Owed
from sitewarden.services.access.telling import AT_ONCE, Asked, tell_doors
from sitewarden.services.access.zones import ZoneBook
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.zones import (
    ArmZone,
    DisarmZone,
    ForgiveHolder,
    Occupant,
    ResetZone,
    ZoneDetail,
    ZoneNow,
    ZoneOrder,
    ZoneRef,
    Zones,
)
from sitewarden.store.interfaces import StateStore

log = logging.getLogger(__name__)

TIMEOUT: Final = 5.0
FRESH: Final = 300 * SECOND
"""Microseconds after which a fire that a controller tells of late releases the doors of the others only if it lasts."""
SETTLE: Final = 10.0
"""Seconds that a late fire is given to be told over by the same log."""
DOES: Final[dict[str, tuple[ZoneAction, ...]]] = {
    "antipassback-zone": ("forgive", "reset"),
    "entrance-limit-zone": ("forgive", "reset"),
    "occupancy-zone": ("forgive", "reset"),
    "intrusion-zone": ("arm", "disarm"),
}
"""What can be done to each kind of zone."""
_COUNTED: Final = frozenset({"antipassback-zone", "occupancy-zone"})

Emit = Callable[[Sequence[Event]], Awaitable[None]]


class ZoneDesk:
    """The operations of zones."""

    def __init__(self, state: StateStore, clock: Clock, bus: Bus, book: ZoneBook, rules: Callable[[], Rules], owed: Owed) -> None:
        self._state = state
        self._clock = clock
        self._bus = bus
        self._book = book
        self._rules = rules
        self._owed = owed
        self._subjects = Subjects(state)
        self._spreading: set[asyncio.Task[None]] = set()
        book.on_fire = self._fire

    def operations(self) -> list[Operation]:
        """Return the operations."""

        def reference(params: ZoneRef | ZoneOrder) -> str:
            return ref(params.kind, params.id)

        def order(action: ZoneAction, params: type[ZoneOrder]) -> Operation:
            async def run(caller: Caller, asked: ZoneOrder) -> ZoneNow:
                return await self._order(caller, action, asked)

            def detail(asked: ZoneOrder) -> dict[str, Any]:
                return {"holder": asked.holder} if isinstance(asked, ForgiveHolder) else {}

            return Operation(f"zones.{action}", f"zone.{action}", params, ZoneNow, run, reference, detail=detail)

        return [
            Operation("zones.list", "zone.read", Nothing, Zones, self._list, audit=False, filtered=True),
            Operation("zones.get", "zone.read", ZoneRef, ZoneDetail, self._get, reference, audit=False),
            order("forgive", ForgiveHolder),
            order("reset", ResetZone),
            order("arm", ArmZone),
            order("disarm", DisarmZone),
        ]

    # -- seeing -------------------------------------------------------------------------------------------------------

    async def _list(self, caller: Caller, params: Nothing) -> Zones:
        allowed, of, parent = rights(caller.grants), self._subjects.of_entity, self._subjects.parent
        return Zones(
            items=tuple(
                self._now(kind, held.entity)
                for kind in ZONE_KINDS
                for held in self._state.list(kind)
                if isinstance(held.entity, Zone) and allowed.allows("zone.read", of(kind, held.entity), parent)
            )
        )

    async def _get(self, caller: Caller, params: ZoneRef) -> ZoneDetail:
        zone, rules = self._zone(params.kind, params.id), self._rules()
        people = sorted(self._book.state.people(ref(params.kind, params.id)), key=lambda one: -one[1].since)
        areas = {row.id: row.name for row in rules.tables.areas}
        occupants = []
        for holder, place in people[: params.limit]:
            found = rules.points.get(place.access_point)
            door = rules.tables.doors[found[1].door] if found is not None else None
            held = self._state.get("credential-holder", holder)
            occupants.append(
                Occupant(
                    holder=holder,
                    name=held.entity.name if held is not None else holder,
                    area=place.area,
                    area_name=areas.get(place.area, place.area),
                    since=place.since,
                    access_point=place.access_point,
                    door=door.id if door is not None else "",
                    door_name=door.name if door is not None else "",
                )
            )
        return ZoneDetail(zone=self._now(params.kind, zone), occupants=tuple(occupants))

    def _now(self, kind: Any, zone: Zone) -> ZoneNow:
        state, reference, row = self._book.state, ref(kind, zone.id), self._row(kind, zone.id)
        tables = self._rules().tables
        doors = [tables.doors[door].id for door in row.doors] if isinstance(row, InterlockRow) else []
        now = self._clock.now()
        return ZoneNow(
            kind=kind,
            id=zone.id,
            name=zone.name,
            enabled=zone.enabled,
            held_by=self._home(row),
            offline=zone.offline,
            inside=state.inside.get(reference, 0) if kind in _COUNTED else None,
            limit=zone.limit if isinstance(zone, OccupancyZone) else None,
            armed=state.armed.get(reference) if kind == "intrusion-zone" else None,
            fire=reference in state.fire if kind == "fire-zone" else None,
            first=state.first.get(reference) if kind == "first-person-zone" else None,
            open_doors=tuple(
                door for door in doors if (until := state.open_doors.get(door)) is not None and (not until or until > now)
            ),
        )

    def _zone(self, kind: str, id_: str) -> Zone:
        held = self._state.get(kind, id_)
        if held is None or not isinstance(held.entity, Zone):
            raise NotFound(f"There is no {kind} {id_!r}.", where=ref(kind, id_), remedy="Look at the list of zones for its id.")
        return held.entity

    def _row(self, kind: str, id_: str) -> ZoneRow | None:
        rules = self._rules()
        place = rules.zone_at.get(ref(kind, id_))
        return rules.tables.zones[place] if place is not None else None

    def _home(self, row: ZoneRow | None) -> str:
        """Return the controller that holds a zone; boards of other makes hold none."""
        held = self._state.get("controller", row.home) if row is not None and row.home else None
        return held.entity.id if held is not None and isinstance(held.entity, Controller) and held.entity.driver == "link" else ""

    # -- doing --------------------------------------------------------------------------------------------------------

    async def _order(self, caller: Caller, action: ZoneAction, asked: ZoneOrder) -> ZoneNow:
        zone, where = self._zone(asked.kind, asked.id), ref(asked.kind, asked.id)
        reason = (asked.reason or caller.reason).strip()
        if not reason:
            raise Invalid(f"{action} needs a reason.", where="reason", remedy="Say why; it goes into the audit log.")
        if action not in DOES.get(asked.kind, ()):
            kinds = ", ".join(kind for kind, actions in DOES.items() if action in actions)
            raise Conflict(f"There is nothing to {action} in this kind of zone.", where=where, remedy=f"It is for: {kinds}.")
        row = self._row(asked.kind, asked.id)
        if row is None or not zone.enabled:
            raise Conflict("The zone is switched off.", where=where, remedy="Enable it first.")
        holder = asked.holder if isinstance(asked, ForgiveHolder) else ""
        data: dict[str, Any] = {
            "zone": where,
            "name": zone.name,
            "actor": caller.actor,
            "reason": reason,
            "id": uuid.uuid4().hex,
            "holder": holder,
            "holder_name": self._holder(holder) if holder else "",
            "credentials": self._credentials(holder) if holder else [],
        }
        home = self._home(row)
        await (self._at_controller(home, action, data) if home else self._emit(ACTIONS[action], data))
        self._book.tell(ACTIONS[action], data, self._clock.now())
        return self._now(asked.kind, zone)

    def _holder(self, id_: str) -> str:
        held = self._state.get("credential-holder", id_)
        if held is None:
            raise NotFound(
                f"There is no credential-holder {id_!r}.", where="holder", remedy="Look at the list of people for the id."
            )
        return held.entity.name

    def _credentials(self, holder: str) -> list[str]:
        found = (held.entity for held in self._state.list("credential"))
        return [one.id for one in found if isinstance(one, Credential) and one.holder == holder][:64]

    async def _at_controller(self, home: str, action: ZoneAction, data: dict[str, Any]) -> None:
        command = Command(
            id=data["id"],
            name="controller.zone",
            entity=ref("controller", home),
            args={"zone": data["zone"], "action": action, "holder": data["holder"], "credentials": data["credentials"]},
            issuer=data["actor"],
            reason=data["reason"],
            timeout=TIMEOUT,
        )
        result = await self._bus.command(command)
        if not result.ok:
            refusal = BY_CODE.get(result.code, Refusal)
            what = f"Controller {home} holds the zone and did not do it: {result.what}"
            raise refusal(what, where=data["zone"], remedy=result.remedy or "Connect the controller, then try again.")

    async def _emit(self, type_: str, data: dict[str, Any]) -> None:
        related = (data["actor"], *((ref("credential-holder", data["holder"]),) if data["holder"] else ()))
        event = Event(
            key=f"zones/{data['id']}",
            type=type_,
            entity=data["zone"],
            time=self._clock.now(),
            severity=severity(type_),
            related=related,
            text=describe(type_, data),
            data=data,
        )
        await self._bus.emit([event])

    # -- fire ---------------------------------------------------------------------------------------------------------

    def _fire(self, event: Event) -> None:
        """Release the doors of a fire zone that are at other controllers than the one whose input told of it."""
        row = self._row(*split_ref(str(event.data.get("zone", ""))))
        if not isinstance(row, FireRow):
            return
        if event.type == "zone.fire":
            told = {one.partition(":")[2] for one in event.related if one.startswith("controller:")}
            work = self._spread(row, told, late=event.time < self._clock.now() - FRESH)
        else:
            work = self._owed.lapse(row.id)
        task = asyncio.get_running_loop().create_task(work, name="fire")
        self._spreading.add(task)
        task.add_done_callback(self._spreading.discard)

    async def _spread(self, row: FireRow, told: set[str], *, late: bool) -> None:
        if late:
            # Its end may stand further on in the log that is being brought.
            await asyncio.sleep(SETTLE)
            if row.id not in self._book.state.fire:
                return
        doors: dict[str, list[Door]] = {}
        for place in row.doors:
            at = self._rules().tables.doors[place]
            held = self._state.get("door", at.id)
            if at.controller not in told and held is not None and isinstance(held.entity, Door):
                doors.setdefault(at.controller, []).append(held.entity)
        asked = Asked(uuid.uuid4().hex, "fire-release", row.id, f"{row.name} tells of fire", TIMEOUT)
        await asyncio.gather(*(self._release(asked, controller, theirs) for controller, theirs in doors.items()))

    async def _release(self, asked: Asked, controller: str, doors: list[Door]) -> None:
        for start in range(0, len(doors), AT_ONCE):
            given = self._clock.now()
            results = await tell_doors(self._bus, asked, controller, doors[start : start + AT_ONCE])
            missed = [f"{door.id} ({result.what})" for door, result in results if not result.ok]
            if missed:
                log.error("the fire zone %s did not release %s", asked.issuer, ", ".join(missed))
            await self._owed.note(asked, given, results)
            if asked.issuer not in self._book.state.fire:
                await self._owed.lapse(asked.issuer)
