"""Moving cameras, and switching what they have: who may, who holds one now, and what the log says of it.

Holds live in memory: after a restart of core every camera is free, and what moved has stopped by itself.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import SECOND, Clock, to_datetime
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import BY_CODE, Conflict, NotFound, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Group, Role, User
from sitewarden.domain.refs import ref, split_ref
from sitewarden.domain.status import Status
from sitewarden.domain.video.holds import MOVING, Hold, Holds, refusal
from sitewarden.domain.video.model import Camera
from sitewarden.domain.video.reaction import ALARM_PRIORITY
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.status import TOPIC
from sitewarden.services.surface.cameras import (
    CameraAsk,
    CameraDropPreset,
    CameraDropTour,
    CameraFocus,
    CameraHold,
    CameraHome,
    CameraImaging,
    CameraKeepPreset,
    CameraKeepTour,
    CameraLock,
    CameraMove,
    CameraPlace,
    CameraPreset,
    CameraRelay,
    CameraTour,
    ImagingState,
    KeptPreset,
    KeptTour,
    NamedPlace,
    Presets,
    PresetTour,
    PresetTours,
)
from sitewarden.store.interfaces import AuditEntry, StateStore

TIMEOUT: Final = 5.0
"""Seconds that a camera has for an order."""
SYSTEM_PRIORITY: Final = ALARM_PRIORITY
"""Of the node itself."""
SYSTEM_NAMES: Final = {"system:alarm": "An alarm", "system:rule": "A rule"}


class CameraControl:
    """The operations that move cameras and switch what they have."""

    def __init__(self, state: StateStore, bus: Bus, clock: Clock) -> None:
        self._state = state
        self._bus = bus
        self._clock = clock
        self._holds = Holds()
        self._news = asyncio.Event()
        self._origin = f"ptz/{clock.now()}"
        self._told = 0

    def operations(self) -> list[Operation]:
        """Return the operations. Who takes a camera is audited once, not every order with which they go on moving it."""

        def op(
            name: str, action: str | Callable[[Any], str], params: type[Struct], result: Any, run: Any, **more: Any
        ) -> Operation:
            return Operation(f"cameras.{name}", action, params, result, run, entity=_camera_of, **more)

        ptz, preset = "camera.ptz", "camera.preset"
        return [
            op("hold", "camera.get", CameraAsk, CameraHold, self._hold, audit=False),
            op("move", ptz, CameraMove, CameraHold, self._move, own_audit=True),
            op("stop", ptz, CameraAsk, CameraHold, self._stop, own_audit=True),
            op("place", ptz, CameraPlace, CameraHold, self._place, detail=_detail),
            op("home", _home_action, CameraHome, CameraHold, self._home, detail=_detail),
            op("presets", "camera.get", CameraAsk, Presets, self._presets, audit=False),
            op("goto", ptz, CameraPreset, CameraHold, self._goto, detail=_detail),
            op("keep-preset", preset, CameraKeepPreset, KeptPreset, self._keep, detail=_detail),
            op("remove-preset", preset, CameraDropPreset, None, self._remove, detail=_detail),
            op("tours", "camera.get", CameraAsk, PresetTours, self._tours, audit=False),
            op("tour", ptz, CameraTour, CameraHold, self._tour, detail=_detail),
            op("keep-tour", preset, CameraKeepTour, KeptTour, self._keep_tour, detail=_detail),
            op("remove-tour", preset, CameraDropTour, None, self._remove_tour, detail=_detail),
            op("lock", ptz, CameraLock, CameraHold, self._lock, detail=_detail),
            op("unlock", ptz, CameraAsk, CameraHold, self._unlock),
            op("imaging", "camera.get", CameraAsk, ImagingState, self._imaging, audit=False),
            op("set-imaging", "camera.imaging", CameraImaging, None, self._set_imaging, detail=_detail),
            op("focus", "camera.imaging", CameraFocus, None, self._focus, own_audit=True),
            op("relay", "camera.relay", CameraRelay, None, self._relay, detail=_detail),
        ]

    async def run(self) -> None:
        """Tell when a hold is over, until cancelled."""
        while True:
            now, ends = self._clock.now(), self._holds.next_end()
            for camera in self._holds.over(now):
                self._publish(camera)
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), None if ends is None else max(0.05, (ends - now) / SECOND))
            except TimeoutError:
                continue

    # -- holding ------------------------------------------------------------------------------------------------------

    async def _hold(self, caller: Caller, asked: CameraAsk) -> CameraHold:
        self._camera(asked.id)
        return CameraHold(hold=self._holds.of(asked.id, self._clock.now()))

    async def _lock(self, caller: Caller, asked: CameraLock) -> CameraHold:
        camera = self._camera(asked.id)
        hold, before = self._take(caller, camera, asked.seconds, locked=True)
        if before is not None and before.actor != hold.actor:
            await self._halt(camera, caller)
        return await self._taken(caller, camera, hold, before)

    async def _unlock(self, caller: Caller, asked: CameraAsk) -> CameraHold:
        camera = self._camera(asked.id)
        before = self._holds.release(camera.id, caller.actor, self.priority(caller.actor), self._clock.now())
        if before is not None:
            self._publish(camera.id)
            await self._tell("camera.unlocked", camera, {"actor": self.name_of(caller.actor), "holder": before.name}, caller)
        return CameraHold(hold=None)

    def _take(
        self, caller: Caller, camera: Camera, seconds: float, *, locked: bool = False, priority: int | None = None
    ) -> tuple[Hold, Hold | None]:
        taken = self._holds.take(
            camera.id,
            caller.actor,
            self.name_of(caller.actor),
            self.priority(caller.actor) if priority is None else priority,
            seconds,
            self._clock.now(),
            locked=locked,
        )
        self._news.set()
        return taken

    async def _taken(self, caller: Caller, camera: Camera, hold: Hold, before: Hold | None) -> CameraHold:
        """Tell of a hold: who took the camera, from whom, and that it is locked now; nothing where it only goes on."""
        self._publish(camera.id)
        data = {"actor": hold.name}
        if before is not None and before.actor != hold.actor:
            await self._tell("camera.taken-over", camera, {**data, "holder": before.name}, caller)
        if hold.locked and (before is None or before.actor != hold.actor or not before.locked):
            await self._tell("camera.locked", camera, {**data, "until": hold.until}, caller)
        elif before is None:
            await self._tell("camera.moved", camera, data, caller)
        return CameraHold(hold=hold)

    async def react(self, caller: Caller, camera: str, name: str, args: dict[str, Any], priority: int) -> CameraHold:
        """Move a camera because something happened, with this priority; raise Conflict where somebody has it."""
        return await self._order(caller, camera, name, args, priority)

    async def _order(
        self, caller: Caller, camera_id: str, name: str, args: dict[str, Any], priority: int | None = None
    ) -> CameraHold:
        """Take the camera, and move it."""
        camera = self._camera(camera_id)
        hold, before = self._take(caller, camera, MOVING, priority=priority)
        try:
            await self._send(caller, camera, name, args)
        except Refusal:
            if before is None:
                self._holds.release(camera.id, caller.actor, hold.priority, self._clock.now())
            raise
        if before is None or before.actor != hold.actor:
            return await self._taken(caller, camera, hold, before)
        self._publish(camera.id)
        return CameraHold(hold=hold)

    # -- moving -------------------------------------------------------------------------------------------------------

    async def _move(self, caller: Caller, asked: CameraMove) -> CameraHold:
        before = self._holds.of(asked.id, self._clock.now())
        done = await self._order(caller, asked.id, "camera.ptz.move", _args(asked))
        if before is None or before.actor != caller.actor:
            await self._write_down(caller, asked, "camera.ptz")
        return done

    async def _stop(self, caller: Caller, asked: CameraAsk) -> CameraHold:
        camera, now = self._camera(asked.id), self._clock.now()
        before = self._holds.of(asked.id, now)
        if before is not None and before.actor != caller.actor and before.priority > self.priority(caller.actor):
            # A stop from below would be a way to take the camera from above.
            raise refusal(camera.id, before, now)
        await self._send(caller, camera, "camera.ptz.stop", {})
        return CameraHold(hold=before)

    async def _place(self, caller: Caller, asked: CameraPlace) -> CameraHold:
        args = _args(asked)
        name = "camera.ptz.relative" if args.pop("relative") else "camera.ptz.absolute"
        return await self._order(caller, asked.id, name, args)

    async def _home(self, caller: Caller, asked: CameraHome) -> CameraHold:
        return await self._order(caller, asked.id, "camera.ptz.set-home" if asked.set else "camera.ptz.home", {})

    async def _goto(self, caller: Caller, asked: CameraPreset) -> CameraHold:
        return await self._order(caller, asked.id, "camera.preset.goto", _args(asked))

    async def _tour(self, caller: Caller, asked: CameraTour) -> CameraHold:
        return await self._order(caller, asked.id, "camera.tour.operate", _args(asked))

    async def _presets(self, caller: Caller, asked: CameraAsk) -> Presets:
        found = await self._send(caller, self._camera(asked.id), "camera.preset.list", {})
        return Presets(items=msgspec.convert(found.value["presets"], tuple[NamedPlace, ...]))

    async def _tours(self, caller: Caller, asked: CameraAsk) -> PresetTours:
        found = await self._send(caller, self._camera(asked.id), "camera.tour.list", {})
        return PresetTours(items=msgspec.convert(found.value["tours"], tuple[PresetTour, ...]))

    async def _keep_tour(self, caller: Caller, asked: CameraKeepTour) -> KeptTour:
        done = await self._send(caller, self._camera(asked.id), "camera.tour.set", _args(asked))
        return KeptTour(tour=done.value["tour"])

    async def _remove_tour(self, caller: Caller, asked: CameraDropTour) -> None:
        await self._send(caller, self._camera(asked.id), "camera.tour.remove", _args(asked))

    async def _keep(self, caller: Caller, asked: CameraKeepPreset) -> KeptPreset:
        done = await self._send(caller, self._camera(asked.id), "camera.preset.set", _args(asked))
        return KeptPreset(preset=done.value["preset"])

    async def _remove(self, caller: Caller, asked: CameraDropPreset) -> None:
        await self._send(caller, self._camera(asked.id), "camera.preset.remove", _args(asked))

    # -- picture and outputs ------------------------------------------------------------------------------------------

    async def _imaging(self, caller: Caller, asked: CameraAsk) -> ImagingState:
        done = await self._send(caller, self._camera(asked.id), "camera.imaging.get", {})
        return msgspec.convert(done.value, ImagingState)

    async def _set_imaging(self, caller: Caller, asked: CameraImaging) -> None:
        await self._send(caller, self._camera(asked.id), "camera.imaging.set", _args(asked))

    async def _focus(self, caller: Caller, asked: CameraFocus) -> None:
        await self._send(caller, self._camera(asked.id), "camera.focus.move", _args(asked))

    async def _relay(self, caller: Caller, asked: CameraRelay) -> None:
        args = _args(asked)
        args.pop("reason")
        await self._send(caller, self._camera(asked.id), "camera.relay.set", args, asked.reason)

    # -- what all use -------------------------------------------------------------------------------------------------

    def _camera(self, id_: str) -> Camera:
        held = self._state.get("camera", id_)
        if held is None or not isinstance(held.entity, Camera):
            raise NotFound(f"There is no camera {id_!r}.", where=ref("camera", id_), remedy="Look at the list of cameras.")
        camera = held.entity
        if not camera.onvif:
            raise Conflict(
                f"{camera.name} is not asked over ONVIF, so it cannot be moved or switched.",
                where=ref("camera", id_),
                remedy="Set the address of its ONVIF services, where it has them.",
            )
        if not camera.enabled:
            raise Conflict(f"{camera.name} is switched off.", where=ref("camera", id_), remedy="Enable the camera first.")
        return camera

    async def _send(self, caller: Caller, camera: Camera, name: str, args: dict[str, Any], reason: str = "") -> Result:
        command = Command(
            id=uuid.uuid4().hex,
            name=name,
            entity=ref("camera-control", camera.id),
            args=args,
            issuer=caller.actor,
            reason=reason or caller.reason,
            timeout=TIMEOUT,
        )
        result = await self._bus.command(command)
        if not result.ok:
            what = f"{camera.name}: {result.what}"
            raise BY_CODE.get(result.code, Refusal)(what, where=ref("camera", camera.id), remedy=result.remedy)
        return result

    async def _halt(self, camera: Camera, caller: Caller) -> None:
        """Stop what the one before moved, as far as that goes: it stops by itself soon."""
        try:
            await self._send(caller, camera, "camera.ptz.stop", {})
        except Refusal:
            return

    def _publish(self, camera: str) -> None:
        hold = self._holds.of(camera, self._clock.now())
        status = Status(
            ref=ref("camera-hold", camera),
            state="held" if hold is not None else "free",
            since=hold.since if hold is not None else self._clock.now(),
            data=msgspec.to_builtins(hold) if hold is not None else {},
        )
        self._bus.publish(TOPIC, msgspec.msgpack.encode(status))

    def priority(self, actor: str) -> int:
        """Return the rank of whoever moves a camera or speaks through it."""
        kind, id_ = split_ref(actor)
        if kind != "user":
            return SYSTEM_PRIORITY
        user = self._entity("user", id_)
        if not isinstance(user, User):
            return 0
        groups = [group for group in (self._entity("group", one) for one in user.groups) if isinstance(group, Group)]
        names = {*user.roles, *(role for group in groups for role in group.roles)}
        roles = (self._entity("role", name) for name in names)
        return max((role.ptz_priority for role in roles if isinstance(role, Role)), default=0)

    def name_of(self, actor: str) -> str:
        """Return who that is, as others read it."""
        found = self._entity(*split_ref(actor))
        return found.name if found is not None else SYSTEM_NAMES.get(actor, actor)

    def _entity(self, kind: str, id_: str) -> Any:
        held = self._state.get(kind, id_)
        return held.entity if held is not None else None

    async def _tell(self, type_: str, camera: Camera, data: dict[str, Any], caller: Caller) -> None:
        self._told += 1
        data = {"name": camera.name, **data}
        shown = {**data, "until": f"{to_datetime(data['until']):%H:%M:%S} UTC"} if "until" in data else data
        event = Event(
            key=f"{self._origin}/{self._told}",
            type=type_,
            entity=ref("camera", camera.id),
            time=self._clock.now(),
            severity=severity(type_),
            related=(caller.actor,),
            text=describe(type_, shown),
            data=data,
        )
        await self._bus.emit([event])

    async def _write_down(self, caller: Caller, asked: Any, action: str) -> None:
        entry = AuditEntry(
            time=self._clock.now(),
            actor=caller.actor,
            action=action,
            entity=_camera_of(asked),
            outcome="done",
            reason=caller.reason,
            detail=_detail(asked),
            remote=caller.remote,
        )
        await self._state.audit([entry])


def _camera_of(params: Any) -> str:
    return ref("camera", params.id)


def _home_action(params: CameraHome) -> str:
    return "camera.preset" if params.set else "camera.ptz"


def _args(params: Struct) -> dict[str, Any]:
    args: dict[str, Any] = msgspec.to_builtins(params)
    del args["id"]
    return args


def _detail(params: Any) -> dict[str, Any]:
    return {name: value for name, value in _args(params).items() if value not in (None, "") and name != "reason"}
