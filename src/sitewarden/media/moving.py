"""Recordings on their way from one tier to the next: by age, or because a volume fills up; slowly, oldest first.

A move is copy, sync, read back, name, switch in the index, delete. A crash before the switch leaves a copy that nobody knows,
which the next start deletes or the next move replaces; one after it leaves the old file, which the index remembers to delete.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from sitewarden.domain.clock import DAY, MINUTE, Clock
from sitewarden.domain.errors import Refusal
from sitewarden.domain.video.model import Segment
from sitewarden.domain.video.volumes import FILL, next_tier
from sitewarden.media import archive
from sitewarden.media.arrival import clear
from sitewarden.media.copying import Pace, Stopped, copy
from sitewarden.media.diary import Diary
from sitewarden.media.disk import Disk
from sitewarden.media.retention import Keep, Retention
from sitewarden.media.volume import QUEUE_BYTES
from sitewarden.media.volumes import Volumes
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 30.0
"""Seconds between two looks for what is to be moved, while there is nothing."""
PAGE: Final = 50
"""Segments that are looked at together."""
YOUNG: Final = 5 * MINUTE
"""What ended less than this ago stays where it is, however full its volume."""
BUSY: Final = QUEUE_BYTES // 16
"""Bytes that wait for a writer from which on nothing is copied from or to its disk."""
AGAIN: Final = 600.0
"""Seconds until a segment that could not be moved is tried again."""
SKIPPED: Final = 1000
"""Segments that may wait for that; beyond it the one that failed first is tried at once."""


class Mover:
    """Moves segments of one media process; one at a time."""

    def __init__(
        self,
        volumes: Volumes,
        index: SegmentIndex,
        retention: Retention,
        diary: Diary,
        clock: Clock,
        keeps: Callable[[], Mapping[str, Keep]],
        rate: float,
    ) -> None:
        """`rate` is in bytes a second."""
        self._volumes = volumes
        self._index = index
        self._retention = retention
        self._diary = diary
        self._clock = clock
        self._keeps = keeps
        self._rate = rate
        self._skipped: dict[str, float] = {}
        self._failing: set[str] = set()

    async def run(self) -> None:
        """Move what is due, until cancelled."""
        if all(next_tier(self._volumes.specs, one.tier) is None for one in self._volumes.specs):
            return
        while True:
            moved = 0
            try:
                moved = await self.step()
            except Refusal as error:
                log.warning("recordings could not be moved, trying again: %s", error)
            if not moved:
                await asyncio.sleep(LOOK_EVERY)

    async def step(self) -> int:
        """Move up to a page of each volume; return how many segments were."""
        await self._volumes.weigh()
        moved = 0
        for disk in self._volumes:
            if disk.there and disk.spec.remote is None:
                for segment in await self._due(disk):
                    target = await self._target(disk, segment)
                    if target is None:
                        break
                    moved += await self._move(segment, disk, target)
        return moved

    async def _due(self, disk: Disk) -> list[Segment]:
        """Return the oldest segments of a volume that are to leave it."""
        spec, now, monotonic = disk.spec, self._clock.now(), self._clock.monotonic()
        if next_tier(self._volumes.specs, spec.tier) is None:
            return []
        over = (1 - FILL) * disk.total - (disk.free - disk.min_free)
        if spec.max_bytes:
            over = max(over, disk.held - FILL * spec.max_bytes)
        cutoff = now - round(spec.keep_days * DAY) if spec.keep_days else 0
        found: list[Segment] = []
        after = -1
        while len(found) < PAGE and (page := await self._index.oldest(PAGE, after=after, volume=disk.id)):
            after = page[-1].start
            for one in page:
                if one.end > cutoff and (over <= 0 or one.end > now - YOUNG):
                    return found
                if one.sealed and self._skipped.get(one.id, 0.0) <= monotonic:
                    found.append(one)
                    over -= one.bytes
        return found

    async def _target(self, source: Disk, segment: Segment) -> Disk | None:
        """Return a volume of the next tier with room for a segment; its own oldest make way where none has."""
        tier = next_tier(self._volumes.specs, source.spec.tier)
        able = [disk for disk in self._volumes if disk.spec.tier == tier and disk.spec.records and disk.why is None]
        best = max(able, key=_spare, default=None)
        if best is None:
            return None
        missing = segment.bytes - _spare(best)
        if missing > 0:
            freed = await self._retention.for_space(best, missing, self._keeps(), self._clock.now())
            best.free += freed
            best.held -= freed
        return best if segment.bytes <= _spare(best) else None

    async def _move(self, segment: Segment, source: Disk, target: Disk) -> bool:
        pace = Pace(self._rate, lambda: max(source.writer.waiting, target.writer.waiting) > BUSY)
        try:
            size = await asyncio.to_thread(_transfer, source, target, segment.path, pace)
            if not await self._index.move(segment, target.id):
                # It was deleted meanwhile; so is the copy.
                await self._index.leave(target.id, [segment.path])
                await clear(target, self._index, [segment.path])
                return False
            await asyncio.to_thread(source.delete, [segment.path])
            await self._index.cleared(source.id, [segment.path])
        except Stopped:
            return False
        except OSError as error:
            self._failed(segment, source, target, error)
            return False
        finally:
            pace.stop.set()
        source.free += size
        target.free -= size
        source.held -= size
        target.held += size
        if source.id in self._failing:
            self._failing.remove(source.id)
            self._tell("system.volume.moves", source, target, "")
        return True

    def _failed(self, segment: Segment, source: Disk, target: Disk, error: OSError) -> None:
        log.warning("%s could not be moved from %s to %s: %s", segment.id, source.id, target.id, error)
        self._skipped[segment.id] = self._clock.monotonic() + AGAIN
        while len(self._skipped) > SKIPPED:
            del self._skipped[next(iter(self._skipped))]
        if source.id not in self._failing:
            self._failing.add(source.id)
            self._tell("system.volume.stays", source, target, error.strerror or str(error))

    def _tell(self, type_: str, source: Disk, target: Disk, detail: str) -> None:
        now = self._clock.now()
        data = {"volume": source.id, "target": target.id, "detail": detail}
        self._diary.tell(type_, "system:media", now, f"disk/{source.id}/{now}", data)


def _spare(disk: Disk) -> int:
    """Return the bytes that recordings may still take of a volume."""
    free = disk.free - disk.min_free
    return min(free, disk.spec.max_bytes - disk.held) if disk.spec.max_bytes else free


def _transfer(source: Disk, target: Disk, path: str, pace: Pace) -> int:
    if target.spec.remote is not None:
        return archive.archive(target.spec.remote).put(source.root / path, path, pace)
    return copy(source.root / path, target.root / path, pace)
