"""When a schedule holds: rules of recurrence turned into moments of UTC, a few weeks at a time.

A time of day is what the clock on the wall of the zone shows, at the end as at the beginning: a shift of 22:00 to 06:00 ends at
06:00 also in the night in which the clocks change, and a whole day has 23 or 25 hours then. (RFC 5545, 3.8.5.3 would carry DTEND
on as an exact duration; nobody who locks a door at six means that.) A moment that the clock skips is read with the offset
before the gap, one that it shows twice is the first of both (3.3.5).
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sitewarden.domain.access.recurrence import DAY_SECONDS, Rule, starts
from sitewarden.domain.access.snapshot import FOREVER, NEVER
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
    return merged(found_in(rules, begin, end))


def found_in(rules: Sequence[Rule], begin: int, end: int) -> list[tuple[int, int]]:
    """Return the intervals of UTC that overlap [begin, end), one a start."""
    found: list[tuple[int, int]] = []
    for rule in rules:
        zone = ZoneInfo(rule.zone)
        first = begin // DAY - rule.length // DAY_SECONDS - 2
        for start in starts(rule, first, end // DAY + 1):
            opens, closes = wall_to_utc(start, zone), wall_to_utc(start + rule.length, zone)
            if opens < closes and opens < end and closes > begin:
                found.append((opens, closes))
    return found


def merged(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return intervals in order, those that touch made one."""
    runs: list[tuple[int, int]] = []
    for opens, closes in sorted(found):
        if runs and opens <= runs[-1][1]:
            if closes > runs[-1][1]:
                runs[-1] = (runs[-1][0], closes)
        else:
            runs.append((opens, closes))
    return runs


Special = tuple[Sequence[Rule], Sequence[tuple[int, int]]]
"""Rules of whole days, and the times (seconds of the day) that hold on them."""
_UTC = ZoneInfo("UTC")


class Calendar:
    """One schedule, ready to be asked. It keeps the window that it was asked for last; answers depend on the time alone."""

    __slots__ = ("_begin", "_bounds", "_end", "_special", "_zone", "always", "known", "known_from", "known_to", "rules")

    def __init__(self, rules: Sequence[Rule] | None, special: Sequence[Special] = (), zone: ZoneInfo = _UTC) -> None:
        """Make a calendar of these rules; None means always. Special days are days of `zone`; their first group counts."""
        self.always = rules is None and not special
        self.rules = None if rules is None else tuple(rules)
        self._special = tuple(special)
        self._zone = zone
        self._begin = self._end = 0
        self._bounds: array[int] = array("q")
        self.known_from, self.known_to = (NEVER, FOREVER) if self.always else (0, 0)
        """The span that the last answer holds for."""
        self.known = self.always

    def holds(self, now: int) -> bool:
        """Tell whether the schedule holds at `now`, microseconds since 1970 UTC."""
        if self.known_from <= now < self.known_to:
            return self.known
        if not self._begin <= now < self._end:
            self._open_window(now)
        bounds = self._bounds
        place = bisect_right(bounds, now)
        self.known = bool(place & 1)
        self.known_from = max(self._begin, bounds[place - 1]) if place else self._begin
        self.known_to = min(self._end, bounds[place]) if place < len(bounds) else self._end
        return self.known

    def run_start(self, now: int) -> int:
        """Return when the run that holds at `now`, or the last one before it, began; NEVER where that is long ago.

        A run that reaches over the bounds of a window begins anew with the window where nothing else tells its beginning.
        """
        if self.always:
            return NEVER
        for back in range(3):
            moment = now if not back else self._begin - 1
            if not self._begin <= moment < self._end:
                self._open_window(moment)
            place = bisect_right(self._bounds, moment)
            if place:
                return self._bounds[(place - 1) & ~1]
        return NEVER

    def next_change(self, now: int) -> int | None:
        """Return when the answer changes next within this window and the one after it; None where it does not."""
        if self.always:
            return None
        for opens, closes in self.runs(now, now + 2 * WINDOW):
            if opens > now:
                return opens
            if closes > now:
                return closes if closes < now + 2 * WINDOW else None
        return None

    def runs(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Return the intervals of UTC that overlap [begin, end), in order, with a gap between any two."""
        found = [(NEVER, FOREVER)] if self.rules is None else expand(self.rules, begin, end)
        if not self._special:
            return found
        days, times = self._special_times(begin, end)
        left = [piece for run in found for piece in _without(run, days)]
        return [run for run in merged([*left, *times]) if run[0] < end and run[1] > begin]

    def _special_times(self, begin: int, end: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Return the special days around [begin, end) and the times that hold on them, as intervals of UTC."""
        first, last = begin // DAY - 1, end // DAY + 1
        taken: set[int] = set()
        times: list[tuple[int, int]] = []
        for rules, ranges in self._special:
            days = {day for rule in rules for day in covered_days(rule, first, last)} - taken
            taken |= days
            for day in days:
                for opens, closes in ranges:
                    times.append(self._interval(day * DAY_SECONDS + opens, day * DAY_SECONDS + closes))
        return [self._interval(day * DAY_SECONDS, (day + 1) * DAY_SECONDS) for day in sorted(taken)], times

    def _interval(self, begin: int, end: int) -> tuple[int, int]:
        return wall_to_utc(begin, self._zone), wall_to_utc(end, self._zone)

    def _open_window(self, now: int) -> None:
        self._begin = now // WINDOW * WINDOW
        self._end = self._begin + WINDOW
        bounds: array[int] = array("q")
        for opens, closes in self.runs(self._begin, self._end):
            bounds.append(opens)
            bounds.append(closes)
        self._bounds = bounds


def covered_days(rule: Rule, first: int, last: int) -> Iterable[int]:
    """Yield the days from `first` to `last` that a rule of whole days covers, counted from 1970-01-01."""
    reach = (rule.length - 1) // DAY_SECONDS + 1
    for start in starts(rule, first - reach, last):
        yield from range(max(start // DAY_SECONDS, first), min((start + rule.length - 1) // DAY_SECONDS, last) + 1)


def _without(run: tuple[int, int], days: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Yield what is left of a run without the days, which are in order."""
    opens, closes = run
    for begin, end in days:
        if end <= opens or begin >= closes:
            continue
        if opens < begin:
            yield opens, begin
        opens = end
    if opens < closes:
        yield opens, closes


class Days:
    """The days of a zone; remembers the one that it was asked for last."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._begin = self._end = 0

    def start(self, now: int) -> int:
        """Return when the day that `now` lies in began, microseconds since 1970 UTC."""
        if not self._begin <= now < self._end:
            day = utc_to_wall(now, self._zone) // DAY_SECONDS
            self._begin = wall_to_utc(day * DAY_SECONDS, self._zone)
            self._end = wall_to_utc((day + 1) * DAY_SECONDS, self._zone)
        return self._begin
