"""After a crash: segments that were open are cut at their last whole fragment, sealed and indexed. Does I/O; blocking."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from sitewarden.domain.video.model import Segment
from sitewarden.media.layout import is_day, parse_path, segment_id, segment_path
from sitewarden.media.scan import Scan, scan
from sitewarden.wire.fmp4_read import Fmp4Error
from sitewarden.wire.formats import codecs

log = logging.getLogger(__name__)


COPY: Final = ".moving"
"""Behind the name of a file that is being copied here from another volume."""


def remove_copies(root: Path, cameras: Collection[str]) -> None:
    """Delete the copies that a crash left half done; the files that they were made from are whole."""
    for camera in cameras:
        for path in (root / camera).glob(f"*/*.mp4{COPY}"):
            path.unlink(missing_ok=True)


def unsealed(root: Path) -> Iterator[Path]:
    """Yield the files that a crash left open, in order."""
    yield from sorted(path for path in root.glob("*/*/*.mp4.part") if parse_path(str(path.relative_to(root))))


def recover(root: Path, path: Path) -> Segment | None:
    """Cut and seal one open file; None where it holds no whole fragment, cannot be read, or is being written by another process.

    A file without a whole fragment is removed. One that is not ours is left as it is, under another name.
    """
    found = parse_path(str(path.relative_to(root)))
    if found is None:
        return None
    camera, start, _ = found
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    try:
        content = scan(path)
    except Fmp4Error as error:
        if path.stat().st_size == 0 or _never_began(path):
            path.unlink()
        else:
            log.warning("%s cannot be read as a recording (%s); it is kept as .broken", path, error)
            path.rename(path.with_suffix(".broken"))
        return None
    if not content.places:
        path.unlink()
        return None
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.ftruncate(fd, content.end)
        os.fsync(fd)
    finally:
        os.close(fd)
    sealed = segment_path(camera, start)
    path.rename(root / sealed)
    return describe(camera, start, sealed, content)


def describe(camera: str, start: int, path: str, content: Scan) -> Segment:
    """Return the index entry of a sealed file."""
    return Segment(
        id=segment_id(camera, start),
        camera=camera,
        path=path,
        start=start,
        end=max(content.end_wall, start + 1),
        bytes=content.end,
        codec=codecs(content.video, content.audio),
        width=content.video.width,
        height=content.video.height,
    )


def newest_sealed(root: Path, cameras: Collection[str]) -> dict[str, dict[int, Path]]:
    """Return the sealed files of these cameras' last two days as start to path: those that a crash can have left unindexed."""
    found: dict[str, dict[int, Path]] = {}
    for folder in (root / camera for camera in cameras):
        days = sorted((day for day in folder.iterdir() if is_day(day.name)), reverse=True) if folder.is_dir() else []
        for path in (path for day in days[:2] for path in day.glob("*.mp4")):
            parsed = parse_path(str(path.relative_to(root)))
            if parsed is not None:
                found.setdefault(parsed[0], {})[parsed[1]] = path
    return found


def index_entry(root: Path, path: Path) -> Segment | None:
    """Return the index entry of a sealed file that the index does not know; None where it cannot be read."""
    found = parse_path(str(path.relative_to(root)))
    if found is None:
        return None
    try:
        content = scan(path)
    except (Fmp4Error, OSError):
        return None
    return describe(found[0], found[1], str(path.relative_to(root)), content) if content.places else None


def _never_began(path: Path) -> bool:
    """A file shorter than its init segment: the crash came before the first fragment was whole."""
    return path.stat().st_size < 4096
