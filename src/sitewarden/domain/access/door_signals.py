"""What a door is told and what it says: wishes, timings, inputs and effects of `domain.access.door`. Pure."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, Literal

from msgspec import Struct

from sitewarden.domain.access.model import DoorKind, DoorMode
from sitewarden.domain.access.snapshot import DoorRow
from sitewarden.domain.clock import SECOND


class Priority(IntEnum):
    """Who wants the mode. FIRE is an emergency too, and above the others: life safety wins over a lockdown."""

    SCHEDULED = 0
    OPERATOR = 1
    EMERGENCY = 2
    FIRE = 3


OPEN_MODES: Final = frozenset({DoorMode.UNLOCKED, DoorMode.LOCKED_OPEN})
SHUT_MODES: Final = frozenset({DoorMode.BLOCKED, DoorMode.LOCKED_DOWN})
"""Modes that refuse momentary access."""


class Timings(Struct, frozen=True, kw_only=True):
    """Timings of a door, microseconds."""

    release: int = 3 * SECOND
    open: int = 10 * SECOND
    extended_release: int = 10 * SECOND
    extended_open: int = 30 * SECOND
    delay_before_relock: int = 0
    pre_alarm: int = 5 * SECOND

    @staticmethod
    def of(row: DoorRow) -> Timings:
        """Return the timings of a door of the snapshot, which has seconds."""
        return Timings(
            release=round(row.release_time * SECOND),
            open=round(row.open_time * SECOND),
            extended_release=round(row.extended_release_time * SECOND),
            extended_open=round(row.extended_open_time * SECOND),
            delay_before_relock=round(row.delay_before_relock * SECOND),
            pre_alarm=round(row.pre_alarm_time * SECOND),
        )


class Conduct(Struct, frozen=True, kw_only=True):
    """What a door is beside its timings.

    A mantrap's door locks as soon as it is opened, so that the other may open. A turnstile passes one person a grant, and
    grants wait their turn. A revolving door and a barrier lock once the way is free.
    """

    kind: DoorKind = "door"
    first_person: bool = False
    """The scheduled unlock waits for the first granted person."""
    exit_releases: bool = True
    """A request to exit drives the lock; otherwise it only says that the next opening is no forced one (a free handle inside)."""

    @staticmethod
    def of(row: DoorRow) -> Conduct:
        """Return the conduct of a door of the snapshot."""
        return Conduct(kind=row.kind, first_person=row.first_person, exit_releases=row.exit_releases)


class Grant(Struct, frozen=True):
    """Momentary access: a granted request or an operator's release. `passage` names the request; `person` is a credential's."""

    extended: bool = False
    passage: int | None = None
    person: bool = False


class Exit(Struct, frozen=True):
    """A request to exit (REX)."""


class Contact(Struct, frozen=True):
    """The door contact."""

    open: bool


class LockSensor(Struct, frozen=True):
    """The bond sensor or bolt contact of the lock."""

    locked: bool


class TamperContact(Struct, frozen=True):
    """The tamper contact."""

    active: bool


class FaultSignal(Struct, frozen=True):
    """A fault that the hardware found. `source` "contact": the line of the door contact is cut or shorted."""

    active: bool
    source: str = "wiring"


class SetMode(Struct, frozen=True):
    """A mode asked for at a priority; None takes that request back."""

    priority: Priority
    mode: DoorMode | None


class Scheduled(Struct, frozen=True):
    """Whether the schedule of the unlock holds now."""

    holds: bool


class Tick(Struct, frozen=True):
    """Only time passed."""


Input = Grant | Exit | Contact | LockSensor | TamperContact | FaultSignal | SetMode | Scheduled | Tick


class Lock(Struct, frozen=True):
    """Drive the lock."""

    locked: bool


class DoubleLock(Struct, frozen=True):
    """Drive the second lock."""

    engaged: bool


class Changed(Struct, frozen=True):
    """Something to record. `passage` is that of the grant where `what` is "taken" or "not-taken", `source` that of a fault."""

    what: Literal[
        "opened", "closed", "forced", "pre-alarm", "held", "held-cleared", "forced-cleared", "mode", "taken", "not-taken",
        "tamper", "tamper-cleared", "fault", "fault-cleared", "refused", "first-person",
    ]  # fmt: skip
    passage: int | None = None
    source: str = ""


Effect = Lock | DoubleLock | Changed
