"""The rules of zones, one file a kind of zone. Pure: each looks at a case and a state, and says what becomes of the state.

`guards_of` makes, for each access point, the guards that are asked there, in the order in which their answers count.
"""

from __future__ import annotations

from typing import NamedTuple

from sitewarden.domain.access.calendars import Calendar, Days
from sitewarden.domain.access.guards.antipassback import AntipassbackGuard
from sitewarden.domain.access.guards.entrance_limit import EntranceLimitGuard
from sitewarden.domain.access.guards.first_person import FirstPersonGuard
from sitewarden.domain.access.guards.guard import Guard
from sitewarden.domain.access.guards.interlock import InterlockGuard
from sitewarden.domain.access.guards.intrusion import IntrusionGuard
from sitewarden.domain.access.guards.occupancy import OccupancyGuard
from sitewarden.domain.access.snapshot import (
    AntipassbackRow,
    AnyZoneRow,
    EntranceLimitRow,
    FireRow,
    FirstPersonRow,
    InterlockRow,
    IntrusionRow,
    OccupancyRow,
    PointRow,
    Tables,
)

_ORDER = (FirstPersonRow, IntrusionRow, AntipassbackRow, EntranceLimitRow, OccupancyRow, InterlockRow)


class Guards(NamedTuple):
    """What is asked at an access point: the fire zones of its door, and the guards of all other zones."""

    fires: tuple[str, ...]
    zones: tuple[Guard, ...]


def guards_of(tables: Tables, calendars: list[Calendar], days: Days) -> tuple[Guards, ...]:
    """Return the guards of each access point."""
    ordered = sorted((row for row in tables.zones if not isinstance(row, FireRow)), key=lambda row: _ORDER.index(type(row)))
    fires = [row for row in tables.zones if isinstance(row, FireRow)]
    return tuple(
        Guards(
            tuple(row.id for row in fires if point.door in row.doors),
            tuple(guard for row in ordered if (guard := _guard(row, tables, place, point, calendars, days)) is not None),
        )
        for place, point in enumerate(tables.points)
    )


def _guard(row: AnyZoneRow, tables: Tables, place: int, point: PointRow, calendars: list[Calendar], days: Days) -> Guard | None:
    match row:
        case AntipassbackRow():
            return AntipassbackGuard.at(row, tables, point, calendars)
        case OccupancyRow():
            return OccupancyGuard.at(row, tables, point)
        case InterlockRow():
            return InterlockGuard.at(row, tables, point)
        case EntranceLimitRow():
            return EntranceLimitGuard(row, calendars, days) if place in row.points else None
        case FirstPersonRow():
            return FirstPersonGuard(row, calendars, days) if point.door in row.doors else None
        case IntrusionRow():
            return IntrusionGuard.at(row, tables, point)
        case _:
            return None
