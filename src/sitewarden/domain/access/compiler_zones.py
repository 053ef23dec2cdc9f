"""Zones as rows, and who holds each: the one controller that all its doors are on, or else the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sitewarden.domain.access.snapshot import (
    AntipassbackRow,
    AnyZoneRow,
    AreaRow,
    DoorRow,
    EntranceLimitRow,
    FireRow,
    FirstPersonRow,
    InterlockRow,
    IntrusionRow,
    OccupancyRow,
    PointRow,
)
from sitewarden.domain.access.zones import (
    AntipassbackZone,
    EntranceLimitZone,
    FireZone,
    FirstPersonZone,
    InterlockZone,
    IntrusionZone,
    OccupancyZone,
    Zone,
)
from sitewarden.domain.clock import SECOND

_KINDS: Mapping[type[Zone], str] = {
    AntipassbackZone: "antipassback-zone",
    OccupancyZone: "occupancy-zone",
    InterlockZone: "interlock-zone",
    EntranceLimitZone: "entrance-limit-zone",
    FirstPersonZone: "first-person-zone",
    FireZone: "fire-zone",
    IntrusionZone: "intrusion-zone",
}


def zone_rows(
    zones: Iterable[Zone],
    areas: Sequence[AreaRow],
    doors: Sequence[DoorRow],
    points: Sequence[PointRow],
    schedule_at: Mapping[str, int],
    group_at: Mapping[str, int],
) -> tuple[AnyZoneRow, ...]:
    """Return the rows of the zones that are switched on, by reference."""
    made = _Made(areas, doors, points, schedule_at, group_at)
    rows = [made.row(zone) for zone in zones if zone.enabled]
    return tuple(sorted((row for row in rows if row is not None), key=lambda row: row.id))


class _Made:
    def __init__(
        self,
        areas: Sequence[AreaRow],
        doors: Sequence[DoorRow],
        points: Sequence[PointRow],
        schedule_at: Mapping[str, int],
        group_at: Mapping[str, int],
    ) -> None:
        self._areas, self._doors, self._points = areas, doors, points
        self._area_at = {row.id: place for place, row in enumerate(areas)}
        self._door_at = {row.id: place for place, row in enumerate(doors)}
        self._point_at = {row.id: place for place, row in enumerate(points)}
        self._schedule_at, self._group_at = schedule_at, group_at

    def row(self, zone: Zone) -> AnyZoneRow | None:
        """Return the row of a zone; None for a kind that is not known here."""
        id_ = f"{_KINDS[type(zone)]}:{zone.id}"
        deny, exempt = zone.offline == "deny", self._places(zone.exempt_groups, self._group_at)
        match zone:
            case AntipassbackZone():
                areas = self._places(zone.areas, self._area_at)
                reset = self._schedule_at.get(zone.reset_schedule or "", -1)
                times = round(zone.window * SECOND), round(zone.reset_after * SECOND), reset
                hard, timed = zone.enforcement == "hard", zone.kind == "timed"
                home = self._home(self._doors_of(areas))
                return AntipassbackRow(id_, zone.name, home, deny, exempt, areas, timed, hard, *times)
            case OccupancyZone():
                areas = self._places(zone.areas, self._area_at)
                home, hard = self._home(self._doors_of(areas)), zone.enforcement == "hard"
                return OccupancyRow(id_, zone.name, home, deny, exempt, areas, zone.limit, hard)
            case InterlockZone():
                doors = self._places(zone.doors, self._door_at)
                return InterlockRow(id_, zone.name, self._home(doors), deny, exempt, doors)
            case EntranceLimitZone():
                points = self._places(zone.access_points, self._point_at)
                home = self._home(self._points[point].door for point in points)
                schedule, interval = self._schedule_at.get(zone.schedule or "", -1), round(zone.interval * SECOND)
                hard = zone.enforcement == "hard"
                return EntranceLimitRow(id_, zone.name, home, deny, exempt, points, zone.limit, schedule, interval, hard)
            case FirstPersonZone():
                doors = self._places(zone.doors, self._door_at)
                groups, schedule = self._places(zone.groups, self._group_at), self._schedule_at.get(zone.schedule or "", -1)
                home = self._home(doors)
                return FirstPersonRow(id_, zone.name, home, deny, exempt, doors, groups, schedule, zone.hold_others)
            case FireZone():
                doors = self._places(zone.doors, self._door_at)
                inputs = tuple(sorted((one.controller, one.input) for one in zone.inputs))
                home = self._home(doors, {controller for controller, _ in inputs})
                return FireRow(id_, zone.name, home, deny, exempt, doors, inputs)
            case IntrusionZone():
                areas = self._places(zone.areas, self._area_at)
                arm, disarm = (self._places(groups, self._group_at) for groups in (zone.arm_groups, zone.disarm_groups))
                delays = round(zone.entry_delay * SECOND), round(zone.exit_delay * SECOND)
                home = self._home(self._doors_of(areas))
                return IntrusionRow(id_, zone.name, home, deny, exempt, areas, arm, disarm, zone.disarm_on_entry, *delays)
            case _:
                return None

    @staticmethod
    def _places(ids: Iterable[str], known: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(sorted({known[one] for one in ids if one in known}))

    def _home(self, doors: Iterable[int], also: Iterable[str] = ()) -> str:
        controllers = {self._doors[door].controller for door in doors} | set(also)
        return next(iter(controllers)) if len(controllers) == 1 else ""

    def _doors_of(self, areas: Sequence[int]) -> set[int]:
        """Return the doors that lead into, out of or about in areas."""
        inside = {place for place in range(len(self._areas)) if self._lies_in(place, areas)}
        return {point.door for point in self._points if point.area_from in inside or point.area_to in inside}

    def _lies_in(self, area: int, areas: Sequence[int]) -> bool:
        steps = 0
        while area >= 0 and steps <= len(self._areas):
            if area in areas:
                return True
            area, steps = self._areas[area].parent, steps + 1
        return False
