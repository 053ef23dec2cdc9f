"""Status: how an entity is now. Volatile: published on the bus, kept in a board by core, never in the log."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct


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
