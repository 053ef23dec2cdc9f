"""One command for all doors of an area or the site: lockdown, fire release, and their ends."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Final

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.model import AccessPoint, Door
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Result
from sitewarden.domain.errors import Conflict, Invalid, NotFound
from sitewarden.domain.events import Event
from sitewarden.domain.identity.grants import around
from sitewarden.domain.refs import ref
from sitewarden.services.access.owed import Owed
from sitewarden.services.access.telling import AT_ONCE, NOT_REACHED, Asked, tell_doors
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.access import DoorOutcome, DoorsCommand, DoorsCommanded
from sitewarden.store.interfaces import StateStore

TIMEOUT: Final = 3.0
"""Seconds that a controller has; whoever does not answer by then is told of as not reached."""


class ManyDoors:
    """The operation `doors.command-many`."""

    def __init__(self, state: StateStore, clock: Clock, bus: Bus, owed: Owed) -> None:
        self._state = state
        self._clock = clock
        self._bus = bus
        self._owed = owed
        self._subjects = Subjects(state)

    def operations(self) -> list[Operation]:
        """Return it; whoever may lock down an area may lock down every door in it and at its border."""
        return [
            Operation(
                "doors.command-many",
                lambda params: f"door.{params.command}",
                DoorsCommand,
                DoorsCommanded,
                self._command,
                lambda params: ref("area", params.area) if params.area else "*",
                detail=lambda params: {"command": params.command, "area": params.area or "the site"},
            )
        ]

    def doors_of(self, area: str | None) -> list[Door]:
        """Return the doors that stand in an area or in one within it, and those that lead into or out of it; None is the site."""
        doors = [held.entity for held in self._state.list("door") if isinstance(held.entity, Door)]
        if area is None:
            return doors
        parent = self._subjects.parent
        border = set()
        for held in self._state.list("access-point"):
            point = held.entity
            if isinstance(point, AccessPoint):
                inside = (area in around(side, parent) for side in (point.area_from, point.area_to))
                if any(inside):
                    border.add(point.door)
        return [
            door for door in doors if door.id in border or area in around(self._subjects.of_entity("door", door).area, parent)
        ]

    async def _command(self, caller: Caller, params: DoorsCommand) -> DoorsCommanded:
        where = ref("area", params.area) if params.area else "site:site"
        reason = params.reason or caller.reason
        if not reason.strip():
            raise Invalid(f"{params.command} needs a reason.", where="reason", remedy="Say why; it goes into the audit log.")
        if params.area and self._state.get("area", params.area) is None:
            raise NotFound(f"There is no area {params.area!r}.", where=where, remedy="Look at the list of areas for its id.")
        doors = self.doors_of(params.area)
        if not doors:
            raise Conflict(
                "No door stands in or leads into it.", where=where, remedy="Set the area of its doors or access points."
            )
        asked = Asked(uuid.uuid4().hex, params.command, caller.actor, reason, TIMEOUT)
        began, given = self._clock.monotonic(), self._clock.now()
        by_controller: dict[str, list[Door]] = {}
        for door in doors:
            by_controller.setdefault(door.controller, []).append(door)
        parts = [
            (controller, theirs[start : start + AT_ONCE])
            for controller, theirs in by_controller.items()
            for start in range(0, len(theirs), AT_ONCE)
        ]
        answers = await asyncio.gather(*(tell_doors(self._bus, asked, *part) for part in parts))
        seconds = self._clock.monotonic() - began
        results = [result for answer in answers for result in answer]
        await self._owed.note(asked, given, results)
        outcomes = sorted(
            (_outcome(door, result) for door, result in results),
            key=lambda one: (("not-reached", "refused", "done").index(one.outcome), one.name, one.door),
        )
        done = sum(one.outcome == "done" for one in outcomes)
        await self._bus.emit([self._event(asked.id, where, caller, params, reason, done, outcomes)])
        return DoorsCommanded(
            id=asked.id,
            command=params.command,
            area=params.area,
            done=done,
            total=len(doors),
            seconds=seconds,
            doors=tuple(outcomes),
        )

    def _event(
        self,
        id_: str,
        where: str,
        caller: Caller,
        params: DoorsCommand,
        reason: str,
        done: int,
        outcomes: Sequence[DoorOutcome],
    ) -> Event:
        held = self._state.get(*where.split(":", 1))
        type_ = "area.command" if params.area else "site.command"
        missed = [one.door for one in outcomes if one.outcome != "done"]
        data = {
            "name": held.entity.name if held is not None else "The site",
            "command": params.command,
            "actor": caller.actor,
            "reason": reason,
            "done": done,
            "total": len(outcomes),
            "id": id_,
            "missed": missed[:1000],
        }
        return Event(
            key=f"doors/{id_}",
            type=type_,
            entity=where,
            time=self._clock.now(),
            severity=severity(type_),
            related=tuple(ref("door", door) for door in missed[:50]),
            text=describe(type_, data),
            data=data,
        )


def _outcome(door: Door, result: Result) -> DoorOutcome:
    if result.ok:
        mode = result.value.get("door", {}).get("mode", "")
        return DoorOutcome(door=door.id, name=door.name, outcome="done", mode=mode)
    if result.code in NOT_REACHED:
        remedy = "It is told as soon as its controller is back, unless you order otherwise before."
        return DoorOutcome(door=door.id, name=door.name, outcome="not-reached", what=result.what, remedy=remedy)
    return DoorOutcome(door=door.id, name=door.name, outcome="refused", what=result.what, remedy=result.remedy)
