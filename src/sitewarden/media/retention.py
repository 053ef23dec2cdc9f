"""What recordings are let go: too old, too much of one camera, the least important of a full disk; never locked ones."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import DAY, HOUR
from sitewarden.domain.video.model import PRIORITIES, Priority, Segment
from sitewarden.media.arrival import clear
from sitewarden.media.disk import Disk
from sitewarden.media.layout import is_day
from sitewarden.media.locks import Locks
from sitewarden.media.volumes import Volumes
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)

PROTECTED: Final = HOUR
"""What is younger than this is never deleted to make room; a disk that holds nothing older stops recording instead."""
DEFAULT_DAYS: Final = 30.0
"""For recordings of a camera that is configured no more."""
PAGE: Final = 50
"""Segments of one camera that are looked at in one step while room is made."""
BATCH: Final = 500
"""Segments that are deleted in one step."""


class Keep(Struct, frozen=True, kw_only=True):
    """How much of a camera is kept."""

    days: float = DEFAULT_DAYS
    max_bytes: int | None = None
    priority: Priority = "normal"


DEFAULT: Final = Keep()


class Retention:
    """Deletes from the index first and from the disk then: a crash in between leaves a file, which the next pass deletes.

    It touches the cameras of `keeps` and those that the index knows, no others: other processes write beside it.
    """

    def __init__(self, volumes: Volumes, index: SegmentIndex, locks: Locks) -> None:
        """Nothing that `locks` hold is deleted, and nothing on a volume that is gone."""
        self._volumes = volumes
        self._index = index
        self._locks = locks

    async def by_age(self, keeps: Mapping[str, Keep], now: int) -> int:
        """Delete what is older than each camera's days; return the bytes that were freed."""
        freed = 0
        known = await self._index.usage()
        for camera in sorted(keeps.keys() | known.keys()):
            days = keeps.get(camera, DEFAULT).days
            cutoff = now - round(days * DAY)
            old = [one for one in await self._index.find(camera, 0, cutoff) if one.end <= cutoff]
            freed += await self._delete(self._free(old, forget=True), f"older than {days:g} days")
            left = await self._index.find(camera, 0, cutoff)
            for disk in self._volumes:
                if disk.there and disk.spec.remote is None:
                    kept = {one.path for one in left if one.volume == disk.id}
                    freed += await asyncio.to_thread(self._orphans, disk, camera, cutoff, kept)
        return freed

    async def by_size(self, keeps: Mapping[str, Keep], now: int) -> int:
        """Delete the oldest of each camera that takes more than it may; return the bytes that were freed."""
        freed = 0
        there = [sizes for id_, sizes in (await self._index.held()).items() if not self._volumes.missing(id_)]
        for camera, keep in sorted(keeps.items()):
            over = sum(sizes.get(camera, 0) for sizes in there) - keep.max_bytes if keep.max_bytes is not None else 0
            while over > 0:
                chosen = _until(await self._oldest(camera, now, BATCH), over)
                got = await self._delete(chosen, "beyond the size that this camera may take")
                freed += got
                over -= sum(one.bytes for one in chosen)
                if not chosen:
                    break
        return freed

    async def by_volume(self, keeps: Mapping[str, Keep], now: int) -> int:
        """Delete from each volume what is beyond the size that recordings may take of it; return the bytes that were freed."""
        await self._volumes.weigh()
        freed = 0
        for disk in self._volumes:
            if disk.there and disk.spec.max_bytes and disk.held > disk.spec.max_bytes:
                freed += await self.for_space(disk, disk.held - disk.spec.max_bytes, keeps, now)
        return freed

    async def for_space(self, disk: Disk, wanted: int, keeps: Mapping[str, Keep], now: int) -> int:
        """Delete from a volume until `wanted` bytes are freed or only protected ones are left; return the bytes.

        All of low priority goes before any of normal, and that before any of high; within one, the oldest of all cameras first.
        """
        freed = 0
        known = await self._index.usage()
        for priority in PRIORITIES:
            cameras = [one for one in sorted(known) if keeps.get(one, DEFAULT).priority == priority]
            while freed < wanted:
                found: list[Segment] = []
                for camera in cameras:
                    found += await self._oldest(camera, now - PROTECTED, PAGE, disk.id)
                chosen = _until(sorted(found, key=lambda one: one.start)[:BATCH], wanted - freed)
                if not chosen:
                    break
                freed += await self._delete(chosen, "to make room on the disk")
        return freed

    async def _oldest(self, camera: str, before: int, count: int, volume: str | None = None) -> list[Segment]:
        """Return up to `count` of a camera's oldest segments that end before a moment and that nothing keeps."""
        after = -1
        while page := await self._index.oldest(count, camera, after, volume=volume):
            free = self._free(one for one in page if one.end <= before)
            if free or page[-1].start >= before:
                return free
            after = page[-1].start
        return []

    def _free(self, segments: Iterable[Segment], *, forget: bool = False) -> list[Segment]:
        """Return the segments that no lock holds and whose files can be deleted.

        Those on a volume that is gone wait for it. With `forget`, those on one that the settings name no more are among them.
        """
        disks = {disk.id: disk.there for disk in self._volumes}
        return [one for one in segments if disks.get(one.volume, forget) and not self._held(one)]

    def _held(self, one: Segment) -> bool:
        return any(lock.camera == one.camera and lock.start < one.end and one.start < lock.end for lock in self._locks.held)

    async def _delete(self, segments: Sequence[Segment], why: str) -> int:
        freed = 0
        for start in range(0, len(segments), BATCH):
            batch = segments[start : start + BATCH]
            disks = {one.volume: self._volumes.get(one.volume) for one in batch}
            far = {disk.id for disk in filter(None, disks.values()) if disk.spec.remote is not None}
            # A bucket may refuse: what it keeps is known as a leftover until it is gone.
            await self._index.remove([one.id for one in batch], leave=[one for one in batch if one.volume in far])
            for disk in filter(None, disks.values()):
                paths = [one.path for one in batch if one.volume == disk.id]
                if disk.id in far:
                    await clear(disk, self._index, paths)
                else:
                    freed += await asyncio.to_thread(disk.delete, paths)
        for camera in {one.camera for one in segments}:
            mine = [one for one in segments if one.camera == camera]
            start, end = min(one.start for one in mine), max(one.end for one in mine)
            await self._index.forget_before(camera, start, end, why)
        return freed

    def _orphans(self, disk: Disk, camera: str, cutoff: int, left: set[str]) -> int:
        """Delete files of whole days before `cutoff` that the index does not know any more; `left` are those that it knows."""
        last = f"{datetime.fromtimestamp(max(0, cutoff - DAY) / 1e6, UTC):%Y-%m-%d}"
        paths = [
            str(path.relative_to(disk.root))
            for folder in (disk.root / camera).glob("*")
            if is_day(folder.name) and folder.name < last
            for path in folder.glob("*.mp4")
            if str(path.relative_to(disk.root)) not in left
        ]
        return disk.delete(paths)


def _until(segments: Sequence[Segment], size: int) -> list[Segment]:
    """Return the first segments that together have `size` bytes."""
    chosen: list[Segment] = []
    for segment in segments:
        if size <= 0:
            break
        chosen.append(segment)
        size -= segment.bytes
    return chosen
