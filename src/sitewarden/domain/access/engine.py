"""The decision engine: the same code on the server and on every controller. Pure; time and the state of the zones are arguments.

A decision is a walk through rules, each of which may refuse: the access point, who it is (`identity`), whether the credential
may be used, the right and its schedule (`rights_check`), the door's mode, the zones (`guards`), the PIN, and a second holder
where two are asked for. The first that refuses is the reason; what comes later is asked only of those who pass all before it.
"""

from __future__ import annotations

from typing import Final

from sitewarden.domain.access.case import Case, Refusal
from sitewarden.domain.access.decision import Decision, DoorContext, Explanation, Request, ZoneView
from sitewarden.domain.access.dual import check_second, wait_for_second
from sitewarden.domain.access.identity import ask_for, check_pin, identify, usable
from sitewarden.domain.access.model import DenyReason, DoorMode
from sitewarden.domain.access.quick import grant, granted_text
from sitewarden.domain.access.rights_check import right
from sitewarden.domain.access.rules import Rules
from sitewarden.domain.access.snapshot import EXTENDED, PointRow
from sitewarden.domain.access.zone_check import check_zones, fire_zone
from sitewarden.domain.access.zone_state import ZoneState

__all__ = ["Rules", "decide"]

_NO_ZONES: Final = ZoneState()
_SHUT: Final = {
    DoorMode.LOCKED_DOWN: (DenyReason.DOOR_LOCKED_DOWN, "the door is locked down"),
    DoorMode.BLOCKED: (DenyReason.DOOR_BLOCKED, "the door is blocked"),
}


def decide(
    rules: Rules, request: Request, door: DoorContext, now: int, decided_by: str = "", zones: ZoneState = _NO_ZONES
) -> Decision:
    """Decide on a request at `now` (microseconds since 1970 UTC), with the zones as they stand."""
    found = rules.points.get(request.access_point)
    if found is None:
        text = f"access point {request.access_point} is not known"
        why = Explanation(rule="access-point", text=text, snapshot=rules.version, decided_by=decided_by)
        return Decision(granted=False, reason=DenyReason.OTHER, explanation=why)
    place, point = found
    if rules.plain[place]:
        granted = grant(rules, request, door, now, decided_by, place)
        if granted is not None:
            return granted
    return walk(rules, request, door, now, decided_by, zones, place, point)


def walk(
    rules: Rules,
    request: Request,
    door: DoorContext,
    now: int,
    decided_by: str,
    zones: ZoneState,
    place: int,
    point: PointRow,
) -> Decision:
    """Decide by going through all rules."""
    case = Case(rules, request, door, zones, now, place, point)
    refusal = _refusal(case)
    if refusal is not None:
        return _denied(case, refusal, decided_by)
    return _granted(case, decided_by)


def _refusal(case: Case) -> Refusal | None:
    point: PointRow = case.point
    if not point.enabled:
        return Refusal(DenyReason.OTHER, "access-point", "the access point is switched off")
    ask_for(case)
    refusal = identify(case) or usable(case)
    if refusal is not None:
        return refusal
    guards = case.rules.guards[case.place]
    burning = fire_zone(case, guards) if guards.fires else ""
    if burning:
        case.profile, case.schedule = "", ""
        case.views = (ZoneView(zone=burning, kind="fire-zone", state="fire", verdict="passed"),)
        return None
    refusal = right(case)
    if refusal is not None:
        return refusal
    shut = _SHUT.get(case.door.mode)
    if shut is not None:
        return Refusal(shut[0], "door-mode", shut[1])
    if case.dual_window:
        return _of_two(case)
    if guards.zones:
        refusal = check_zones(case, guards)
        if refusal is not None:
            return refusal
    return check_pin(case)


def _of_two(case: Case) -> Refusal | None:
    """Two holders are asked for: the first is checked and waits, with the second both are."""
    guards = case.rules.guards[case.place]
    if not case.request.first:
        refusal = check_zones(case, guards) or check_pin(case)
        return refusal if refusal is not None else wait_for_second(case)
    return check_second(case) or check_pin(case)


def _granted(case: Case, decided_by: str) -> Decision:
    credentials = case.rules.credentials
    view = case.views[0] if case.views and case.views[0].kind == "fire-zone" else None
    rule = "granted" if view is None else "fire-release"
    text = granted_text(case.profile, case.schedule) if view is None else f"{view.zone} tells of fire"
    first, first_holder = "", ""
    if case.dual_window and case.request.first and view is None:
        first = case.request.first
        place = credentials.ids.find(first)
        first_holder = case.rules.holders.ids.texts[credentials.holders[place]] if place is not None else ""
    return Decision(
        granted=True,
        credential=credentials.ids.texts[case.slot],
        holder=case.holder_id,
        extended=bool(credentials.flags[case.slot] & EXTENDED),
        duress=case.duress,
        first_credential=first,
        first_holder=first_holder,
        warnings=case.warnings,
        explanation=_explanation(case, rule, text, decided_by),
    )


def _denied(case: Case, refusal: Refusal, decided_by: str) -> Decision:
    known = case.slot >= 0
    return Decision(
        granted=False,
        reason=refusal.reason,
        credential=case.rules.credentials.ids.texts[case.slot] if known else "",
        holder=case.holder_id,
        duress=case.duress,
        needs=refusal.needs,
        warnings=case.warnings,
        explanation=_explanation(case, refusal.rule, refusal.text, decided_by),
    )


def _explanation(case: Case, rule: str, text: str, decided_by: str) -> Explanation:
    door = case.door
    plain = door.mode is DoorMode.LOCKED and door.priority == "none"
    return Explanation(
        rule=rule,
        text=text,
        profile=case.profile,
        schedule=case.schedule,
        level=case.level,
        door_mode="" if plain else str(door.mode) if door.priority == "none" else f"{door.mode} ({door.priority})",
        zones=case.views,
        snapshot=case.rules.version,
        decided_by=decided_by,
    )
