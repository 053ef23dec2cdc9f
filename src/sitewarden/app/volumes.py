"""The volumes of a node, from its settings: the one in the data directory, and those that are named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sitewarden.app.places import Places
from sitewarden.config import Settings
from sitewarden.domain.video.model import MAIN
from sitewarden.domain.video.volumes import VolumeSpec
from sitewarden.media import marker


def volumes(settings: Settings) -> list[VolumeSpec]:
    """Return all volumes, those of the settings first.

    The one in the data directory is among them whether it is named or not: what was recorded there before is still to be seen.
    Once others are named, and it is not, nothing more is recorded on it.
    """
    inner = Places.of(settings).media
    share = settings.processes.media
    found = []
    for id_, named in settings.volumes.items():
        path = Path(named.path) if named.path else inner
        found.append(
            VolumeSpec(
                id=id_,
                path=str(path),
                tier=named.tier,
                keep_days=named.keep_days,
                max_bytes=round(named.max_gigabytes * 1e9 / share),
                min_free=named.min_free_bytes or None,
                inner=path == inner,
                home=str(settings.data),
            )
        )
    if MAIN not in settings.volumes:
        found.append(VolumeSpec(id=MAIN, path=str(inner), records=not found, inner=True, home=str(settings.data)))
    return found


def present(specs: Sequence[VolumeSpec]) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the directories of the volumes that are there, and why the others are not. Reads their marks."""
    there: dict[str, Path] = {}
    gone: dict[str, str] = {}
    for spec in specs:
        root = Path(spec.path)
        try:
            mark = marker.read(root)
        except OSError as error:
            gone[spec.id] = error.strerror or str(error)
            continue
        if spec.inner or (mark is not None and mark.volume == spec.id):
            there[spec.id] = root
        elif mark is not None:
            gone[spec.id] = f"{root} is marked as the volume {mark.volume}"
        else:
            gone[spec.id] = f"{root} bears no mark of it ({marker.NAME})"
    return there, gone
