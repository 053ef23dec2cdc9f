"""What is asked at a door and what is answered, with the reasons."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.access.model import DenyReason, DoorMode


class Request(Struct, frozen=True, kw_only=True):
    """Somebody shows something at an access point."""

    access_point: Annotated[str, Meta(max_length=63)]
    card: Annotated[str, Meta(max_length=80)] = ""
    """Card bits, "26:2a6f3b1"; empty where none was shown."""
    pin: Annotated[str, Meta(max_length=16)] | None = None
    """Digits; None where none were keyed in yet."""
    duress: bool = False
    """The reader was told of duress (a duress key or finger)."""


class DoorContext(Struct, frozen=True, kw_only=True):
    """What the decision must know of the door at this moment."""

    mode: DoorMode = DoorMode.LOCKED


class Explanation(Struct, frozen=True, kw_only=True, gc=False):
    """What led to a decision: the rule that settled it, by name, what it looked at, and one line for the operator."""

    rule: str
    """The check that settled it: "credential-known", "right", "schedule", "pin", "door-mode", "granted", …"""
    text: str
    profile: str = ""
    schedule: str = ""
    snapshot: int = 0
    """Version of the rules."""
    decided_by: str = ""
    """"server", "controller", or "controller (server did not answer)"."""


class Decision(Struct, frozen=True, kw_only=True, gc=False):
    """The answer. `needs` "pin" means: not refused yet, the PIN is still to come."""

    granted: bool
    explanation: Explanation
    reason: DenyReason | None = None
    credential: str = ""
    holder: str = ""
    extended: bool = False
    """The extended times of the door apply."""
    duress: bool = False
    needs: Literal["", "pin"] = ""
