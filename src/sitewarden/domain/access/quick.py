"""The common case without detours: a card that may pass a door of no zones. It says yes or nothing; the walk says why not.

`decide` gives the same answer without it (a property of the tests), in three times the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewarden.domain.access.decision import Decision, DoorContext, Explanation, Request
from sitewarden.domain.access.lines import WIDTH
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.access.snapshot import EXTENDED

if TYPE_CHECKING:
    from sitewarden.domain.access.rules import Rules

_LOCKED = DoorMode.LOCKED


def plain_points(rules: Rules) -> tuple[bool, ...]:
    """Return, by access point, whether a card is all that it asks for, ever, and no zone has to do with it."""
    return tuple(
        point.enabled
        and point.authentication == "card"
        and point.profile < 0
        and not point.formats
        and rules.guards[place] == ((), ())
        for place, point in enumerate(rules.tables.points)
    )


def grant(rules: Rules, request: Request, door: DoorContext, now: int, decided_by: str, place: int) -> Decision | None:
    """Return a plain grant; None where there is more to say."""
    slot = rules.by_card.get(request.card)
    if slot is None or door.mode is not _LOCKED or door.priority != "none":
        return None
    line, at = rules.line, WIDTH * slot
    if not line[at] <= now < line[at + 1]:
        return None
    calendars = rules.calendars
    for ways, begin, end, profile in rules.rights[line[at + 2]]:
        schedules = ways.get(place)
        if schedules is None or not begin <= now < end:
            continue
        for schedule in schedules:
            calendar = calendars[schedule]
            if calendar.known if calendar.known_from <= now < calendar.known_to else calendar.holds(now):
                return Decision(
                    granted=True,
                    explanation=rules.whys.get((profile, schedule, decided_by)) or _why(rules, profile, schedule, decided_by),
                    credential=rules.ids[slot],
                    holder=rules.holder_ids[line[at + 3]],
                    extended=bool(rules.flags[slot] & EXTENDED),
                    duress=request.duress,
                )
    return None


def _why(rules: Rules, profile: int, schedule: int, decided_by: str) -> Explanation:
    """Return the explanation of a plain grant; it is the same for everybody, so it is made once."""
    names = rules.tables.profiles[profile].id, rules.tables.schedules[schedule].id
    why = rules.whys[profile, schedule, decided_by] = Explanation(
        rule="granted",
        text=granted_text(*names),
        profile=names[0],
        schedule=names[1],
        level="card",
        snapshot=rules.version,
        decided_by=decided_by,
    )
    return why


def granted_text(profile: str, schedule: str) -> str:
    """Return the operator's line of a grant."""
    return f"profile {profile}, schedule {schedule}"
