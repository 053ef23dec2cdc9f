"""What recordings are let go: those older than their camera's days, and the oldest where the disk gets full."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sitewarden.domain.clock import DAY, HOUR, from_datetime
from sitewarden.domain.refs import is_id
from sitewarden.domain.video.model import Segment
from sitewarden.media.layout import is_day
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)

PROTECTED: Final = HOUR
"""What is younger than this is never deleted to make room; a disk that holds nothing older stops recording instead."""
DEFAULT_DAYS: Final = 30.0
"""For recordings of a camera that is configured no more."""
BATCH: Final = 500
"""Segments that are deleted in one step."""


class Retention:
    """Deletes from the index first and from the disk then: a crash in between leaves a file, which the next pass deletes."""

    def __init__(self, root: Path, index: SegmentIndex) -> None:
        self._root = root
        self._index = index

    async def by_age(self, days: Mapping[str, float], now: int) -> int:
        """Delete what is older than each camera's days; return the bytes that were freed."""
        freed = 0
        for camera in await asyncio.to_thread(self._cameras):
            cutoff = now - round(days.get(camera, DEFAULT_DAYS) * DAY)
            old = [one for one in await self._index.find(camera, 0, cutoff) if one.end <= cutoff]
            freed += await self._delete(old)
            freed += await asyncio.to_thread(self._orphans, camera, cutoff)
        return freed

    async def for_space(self, wanted: int, now: int) -> int:
        """Delete the oldest segments until `wanted` bytes are freed or only protected ones are left; return the bytes."""
        freed = 0
        limit = now - PROTECTED
        for day in await asyncio.to_thread(self._days):
            start = from_datetime(datetime.fromisoformat(day).replace(tzinfo=UTC))
            end = from_datetime(datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1))
            found: list[Segment] = []
            for camera in await asyncio.to_thread(self._cameras):
                found += [one for one in await self._index.find(camera, start, end) if one.end <= limit and one.start >= start]
            found.sort(key=lambda one: one.start)
            chosen, size = [], 0
            for segment in found:
                if freed + size >= wanted:
                    break
                chosen.append(segment)
                size += segment.bytes
            freed += await self._delete(chosen)
            if freed >= wanted or start > limit:
                break
        return freed

    async def _delete(self, segments: Sequence[Segment]) -> int:
        freed = 0
        for start in range(0, len(segments), BATCH):
            batch = segments[start : start + BATCH]
            await self._index.remove([one.id for one in batch])
            freed += await asyncio.to_thread(self._unlink, [self._root / one.path for one in batch])
        return freed

    def _unlink(self, paths: Sequence[Path]) -> int:
        freed = 0
        for path in paths:
            try:
                size = path.stat().st_size
                path.unlink()
                freed += size
            except FileNotFoundError:
                continue
            except OSError as error:
                log.warning("%s cannot be deleted: %s", path, error)
        for folder in {path.parent for path in paths}:
            try:
                folder.rmdir()
            except OSError:
                continue
        return freed

    def _orphans(self, camera: str, cutoff: int) -> int:
        """Delete files of whole days before `cutoff` that the index does not know any more."""
        last = f"{datetime.fromtimestamp(max(0, cutoff - DAY) / 1e6, UTC):%Y-%m-%d}"
        paths = [
            path
            for folder in (self._root / camera).glob("*")
            if is_day(folder.name) and folder.name < last
            for path in folder.glob("*.mp4")
        ]
        return self._unlink(paths)

    def _cameras(self) -> list[str]:
        return sorted(path.name for path in self._root.iterdir() if path.is_dir() and is_id(path.name))

    def _days(self) -> list[str]:
        return sorted({path.name for path in self._root.glob("*/*") if is_day(path.name)})
