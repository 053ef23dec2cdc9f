"""The file that says whose a volume's directory is: nothing is written where its disk is not mounted. Blocks on the disk."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from sitewarden.domain.video.volumes import VolumeSpec

NAME: Final = ".sitewarden-volume"
LARGEST: Final = 4096


class Mark(Struct, frozen=True, kw_only=True):
    """What the file holds: the volume's id, and a random text that tells two disks of one id apart."""

    volume: str
    mark: str


class Known(Struct, frozen=True, kw_only=True):
    """What is remembered of a volume: its mark, and whether it had a disk of its own."""

    mark: str
    own: bool


class Look(Struct, frozen=True, kw_only=True):
    """What a look at a volume found. Either a problem, in words, or the rest."""

    problem: str = ""
    known: Known = Known(mark="", own=False)
    total: int = 0
    free: int = 0


def look(spec: VolumeSpec, known: Known | None, free: Callable[[Path], int]) -> Look:
    """Look whether the volume is there; mark it where it is new. OSError comes as a problem.

    A volume that was never written to is marked. One that is known must bear its mark, or nothing is written: an unmounted
    disk leaves an empty directory. Where it had no disk of its own before and has one now, the disk is taken as the volume.
    """
    root = Path(spec.path)
    try:
        if spec.inner:
            root.mkdir(parents=True, exist_ok=True, mode=0o750)
        elif known is None and not root.exists():
            root.mkdir(mode=0o750)
        own = bool(spec.home) and root.stat().st_dev != Path(spec.home).stat().st_dev
        mark = read(root)
        if mark is None:
            if known is not None and (known.own or not (own or spec.inner)):
                return Look(problem=f"{root} bears no mark of it ({NAME}): is its disk mounted?")
            mark = write(root, spec.id)
        if mark.volume != spec.id:
            return Look(problem=f"{root} is marked as the volume {mark.volume}")
        if known is not None and known.own and known.mark != mark.mark:
            return Look(problem=f"another disk is mounted on {root}; a new disk is a new volume, with an id of its own")
        return Look(known=Known(mark=mark.mark, own=own), total=shutil.disk_usage(root).total, free=free(root))
    except FileNotFoundError:
        return Look(problem=f"there is no {root}: is its disk mounted?")
    except OSError as error:
        return Look(problem=f"{root}: {error.strerror or error}")


def read(root: Path) -> Mark | None:
    """Return the mark of a directory; None where it has none. Raises OSError where it cannot be read."""
    try:
        with (root / NAME).open("rb") as file:
            return msgspec.json.decode(file.read(LARGEST), type=Mark)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        raise OSError(f"its mark {NAME} is damaged") from None


def write(root: Path, volume: str) -> Mark:
    """Mark a directory, durable on return; where another process was first, its mark counts."""
    mark = Mark(volume=volume, mark=secrets.token_hex(16))
    draft = root / f"{NAME}.{mark.mark}"
    with draft.open("xb") as file:
        file.write(msgspec.json.encode(mark))
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link is refused where the name is taken, which a rename is not.
        (root / NAME).hardlink_to(draft)
    except FileExistsError:
        pass
    except OSError:
        draft.rename(root / NAME)
        return mark
    draft.unlink()
    return read(root) or mark


def room(root: Path) -> int:
    """Return the free bytes that this user may fill."""
    found = os.statvfs(root)
    return found.f_bavail * found.f_frsize
