"""Messages of doors and controllers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from sitewarden.domain.access.door_commands import DoorCommandName
from sitewarden.domain.access.limits import Limit
from sitewarden.domain.entity import Id

Reason = Annotated[str, Meta(max_length=500, description="Why; goes into the audit log.")]


class DoorCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a door shall do (ONVIF Door Control), such as `release` (AccessDoor), `lockdown` or `release-lock-open`."""

    id: Id
    command: DoorCommandName
    reason: Reason = ""
    extended: bool = False
    """`release` alone: take the door's extended times."""


class DoorsCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all doors of an area, with the areas in it, or of the whole site shall do."""

    command: Literal["lockdown", "release-lockdown", "fire-release", "end-fire-release"]
    reason: Reason = ""
    area: Id | None = None
    """The whole site unless given."""


class DoorOutcome(Struct, frozen=True, kw_only=True):
    """What came of it at one door; `mode` where it did it, otherwise what is wrong and what to do."""

    door: str
    name: str
    outcome: Literal["done", "refused", "not-reached"]
    mode: str = ""
    what: str = ""
    remedy: str = ""


class DoorsCommanded(Struct, frozen=True, kw_only=True):
    """What came of it, the doors that did not do it first. `seconds` passed until the last controller answered."""

    id: str
    command: str
    area: str | None
    done: int
    total: int
    seconds: float
    doors: tuple[DoorOutcome, ...]


class CommandResult(Struct, frozen=True, kw_only=True):
    """What came of a command."""

    id: str
    """Id of the command; its events carry it."""
    value: dict[str, Any] = msgspec.field(default_factory=dict)


class PendingController(Struct, frozen=True, kw_only=True):
    """A controller that asks to join and is not paired yet."""

    id: str
    name: str
    remote: str
    label: str
    """How the code begins that it was given or shows; compare it with the controller's."""
    since: int


class PendingControllers(Struct, frozen=True, kw_only=True):
    """All that ask to join."""

    items: tuple[PendingController, ...]


class PairingCodeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for a code that one controller may pair with."""

    controller: Id | None = None


class PairingCode(Struct, frozen=True, kw_only=True):
    """A code to enter at the controller; at least 80 bits, used once."""

    code: str
    expires: int


class ApproveController(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let a pending controller join, with the code that it was given."""

    id: Id
    code: Annotated[str, Meta(min_length=1, max_length=80)]


class ControllerLimitsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which controller; left out: of all that are of another make."""

    id: Id | None = None


class LimitsOfController(Struct, frozen=True, kw_only=True):
    """What one controller cannot keep of the site's rules, the warnings first."""

    controller: str
    limits: tuple[Limit, ...]


class ControllerLimits(Struct, frozen=True, kw_only=True):
    """What controllers cannot keep. A controller that keeps everything by its nature is not listed."""

    items: tuple[LimitsOfController, ...]
