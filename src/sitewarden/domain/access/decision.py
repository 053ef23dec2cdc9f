"""What is asked at a door and what is answered, with the reasons."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.access.model import DenyReason, DoorMode

Text = Annotated[str, Meta(max_length=160)]
Moment = Annotated[int, Meta(ge=-(2**62), le=2**62)]
LockPriority = Literal["none", "scheduled", "operator", "emergency"]
Needs = Literal["", "pin", "card", "biometric", "licence-plate", "second"]


class Request(Struct, frozen=True, kw_only=True):
    """Somebody shows something at an access point."""

    access_point: Annotated[str, Meta(max_length=63)]
    card: Annotated[str, Meta(max_length=80)] = ""
    """Card bits, "26:2a6f3b1"; empty where none was shown."""
    pin: Annotated[str, Meta(max_length=16)] | None = None
    """Digits; None where none were keyed in yet."""
    biometric: Text = ""
    """What the reader compared itself, by its type and its own name for it: "face:3f2a"."""
    licence_plate: Text = ""
    duress: bool = False
    """The reader was told of duress (a duress key or finger)."""
    first: Annotated[str, Meta(max_length=63)] = ""
    """Where two holders are asked for and one was let in already: their credential."""
    first_at: Moment = 0
    """When that was, microseconds since 1970 UTC."""


class DoorContext(Struct, frozen=True, kw_only=True):
    """What the decision must know of the door at this moment: its mode, and whose request made it so."""

    mode: DoorMode = DoorMode.LOCKED
    priority: LockPriority = "none"


class ZoneView(Struct, frozen=True, kw_only=True, gc=False):
    """How a zone stood when the decision was made.

    `verdict` is told where the zone was violated and lets pass, not-held where whoever decided does not keep the zone.
    """

    zone: str
    kind: str
    state: str
    verdict: Literal["passed", "refused", "told", "exempt", "not-held"]


class Explanation(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What led to a decision: the rule that settled it, by name, what it looked at, and one line for the operator."""

    rule: str
    """The check that settled it: "credential-known", "right", "schedule", "pin", "door-mode", "antipassback", "granted", …"""
    text: str
    profile: str = ""
    schedule: str = ""
    level: str = ""
    """What the access point asked for at that time."""
    door_mode: str = ""
    """Mode of the door and whose request made it so, as "locked-down (emergency)"; empty for a locked door of no request."""
    zones: tuple[ZoneView, ...] = ()
    snapshot: int = 0
    """Version of the rules."""
    decided_by: str = ""
    """"server", "controller", or "controller (server did not answer)"."""


class Decision(Struct, frozen=True, kw_only=True, gc=False):
    """The answer. `needs` says what is still to come: not refused yet, a PIN or a second holder is awaited."""

    granted: bool
    explanation: Explanation
    reason: DenyReason | None = None
    credential: str = ""
    holder: str = ""
    extended: bool = False
    """The extended times of the door apply."""
    duress: bool = False
    needs: Needs = ""
    first_credential: str = ""
    first_holder: str = ""
    """Of two holders, the one who came first."""
    warnings: tuple[DenyReason, ...] = ()
    """What soft zones would have refused."""
