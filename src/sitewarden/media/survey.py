"""How full the disks are, what is kept of each camera, and how long the room lasts."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import DAY, HOUR
from sitewarden.domain.video.forecast import Growth, full_at, limit
from sitewarden.domain.video.model import Priority, RecordMode
from sitewarden.media.recorder import Recorder

WINDOW: Final = DAY
"""What was recorded in so long before now tells how much a day takes."""


class VolumeState(Struct, frozen=True, kw_only=True):
    """One place that recordings are written to."""

    path: str
    state: str
    """"ok", "slow", "full" or "failed"."""
    detail: str
    total: int
    free: int
    min_free: int
    """Bytes that stay free."""
    held: int
    """Bytes of recordings."""
    full_at: int
    """When it will be full as things go, microseconds since 1970 UTC; 0 where the cameras' own limits hold before."""


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
    recent = await recorder.index.recent(now - WINDOW)
    cameras: list[CameraState] = []
    growths: list[Growth] = []
    for duty in recorder.duties():
        camera = duty.camera
        held, oldest, newest = usage.get(camera.id, (0, 0, 0))
        size, since = recent.get(camera.id, (0, now))
        # A camera that was added within the last day has less than a day to judge by, but never less than an hour.
        daily = round(size * DAY / max(HOUR, min(WINDOW, now - since))) if size else 0
        most = round(camera.max_gigabytes * 1e9)
        gap = duty.gap
        cameras.append(
            CameraState(
                camera=camera.id,
                bytes=held,
                oldest=oldest,
                newest=newest,
                daily=daily,
                days=camera.retention_days,
                max_bytes=most,
                priority=camera.priority,
                mode=camera.record_mode,
                recording=gap is None and duty.recording is not None,
                ordered=duty.until(now),
                locks=sum(lock.camera == camera.id for lock in recorder.locks),
                gap=gap.reason if gap else "",
                detail=gap.detail if gap else "",
            )
        )
        growths.append(Growth(daily=daily, held=held, limit=limit(daily, camera.retention_days, most or None)))
    total, free = await asyncio.to_thread(_room, recorder.root)
    spare = recorder.settings.min_free_bytes
    why = recorder.disk
    state = why[0].removeprefix("disk-") if why else "slow" if recorder.slow else "ok"
    volume = VolumeState(
        path=str(recorder.root),
        state=state,
        detail=why[1] if why else "",
        total=total,
        free=free,
        min_free=spare,
        held=sum(size for size, _, _ in usage.values()),
        full_at=full_at(growths, free - spare, now),
    )
    return StorageState(volumes=(volume,), cameras=tuple(sorted(cameras, key=lambda one: one.camera)))


def _room(root: Path) -> tuple[int, int]:
    try:
        found = shutil.disk_usage(root)
    except OSError:
        return 0, 0
    return found.total, found.free
