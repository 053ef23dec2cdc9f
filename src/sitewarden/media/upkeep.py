"""What is done for the volumes all the time: looked at, put in order when they are back, room made, what is old deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.media.arrival import sweep, take_up
from sitewarden.media.diary import Diary
from sitewarden.media.disk import Disk
from sitewarden.media.locks import Locks
from sitewarden.media.moving import Mover
from sitewarden.media.retention import Keep, Retention
from sitewarden.media.volumes import Volumes
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)

CLEAN_EVERY: Final = 60.0
"""Seconds between two times that what is old is deleted."""


class Upkeep:
    """The volumes of one recorder; `keeps` tells how much of each camera is kept."""

    def __init__(
        self,
        volumes: Volumes,
        index: SegmentIndex,
        diary: Diary,
        locks: Locks,
        clock: Clock,
        keeps: Callable[[], Mapping[str, Keep]],
        move_bytes: float,
    ) -> None:
        """`move_bytes` a second may be moved between volumes."""
        self.volumes = volumes
        self.retention = Retention(volumes, index, locks)
        self.mover = Mover(volumes, index, self.retention, diary, clock, keeps, move_bytes)
        self._index = index
        self._diary = diary
        self._locks = locks
        self._clock = clock
        self._keeps = keeps
        self._clean_at = clock.monotonic() + CLEAN_EVERY

    async def open(self) -> None:
        """Look at all volumes, and take up what a crash left on them."""
        await self.volumes.open()
        for disk in self.volumes:
            await self._take_up(disk)

    async def check(self) -> None:
        """Look whether each volume is there, make room on it, and judge whether it takes recordings."""
        await asyncio.gather(*(self._check(disk) for disk in self.volumes))

    async def clean(self, monotonic: float) -> None:
        """Delete what is too old or too much, where it is time for that."""
        if monotonic < self._clean_at:
            return
        self._clean_at = monotonic + CLEAN_EVERY
        keeps, now = self._keeps(), self._clock.now()
        try:
            await self._locks.expire(now)
            await self.retention.by_age(keeps, now)
            await self.retention.by_size(keeps, now)
            await self.retention.by_volume(keeps, now)
            for disk in self.volumes:
                if disk.there:
                    await sweep(disk, self._index)
        except (OSError, Refusal) as error:
            log.warning("old recordings could not be deleted, trying again: %s", error)

    async def _take_up(self, disk: Disk) -> None:
        if disk.there and disk.spec.remote is None:
            try:
                await take_up(disk, self._index, self._diary)
            except OSError as error:
                self._failed(disk, error)

    async def _check(self, disk: Disk) -> None:
        if disk.spec.remote is None and not disk.writer.alive:
            raise RuntimeError("the writer of the recordings has ended; the process must be started anew")
        back = await disk.look()
        if not disk.there:
            return
        if back:
            await self._take_up(disk)
            self.volumes.arrived(disk)
            disk.returned()
        try:
            disk.free += await self._make_room(disk)
        except Refusal as error:
            log.warning("old recordings could not be deleted to make room, trying again: %s", error)
        except OSError as error:
            self._failed(disk, error)
            return
        disk.judge(disk.free, " and locks hold recordings" if self._locks.held else "")
        disk.check_speed()

    async def _make_room(self, disk: Disk) -> int:
        if disk.free >= disk.min_free:
            return 0
        wanted = disk.min_free - disk.free + disk.min_free // 10
        return await self.retention.for_space(disk, wanted, self._keeps(), self._clock.now())

    def _failed(self, disk: Disk, error: OSError) -> None:
        log.error("%s failed: %s", disk.root, error)
        disk.failed(error)
