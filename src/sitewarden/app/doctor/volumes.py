"""The volumes that the settings name: there, with room, on disks of their own, fast enough; cameras that name none of them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sitewarden.app import show
from sitewarden.app.doctor.disk import judge_speed, measure
from sitewarden.app.doctor.facts import Facts
from sitewarden.app.volumes import present, volumes
from sitewarden.domain.video.volumes import VolumeSpec
from sitewarden.media import archive
from sitewarden.services.surface.doctor import Finding

LOST = "its cameras are recorded elsewhere, or not at all, and what lies on it cannot be seen."
SHARED = "one disk that fails or fills takes both with it."


def check(facts: Facts) -> list[Finding]:
    """Look at each volume that the settings name; a plain site has none, and its one place is the data disk's check."""
    named = [spec for spec in volumes(facts.settings) if spec.id in facts.settings.volumes]
    there, gone = present(named)
    for spec in named:
        if spec.remote is not None and (problem := archive.asked(spec)):
            gone[spec.id] = problem
    found = [
        Finding(
            level="error" if facts.running else "warning",
            check="volumes",
            what=f"the volume {id_} is not there: {why}",
            why=LOST,
            remedy="Mount its disk, or see that its server answers and its credentials are right. "
            f"A new disk or bucket is a new volume, with an id of its own, such as [volumes.{id_}-2].",
        )
        for id_, why in gone.items()
    ]
    devices: dict[int, str] = {facts.settings.data.stat().st_dev: "the data directory"} if facts.settings.data.exists() else {}
    for spec in named:
        if spec.id in there:
            found += _one(spec, facts, devices)
    found += [
        Finding(
            level="warning",
            check="volumes",
            what=f"camera {camera} names the volume {volume}, which the settings do not",
            why="the server chooses a volume for it.",
            remedy=f"Name it in the settings below [volumes.{volume}], or change the camera's volume.",
        )
        for camera, volume in facts.wanted
        if volume not in {spec.id for spec in volumes(facts.settings) if spec.records and spec.remote is None}
    ]
    return found


def _one(spec: VolumeSpec, facts: Facts, devices: dict[int, str]) -> list[Finding]:
    root = Path(spec.path)
    found: list[Finding] = []
    free, least = shutil.disk_usage(root).free, spec.min_free or facts.settings.limits.min_free_bytes
    enough = free >= least
    found.append(
        Finding(
            level="ok" if enough else "error",
            check="volumes",
            what=f"{show.size(free)} are free on the volume {spec.id}"
            + ("" if enough else f" ({root}); it takes no recordings below {show.size(least)}"),
            why="" if enough else "what is not recorded is lost, where no other volume takes it.",
            remedy="" if enough else "Free some room, or lower its min_free_bytes.",
        )
    )
    device = root.stat().st_dev
    other = devices.setdefault(device, f"the volume {spec.id}")
    if other != f"the volume {spec.id}":
        found.append(
            Finding(
                level="warning",
                check="volumes",
                what=f"the volume {spec.id} ({root}) lies on the same disk as {other}",
                why=SHARED,
                remedy="Put it on a disk of its own, or check that its disk is mounted.",
            )
        )
    if os.access(root, os.W_OK) and enough:
        found += [one for one in judge_speed(measure(root), 0.0, root) if one.level != "ok"]
    return found
