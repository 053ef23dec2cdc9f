"""When a volume is there, at the start or again: what a crash or its loss left on it is put in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from sitewarden.media import recovery
from sitewarden.media.diary import Diary
from sitewarden.media.disk import Disk
from sitewarden.store.interfaces import SegmentIndex

log = logging.getLogger(__name__)


async def take_up(disk: Disk, index: SegmentIndex, diary: Diary) -> None:
    """Delete what was moved away and half copies, seal what was open, index what the index missed. Raises OSError.

    Leftovers go first: what was moved away, and deleted there meanwhile, must not come back as a recording.
    """
    await sweep(disk, index)
    removed = {one.camera for one in await index.open_gaps() if one.reason == "removed"}
    mine = (await index.accounted()).keys() - removed
    await asyncio.to_thread(recovery.remove_copies, disk.root, mine)
    busy = {file.path for file in disk.writer.files}
    recovered: set[str] = set()
    for path in await asyncio.to_thread(lambda: list(recovery.unsealed(disk.root))):
        segment = await asyncio.to_thread(recovery.recover, disk.root, path) if path not in busy else None
        if segment is not None:
            recovered.add(segment.id)
            diary.sealed(msgspec.structs.replace(segment, volume=disk.id), False)
    for camera, files in (await asyncio.to_thread(recovery.newest_sealed, disk.root, mine)).items():
        known = {one.start for one in await index.find(camera, min(files), max(files) + 1)}
        for start in sorted(files.keys() - known):
            entry = await asyncio.to_thread(recovery.index_entry, disk.root, files[start])
            if entry is not None and entry.id not in recovered:
                diary.sealed(msgspec.structs.replace(entry, volume=disk.id), False)
    await diary.settle()


async def sweep(disk: Disk, index: SegmentIndex) -> None:
    """Delete the files of segments that lie on another volume now, or are past their time. Raises OSError.

    What a bucket does not delete stays a leftover, which is told.
    """
    left = await index.leftovers(disk.id)
    if left:
        await clear(disk, index, left)
    disk.judge_left()


async def clear(disk: Disk, index: SegmentIndex, paths: Sequence[str]) -> int:
    """Delete leftovers, and forget those that are gone; return how many bytes that freed."""
    freed = await asyncio.to_thread(disk.delete, paths)
    await index.cleared(disk.id, [path for path in paths if path not in disk.left])
    return freed
