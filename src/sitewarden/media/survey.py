"""How full the disks are, what is kept of each camera, and how long the room lasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from sitewarden.domain.clock import DAY, HOUR
from sitewarden.domain.video.forecast import Growth, full_at, limit
from sitewarden.domain.video.model import Priority, RecordMode, Tier
from sitewarden.domain.video.volumes import next_tier
from sitewarden.media.disk import Disk
from sitewarden.media.recorder import Recorder

WINDOW: Final = DAY
"""What was recorded in so long before now tells how much a day takes."""


class VolumeState(Struct, frozen=True, kw_only=True):
    """One place that recordings lie on."""

    id: str
    tier: Tier
    path: str
    state: str
    """"ok", "slow", "full", "failed", or "gone": what lies on it cannot be seen until it is back."""
    detail: str
    records: bool
    """False: what lies on it is kept until its time is over, and nothing is added."""
    total: int
    free: int
    min_free: int
    """Bytes that stay free."""
    max_bytes: int
    """That recordings may take; 0 where there is no limit."""
    keep_days: float
    """Days after which recordings move to the next tier; 0: when it fills up."""
    next_tier: str
    """Where they move to; empty where there is no further tier."""
    held: int
    """Bytes of recordings."""
    oldest: int
    """Start of the oldest recording on it, microseconds since 1970 UTC; 0 where there is none."""
    cameras: int
    """Cameras that are recorded on it now."""
    full_at: int
    """When it will be full as things go, microseconds since 1970 UTC; 0 where the cameras' own limits hold before, or it hands on
    what is old to the next tier."""
    undeleted: int = 0
    """Files past their time that could not be deleted from it yet; they are tried again each minute."""
    undeleted_detail: str = ""


class CameraState(Struct, frozen=True, kw_only=True):
    """What is kept of one camera."""

    camera: str
    bytes: int
    oldest: int
    """Start of the oldest recording, microseconds since 1970 UTC; 0 where there is none."""
    newest: int
    daily: int
    """Bytes a day, by what was recorded within the last day."""
    days: float
    max_bytes: int
    """0 where there is no limit."""
    priority: Priority
    mode: RecordMode
    recording: bool
    ordered: int
    """Until when somebody ordered it to be recorded; 0 where nobody did."""
    locks: int
    volume: str = ""
    """The volume that it is recorded on now."""
    gap: str = ""
    """Why it is not recorded now; empty while it is."""
    detail: str = ""


class StorageState(Struct, frozen=True, kw_only=True):
    """Answer to `video.storage/<process>`."""

    volumes: tuple[VolumeState, ...]
    cameras: tuple[CameraState, ...]


async def survey(recorder: Recorder) -> StorageState:
    """Return what is kept, and how long the room lasts."""
    now = recorder.now()
    usage = await recorder.index.usage()
    held = await recorder.index.held()
    recent = await recorder.index.recent(now - WINDOW)
    cameras: list[CameraState] = []
    daily: dict[str, int] = {}
    for duty in recorder.duties():
        camera = duty.camera
        size, oldest, newest = usage.get(camera.id, (0, 0, 0))
        lately, since = recent.get(camera.id, (0, now))
        # A camera that was added within the last day has less than a day to judge by, but never less than an hour.
        daily[camera.id] = round(lately * DAY / max(HOUR, min(WINDOW, now - since))) if lately else 0
        gap = duty.gap
        cameras.append(
            CameraState(
                camera=camera.id,
                bytes=size,
                oldest=oldest,
                newest=newest,
                daily=daily[camera.id],
                days=camera.retention_days,
                max_bytes=round(camera.max_gigabytes * 1e9),
                priority=camera.priority,
                mode=camera.record_mode,
                recording=gap is None and duty.recording is not None,
                ordered=duty.until(now),
                locks=sum(lock.camera == camera.id for lock in recorder.locks),
                volume=recorder.volumes.place(camera)[0].id if duty.recording is not None else "",
                gap=gap.reason if gap else "",
                detail=gap.detail if gap else "",
            )
        )
    volumes = []
    for disk in recorder.volumes:
        on = [one for one in cameras if one.volume == disk.id]
        oldest_there = await recorder.index.oldest(1, volume=disk.id)
        if not disk.spec.records and not oldest_there:
            continue
        volumes.append(_volume(recorder, disk, held.get(disk.id, {}), on, oldest_there[0].start if oldest_there else 0, now))
    known = {disk.id for disk in recorder.volumes}
    for id_, sizes in held.items():
        if id_ not in known:
            volumes.append(_unnamed(recorder, id_, sum(sizes.values())))
    return StorageState(volumes=tuple(volumes), cameras=tuple(sorted(cameras, key=lambda one: one.camera)))


def _volume(recorder: Recorder, disk: Disk, held: dict[str, int], on: list[CameraState], oldest: int, now: int) -> VolumeState:
    spec, size = disk.spec, sum(held.values())
    growths = [Growth(daily=one.daily, held=held.get(one.camera, 0), limit=_limit(one, spec.keep_days)) for one in on]
    room = disk.free - disk.min_free
    if spec.max_bytes:
        room = min(room, spec.max_bytes - size)
    onwards = next_tier(recorder.volumes.specs, spec.tier)
    return VolumeState(
        id=disk.id,
        tier=spec.tier,
        path=disk.spec.path,
        state=disk.state,
        detail=disk.gone or (disk.why[1] if disk.why else ""),
        records=spec.records,
        total=disk.total,
        free=disk.free if spec.remote is None else 0,
        min_free=disk.min_free,
        max_bytes=spec.max_bytes,
        keep_days=spec.keep_days,
        next_tier=onwards or "",
        held=size,
        oldest=oldest,
        cameras=len(on),
        full_at=full_at(growths, room, now) if onwards is None and disk.there and spec.remote is None else 0,
        undeleted=len(disk.left),
        undeleted_detail=disk.left_why if disk.left else "",
    )


def _limit(camera: CameraState, keep_days: float) -> float:
    """Return the bytes at which a camera's recordings on one volume stop growing."""
    days = min(camera.days, keep_days) if keep_days else camera.days
    return limit(camera.daily, days, camera.max_bytes or None)


def _unnamed(recorder: Recorder, id_: str, held: int) -> VolumeState:
    return VolumeState(
        id=id_, tier="large", path="", state="gone", detail=recorder.volumes.missing(id_), records=False,
        total=0, free=0, min_free=0, max_bytes=0, keep_days=0.0, next_tier="", held=held, oldest=0, cameras=0, full_at=0,
    )  # fmt: skip


STATES: Final = ("ok", "slow", "full", "failed", "gone")


def merged(before: Sequence[VolumeState], told: Sequence[VolumeState]) -> list[VolumeState]:
    """Return the volumes as two processes tell of them: each volume once, with what both hold and the worse state."""
    found = {one.id: one for one in before}
    for one in told:
        other = found.get(one.id)
        if other is None:
            found[one.id] = one
            continue
        worse = max(one, other, key=lambda each: STATES.index(each.state))
        found[one.id] = msgspec.structs.replace(
            worse,
            held=one.held + other.held,
            max_bytes=one.max_bytes + other.max_bytes,
            cameras=one.cameras + other.cameras,
            oldest=min((each.oldest for each in (one, other) if each.oldest), default=0),
            undeleted=one.undeleted + other.undeleted,
            undeleted_detail=one.undeleted_detail or other.undeleted_detail,
            full_at=min((each.full_at for each in (one, other) if each.full_at), default=0),
        )
    return list(found.values())
