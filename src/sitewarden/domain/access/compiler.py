"""Entities to snapshot."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import lru_cache

from sitewarden.domain.access.cards import canonical_card
from sitewarden.domain.access.icalendar_text import parse_schedule
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.pins import digest_of
from sitewarden.domain.access.rights import AccessProfile, Schedule
from sitewarden.domain.access.snapshot import (
    CREDENTIAL_ENABLED,
    EXTENDED,
    FOREVER,
    HOLDER_ENABLED,
    NEVER,
    ControllerRow,
    Credentials,
    DoorRow,
    PointRow,
    ProfileRow,
    ScheduleRow,
    Snapshot,
    packed_integers,
)

_parsed = lru_cache(512)(parse_schedule)

Bundle = tuple[tuple[int, int, int], ...]


def compile(
    *,
    version: int,
    zone: str,
    pin_key: bytes = b"",
    controllers: Iterable[Controller] = (),
    doors: Iterable[Door] = (),
    access_points: Iterable[AccessPoint] = (),
    schedules: Iterable[Schedule] = (),
    profiles: Iterable[AccessProfile] = (),
    holders: Iterable[CredentialHolder] = (),
    credentials: Iterable[Credential] = (),
) -> Snapshot:
    """Compile a snapshot. What refers to a thing that is not there is left out; a schedule that cannot be read raises Invalid.

    `zone` is the site's IANA zone, `pin_key` the site's key for PINs. The order of the entities changes nothing.
    """
    door_rows = tuple(_door(door) for door in sorted(doors, key=lambda door: door.id))
    door_at = {row.id: place for place, row in enumerate(door_rows)}
    point_rows = tuple(
        PointRow(point.id, point.name, door_at[point.door], point.reader, point.authentication, point.enabled)
        for point in sorted(access_points, key=lambda point: point.id)
        if point.door in door_at
    )
    point_at = {row.id: place for place, row in enumerate(point_rows)}
    schedule_rows = tuple(
        ScheduleRow(schedule.id, schedule.name, _parsed(schedule.icalendar, zone))
        for schedule in sorted(schedules, key=lambda schedule: schedule.id)
    )
    schedule_at = {row.id: place for place, row in enumerate(schedule_rows)}
    profile_rows = tuple(
        ProfileRow(
            profile.id,
            profile.name,
            profile.enabled,
            tuple(
                sorted(
                    {
                        (point_at[policy.access_point], schedule_at[policy.schedule])
                        for policy in profile.policies
                        if policy.access_point in point_at and policy.schedule in schedule_at
                    }
                )
            ),
        )
        for profile in sorted(profiles, key=lambda profile: profile.id)
    )
    columns, bundles = _credentials(credentials, holders, {row.id: place for place, row in enumerate(profile_rows)})
    return Snapshot(
        version=version,
        zone=zone,
        pin_key=pin_key,
        controllers=tuple(
            ControllerRow(controller.id, controller.name, controller.matching)
            for controller in sorted(controllers, key=lambda controller: controller.id)
        ),
        schedules=schedule_rows,
        doors=door_rows,
        points=point_rows,
        profiles=profile_rows,
        bundles=bundles,
        credentials=columns,
    )


def _within(moment: int) -> int:
    return min(max(moment, NEVER), FOREVER)


def _door(door: Door) -> DoorRow:
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
    )


def _credentials(
    credentials: Iterable[Credential], holders: Iterable[CredentialHolder], profile_at: dict[str, int]
) -> tuple[Credentials, tuple[Bundle, ...]]:
    holder_flags = {holder.id: HOLDER_ENABLED if holder.enabled else 0 for holder in holders}
    ids: list[str] = []
    holder_ids: list[str] = []
    cards: list[str] = []
    flags = bytearray()
    valid_from: array[int] = array("q")
    valid_to: array[int] = array("q")
    places: array[int] = array("I")
    pins: dict[int, bytes] = {}
    disabled: dict[int, str] = {}
    bundles: dict[Bundle, int] = {}
    for credential in sorted(credentials, key=lambda credential: credential.id):
        holder = holder_flags.get(credential.holder)
        if holder is None:
            continue
        slot = len(ids)
        ids.append(credential.id)
        holder_ids.append(credential.holder)
        cards.append(canonical_card(credential.card) if credential.card else "")
        flags.append(
            holder | (CREDENTIAL_ENABLED if credential.enabled else 0) | (EXTENDED if credential.extended_grant_time else 0)
        )
        valid_from.append(NEVER if credential.valid_from is None else _within(credential.valid_from))
        valid_to.append(FOREVER if credential.valid_to is None else _within(credential.valid_to))
        bundle = tuple(
            (
                profile_at[link.profile],
                NEVER if link.valid_from is None else _within(link.valid_from),
                FOREVER if link.valid_to is None else _within(link.valid_to),
            )
            for link in credential.profiles
            if link.profile in profile_at
        )
        places.append(bundles.setdefault(bundle, len(bundles)))
        if credential.pin_hash:
            pins[slot] = digest_of(credential.pin_hash)
        if not credential.enabled and credential.disabled_reason:
            disabled[slot] = credential.disabled_reason
    columns = Credentials(
        ids,
        holder_ids,
        cards,
        bytes(flags),
        packed_integers(valid_from),
        packed_integers(valid_to),
        packed_integers(places),
        pins,
        disabled,
    )
    return columns, tuple(bundles)
