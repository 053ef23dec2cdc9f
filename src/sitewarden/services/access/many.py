"""One command for all doors of an area or the site: lockdown, fire release, and their ends."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any, Final

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.model import AccessPoint, Door
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Invalid, NotFound
from sitewarden.domain.events import Event
from sitewarden.domain.identity.grants import around
from sitewarden.domain.refs import ref
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.access import DoorOutcome, DoorsCommand, DoorsCommanded
from sitewarden.store.interfaces import StateStore

TIMEOUT: Final = 3.0
"""Seconds that a controller has; whoever does not answer by then is told of as not reached."""
AT_ONCE: Final = 256
"""Doors in one request to a controller."""
NOT_REACHED: Final = frozenset({"unreachable", "timed-out"})


class ManyDoors:
    """The operation `doors.command-many`."""

    def __init__(self, state: StateStore, clock: Clock, bus: Bus) -> None:
        self._state = state
        self._clock = clock
        self._bus = bus
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
        id_, began = uuid.uuid4().hex, self._clock.monotonic()
        by_controller: dict[str, list[Door]] = {}
        for door in doors:
            by_controller.setdefault(door.controller, []).append(door)
        parts = [
            (controller, theirs[start : start + AT_ONCE])
            for controller, theirs in by_controller.items()
            for start in range(0, len(theirs), AT_ONCE)
        ]
        answers = await asyncio.gather(*(self._tell(id_, caller, params, reason, *part) for part in parts))
        seconds = self._clock.monotonic() - began
        outcomes = sorted(
            (outcome for answer in answers for outcome in answer),
            key=lambda one: (("not-reached", "refused", "done").index(one.outcome), one.name, one.door),
        )
        done = sum(one.outcome == "done" for one in outcomes)
        await self._bus.emit([self._event(id_, where, caller, params, reason, done, outcomes)])
        return DoorsCommanded(
            id=id_, command=params.command, area=params.area, done=done, total=len(doors), seconds=seconds, doors=tuple(outcomes)
        )

    async def _tell(
        self, id_: str, caller: Caller, params: DoorsCommand, reason: str, controller: str, doors: Sequence[Door]
    ) -> list[DoorOutcome]:
        """Command the doors of one controller, and return what came of each."""

        def command(name: str, entity: str, args: dict[str, Any]) -> Command:
            return Command(id=id_, name=name, entity=entity, args=args, issuer=caller.actor, reason=reason, timeout=TIMEOUT)

        args = {"doors": [door.id for door in doors], "command": params.command}
        result = await self._bus.command(command("controller.command-doors", ref("controller", controller), args))
        if result.code == "not-found":
            # A driver that takes no such command is asked door by door.
            asked = (self._bus.command(command(f"door.{params.command}", ref("door", door.id), {})) for door in doors)
            return [_outcome(door, one) for door, one in zip(doors, await asyncio.gather(*asked), strict=True)]
        if not result.ok:
            return [_outcome(door, result) for door in doors]
        modes, refused = result.value["done"], result.value["refused"]
        return [
            DoorOutcome(door=door.id, name=door.name, outcome="done", mode=modes[door.id])
            if door.id in modes
            else _outcome(
                door, Result(ok=False, **dict(zip(("code", "what", "remedy"), refused.get(door.id, _SILENT), strict=True)))
            )
            for door in doors
        ]

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


_SILENT: Final = ("unreachable", "its controller said nothing of it", "Look at the controller.")


def _outcome(door: Door, result: Result) -> DoorOutcome:
    if result.ok:
        mode = result.value.get("door", {}).get("mode", "")
        return DoorOutcome(door=door.id, name=door.name, outcome="done", mode=mode)
    return DoorOutcome(
        door=door.id,
        name=door.name,
        outcome="not-reached" if result.code in NOT_REACHED else "refused",
        what=result.what,
        remedy=result.remedy,
    )
