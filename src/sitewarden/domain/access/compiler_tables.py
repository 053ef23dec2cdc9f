"""The tables of a snapshot: all but people. Rows are sorted by id and refer to each other by place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.compiler_zones import zone_rows
from sitewarden.domain.access.formats import row_of
from sitewarden.domain.access.icalendar_text import parse_schedule
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import HolderGroup
from sitewarden.domain.access.rights import AccessProfile, AuthenticationProfile, Schedule, SpecialDayGroup
from sitewarden.domain.access.snapshot import (
    FOREVER,
    NEVER,
    AreaRow,
    AuthenticationRow,
    ControllerRow,
    DoorRow,
    GroupRow,
    PointRow,
    ProfileRow,
    Range,
    ScheduleRow,
    Tables,
)
from sitewarden.domain.access.zones import Zone
from sitewarden.domain.clock import SECOND

_parsed = lru_cache(512)(parse_schedule)


def compile_tables(
    *,
    zone: str,
    pin_key: bytes = b"",
    controllers: Iterable[Controller] = (),
    areas: Iterable[Area] = (),
    doors: Iterable[Door] = (),
    access_points: Iterable[AccessPoint] = (),
    special_days: Iterable[SpecialDayGroup] = (),
    schedules: Iterable[Schedule] = (),
    authentications: Iterable[AuthenticationProfile] = (),
    formats: Iterable[CardFormat] = (),
    profiles: Iterable[AccessProfile] = (),
    groups: Iterable[HolderGroup] = (),
    zones: Iterable[Zone] = (),
) -> Tables:
    """Return the tables; `compiler.compile` says of what."""
    areas, formats = sorted(areas, key=_id), sorted(formats, key=_id)
    schedules = sorted(schedules, key=_id)
    schedule_at, area_at = _places(schedules), _places(areas)
    doors = sorted(doors, key=_id)
    door_at = _places(doors)
    authentications = sorted(authentications, key=_id)
    authentication_at, format_at = _places(authentications), _places(formats)
    points = [point for point in sorted(access_points, key=_id) if point.door in door_at]
    point_at = _places(points)
    profiles = sorted(profiles, key=_id)
    profile_at = _places(profiles)
    groups = sorted(groups, key=_id)
    point_rows = tuple(
        PointRow(
            point.id,
            point.name,
            door_at[point.door],
            point.reader,
            point.authentication,
            point.enabled,
            area_at.get(point.area_from or "", -1),
            area_at.get(point.area_to or "", -1),
            authentication_at.get(point.authentication_profile or "", -1),
            tuple(format_at[one] for one in point.card_formats if one in format_at),
        )
        for point in points
    )
    area_rows = tuple(AreaRow(area.id, area.name, area_at.get(area.area or "", -1)) for area in areas)
    door_rows = tuple(_door(door, schedule_at) for door in doors)
    special = {group.id: _parsed(group.icalendar, zone) or () for group in special_days}
    return Tables(
        zone=zone,
        pin_key=pin_key,
        controllers=tuple(ControllerRow(one.id, one.name, one.matching) for one in sorted(controllers, key=_id)),
        schedules=tuple(
            ScheduleRow(
                schedule.id,
                schedule.name,
                _parsed(schedule.icalendar, zone),
                tuple((special[days.group], _ranges(days.times)) for days in schedule.special_days if days.group in special),
            )
            for schedule in schedules
        ),
        authentications=tuple(
            AuthenticationRow(
                row.id,
                tuple(
                    (schedule_at[policy.schedule], policy.level, policy.mode == "dual")
                    for policy in row.policies
                    if policy.schedule in schedule_at
                ),
                round(row.dual_window * SECOND),
            )
            for row in authentications
        ),
        formats=tuple(row_of(one) for one in formats),
        areas=area_rows,
        doors=door_rows,
        points=point_rows,
        profiles=tuple(_profile(profile, point_at, schedule_at) for profile in profiles),
        groups=tuple(
            GroupRow(
                group.id,
                group.name,
                tuple(
                    (profile_at[link.profile], _or(link.valid_from, NEVER), _or(link.valid_to, FOREVER))
                    for link in group.profiles
                    if link.profile in profile_at
                ),
            )
            for group in groups
        ),
        zones=zone_rows(zones, area_rows, door_rows, point_rows, schedule_at, _places(groups)),
    )


def _id(entity: Area | Controller | Door | CardFormat | object) -> str:
    return str(getattr(entity, "id", ""))


def _places(entities: Iterable[object]) -> dict[str, int]:
    return {_id(entity): place for place, entity in enumerate(entities)}


def _or(moment: int | None, otherwise: int) -> int:
    return otherwise if moment is None else min(max(moment, NEVER), FOREVER)


def _ranges(times: Iterable[str]) -> tuple[Range, ...]:
    """Return "08:00-12:00" as seconds of the day; a range that ends before it begins holds until the end of the day."""
    found = []
    for text in times:
        begin, _, end = text.partition("-")
        opens, closes = _seconds(begin), _seconds(end)
        found.append((opens, closes if closes > opens else 86_400))
    return tuple(sorted(found))


def _seconds(text: str) -> int:
    return int(text[:2]) * 3600 + int(text[3:5]) * 60


def _profile(profile: AccessProfile, point_at: Mapping[str, int], schedule_at: Mapping[str, int]) -> ProfileRow:
    pairs = {
        (point_at[policy.access_point], schedule_at[policy.schedule])
        for policy in profile.policies
        if policy.access_point in point_at and policy.schedule in schedule_at
    }
    return ProfileRow(profile.id, profile.name, profile.enabled, tuple(sorted(pairs)))


def _door(door: Door, schedule_at: Mapping[str, int]) -> DoorRow:
    return DoorRow(
        door.id,
        door.name,
        door.controller,
        door.output,
        door.release_time,
        door.open_time,
        door.extended_release_time,
        door.extended_open_time,
        door.delay_before_relock,
        door.pre_alarm_time,
        door.kind,
        schedule_at.get(door.unlock_schedule or "", -1),
        door.first_person,
        door.exit_releases,
    )
