"""What a board cannot keep of the site's zones. It remembers nobody: who has a right passes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sitewarden.domain.access.snapshot import (
    AntipassbackRow,
    AnyZoneRow,
    EntranceLimitRow,
    FireRow,
    FirstPersonRow,
    InterlockRow,
    OccupancyRow,
    Tables,
)
from sitewarden.drivers.uhppote.config import DeviceConfig, Interlock
from sitewarden.drivers.uhppote.limits import Limits

INTERLOCKED: Final[dict[Interlock, tuple[frozenset[int], ...]]] = {
    "none": (),
    "1-2": (frozenset({1, 2}),),
    "3-4": (frozenset({3, 4}),),
    "1-2,3-4": (frozenset({1, 2}), frozenset({3, 4})),
    "1-2-3": (frozenset({1, 2, 3}),),
    "1-2-3-4": (frozenset({1, 2, 3, 4}),),
}
"""Setting to the doors of which only one may be open."""
_ELSE: Final = " Use a Sitewarden controller for its doors where that matters."


def look_at_zones(limits: Limits, tables: Tables, controller: str, config: DeviceConfig) -> None:
    """Note the zones that reach to the doors of a controller, and what its board does instead."""
    mine = {place for place, row in enumerate(tables.doors) if row.controller == controller}
    for zone in tables.zones:
        doors = set(_doors(tables, zone))
        hears = isinstance(zone, FireRow) and any(one == controller for one, _ in zone.inputs)
        if doors & mine or hears:
            _look_at_zone(limits, tables, zone, config, doors, whole=doors <= mine)


def _look_at_zone(
    limits: Limits, tables: Tables, zone: AnyZoneRow, config: DeviceConfig, doors: set[int], *, whole: bool
) -> None:
    match zone:
        case AntipassbackRow() if config.antipassback != "none" and not zone.timed:
            text = (
                "The board compares its own readers, as its antipassback is set: it knows no areas, no exemptions, no resets"
                " and no doors of other controllers."
            )
            limits.add("antipassback", text, zone.id, notice=True)
        case AntipassbackRow():
            text = "The board does not know who is where: whoever has a right passes again and again."
            own = "" if zone.timed else " Set its own antipassback, which compares readers, or"
            text += f"{own} use a Sitewarden controller for its doors." if own else _ELSE
            limits.add("antipassback", text, zone.id)
        case OccupancyRow():
            limits.add("occupancy", "The board counts nobody: who has a right passes, however many are inside." + _ELSE, zone.id)
        case InterlockRow():
            _look_at_interlock(limits, tables, zone, config, doors, whole=whole)
        case EntranceLimitRow():
            text = "The board counts no entries: who has a right passes as often as they like." + _ELSE
            limits.add("entrance-limit", text, zone.id)
        case FirstPersonRow():
            text = "The board waits for no first person: all who have a right pass before them." + _ELSE
            limits.add("first-person", text, zone.id)
        case FireRow():
            text = (
                "The board neither hears the zone's inputs nor tells of its own in time: its doors stay locked until somebody"
                " gives the command fire-release. Wire the fire alarm into the power of its locks."
            )
            limits.add("fire", text, zone.id)
        case _:
            text = "The board cannot be armed: who has a right passes also while the area is under guard." + _ELSE
            limits.add("intrusion", text, zone.id)


def _look_at_interlock(
    limits: Limits, tables: Tables, zone: InterlockRow, config: DeviceConfig, doors: set[int], *, whole: bool
) -> None:
    numbers = frozenset(tables.doors[door].output for door in doors)
    if whole and (len(numbers) < 2 or any(numbers <= group for group in INTERLOCKED[config.interlock])):
        return
    text = "The board opens one of these doors while another one is open."
    fit = next((name for name, groups in INTERLOCKED.items() if any(numbers <= group for group in groups)), None)
    if whole and fit is not None:
        text += f' Set its interlock to "{fit}".'
    elif not whole:
        text += " It does not know those of other controllers." + _ELSE
    else:
        text += _ELSE
    limits.add("interlock", text, zone.id)


def _doors(tables: Tables, zone: AnyZoneRow) -> Iterator[int]:
    """Yield the places of the doors that a zone reaches to."""
    if isinstance(zone, InterlockRow | FirstPersonRow | FireRow):
        yield from zone.doors
    elif isinstance(zone, EntranceLimitRow):
        yield from (tables.points[point].door for point in zone.points)
    else:
        inside = {place for place in range(len(tables.areas)) if _lies_in(tables, place, zone.areas)}
        yield from (point.door for point in tables.points if point.area_from in inside or point.area_to in inside)


def _lies_in(tables: Tables, area: int, areas: Iterable[int]) -> bool:
    for _ in range(len(tables.areas) + 1):
        if area < 0 or area in areas:
            break
        area = tables.areas[area].parent
    return area in areas
