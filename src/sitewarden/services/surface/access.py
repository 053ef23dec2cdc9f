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
    """How its commissioning code begins; compare it with the label."""
    since: int
    code_set: bool = False
    """The site holds this code already: it is approved without typing it."""


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
    """Let a pending controller join, with the commissioning code of its label; empty for the one that the site holds."""

    id: Id
    code: Annotated[str, Meta(max_length=80)] = ""


class RevokeController(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Void a controller's pairing: its link is dropped at once, and it is refused until it is paired again."""

    id: Id
    reason: Reason = ""


class ScanCard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Have a controller tell the next card that is shown at one of its readers. That card opens no door and is in no log."""

    id: Id
    reader: Annotated[int, Meta(ge=0, le=255)]
    seconds: Annotated[float, Meta(ge=1.0, le=60.0, description="How long a card is waited for.")] = 30.0


class ScannedCard(Struct, frozen=True, kw_only=True):
    """The card."""

    card: str
    """As credentials hold it: "26:2a6f3b1"."""


class RelayController(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a laptop that holds a controller in direct mode relays of it. It confirms nothing: the controller uploads the same."""

    id: Id
    epoch: Annotated[int, Meta(ge=0, le=2**62)]
    """Which of the controller's logs this is."""
    records: Annotated[tuple[tuple[Annotated[int, Meta(ge=1, le=2**62)], bytes], ...], Meta(max_length=512)] = ()
    """Index and record, as the controller sent it, in base 64."""
    doors: Annotated[tuple[bytes, ...], Meta(max_length=256)] = ()
    """Reports of its doors, as it sent them, in base 64."""


class Relayed(Struct, frozen=True, kw_only=True):
    """What was stored. Records that the server had already are counted too."""

    stored: int
    confirmed: int
    """Index up to which the controller itself uploaded this log; what comes after it is worth relaying."""


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
