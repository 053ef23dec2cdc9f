"""Recordings on this server's disk that cameras may play: the one folder that the settings allow, and what lies in it.

A camera names a recording by `file:` and its path within the folder. Does I/O on that folder alone; it blocks, so a thread
calls it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitewarden.domain.errors import Invalid, NotFound, Refusal
from sitewarden.domain.video.model import FILE

SUFFIXES: Final = (".mp4", ".m4v", ".mov", ".mkv", ".ts", ".avi")
"""What is listed; what is played is told by what is in it."""
LISTED: Final = 1000
"""Recordings that a list has at most; the first ones by name stay."""
LOOKED_AT: Final = 20_000
"""Entries of folders that are looked at for it."""
DEPTH: Final = 8
SETTING: Final = "video.files"


class FootageFile(Struct, frozen=True, kw_only=True):
    """One file of the folder."""

    name: str
    """Its path within the folder, with "/" between the parts."""
    bytes: int
    changed: int
    """Microseconds since 1970 UTC."""


def name_of(url: str) -> str:
    """Return the name in an address, `file:lobby/night.mp4`. Raises Invalid for one that is none or would lead elsewhere."""
    name = url.removeprefix(FILE)
    parts = name.split("/")
    if not url.startswith(FILE) or not name.isprintable() or any(part in ("", ".", "..") for part in parts):
        raise Invalid(
            "the address names no file of the folder of recordings",
            where="url",
            remedy=f'Write {FILE} and the file\'s path within that folder, such as {FILE}lobby/night.mp4, without "..".',
        )
    return name


def opened(folder: str, name: str) -> int:
    """Return a descriptor of a recording of `folder`, to be read and to be closed.

    Raises Invalid where no folder is allowed or the name leads out of it, NotFound where there is no such file.
    """
    root = _root(folder)
    name_of(FILE + name)
    try:
        # Not blocking: a pipe in the folder is refused below, not waited for.
        descriptor = os.open(Path(root, name), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError) as fault:
        raise _missing(name, getattr(fault, "strerror", "") or str(fault)) from None
    with ExitStack() as undo:
        undo.callback(os.close, descriptor)
        # What is open is looked at, not its name, which may have become a link meanwhile.
        real = Path(f"/proc/self/fd/{descriptor}").readlink()
        if not real.is_relative_to(root):
            raise Invalid(
                f"{name} is a link that leads out of the folder of recordings", where="url", remedy="Copy the file there."
            )
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _missing(name, "it is no file")
        undo.pop_all()
    return descriptor


def recordings(folder: str) -> tuple[list[FootageFile], bool]:
    """Return what of the folder can be played, by name, and whether there is more. Raises Invalid as `opened` does."""
    root = _root(folder)
    looked, found = 0, []
    for entry in _entries(root, 0):
        looked += 1
        if looked > LOOKED_AT:
            break
        if entry.name.lower().endswith(SUFFIXES):
            name = str(Path(entry.path).relative_to(root))
            try:
                os.close(opened(folder, name))
                about = entry.stat()
            except (OSError, Refusal):
                continue
            found.append(FootageFile(name=name, bytes=about.st_size, changed=about.st_mtime_ns // 1000))
    found.sort(key=lambda one: one.name)
    return found[:LISTED], len(found) > LISTED or looked > LOOKED_AT


def _entries(folder: str | Path, depth: int) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            inner = sorted(entries, key=lambda one: one.name)
    except OSError:
        return
    for entry in inner:
        if entry.name.startswith(".") or not entry.name.isprintable():
            continue
        if not entry.is_dir(follow_symlinks=False):
            yield entry
        elif depth < DEPTH:
            yield from _entries(entry.path, depth + 1)


def _root(folder: str) -> Path:
    if not folder:
        raise Invalid(
            "this server plays no files: the settings name no folder of recordings",
            where="url",
            remedy=f'Have its administrator set {SETTING} in the settings ([video] files = "/srv/footage"), and restart it.',
        )
    try:
        root = Path(folder).resolve(strict=True)
    except OSError as fault:
        raise NotFound(
            f"the folder of recordings cannot be read: {fault.strerror}", where=SETTING, remedy="Make it, or correct the setting."
        ) from None
    return root


def _missing(name: str, why: str) -> NotFound:
    return NotFound(
        f"the recording {name} cannot be opened: {why}", where="url", remedy="`sitewarden camera files` lists what there is."
    )
