"""Events and statuses of a board in the house's words, the ones that Sitewarden controllers use. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sitewarden.domain.access.calendars import utc_to_wall, wall_to_utc
from sitewarden.domain.access.door import DoorMachine
from sitewarden.domain.access.door_commands import held_by, level
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import to_datetime
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.domain.status import Status
from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote.table import DoorPlan, Table, card_of

GAP: Final = "controller.log-gap"
SOMEBODY: Final = "Somebody unknown"

SWIPES: Final = frozenset((*range(1, 19), 25))
"""Reasons of events that tell of a card or a code at a reader."""
REMOTE: Final = (44, 45)
"""Reasons of a door that was released by an order, which this server or another gave."""

REASONS: Final[dict[int, tuple[str, str, str]]] = {
    5: ("other", "pc-control", "the board waits for a program to decide"),
    6: ("unauthorized", "right", "the card has no right at this door"),
    7: ("invalid-pin", "pin", "the PIN is wrong"),
    8: ("antipassback-violation", "antipassback", "the card was shown at the same side before"),
    9: ("other", "more-cards", "the door asks for further cards"),
    10: ("other", "first-card", "the door waits for a first card"),
    11: ("door-blocked", "door-mode", "the door is set to stay shut"),
    12: ("interlock-active", "interlock", "another door of the interlock is open"),
    13: ("not-permitted-at-this-time", "schedule", "outside the times of the card"),
    15: ("not-permitted-at-this-time", "schedule", "outside the times of the card"),
    18: ("credential-not-found", "credential-known", "the board does not hold the card"),
}
"""Reason of a refusal to (reason, rule, text)."""

OPENED: Final[dict[int, str]] = {1: "card", 2: "card at a door that is held open", 3: "card", 10: "first card", 25: "door code"}

PLAIN: Final[dict[int, tuple[str, dict[str, str]]]] = {
    20: ("door.exit-button", {"detail": "it was pressed"}),
    23: ("door.opened", {}),
    24: ("door.closed", {}),
    28: ("controller.started", {"detail": "power came on"}),
    29: ("controller.started", {"detail": "it was reset"}),
    31: ("door.exit-button", {"detail": "the door is set to stay shut"}),
    32: ("door.exit-button", {"detail": "the board is not ready"}),
    33: ("door.exit-button", {"detail": "another door of the interlock is open"}),
    34: ("door.exit-button", {"detail": "a threat code was keyed in"}),
    37: ("door.held", {}),
    38: ("door.forced", {}),
    39: ("controller.input-alarm", {"detail": "fire"}),
    40: ("controller.input-alarm", {"detail": "doors are forced shut"}),
    41: ("controller.input-alarm", {"detail": "theft prevention"}),
    42: ("controller.input-alarm", {"detail": "24-hour zone"}),
    43: ("controller.input-alarm", {"detail": "emergency call"}),
}
"""Reason to event type and data, for what concerns no card."""

MODES: Final[dict[DoorMode, int]] = {
    DoorMode.UNLOCKED: 1,
    DoorMode.LOCKED_OPEN: 1,
    DoorMode.BLOCKED: 2,
    DoorMode.LOCKED_DOWN: 2,
    DoorMode.LOCKED: 3,
}
"""Mode of a door to the board's: 1 normally open, 2 normally closed, 3 controlled."""
BACK: Final[dict[int, DoorMode]] = {1: DoorMode.UNLOCKED, 2: DoorMode.BLOCKED, 3: DoorMode.LOCKED}
"""What a board's mode is, where nobody here chose it."""

INTERLOCKS: Final = {"none": 0, "1-2": 1, "3-4": 2, "1-2,3-4": 3, "1-2-3": 4, "1-2-3-4": 8}
ANTIPASSBACKS: Final = {"none": 0, "1:2,3:4": 1, "1-3:2-4": 2, "1:2-3": 3, "1:2-3-4": 4}


class Card(NamedTuple):
    """What the site knows of a card that a board told of, and what its rules say of that moment."""

    credential: str = ""
    credential_name: str = ""
    holder: str = ""
    holder_name: str = ""
    granted: bool | None = None
    """None where the rules were not asked."""
    reason: str = ""
    rule: str = ""
    text: str = ""
    profile: str = ""
    schedule: str = ""
    snapshot: int = 0


class Origin(NamedTuple):
    """The board whose events they are."""

    controller: str
    name: str
    serial: int
    zone: ZoneInfo
    names: Mapping[str, str]
    """Names of doors and access points by reference."""


def swipe(found: m.Event) -> bool:
    """Tell whether an event is of a card at a reader."""
    return found.reason in SWIPES and found.reason != 25 and found.type in (1, 2) and bool(found.card)


def plan_of(table: Table | None, door: int) -> DoorPlan | None:
    """Return the door of a number on the board."""
    return next((plan for plan in table.doors if plan.number == door), None) if table is not None else None


def point_of(table: Table | None, found: m.Event) -> str:
    """Return the id of the access point at which an event happened; empty where the site has none."""
    plan = plan_of(table, found.door)
    point = plan.points.get(found.direction) if plan is not None else None
    return point.id if point is not None else ""


def moment(time: datetime | None, zone: ZoneInfo, otherwise: int) -> int:
    """Return the board's wall clock as microseconds since 1970 UTC; `otherwise` where it shows no time."""
    if time is None:
        return otherwise
    return wall_to_utc(round((time - datetime(1970, 1, 1)).total_seconds()), zone)


def wall(now: int, zone: ZoneInfo) -> datetime:
    """Return the wall clock of a zone, as a board shall show it: whole seconds, and no zone."""
    return to_datetime(utc_to_wall(now, zone) * 1_000_000).replace(tzinfo=None)


def event(origin: Origin, epoch: int, found: m.Event, table: Table | None, card: Card | None, now: int) -> Event:
    """Return the event of one that the board told; its key is (controller, epoch, index)."""
    own = ref("controller", origin.controller)
    plan = plan_of(table, found.door)
    door = ref("door", plan.row.id) if plan is not None else ""
    data: dict[str, Any] = {"board": {"index": found.index, "type": found.type, "reason": found.reason, "door": found.door}}
    entity, related = door or own, [own]
    if found.reason in SWIPES:
        type_, more, entity, related = _passage(origin, found, table, card, entity)
        data |= more
    elif found.reason in REMOTE:
        type_, data = "door.command", data | {"command": "release", "actor": "an order to the board"}
    else:
        type_, more = PLAIN.get(found.reason, ("controller.event", {"detail": f"type {found.type}, reason {found.reason}"}))
        data |= more
        if type_.startswith("controller.") or (type_.startswith("door.") and not door):
            type_, entity = (type_ if type_.startswith("controller.") else "controller.event"), own
            data.setdefault("detail", f"door {found.door}: reason {found.reason}")
            related = [door] if door else []
    data["name"] = origin.name if entity == own else origin.names.get(entity, entity.partition(":")[2])
    return Event(
        key=f"{origin.controller}/{epoch}/{found.index}",
        type=type_,
        entity=entity,
        time=moment(found.time, origin.zone, now),
        severity=severity(type_),
        related=tuple(dict.fromkeys(each for each in related if each and each != entity)),
        text=describe(type_, data),
        data=data,
    )


def gap(origin: Origin, epoch: int, first: int, last: int, now: int) -> Event:
    """Return the event of records that the board overwrote before they were read."""
    data = {"name": origin.name, "count": last - first + 1, "detail": "the board overwrote them", "first": first, "last": last}
    return Event(
        key=f"{origin.controller}/{epoch}/{last}",
        type=GAP,
        entity=ref("controller", origin.controller),
        time=now,
        severity=severity(GAP),
        text=describe(GAP, data),
        data=data,
    )


def _passage(
    origin: Origin, found: m.Event, table: Table | None, card: Card | None, otherwise: str
) -> tuple[str, dict[str, Any], str, list[str]]:
    own, point = ref("controller", origin.controller), point_of(table, found)
    plan = plan_of(table, found.door)
    door = ref("door", plan.row.id) if plan is not None else ""
    card = card or Card()
    entity = ref("access-point", point) if point else otherwise
    text, rule, reason = _why(found, card)
    data: dict[str, Any] = {
        "access_point": point,
        "access_point_name": origin.names.get(ref("access-point", point), point) if point else f"door {found.door}",
        "door": plan.row.id if plan is not None else "",
        "direction": {1: "in", 2: "out"}.get(found.direction, ""),
        "holder": card.holder or None,
        "holder_name": card.holder_name or card.holder or SOMEBODY,
        "credential": card.credential or None,
        "format": "26-bit" if found.reason != 25 else "door code",
        "explanation": {
            "rule": rule,
            "text": text,
            "profile": card.profile if card.granted == found.granted else "",
            "schedule": card.schedule if card.granted == found.granted else "",
            "snapshot": card.snapshot,
            "decided_by": f"board {origin.serial}",
        },
        "explanation_text": text,
    }
    if not found.granted:
        data["reason"] = reason
        if not card.credential and found.card:
            data["card"] = card_of(found.card) or str(found.card)
    related = [each for each in (door, ref("credential-holder", card.holder) if card.holder else "", own) if each]
    if card.credential:
        related.append(ref("credential", card.credential))
    return "access.granted" if found.granted else "access.denied", data, entity, related


def _why(found: m.Event, card: Card) -> tuple[str, str, str]:
    """Return (text, rule, reason): the board's own, with the site's where that says the same in more words."""
    if found.granted:
        text, rule, reason = f"the board let it pass: {OPENED.get(found.reason, 'card')}", "granted", ""
    else:
        unknown = ("other", "board", f"the board refused for reason {found.reason}")
        reason, rule, text = REASONS.get(found.reason, unknown)
    if card.granted is None:
        return text, rule, reason
    if card.granted == found.granted:
        # What the board cannot know (why a card is not there, which schedule it was) the rules do.
        own = found.granted or found.reason in (6, 13, 15, 18)
        return (card.text, card.rule, card.reason) if own else (text, rule, reason)
    said = "would let it pass" if card.granted else "would refuse it"
    return f"{text}; by its rules of now the site {said}: {card.text}", rule, reason


def door_status(plan: DoorPlan, status: m.Status, machine: DoorMachine, alarm: str, now: int) -> Status:
    """Return the status of a door whose board answers."""
    return Status(
        ref=ref("door", plan.row.id),
        state="online",
        since=now,
        data={
            "mode": str(machine.base),
            "priority": level(machine),
            "held_by": held_by(machine),
            "lock": "unlocked" if status.unlocked(plan.number) else "locked",
            "physical": "open" if status.open(plan.number) else "closed",
            "alarm": alarm,
            "tamper": "normal",
            "fault": "active" if status.error else "normal",
        },
    )


def lost_door(door: str, controller: str, last: Status | None, detail: str, now: int, *, awaited: bool) -> Status:
    """Return the status of a door whose board does not answer; what was known last stays readable."""
    state = "pending" if awaited else "offline"
    said = f"controller {controller} is not connected yet" if awaited else f"controller {controller}: {detail}"
    return Status(ref=ref("door", door), state=state, detail=said, since=now, data=last.data if last is not None else {})


def alarm_after(alarm: str, reason: int) -> str:
    """Return the alarm of a door after an event."""
    return {24: "normal", 37: "door-open-too-long", 38: "door-forced-open"}.get(reason, alarm)
