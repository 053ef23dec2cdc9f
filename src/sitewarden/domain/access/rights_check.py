"""Whether somebody may pass an access point now: their profiles and those of their groups, and the schedules of the policies."""

from __future__ import annotations

from sitewarden.domain.access.case import Case, Refusal, moment
from sitewarden.domain.access.lines import WIDTH
from sitewarden.domain.access.model import DenyReason


def right(case: Case) -> Refusal | None:
    """Note the profile and schedule of a right that holds; else those of the nearest miss, and return why it is none."""
    rules, now, place = case.rules, case.now, case.place
    tables = rules.tables
    nearest: tuple[int, int, int, Refusal] | None = None
    for ways, begin, end, profile_at in rules.rights[rules.line[WIDTH * case.slot + 2]]:
        schedules = ways.get(place)
        if schedules is None:
            continue
        profile = tables.profiles[profile_at]
        for schedule in schedules:
            if not profile.enabled:
                text = f"profile {profile.name} is switched off"
                rank, miss = 0, Refusal(DenyReason.UNAUTHORIZED, "profile-enabled", text)
            elif now < begin:
                text = f"profile {profile.name} is valid from {moment(begin)}"
                rank, miss = 1, Refusal(DenyReason.NOT_PERMITTED_AT_THIS_TIME, "profile-valid", text)
            elif now >= end:
                text = f"profile {profile.name} was valid until {moment(end)}"
                rank, miss = 1, Refusal(DenyReason.NOT_PERMITTED_AT_THIS_TIME, "profile-valid", text)
            elif rules.calendars[schedule].holds(now):
                case.profile, case.schedule = profile.id, tables.schedules[schedule].id
                return None
            else:
                text = f"outside {tables.schedules[schedule].name} of profile {profile.name}"
                rank, miss = 2, Refusal(DenyReason.NOT_PERMITTED_AT_THIS_TIME, "schedule", text)
            if nearest is None or rank > nearest[0]:
                nearest = rank, profile_at, schedule, miss
    if nearest is None:
        return Refusal(DenyReason.UNAUTHORIZED, "right", "no access profile leads through here")
    case.profile, case.schedule = tables.profiles[nearest[1]].id, tables.schedules[nearest[2]].id
    return nearest[3]
