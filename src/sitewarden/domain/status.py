"""Status: how an entity is now. Volatile: published on the bus, kept in a board by core, never in the log."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from sitewarden.domain.refs import ref, split_ref

ASPECTS: Final = {"camera-control": "camera", "camera-hold": "camera", "camera-sub": "camera"}
"""What has a status of its own beside that of the entity that it is one side of: a camera's ONVIF services, who moves it, its
second stream."""


class Status(Struct, frozen=True, kw_only=True):
    """The state of one entity at one moment; a later one replaces it.

    `state` is one of "online", "degraded", "offline", "disabled", "pending" for what is reached over a network.
    `data` depends on the kind: a door has mode, lock, physical, alarm, tamper; a camera has bitrate, fps, recording.
    """

    ref: str
    state: str
    detail: str = ""
    since: int
    """When this state began, microseconds since 1970 UTC."""
    data: dict[str, Any] = msgspec.field(default_factory=dict)


def owner(reference: str) -> str:
    """Return the entity that a status is about: "camera:lobby" for "camera-control:lobby"."""
    kind, id_ = split_ref(reference)
    return ref(ASPECTS.get(kind, kind), id_)
