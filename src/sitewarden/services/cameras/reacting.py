"""Cameras that move and record when something happens, as their settings say: `Camera.reactions`.

Who moves a camera keeps it: a reaction takes it from nobody, but one to an alarm from operators. Each is audited and told.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.model import AccessPoint, Door
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import MINUTE, SECOND, Clock
from sitewarden.domain.errors import Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Camera, Order
from sitewarden.domain.video.reaction import ALARM, Reaction, applies, priority
from sitewarden.media.desk import Wanted
from sitewarden.services.cameras.control import CameraControl
from sitewarden.services.operations import Caller
from sitewarden.store.interfaces import AuditEntry, Change, StateStore

log = logging.getLogger(__name__)

LATE: Final = MINUTE
"""Microseconds after which an event moves no camera any more: what it was about is over."""
REST: Final = 5 * SECOND
"""Microseconds between two times that the same reaction moves a camera; a door that chatters does not shake it."""

WAITING: Final = 16
"""Reactions of one camera that wait for it; past it the oldest that is to no alarm is left out, else the oldest."""


class _Lane:
    """What one camera has yet to do, in order; a camera that does not answer holds up no other, and no later event."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[Camera, Reaction, Event]] = deque()
        self.left_out: list[tuple[Camera, Reaction, Event]] = []
        """The last one that was left out, until it is told."""
        self.count = 0
        """How many were, until it is told."""

    def put(self, camera: Camera, reaction: Reaction, event: Event) -> None:
        if len(self.waiting) >= WAITING:
            at = next((at for at, (_, _, one) in enumerate(self.waiting) if one.severity < ALARM), 0)
            self.left_out, self.count = [self.waiting[at]], self.count + 1
            del self.waiting[at]
        self.waiting.append((camera, reaction, event))


class CameraReacting:
    """Listens to events in core. Each camera does what it has to in order, in a task of its own while there is something."""

    def __init__(self, state: StateStore, bus: Bus, clock: Clock, control: CameraControl) -> None:
        self._state, self._bus, self._clock, self._control = state, bus, clock, control
        self._reacting: list[tuple[Camera, frozenset[str]]] | None = None
        self._last: dict[tuple[str, Reaction], int] = {}
        self._told = 0
        self._lanes: dict[str, _Lane] = {}
        self._at_work: dict[str, asyncio.Task[None]] = {}
        state.watch(self._changed)

    async def run(self) -> None:
        """React until cancelled."""
        subscription = self._bus.events()
        try:
            async with asyncio.TaskGroup() as group:
                async for batch in subscription:
                    for stored in batch:
                        self.heard(stored.event, group.create_task)
        finally:
            subscription.close()

    def heard(self, event: Event, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]) -> None:
        """Let the cameras react to an event; `spawn` begins the task of a camera that has nothing to do yet."""
        if self._reacting is None:
            self._reacting = self._cameras()
            self._last.clear()
        now = self._clock.now()
        if now - event.time > LATE:
            return
        for camera, near in self._reacting:
            for one in camera.reactions:
                if applies(one, event, near) and now - self._last.get((camera.id, one), -REST) >= REST:
                    self._last[camera.id, one] = now
                    self._lanes.setdefault(camera.id, _Lane()).put(camera, one, event)
                    if camera.id not in self._at_work:
                        self._at_work[camera.id] = spawn(self._work(camera.id))

    async def settle(self) -> None:
        """Wait until no camera has anything to do."""
        while self._at_work:
            await asyncio.wait(self._at_work.values())

    async def _work(self, camera: str) -> None:
        """Do what one camera has to do, until that is nothing."""
        lane = self._lanes[camera]
        try:
            while lane.waiting or lane.count:
                if lane.waiting:
                    await self._react(*lane.waiting.popleft())
                if lane.count:
                    (left,), count = lane.left_out, lane.count
                    lane.count = 0
                    one = "" if count == 1 else f", and {count - 1} before it,"
                    await self._tell(*left, _caller(left[2]), f"this{one} was left out: the camera did not keep up")
        finally:
            del self._at_work[camera], self._lanes[camera]

    async def _react(self, camera: Camera, reaction: Reaction, event: Event) -> None:
        caller = _caller(event)
        if self._clock.now() - event.time > LATE:
            await self._tell(camera, reaction, event, caller, "the camera did not keep up, and it is more than a minute ago")
            return
        problems = []
        try:
            if reaction.preset:
                args = {"preset": reaction.preset}
                await self._control.react(caller, camera.id, "camera.preset.goto", args, priority(event))
            elif reaction.tour:
                args = {"tour": reaction.tour, "operation": "start"}
                await self._control.react(caller, camera.id, "camera.tour.operate", args, priority(event))
        except Refusal as refusal:
            problems.append(str(refusal))
        if reaction.record_seconds:
            body = Wanted(camera=camera.id, seconds=reaction.record_seconds, reason=caller.reason, by=caller.actor)
            try:
                answer = await self._bus.request(f"video.record/{camera.id}", msgspec.msgpack.encode(body))
                msgspec.msgpack.decode(answer, type=Order)
            except Refusal as refusal:
                problems.append(str(refusal))
        await self._tell(camera, reaction, event, caller, "; ".join(problems)[:300])

    async def _tell(self, camera: Camera, reaction: Reaction, event: Event, caller: Caller, problem: str) -> None:
        self._told += 1
        now = self._clock.now()
        done = {name: value for name, value in (("preset", reaction.preset), ("tour", reaction.tour)) if value} | (
            {"record_seconds": reaction.record_seconds} if reaction.record_seconds else {}
        )
        type_ = "camera.not-reacted" if problem else "camera.reacted"
        data = {"name": camera.name, "event": event.type, "at": event.entity, "detail": problem, **done}
        about = Event(
            key=f"reaction/{camera.id}/{now}/{self._told}",
            type=type_,
            entity=ref("camera", camera.id),
            time=now,
            severity=severity(type_),
            related=tuple(dict.fromkeys((caller.actor, event.entity))),
            text=describe(type_, data),
            data=data,
        )
        entry = AuditEntry(
            time=now,
            actor=caller.actor,
            action="camera.react",
            entity=ref("camera", camera.id),
            outcome="refused" if problem else "done",
            reason=caller.reason,
            detail={"event": event.type, "at": event.entity, **done},
            remote="",
        )
        try:
            await self._state.audit([entry])
            await self._bus.emit([about])
        except Refusal as refusal:
            log.warning("the reaction of %s to %s is not written down: %s", camera.id, event.type, refusal)

    def _cameras(self) -> list[tuple[Camera, frozenset[str]]]:
        """Return the cameras that react, with the references of each, of its doors and of their access points."""
        doors = [held.entity for held in self._state.list("door") if isinstance(held.entity, Door)]
        points = [held.entity for held in self._state.list("access-point") if isinstance(held.entity, AccessPoint)]
        found = []
        for held in self._state.list("camera"):
            camera = held.entity
            if isinstance(camera, Camera) and camera.reactions and camera.watched:
                shown = {door.id for door in doors if door.camera == camera.id}
                near = {ref("camera", camera.id), *(ref("door", id_) for id_ in shown)}
                near |= {ref("access-point", point.id) for point in points if point.door in shown}
                found.append((camera, frozenset(near)))
        return found

    def _changed(self, changes: Sequence[Change]) -> None:
        if any(change.kind in ("camera", "door", "access-point") for change in changes):
            self._reacting = None


def _caller(event: Event) -> Caller:
    return Caller(actor="system:alarm" if event.severity >= ALARM else "system:rule", reason=event.text[:300])
