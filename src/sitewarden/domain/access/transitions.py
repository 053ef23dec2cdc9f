"""How the state of zones goes on: from one value and a fact to the next. Pure; `zone_state.py` says how it is used."""

from __future__ import annotations

from sitewarden.domain.access.decision import Decision, Request
from sitewarden.domain.access.rules import Rules
from sitewarden.domain.access.zone_state import (
    MAX_VIOLATED,
    Arm,
    DoorShut,
    Draft,
    Fact,
    Fire,
    Forgive,
    Granted,
    NotPassed,
    Passed,
    Violated,
    ZoneState,
)


def held_by(rules: Rules, node: str, state: ZoneState) -> ZoneState:
    """Return the state as `node` holds it by these rules: a controller its own zones, the server ("") all of them.

    What is remembered of zones and doors that are no longer there goes.
    """
    zones = {row.id for row in rules.tables.zones if not node or row.home == node}
    return ZoneState(
        held=frozenset(zones) if node else None,
        places={zone: places for zone, places in state.places.items() if zone in zones},
        inside={zone: count for zone, count in state.inside.items() if zone in zones},
        entries={zone: entries for zone, entries in state.entries.items() if zone in zones},
        awaited={zone: awaited for zone, awaited in state.awaited.items() if zone in zones},
        open_doors={door: until for door, until in state.open_doors.items() if door in rules.interlocked},
        first={zone: time for zone, time in state.first.items() if zone in zones},
        armed={zone: since for zone, since in state.armed.items() if zone in zones},
        fire=state.fire & zones,
        violated={one: broken for one, broken in state.violated.items() if broken[0] in zones},
    )


def facts_of(request: Request, decision: Decision, now: int) -> tuple[Fact, ...]:
    """Return what a decision tells the zones."""
    facts: list[Fact] = [
        Violated(view.zone, decision.credential, now)
        for view in decision.explanation.zones
        if view.kind == "antipassback-zone" and view.verdict in ("refused", "told")
    ]
    if decision.granted:
        facts.append(Granted(request.access_point, holders_of(decision), now))
    return tuple(facts)


def holders_of(decision: Decision) -> tuple[str, ...]:
    """Return who may pass: one holder, or two."""
    return (decision.first_holder, decision.holder) if decision.first_holder else (decision.holder,)


def advance(rules: Rules, state: ZoneState, fact: Fact) -> ZoneState:
    """Return the state after a fact. What it names and the rules or this state do not know changes nothing."""
    draft = Draft(state)
    match fact:
        case Granted() | Passed() | NotPassed():
            _move(rules, state, draft, fact)
        case DoorShut():
            _shut(rules, draft, fact)
        case Violated():
            _violate(state, draft, fact)
        case Fire():
            if _holds(rules, state, fact.zone):
                draft.set_fire(state.fire | {fact.zone} if fact.active else state.fire - {fact.zone})
        case Arm():
            if _holds(rules, state, fact.zone) and fact.zone.startswith("intrusion-zone:"):
                armed = draft.write("armed")
                armed.pop(fact.zone, None)
                if fact.armed:
                    armed[fact.zone] = state.armed.get(fact.zone, fact.time)
        case Forgive():
            _forgive(state, draft, fact)
    return draft.done()


def _holds(rules: Rules, state: ZoneState, zone: str) -> bool:
    return zone in rules.zone_at and (state.held is None or zone in state.held)


def _move(rules: Rules, state: ZoneState, draft: Draft, fact: Granted | Passed | NotPassed) -> None:
    found = rules.points.get(fact.access_point)
    if found is None:
        return
    for guard in rules.guards[found[0]].zones:
        if state.held is not None and guard.zone not in state.held:
            continue
        for holder in fact.holders:
            if isinstance(fact, Granted):
                guard.granted(draft, holder, fact.time)
            elif isinstance(fact, Passed):
                guard.passed(draft, rules, holder, fact.time)
            else:
                guard.not_passed(draft, holder)


def _shut(rules: Rules, draft: Draft, fact: DoorShut) -> None:
    if fact.shut:
        if fact.door in draft.read("open_doors"):
            del draft.write("open_doors")[fact.door]
    elif fact.door in rules.interlocked:
        draft.write("open_doors")[fact.door] = 0


def _violate(state: ZoneState, draft: Draft, fact: Violated) -> None:
    if state.held is not None and fact.zone not in state.held:
        return
    violated = draft.write("violated")
    violated.pop(fact.credential, None)
    violated[fact.credential] = (fact.zone, fact.time)
    if len(violated) > MAX_VIOLATED:
        del violated[next(iter(violated))]


def _forgive(state: ZoneState, draft: Draft, fact: Forgive) -> None:
    zones = [zone for zone in state.places if not fact.zone or zone == fact.zone]
    for zone in zones:
        if fact.holder:
            draft.move(zone, fact.holder, None)
        else:
            draft.write("places").pop(zone, None)
            draft.write("inside").pop(zone, None)
    for zone in [zone for zone in state.entries if not fact.zone or zone == fact.zone]:
        entries = draft.write("entries")
        if fact.holder:
            entries[zone] = entries[zone].without(fact.holder)
        else:
            del entries[zone]
    broken = [
        credential
        for credential, (zone, _) in state.violated.items()
        if (not fact.zone or zone == fact.zone) and (not fact.holder or credential in fact.credentials)
    ]
    for credential in broken:
        del draft.write("violated")[credential]
