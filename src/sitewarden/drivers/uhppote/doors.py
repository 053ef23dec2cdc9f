"""What a board cannot keep of a door and of its access points. Pure."""

from __future__ import annotations

from sitewarden.domain.access.formats import H10301
from sitewarden.domain.access.levels import CARD, LEVELS
from sitewarden.domain.access.snapshot import DoorRow, PointRow, Tables
from sitewarden.domain.refs import ref
from sitewarden.drivers.uhppote.limits import Limits


def look_at_door(limits: Limits, row: DoorRow) -> int:
    """Note what is not kept of a door; return its release time as the board has it, in whole seconds."""
    me = ref("door", row.id)
    delay = min(max(round(row.release_time), 1), 255)
    if delay != row.release_time:
        text = f"The board keeps whole seconds from 1 to 255: the door is released for {delay} s."
        limits.add("release-time", text, me, notice=True)
    standard = DoorRow("", "", "", 0, 3.0, 10.0, 10.0, 30.0, 0.0, 5.0)
    if any(
        getattr(row, name) != getattr(standard, name)
        for name in ("open_time", "extended_release_time", "extended_open_time", "delay_before_relock", "pre_alarm_time")
    ):
        text = (
            "The board has one time, the release time. When a door is open for too long it tells after a time of its own;"
            " extended times, a delay before relocking and the pre-alarm are not kept."
        )
        limits.add("timings", text, me)
    if row.unlock_schedule >= 0:
        text = (
            "The board unlocks no door by schedule: it stays locked, also for the first person."
            " Unlock it by a command, or use a Sitewarden controller."
        )
        limits.add("unlock-schedule", text, me)
    if row.kind != "door":
        text = "The board knows doors alone: a lock that is released for a time, with no look at who passes or stands there."
        limits.add("door-kind", text, me)
    if not row.exit_releases:
        text = "The board's exit button always opens. Wire none to it where the handle inside is free."
        limits.add("exit-button", text, me)
    return delay


def look_at_point(limits: Limits, tables: Tables, point: PointRow) -> None:
    """Note what is not kept of an access point."""
    me = ref("access-point", point.id)
    if not point.enabled:
        text = (
            "The board cannot switch a reader off. Where it is the way in, nobody has a right at the door;"
            " where it is the way out, it stays open to who may enter."
        )
        limits.add("disabled-point", text, me)
    if not takes_h10301(tables, point):
        text = "The access point asks for cards of other formats than the board's 26 bits (H10301), so nobody opens it."
        limits.add("card-format", text, me)
    if not by_card(tables, point):
        text = (
            "The board knows cards alone, and keeps no PINs, second holders, faces, fingers or plates: it lets nobody in"
            ' where more than a card is asked for, at whatever time. Ask for "card", or use a Sitewarden controller.'
        )
        limits.add("authentication", text, me)
    elif any(LEVELS[level] != ((CARD,),) for level, _ in _asked(tables, point)):
        text = "The board knows cards alone: no PIN, face, finger or plate opens this door."
        limits.add("authentication", text, me)


def by_card(tables: Tables, point: PointRow) -> bool:
    """Tell whether a card alone is enough at any time."""
    return all((CARD,) in LEVELS[level] and not dual for level, dual in _asked(tables, point))


def takes_h10301(tables: Tables, point: PointRow) -> bool:
    """Tell whether each card of 26 bits fits a format of the access point."""
    own = {(f"{parity.mask:x}", parity.odd) for parity in H10301.parities}
    rows = [tables.formats[place] for place in point.formats]
    return not rows or any(row.bits == H10301.bits and not row.reversed and own.issuperset(row.parities) for row in rows)


def _asked(tables: Tables, point: PointRow) -> list[tuple[str, bool]]:
    """Return all that is asked for at some time: the level, and whether of two holders."""
    asked = [(point.authentication, False)]
    if point.profile >= 0:
        asked += [(level, dual) for _, level, dual in tables.authentications[point.profile].policies]
    return asked
