"""What the rules and zones ask of a door by themselves: to be unlocked by its schedule, to lock open in a fire. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sitewarden.domain.access.calendars import WINDOW
from sitewarden.domain.access.guards.guard import lies_in
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.access.rules import Rules
from sitewarden.domain.access.snapshot import FireRow
from sitewarden.domain.access.zone_state import ZoneState


def scheduled_mode(rules: Rules, zones: ZoneState, door: str, now: int) -> DoorMode | None:
    """Return the mode that a door's schedule asks for, at the priority scheduled; None where it asks for nothing.

    In a first-person zone the schedule begins with its first person; of a zone that is not held nobody is waited for.
    """
    place = rules.door_at.get(door)
    if place is None or rules.tables.doors[place].unlock_schedule < 0:
        return None
    if not rules.calendars[rules.tables.doors[place].unlock_schedule].holds(now):
        return None
    for guard in rules.waits.get(place, ()):
        held = zones.held is None or guard.zone in zones.held
        if held and not guard.has_come(zones, now):
            return None
    return DoorMode.UNLOCKED


def next_scheduled(rules: Rules, door: str, now: int) -> int:
    """Return when to ask `scheduled_mode` again at the latest, microseconds; a first person may change it before."""
    place = rules.door_at.get(door)
    change = None
    if place is not None and rules.tables.doors[place].unlock_schedule >= 0:
        change = rules.calendars[rules.tables.doors[place].unlock_schedule].next_change(now)
    return change if change is not None else now + WINDOW


def burns(rules: Rules, zones: ZoneState, door: str) -> bool:
    """Tell whether a fire zone asks for the door to lock open, at the priority emergency."""
    place = rules.door_at.get(door)
    return any(isinstance(row, FireRow) and place in row.doors and row.id in zones.fire for row in rules.tables.zones)


def fire_zones_of(rules: Rules, controller: str, number: int) -> Iterator[str]:
    """Yield the fire zones that an input of a controller tells of."""
    for row in rules.tables.zones:
        if isinstance(row, FireRow) and (controller, number) in row.inputs:
            yield row.id


def doors_of_area(rules: Rules, area: str) -> frozenset[str]:
    """Return the doors that lead into or out of an area or what lies in it: those that a lockdown of it locks."""
    tables = rules.tables
    areas = frozenset(place for place, row in enumerate(tables.areas) if row.id == area)
    return frozenset(
        tables.doors[point.door].id
        for point in tables.points
        if lies_in(tables, point.area_from, areas) or lies_in(tables, point.area_to, areas)
    )
