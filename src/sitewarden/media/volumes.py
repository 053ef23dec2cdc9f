"""The volumes of one media process, and which camera is recorded on which.

A camera has a home: the volume that its settings name, or one that the server chose by room. While the home takes nothing it is
recorded elsewhere, and comes back with the next file once the home works again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from pathlib import Path

from sitewarden.domain.clock import Clock
from sitewarden.domain.video.model import Camera, Gap, Segment
from sitewarden.domain.video.volumes import Remote, VolumeSpec, choose, count, first_tier
from sitewarden.domain.video.wish import Why
from sitewarden.media.diary import Diary
from sitewarden.media.disk import Disk
from sitewarden.media.marker import Known
from sitewarden.store.interfaces import SegmentIndex


class Volumes:
    """All volumes by id."""

    def __init__(
        self,
        specs: Sequence[VolumeSpec],
        index: SegmentIndex,
        clock: Clock,
        diary: Diary,
        free: Callable[[Path], int],
        changed: Callable[[], None],
        *,
        min_free: int,
    ) -> None:
        self.specs = specs
        self.disks = {one.id: Disk(one, index, clock, diary, free, changed, min_free=min_free) for one in specs}
        self._index = index
        self._homes: dict[str, str] = {}
        self._away: dict[str, str] = {}
        self._seen: set[str] = set()

    @property
    def first(self) -> Disk:
        """The volume that was named first."""
        return next(iter(self.disks.values()))

    def __iter__(self) -> Iterator[Disk]:
        return iter(self.disks.values())

    def get(self, id_: str) -> Disk | None:
        """Return a volume; None where the settings name none of this id."""
        return self.disks.get(id_)

    @property
    def full(self) -> bool:
        """True while none takes anything."""
        return all(disk.why is not None for disk in self._local if disk.spec.records)

    @property
    def _local(self) -> list[Disk]:
        """The volumes that files can be written on as they come."""
        return [disk for disk in self if disk.spec.remote is None]

    async def open(self) -> None:
        """Look at all of them at once, and begin to write on those that are there."""
        known = {id_: Known(mark=mark, own=own) for id_, (mark, own) in (await self._index.volumes()).items()}
        await asyncio.gather(*(disk.open(known.get(disk.id)) for disk in self))
        await self.weigh()
        for disk in self._local:
            disk.writer.start()
        self._seen = {disk.id for disk in self if disk.there}

    async def weigh(self) -> None:
        """Sum up what each holds."""
        held = await self._index.held()
        for disk in self:
            disk.held = sum(held.get(disk.id, {}).values())

    def arrived(self, disk: Disk) -> None:
        """Spread the cameras anew where a volume is there for the first time since the start."""
        if disk.id not in self._seen:
            self._seen.add(disk.id)
            self._homes.clear()

    def place(self, camera: Camera) -> tuple[Disk, Why | None]:
        """Return the volume that a camera is to be recorded on now, and why it cannot be, where none takes anything."""
        home = self._home(camera)
        if home.why is None:
            self._away.pop(camera.id, None)
            return home, None
        away = self.disks.get(self._away.get(camera.id, ""))
        if away is None or away.why is not None:
            chosen = self._choose(self.disks, self._away)
            if chosen is None:
                self._away.pop(camera.id, None)
                return home, home.why
            self._away[camera.id] = chosen
            away = self.disks[chosen]
        return away, None

    def _home(self, camera: Camera) -> Disk:
        named = self.disks.get(camera.volume or "")
        if named is not None and named.spec.records and named.spec.remote is None:
            self._homes[camera.id] = named.id
            return named
        if camera.id not in self._homes:
            tier = first_tier(self.specs)
            first = [disk.id for disk in self._local if disk.spec.tier == tier]
            able = [disk.id for disk in self._local if disk.spec.records]
            chosen = self._choose(first, self._homes) or next(iter(first or able), self.first.id)
            self._homes[camera.id] = chosen
        return self.disks[self._homes[camera.id]]

    def _choose(self, ids: Container[str], taken: dict[str, str]) -> str | None:
        able = [disk for disk in self._local if disk.id in ids and disk.spec.records]
        return choose([disk.standing(count(taken, disk.id)) for disk in able])

    def forget(self, camera: str) -> None:
        """Forget a camera that is recorded no more."""
        self._homes.pop(camera, None)
        self._away.pop(camera, None)

    def missing(self, volume: str) -> str:
        """Return why nothing on a volume can be read; empty where it can."""
        disk = self.disks.get(volume)
        if disk is None:
            return f"it lies on the volume {volume}, which the settings do not name any more"
        return f"it lies on the volume {volume}, which is gone: {disk.gone}" if disk.gone else ""

    def readable(self, segments: Iterable[Segment]) -> tuple[list[Segment], list[Gap]]:
        """Return the segments that can be read, and the others as gaps with their reason."""
        found: list[Segment] = []
        gaps: list[Gap] = []
        for one in segments:
            why = self.missing(one.volume)
            if not why:
                found.append(one)
                continue
            last = gaps[-1] if gaps else None
            if last is not None and last.detail == why and one.start - last.end < 1_000_000:
                gaps[-1] = Gap(camera=one.camera, start=last.start, end=max(last.end, one.end), reason="volume-gone", detail=why)
            else:
                gaps.append(Gap(camera=one.camera, start=one.start, end=one.end, reason="volume-gone", detail=why))
        return found, gaps

    def roots(self) -> dict[str, str]:
        """Return the directories of those that are there."""
        return {disk.id: str(disk.root) for disk in self._local if disk.there}

    def remotes(self) -> dict[str, Remote]:
        """Return the buckets that are there."""
        return {disk.id: disk.spec.remote for disk in self if disk.spec.remote is not None and disk.there}
