"""One file copied to another volume so that a crash at any moment leaves a whole one. Blocks; for a thread of its own."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sitewarden.media.recovery import COPY

CHUNK: Final = 1024 * 1024
WAIT: Final = 0.1
"""Seconds between two looks at whether the disks are busy."""


class Stopped(Exception):
    """The process ends; the half copy is deleted by the next start."""


class Pace:
    """How fast bytes may be copied: `rate` a second, and not at all while `busy` says that recording needs the disks."""

    def __init__(self, rate: float, busy: Callable[[], bool]) -> None:
        self._rate = rate
        self._busy = busy
        self._due = time.monotonic()
        self.stop = threading.Event()

    def spend(self, count: int) -> None:
        """Wait until `count` bytes more may flow; raises Stopped."""
        self._due = max(self._due, time.monotonic() - 1.0) + count / self._rate
        while (left := self._due - time.monotonic()) > 0 or self._busy():
            if self.stop.wait(max(left, WAIT if left <= 0 else 0.0)):
                break
        if self.stop.is_set():
            raise Stopped


def copy(source: Path, target: Path, pace: Pace) -> int:
    """Copy a file, make it durable, read it back and compare; then give it its name. Returns its bytes.

    Raises OSError, also where what was read back differs; nothing stands under the name then.
    """
    draft = target.with_name(target.name + COPY)
    made = _folders(target.parent)
    try:
        size, wanted = _write(source, draft, pace)
        if _digest(draft, pace) != wanted:
            raise OSError(f"what was read back of {target} differs from {source}")
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    for folder in (target.parent, *made):
        sync_folder(folder)
    return size


def _folders(folder: Path) -> list[Path]:
    """Make a directory and those above it; return the directories that got a new entry."""
    made = []
    while not folder.is_dir():
        made.append(folder)
        folder = folder.parent
    for one in reversed(made):
        one.mkdir(exist_ok=True)
    return [one.parent for one in made]


def _write(source: Path, draft: Path, pace: Pace) -> tuple[int, bytes]:
    digest, size = hashlib.sha256(), 0
    with source.open("rb", buffering=0) as taken, draft.open("wb", buffering=0) as given:
        while data := taken.read(CHUNK):
            pace.spend(len(data))
            digest.update(data)
            rest = memoryview(data)
            while rest:
                rest = rest[given.write(rest) :]
            size += len(data)
        os.fsync(given.fileno())
        for file in (taken, given):
            # Not needed again, and the copy shall be read back from the disk itself.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return size, digest.digest()


def _digest(path: Path, pace: Pace) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while data := file.read(CHUNK):
            pace.spend(len(data))
            digest.update(data)
    return digest.digest()


def sync_folder(folder: Path) -> None:
    """Make the names in a directory durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
