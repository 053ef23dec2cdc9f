"""Which files of a node a backup takes, and in which order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sitewarden.app.places import Places
from sitewarden.app.volumes import present, volumes
from sitewarden.config import Settings
from sitewarden.config.database import is_postgres
from sitewarden.domain.video.model import MAIN
from sitewarden.store.backup.taking import Source
from sitewarden.store.sqlite.unrestored import sealed_files

LEFT_OUT: Final = frozenset({"run", "logs", "media"})
"""Directories of the data directory that are not taken; recordings are, where asked for, by their index."""
LATER: Final = frozenset({"pictures", "archive"})
"""Directories that are read after the databases, since what those name must be there."""
_DATABASE: Final = (".db",)
_BESIDE: Final = (".db-wal", ".db-shm", ".db-journal", ".memory", ".new")


def sources(settings: Settings, places: Places) -> tuple[list[Path], list[Source], list[Source]]:
    """Return the databases, the files to read before them, and those to read after them."""
    away = is_postgres(settings.database.url)
    inside = {Path(one.path).absolute() for one in volumes(settings) if one.remote is None}
    databases: list[Path] = []
    before: list[Source] = []
    after: list[Source] = []
    for root, folders, names in os.walk(places.data):
        here = Path(root)
        top = here == places.data
        folders[:] = sorted(one for one in folders if not (top and one in LEFT_OUT) and (here / one).absolute() not in inside)
        for name in sorted(names):
            path = here / name
            if name.endswith(_BESIDE) or path.is_symlink() or not path.is_file():
                continue
            if name.endswith(_DATABASE):
                # Beside a database, what bears these names is not the site.
                if not (top and away and path in (places.events, places.state, places.samples)):
                    databases.append(path)
                continue
            relative = path.relative_to(places.data)
            (after if relative.parts[0] in LATER else before).append(Source(read=path, path=str(relative)))
    return databases, before, after


def recordings(settings: Settings, copies: Path) -> Iterator[Source]:
    """Yield the finished recordings that the copied indexes name, on the volumes that are there."""
    there, _ = present(volumes(settings))
    for index in sorted(copies.glob("segments-*.db")):
        for volume, path in sealed_files(index):
            if volume in there:
                place = f"media/{path}" if volume == MAIN else f"volumes/{volume}/{path}"
                yield Source(read=there[volume] / path, path=place, kind="recording", volume=volume)
