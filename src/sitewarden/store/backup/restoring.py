"""A backup put back: every piece is checked before anything is put in place. Blocking file I/O."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sitewarden.domain.errors import Conflict, Invalid, StorageFull, Unreachable
from sitewarden.store.backup.repository import Repo
from sitewarden.wire.backup import Contents, File

DRAFT: Final = ".restoring"
"""Ends the name of the directory that is filled first."""
MARK: Final = ".sitewarden-restoring"
"""Lies in it: what bears it was made here, and may be deleted when a restore begins anew."""


@contextmanager
def draft(target: Path) -> Iterator[Path]:
    """Yield a directory to fill, beside the target; it becomes the target at the end, or goes where that did not come well.

    Raises Conflict where the target holds anything.
    """
    made = target.with_name(target.name + DRAFT)
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise Conflict(
                "The directory is not empty.",
                where=str(target),
                remedy="Restore into an empty one; move what is there away first.",
            )
        if made.exists():
            if not (made / MARK).exists():
                raise Conflict("Something else lies there.", where=str(made), remedy="Move it away.")
            shutil.rmtree(made)
        made.mkdir(parents=True, mode=0o700)
        (made / MARK).touch()
    except OSError as error:
        raise Unreachable(
            f"The directory cannot be made: {error.strerror}.", where=str(made), remedy="Check the path."
        ) from error
    whole = False
    try:
        yield made
        (made / MARK).unlink()
        if target.exists():
            target.rmdir()
        made.rename(target)
        _sync(target.parent)
        whole = True
    finally:
        if not whole:
            shutil.rmtree(made, ignore_errors=True)


def room(contents: Contents, target: Path, *, recordings: bool) -> None:
    """Refuse where the disk has not the room. Raises StorageFull."""
    need = sum(one.size for one in contents.files if recordings or one.kind != "recording")
    there = next(one for one in (target, *target.parents) if one.exists())
    free = shutil.disk_usage(there).free
    if free < need:
        raise StorageFull(
            f"The disk has {free >> 20} MiB free, and the backup needs {need >> 20} MiB.",
            where=str(there),
            remedy="Free space, or restore to another disk.",
        )


def fill(
    repo: Repo, contents: Contents, folder: Path, told: Callable[[int], None] = lambda size: None, *, recordings: bool = True
) -> int:
    """Write the files of a backup below a directory; return how many. Raises Invalid for whatever is not as it was taken."""
    count = 0
    folders = {folder}
    for file in contents.files:
        if file.kind == "settings" or (file.kind == "recording" and not recordings):
            continue
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folders.add(path.parent)
        try:
            _write(repo, file, path, told)
        except OSError as error:
            raise Unreachable(
                f"A file cannot be written: {error.strerror}.", where=str(path), remedy="Check the disk."
            ) from error
        count += 1
    for one in sorted(folders):
        _sync(one)
    return count


def text_of(repo: Repo, contents: Contents) -> str:
    """Return the settings file that a backup holds; empty where it holds none."""
    file = next((one for one in contents.files if one.kind == "settings"), None)
    return b"".join(repo.get(piece) for piece in file.pieces).decode("utf-8", "replace") if file else ""


def _write(repo: Repo, file: File, path: Path, told: Callable[[int], None]) -> None:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as out:
        os.fchmod(out.fileno(), file.mode & 0o700)
        for piece in file.pieces:
            data = repo.get(piece)
            digest.update(data)
            size += len(data)
            out.write(data)
            told(len(data))
        out.flush()
        os.fsync(out.fileno())
    if size != file.size or digest.digest() != file.sha256:
        raise Invalid("A file is not as it was taken.", where=file.path, remedy="Take another backup, or another copy of it.")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
