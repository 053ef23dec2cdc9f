"""When a schedule holds: rules of recurrence turned into moments of UTC, a few weeks at a time.

A time of day is what the clock on the wall of the zone shows, at the end as at the beginning: a shift of 22:00 to 06:00 ends at
06:00 also in the night in which the clocks change, and a whole day has 23 or 25 hours then. (RFC 5545, 3.8.5.3 would carry DTEND
on as an exact duration; nobody who locks a door at six means that.) A moment that the clock skips is read with the offset
before the gap, one that it shows twice is the first of both (3.3.5).
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sitewarden.domain.access.recurrence import DAY_SECONDS, Rule, starts
from sitewarden.domain.clock import DAY, SECOND
from sitewarden.domain.errors import Invalid

WINDOW = 28 * DAY
"""A calendar is expanded for this long from the beginning of a window; windows follow each other from 1970."""

_EPOCH = datetime(1970, 1, 1)


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; raises Invalid where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            f"{name[:60]!r} is no time zone that is known here",
            where="icalendar",
            remedy='Use an IANA name such as "Europe/Berlin".',
        ) from None


def wall_to_utc(wall: int, zone: ZoneInfo) -> int:
    """Return a moment of the wall clock (seconds) as microseconds since 1970 UTC."""
    moment = (_EPOCH + timedelta(seconds=wall)).replace(tzinfo=zone)
    offset = moment.utcoffset() or timedelta(0)
    return (wall - int(offset.total_seconds())) * SECOND


def utc_to_wall(time: int, zone: ZoneInfo) -> int:
    """Return microseconds since 1970 UTC as seconds of the wall clock."""
    offset = datetime.fromtimestamp(time // SECOND, UTC).astimezone(zone).utcoffset() or timedelta(0)
    return time // SECOND + int(offset.total_seconds())


def expand(rules: Sequence[Rule], begin: int, end: int) -> list[tuple[int, int]]:
    """Return the intervals of UTC that overlap [begin, end), merged and in order; ends are exclusive."""
    found: list[tuple[int, int]] = []
    for rule in rules:
        zone = ZoneInfo(rule.zone)
        first = begin // DAY - rule.length // DAY_SECONDS - 2
        for start in starts(rule, first, end // DAY + 1):
            opens, closes = wall_to_utc(start, zone), wall_to_utc(start + rule.length, zone)
            if opens < closes and opens < end and closes > begin:
                found.append((opens, closes))
    found.sort()
    merged: list[tuple[int, int]] = []
    for opens, closes in found:
        if merged and opens <= merged[-1][1]:
            if closes > merged[-1][1]:
                merged[-1] = (merged[-1][0], closes)
        else:
            merged.append((opens, closes))
    return merged


class Calendar:
    """One schedule, ready to be asked. It keeps the window that it was asked for last; answers depend on the time alone."""

    __slots__ = ("_begin", "_bounds", "_end", "always", "rules")

    def __init__(self, rules: Sequence[Rule] | None) -> None:
        """Make a calendar of these rules; None means always."""
        self.always = rules is None
        self.rules = tuple(rules or ())
        self._begin = self._end = 0
        self._bounds: array[int] = array("q")

    def holds(self, now: int) -> bool:
        """Tell whether the schedule holds at `now`, microseconds since 1970 UTC."""
        if self.always:
            return True
        if not self._begin <= now < self._end:
            self._open_window(now)
        return bool(bisect_right(self._bounds, now) & 1)

    def next_change(self, now: int) -> int | None:
        """Return when the answer changes next within this window and the one after it; None where it does not."""
        if self.always:
            return None
        for opens, closes in expand(self.rules, now, now + 2 * WINDOW):
            if opens > now:
                return opens
            if closes > now:
                return closes if closes < now + 2 * WINDOW else None
        return None

    def _open_window(self, now: int) -> None:
        self._begin = now // WINDOW * WINDOW
        self._end = self._begin + WINDOW
        bounds: array[int] = array("q")
        for opens, closes in expand(self.rules, self._begin, self._end):
            bounds.append(opens)
            bounds.append(closes)
        self._bounds = bounds
