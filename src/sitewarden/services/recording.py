"""Recording as people command it: now, never (privacy), for ever (locks); and the events that start it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.access.model import AccessPoint, Door
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import DAY, MINUTE, Clock
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.refs import ref
from sitewarden.domain.video.model import Camera, Lock, Order
from sitewarden.domain.video.wish import starts
from sitewarden.media.desk import Locking, Trigger, Wanted
from sitewarden.media.survey import StorageState, merged
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.recording import (
    CameraStorage,
    LockQuery,
    LockRef,
    Locks,
    LockSet,
    PrivacyMode,
    RecordNow,
    RecordOrder,
    StorageQuery,
    VideoStorage,
)
from sitewarden.store.interfaces import Change, StateStore

log = logging.getLogger(__name__)

LATE: Final = MINUTE
"""An event that comes later than this after it happened starts no recording: there is nothing of its time left to record."""
LONGEST_LOCK: Final = 400 * DAY
MOST_LOCKS: Final = 1000
"""Locks of one camera."""

T = TypeVar("T")


class RecordingDesk:
    """The operations; a camera's media worker answers `video.record`, `video.lock` and `video.trigger` on the bus."""

    def __init__(self, state: StateStore, bus: Bus, clock: Clock, subjects: Subjects, workers: int) -> None:
        """`workers` is the count of processes for video."""
        self._state, self._bus, self._clock, self._subjects = state, bus, clock, subjects
        self._workers = workers
        self._waiting: list[tuple[Camera, frozenset[str]]] | None = None
        self._told = 0
        state.watch(self._changed)

    def operations(self) -> list[Operation]:
        """Return the operations. Releasing is a right of its own: what is held for others is not everybody's to let go."""
        return [
            Operation("camera.record", "camera.record", RecordNow, RecordOrder, self._record, entity=_camera, detail=_detail),
            Operation("camera.privacy", "camera.privacy", PrivacyMode, None, self._privacy, entity=_camera, detail=_detail),
            Operation("lock.set", "camera.lock", LockSet, Lock, self._lock, entity=_camera, detail=_detail),
            Operation("lock.release", "camera.unlock", LockRef, None, self._release, entity=_camera, detail=_detail),
            Operation("lock.list", "camera.playback", LockQuery, Locks, self._locks, audit=False, filtered=True),
            Operation("storage.get", "camera.get", StorageQuery, VideoStorage, self._storage, audit=False, filtered=True),
        ]

    async def run(self) -> None:
        """Let the events of doors, controllers and points start the recordings that wait for them, until cancelled."""
        subscription = self._bus.events()
        try:
            async for batch in subscription:
                for stored in batch:
                    await self._heard(stored.event)
        finally:
            subscription.close()

    async def _heard(self, event: Event) -> None:
        if self._waiting is None:
            self._waiting = self._near()
        if not self._waiting or self._clock.now() - event.time > LATE:
            return
        for camera, near in self._waiting:
            if starts(camera, event, near):
                try:
                    body = msgspec.msgpack.encode(Trigger(camera=camera.id))
                    await self._bus.request(f"video.trigger/{camera.id}", body, timeout=2.0)
                except Refusal as refusal:
                    log.warning("%s did not start the recording of %s: %s", event.type, camera.id, refusal)

    def _near(self) -> list[tuple[Camera, frozenset[str]]]:
        """Return the cameras that wait for events, with the references of the doors that they show and of their access points."""
        doors: dict[str, set[str]] = {}
        shown: dict[str, str] = {}
        for held in self._state.list("door"):
            if isinstance(held.entity, Door) and held.entity.camera:
                doors.setdefault(held.entity.camera, set()).add(ref("door", held.entity.id))
                shown[held.entity.id] = held.entity.camera
        for held in self._state.list("access-point"):
            if isinstance(held.entity, AccessPoint) and held.entity.door in shown:
                doors[shown[held.entity.door]].add(ref("access-point", held.entity.id))
        cameras = [held.entity for held in self._state.list("camera") if isinstance(held.entity, Camera)]
        return [(one, frozenset(doors.get(one.id, ()))) for one in cameras if one.record_mode == "events" and one.record]

    def _changed(self, changes: Sequence[Change]) -> None:
        if any(change.kind in ("camera", "door", "access-point") for change in changes):
            self._waiting = None

    async def _record(self, caller: Caller, asked: RecordNow) -> RecordOrder:
        self._found(asked.id)
        body = Wanted(camera=asked.id, seconds=asked.seconds, reason=caller.reason, by=caller.actor)
        order = await self._ask(f"video.record/{asked.id}", body, Order)
        return RecordOrder(camera=asked.id, until=order.until)

    async def _privacy(self, caller: Caller, asked: PrivacyMode) -> None:
        camera, revision = self._found(asked.id)
        if camera.privacy == asked.on:
            raise Conflict(f"{camera.name} is {'already' if asked.on else 'not'} in privacy mode.", where=ref("camera", asked.id))
        reason = _reason(caller)
        changed = msgspec.structs.replace(camera, privacy=asked.on, privacy_reason=reason[:300] if asked.on else "")
        self._told += 1
        now = self._clock.now()
        type_ = "video.privacy.on" if asked.on else "video.privacy.off"
        data = {"name": camera.name, "actor": caller.actor, "reason": reason}
        event = Event(
            key=f"privacy/{asked.id}/{now}/{self._told}",
            type=type_,
            entity=ref("camera", asked.id),
            time=now,
            severity=severity(type_),
            text=describe(type_, data),
            data=data,
        )
        await self._state.apply([Change(kind="camera", id=asked.id, entity=changed, revision=revision)], events=[event])

    async def _lock(self, caller: Caller, asked: LockSet) -> Lock:
        self._found(asked.id)
        now = self._clock.now()
        if asked.start >= asked.end:
            raise Invalid("the end is not after the start", where="end", remedy="Give a later end.")
        if asked.end - asked.start > LONGEST_LOCK:
            raise Invalid(f"a span of more than {LONGEST_LOCK // DAY} days", where="end", remedy="Lock a shorter span.")
        if asked.until and asked.until <= now:
            raise Invalid("the lock would have run out already", where="until", remedy="Give a later moment, or 0.")
        if len(await self._of(asked.id)) >= MOST_LOCKS:
            raise Invalid(f"{asked.id} has {MOST_LOCKS} locks already", where="id", remedy="Release some, or lock a longer span.")
        lock = Lock(
            id=secrets.token_hex(8),
            camera=asked.id,
            start=asked.start,
            end=asked.end,
            until=asked.until,
            reason=_reason(caller),
            by=caller.actor,
            made=now,
        )
        await self._ask(f"video.lock/{asked.id}", Locking(camera=asked.id, hold=lock), list[Lock])
        return lock

    async def _release(self, caller: Caller, asked: LockRef) -> None:
        self._found(asked.id)
        body = Locking(camera=asked.id, release=asked.lock, reason=_reason(caller), by=caller.actor)
        await self._ask(f"video.lock/{asked.id}", body, list[Lock])

    async def _locks(self, caller: Caller, asked: LockQuery) -> Locks:
        found: list[Lock] = []
        for id_ in self._seen(caller, "camera.playback", asked.camera):
            found += await self._of(id_)
        return Locks(items=found)

    async def _of(self, camera: str) -> list[Lock]:
        return await self._ask(f"video.lock/{camera}", Locking(camera=camera), list[Lock])

    async def _storage(self, caller: Caller, asked: StorageQuery) -> VideoStorage:
        seen = set(self._seen(caller, "camera.get", None))
        found = VideoStorage(volumes=[], cameras=[], silent=[])
        for number in range(self._workers):
            try:
                told = await self._ask(f"video.storage/media-{number}", None, StorageState)
            except Refusal as refusal:
                log.warning("media-%d does not tell what it keeps: %s", number, refusal)
                found.silent.append(f"media-{number}")
                continue
            found.volumes[:] = merged(found.volumes, told.volumes)
            for one in told.cameras:
                if one.camera in seen:
                    name = self._found(one.camera)[0].name
                    found.cameras.append(CameraStorage(**msgspec.structs.asdict(one), name=name))
        found.cameras.sort(key=lambda one: one.name)
        return found

    def _seen(self, caller: Caller, action: str, camera: str | None) -> list[str]:
        """Return the cameras that the caller has this right on, or the one asked for."""
        allowed = rights(caller.grants)
        ids = [held.entity.id for held in self._state.list("camera") if camera is None or held.entity.id == camera]
        return [
            id_
            for id_ in ids
            if allowed.everywhere(action) or allowed.allows(action, self._subjects.of(ref("camera", id_)), self._subjects.parent)
        ]

    def _found(self, id_: str) -> tuple[Camera, int]:
        held = self._state.get("camera", id_)
        if held is None or not isinstance(held.entity, Camera):
            raise NotFound(f'there is no camera "{id_}"', where="id")
        return held.entity, held.revision

    async def _ask(self, target: str, body: msgspec.Struct | None, answer: type[T]) -> T:
        return msgspec.msgpack.decode(await self._bus.request(target, msgspec.msgpack.encode(body)), type=answer)


def _reason(caller: Caller) -> str:
    if not caller.reason.strip():
        raise Invalid("This needs a reason.", where="reason", remedy="Say why; it goes into the audit log.")
    return caller.reason.strip()


def _camera(asked: RecordNow | PrivacyMode | LockSet | LockRef) -> str:
    return ref("camera", asked.id)


def _detail(asked: msgspec.Struct) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(asked).items() if name not in ("id", "reason")}
