"""Messages of recording on command, locks, privacy, and what the disks hold."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.domain.video.fill import Fill
from sitewarden.domain.video.model import Lock
from sitewarden.media.survey import CameraState, VolumeState

Reason = Annotated[str, Meta(max_length=500, description="Why; goes into the audit log.")]


class RecordNow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Record a camera from now on, whatever its mode and schedule."""

    id: Id
    seconds: Annotated[int, Meta(ge=0, le=86_400, description="For so long; 0 takes the order back.")] = 300
    reason: Reason = ""


class RecordOrder(Struct, frozen=True, kw_only=True):
    """The order that stands."""

    camera: str
    until: int
    """Microseconds since 1970 UTC."""


class PrivacyMode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Switch the privacy mode; it needs a reason."""

    id: Id
    on: bool
    reason: Reason = ""


class LockSet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold a camera's recordings of [start, end); it needs a reason. Microseconds since 1970 UTC."""

    id: Id
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]
    until: Annotated[int, Meta(ge=0, description="When the lock runs out; 0 holds until it is released.")] = 0
    reason: Reason = ""


class LockRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lock of which camera."""

    id: Id
    lock: Annotated[str, Meta(max_length=64, pattern=r"^[a-z0-9-]+$")]
    reason: Reason = ""


class FillGap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fill what is missing of [start, end) from what the camera recorded itself. Microseconds since 1970 UTC."""

    id: Id
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]
    reason: Reason = ""


class Fills(Struct, frozen=True, kw_only=True):
    """The gaps that are filled."""

    items: list[Fill]


class LockQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which locks: of one camera, or of all that the caller may see."""

    camera: Id | None = None


class Locks(Struct, frozen=True, kw_only=True):
    """Locks in order of camera and start."""

    items: list[Lock]


class StorageQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No parameters."""


class CameraStorage(CameraState, frozen=True, kw_only=True):
    """What is kept of a camera, with its name."""

    name: str


class VideoStorage(Struct, frozen=True, kw_only=True):
    """Where recordings lie, what is kept of each camera, and when the room is used up."""

    volumes: list[VolumeState]
    cameras: list[CameraStorage]
    silent: list[str]
    """Processes for video that did not answer; what they keep is missing here."""
