"""What controllers and the server say to each other over the link: kinds of messages and their bodies (msgpack).

The controller asks `HELLO` first, opens the stream `LOG` (one `Record` an index, resumed from the index that the server
confirmed), asks `MATCH` where the server decides, and notices `DOORS` tell how its doors are now. The server asks `RULES` (a
snapshot, in parts, resumable at any byte), `ORDER` (a door's command) and
`ORDERS` (one command for several doors). `COMMISSIONING` tells the code for UDP 51110.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from sitewarden.domain.access.decision import LockPriority, Request
from sitewarden.domain.access.door_commands import DoorCommandName, HeldBy, Level
from sitewarden.domain.access.model import DoorMode

HELLO: Final = "controller.hello"
LOG: Final = "controller.log"
MATCH: Final = "access.match"
DOORS: Final = "controller.doors"
RULES: Final = "controller.rules"
ORDER: Final = "controller.order"
ORDERS: Final = "controller.orders"
COMMISSIONING: Final = "controller.commissioning"

PART: Final = 1024 * 1024
"""Bytes of a snapshot in one request."""

Ref = Annotated[str, Meta(max_length=63)]
Word = Annotated[str, Meta(max_length=120)]
Reason = Annotated[str, Meta(max_length=500)]
Index = Annotated[int, Meta(ge=0, le=2**62)]
Time = Annotated[int, Meta(ge=0, le=2**62)]


class DoorReport(Struct, frozen=True, array_like=True):
    """How a door is now."""

    door: Ref
    mode: DoorMode
    locked: bool
    open: bool
    alarm: Literal["normal", "door-forced-open", "door-open-too-long"]
    tamper: bool = False
    fault: bool = False
    priority: Level = "none"
    """Which priority holds the mode."""
    held_by: HeldBy = ""
    pre_alarm: bool = False
    faults: Annotated[tuple[Word, ...], Meta(max_length=16)] = ()
    """Sources: "contact", "lock" (it does not follow), "wiring", …"""
    lock_seen: Literal["unknown", "locked", "unlocked"] = "unknown"
    """What the bond sensor says."""
    first_person: bool = False
    """The scheduled unlock waits for the first granted person."""


class Hello(Struct, frozen=True, array_like=True):
    """How the controller is. `epoch` names its log; `first` and `last` are the indexes that it holds, 0 where it holds none."""

    epoch: Index
    first: Index
    last: Index
    rules: Index
    """Version of the snapshot that it decides by; 0 where it has none."""
    digest: Annotated[str, Meta(max_length=64)]
    time: Time
    doors: Annotated[tuple[DoorReport, ...], Meta(max_length=256)] = ()
    software: Word = ""


class Welcome(Struct, frozen=True, array_like=True):
    """The server's answer: its time, which the controller takes where it differs by more than `drift` microseconds."""

    time: Time
    drift: Time = 1_000_000


class Commissioning(Struct, frozen=True, array_like=True):
    """The controller's commissioning code, with which it is searched for and changed over UDP. The answer is empty."""

    code: Annotated[str, Meta(min_length=20, max_length=24)]

    def __repr__(self) -> str:
        return "Commissioning()"


class LogStart(Struct, frozen=True, array_like=True):
    """Parameters of the stream of the log."""

    epoch: Index


class Record(Struct, frozen=True, array_like=True):
    """One line of the controller's log; its index is the stream's. `type` is an event type of `domain.catalogue`."""

    time: Time
    type: Annotated[str, Meta(max_length=60)]
    door: Ref = ""
    access_point: Ref = ""
    credential: Ref = ""
    holder: Ref = ""
    data: Annotated[dict[str, Any], Meta(max_length=32)] = msgspec.field(default_factory=dict)


class MatchRequest(Struct, frozen=True, array_like=True):
    """Ask the server to decide; answered with a `Decision`."""

    request: Request
    mode: DoorMode
    time: Time
    priority: LockPriority = "none"
    """Whose request made the mode."""


class RulesPart(Struct, frozen=True, array_like=True):
    """A part of a packed snapshot of `size` bytes."""

    version: Index
    digest: Annotated[str, Meta(max_length=64)]
    size: Index
    offset: Index
    data: Annotated[bytes, Meta(max_length=PART)]


class RulesHeld(Struct, frozen=True, array_like=True):
    """How many bytes of it the controller holds; `active` once it decides by it."""

    offset: Index
    active: bool = False


class Order(Struct, frozen=True, array_like=True):
    """A command for a door."""

    id: Annotated[str, Meta(max_length=80)]
    door: Ref
    command: DoorCommandName
    issuer: Word = ""
    reason: Reason = ""
    extended: bool = False
    """A release takes the door's extended times."""


class OrderDone(Struct, frozen=True, array_like=True):
    """What came of it."""

    report: DoorReport


class ManyOrder(Struct, frozen=True, array_like=True):
    """One command for several doors of a controller at once: a lockdown or a fire release of an area or the site."""

    id: Annotated[str, Meta(max_length=80)]
    doors: Annotated[tuple[Ref, ...], Meta(max_length=256)]
    command: DoorCommandName
    issuer: Word = ""
    reason: Reason = ""


class Refused(Struct, frozen=True, array_like=True):
    """A door that did not do it, and why."""

    door: Ref
    code: Word
    what: Word
    remedy: Word = ""


class ManyDone(Struct, frozen=True, array_like=True):
    """What came of it, door by door."""

    reports: Annotated[tuple[DoorReport, ...], Meta(max_length=256)]
    refused: Annotated[tuple[Refused, ...], Meta(max_length=256)] = ()


encode = msgspec.msgpack.Encoder().encode
