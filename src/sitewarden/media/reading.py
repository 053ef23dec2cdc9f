"""A segment's file opened for reading, wherever it lies. Reads files."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from sitewarden.domain.video.model import Segment
from sitewarden.media.archive import archive
from sitewarden.media.layout import OPEN, SEALED
from sitewarden.media.plan import Plan

log = logging.getLogger(__name__)


def open_segment(plan: Plan, segment: Segment) -> int:
    """Return a segment's file as a descriptor; -1 where it is nowhere.

    One that was sealed, or opened, meanwhile is found under its other name; one that was moved, on another volume.
    """
    for path in _paths(plan, segment):
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
    for volume in sorted(plan.remotes, key=lambda one: one != segment.volume):
        try:
            return archive(plan.remotes[volume]).fetch(segment.path, segment.bytes)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("%s cannot be read from the volume %s: %s", segment.id, volume, error)
    return -1


def _paths(plan: Plan, segment: Segment) -> Iterator[Path]:
    name = segment.path
    other = name.removesuffix(OPEN) + SEALED if name.endswith(OPEN) else name.removesuffix(SEALED) + OPEN
    for volume in sorted(plan.roots, key=lambda one: one != segment.volume):
        yield Path(plan.roots[volume]) / name
        yield Path(plan.roots[volume]) / other
