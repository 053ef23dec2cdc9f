"""Who can open this door, what can this person open: answered from the compiled rules, by the checks that decide. Pure.

Generators yield after each slice of work, so that whoever asks in a running server lets others in between.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Final, Literal

from msgspec import Struct

from sitewarden.domain.access.case import Case
from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.identity import usable
from sitewarden.domain.access.rules import Rules
from sitewarden.domain.access.schedule_words import in_words
from sitewarden.domain.access.snapshot import CREDENTIAL_ENABLED, FOREVER, HOLDER_ENABLED, NEVER
from sitewarden.domain.access.zone_state import ZoneState

SLICE: Final = 4096
"""Credentials looked at between two yields: less than a millisecond."""

Verdict = Literal["now", "later", "no"]
"""now: the right holds at this moment. later: it does at other times. no: it does not, and `why` says what is in the way."""


class Way(Struct, frozen=True, kw_only=True):
    """One right to pass an access point: what gives it, and when."""

    door: str
    access_point: str
    access_point_name: str
    profile: str
    profile_name: str
    group: str = ""
    """The group that gives the profile; empty where the credential itself has it."""
    schedule: str
    schedule_name: str
    when: str
    """The schedule in words."""
    valid_from: int | None
    valid_to: int | None
    verdict: Verdict
    why: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """A credential and its ways. `verdict` is the best of theirs, unless the credential itself may not be used."""

    holder: str
    credential: str
    verdict: Verdict
    why: str
    ways: tuple[Way, ...]


_Link = tuple[int, int, int, int]
"""(profile, valid from, valid to, group or -1)."""


def credentials_for(rules: Rules, door: str) -> Generator[None, None, list[int]]:
    """Return the places of the credentials with any right at a door, in the order of their holders; yields after each slice."""
    points = {place for place, row in rules.points.values() if rules.tables.doors[row.door].id == door}
    profiles = {at for at, ways in enumerate(rules.ways) if not points.isdisjoint(ways)}
    groups = {at for at, row in enumerate(rules.tables.groups) if any(link[0] in profiles for link in row.links)}
    bundles = {
        at for at, links in enumerate(rules.credentials.sets) if any(rules.profile_at.get(link[0]) in profiles for link in links)
    }
    sets = {at for at, members in enumerate(rules.groups) if not groups.isdisjoint(members)}
    credentials, holders = rules.credentials, rules.holders
    found: list[int] = []
    for start in range(0, len(credentials.bundles), SLICE):
        end = min(start + SLICE, len(credentials.bundles))
        of_holder, of_group = credentials.holders, holders.groups
        found += [
            slot
            for slot, bundle in enumerate(credentials.bundles[start:end], start)
            if bundle in bundles or (sets and of_group[of_holder[slot]] in sets)
        ]
        yield
    gone = credentials.ids.gone
    if gone:
        found = [slot for slot in found if slot not in gone]
        yield
    # Holders stand by id; those that came since the rules were compiled stand last.
    found.sort(key=credentials.holders.__getitem__)
    return found


def credentials_of(rules: Rules, holder: str) -> Generator[None, None, list[int]]:
    """Return the places of a holder's credentials; yields after each slice."""
    place = rules.holders.ids.find(holder)
    if place is None:
        return []
    credentials, found = rules.credentials, []
    for start in range(0, len(credentials.holders), SLICE * 4):
        part = credentials.holders[start : start + SLICE * 4]
        found += [slot for slot, at in enumerate(part, start) if at == place]
        yield
    return [slot for slot in found if slot not in credentials.ids.gone]


def usable_now(rules: Rules, slot: int, now: int) -> bool:
    """Tell whether a credential and its holder are enabled and valid; cheap, for counts."""
    credentials, holders = rules.credentials, rules.holders
    holder = credentials.holders[slot]
    return bool(
        credentials.flags[slot] & CREDENTIAL_ENABLED
        and holders.flags[holder] & HOLDER_ENABLED
        and credentials.valid_from[slot] <= now < credentials.valid_to[slot]
        and holders.valid_from[holder] <= now < holders.valid_to[holder]
    )


def describe(rules: Rules, slot: int, now: int, door: str = "") -> Found:
    """Return what a credential can pass, at one door or at all, as of `now`."""
    case = _case(rules, slot, now)
    refusal = usable(case) if case is not None else None
    ways = tuple(_ways(rules, slot, now, door))
    best: Verdict = "now" if any(way.verdict == "now" for way in ways) else "later"
    why = ""
    if refusal is not None:
        best, why = "no", refusal.text
    elif ways and all(way.verdict == "no" for way in ways):
        best, why = "no", ways[0].why
    elif not ways:
        best, why = "no", "no access profile leads anywhere"
    credentials = rules.credentials
    return Found(
        holder=rules.holders.ids.texts[credentials.holders[slot]],
        credential=credentials.ids.texts[slot],
        verdict=best,
        why=why,
        ways=ways,
    )


def _case(rules: Rules, slot: int, now: int) -> Case | None:
    for place, row in rules.points.values():
        case = Case(rules, Request(access_point=row.id), DoorContext(), ZoneState(), now, place, row)
        case.identify(slot)
        return case
    return None


def _links(rules: Rules, slot: int) -> Iterable[_Link]:
    credentials = rules.credentials
    for id_, begin, end in credentials.sets[credentials.bundles[slot]]:
        profile = rules.profile_at.get(id_)
        if profile is not None:
            yield profile, begin, end, -1
    for group in rules.groups[rules.holders.groups[credentials.holders[slot]]]:
        for profile, begin, end in rules.tables.groups[group].links:
            yield profile, begin, end, group


def _ways(rules: Rules, slot: int, now: int, only: str) -> Iterable[Way]:
    tables = rules.tables
    for at, begin, end, group in _links(rules, slot):
        profile = tables.profiles[at]
        for point_at, schedules in rules.ways[at].items():
            point = tables.points[point_at]
            door = tables.doors[point.door].id
            if only and door != only:
                continue
            for schedule_at in schedules:
                schedule = tables.schedules[schedule_at]
                verdict, why = _verdict(rules, profile.enabled, point.enabled, begin, end, schedule_at, now)
                yield Way(
                    door=door,
                    access_point=point.id,
                    access_point_name=point.name,
                    profile=profile.id,
                    profile_name=profile.name,
                    group=tables.groups[group].id if group >= 0 else "",
                    schedule=schedule.id,
                    schedule_name=schedule.name,
                    when=in_words(schedule),
                    valid_from=None if begin == NEVER else begin,
                    valid_to=None if end == FOREVER else end,
                    verdict=verdict,
                    why=why,
                )


def _verdict(
    rules: Rules, profile_enabled: bool, point_enabled: bool, begin: int, end: int, schedule: int, now: int
) -> tuple[Verdict, str]:
    if not point_enabled:
        return "no", "the access point is switched off"
    if not profile_enabled:
        return "no", "the profile is switched off"
    if now >= end:
        return "no", "the profile is no longer valid"
    if now < begin:
        return "later", "the profile is not valid yet"
    if rules.calendars[schedule].holds(now):
        return "now", ""
    return "later", "outside the schedule"
