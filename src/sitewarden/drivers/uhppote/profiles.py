"""Schedules as time profiles of a board: days from and to, weekdays, three spans of a day, linked where that is not enough. Pure.

What the board can say for good is said for good. Anything else (every second week, the third Monday, another zone) is expanded
into dates for the window of now and the next one, four weeks each, and renewed when the window ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sitewarden.domain.access.calendars import WINDOW, Special, covered_days, expand, utc_to_wall
from sitewarden.domain.access.recurrence import DAY_SECONDS, Frequency, Rule, to_date, to_day
from sitewarden.domain.access.snapshot import ScheduleRow
from sitewarden.drivers.uhppote.messages import Profile

EVERY_DAY: Final = 0b111_1111
"""Weekdays as bits, Monday the lowest."""
FIRST_DAY: Final = to_day(date(2000, 1, 1))
LAST_DAY: Final = to_day(date(2099, 12, 31))
"""Days that a board can be told; they are counted from 1970-01-01."""
MINUTES: Final = 24 * 60
WEEK: Final = 7
SPANS: Final = 3
"""Spans of a day in one profile."""
IDS: Final = range(2, 255)
"""Ids of time profiles; 0 is never and 1 always."""


class Part(NamedTuple):
    """One time profile but for its id and its link. Spans are (first minute, last minute), both included."""

    first: int
    last: int
    weekdays: int
    spans: tuple[tuple[int, int], ...]


Chain = tuple[Part, ...]
"""Linked time profiles; one that holds is enough."""


class _Span(NamedTuple):
    first: int
    last: int
    weekdays: int
    start: int
    end: int


class Compiled(NamedTuple):
    """A schedule as a chain, and how far that is the schedule itself."""

    chain: Chain
    dated: bool
    """It holds for this window and the next alone."""
    rounded: bool
    """Seconds were left out at its edges."""


def compile_rules(rules: Iterable[Rule], zone: str, now: int) -> Compiled:
    """Return the chain of some rules; `zone` is the site's, `now` microseconds since 1970 UTC."""
    return compile_schedules((ScheduleRow("", "", tuple(rules)),), zone, now)


def compile_schedules(rows: Iterable[ScheduleRow], zone: str, now: int) -> Compiled:
    """Return the chain of schedules, of which one that holds is enough."""
    spans: list[_Span] = []
    dated = rounded = False
    for row in rows:
        found, by_date = _spans_of(row.rules, zone, now)
        rounded |= any(rule.start % 60 or rule.length % 60 for rule in row.rules or ())
        if row.special:
            found, by_date = _with_special_days(found, row.special, zone, now), True
            rounded |= any(second % 60 for _, times in row.special for span in times for second in span)
        spans += found
        dated |= by_date
    today = _day(now, zone)
    return Compiled(_chain(span for span in spans if span.last >= today), dated, rounded)


def _spans_of(rules: Sequence[Rule] | None, zone: str, now: int) -> tuple[list[_Span], bool]:
    """Return what rules say, None being always, and whether some of it is dates."""
    if rules is None:
        return [_Span(FIRST_DAY, LAST_DAY, EVERY_DAY, 0, MINUTES - 1)], False
    spans: list[_Span] = []
    dated: list[Rule] = []
    for rule in rules:
        exact = _exact(rule) if rule.zone == zone else None
        if exact is None:
            dated.append(rule)
        else:
            spans += exact
    if dated:
        begin = window(now)
        spans += _dated(dated, zone, begin, begin + 2 * WINDOW)
    return spans, bool(dated)


def _with_special_days(spans: Iterable[_Span], special: Sequence[Special], zone: str, now: int) -> list[_Span]:
    """Return spans until the end of the next window, with the times of the special days in place of their own."""
    begin = window(now)
    first, last = _day(begin, zone), _day(begin + 2 * WINDOW, zone) - 1
    found: list[_Span] = []
    taken: set[int] = set()
    for rules, times in special:
        days = {day for rule in rules for day in covered_days(rule, first, last)} - taken
        taken |= days
        for day in days:
            for opens, closes in times:
                if -(-opens // 60) < closes // 60:
                    found.append(_Span(day, day, EVERY_DAY, -(-opens // 60), closes // 60 - 1))
    left_out = sorted(taken)
    for span in spans:
        within = max(span.first, first), min(span.last, last), span.weekdays
        found += [_Span(*piece, span.start, span.end) for piece in _without(within, left_out)]
    return found


def _day(time: int, zone: str) -> int:
    return utc_to_wall(time, ZoneInfo(zone)) // DAY_SECONDS


def window(now: int) -> int:
    """Return the beginning of the window that `now` lies in, microseconds since 1970 UTC."""
    return now // WINDOW * WINDOW


def holds(chain: Sequence[Part], wall: int) -> bool:
    """Tell whether a chain holds at a moment of the wall clock (seconds), as a board answers it."""
    day, second = divmod(wall, DAY_SECONDS)
    minute = second // 60
    return any(
        part.first <= day <= part.last
        and part.weekdays >> to_date(day).weekday() & 1
        and any(start <= minute <= end for start, end in part.spans)
        for part in chain
    )


def written(part: Part, id_: int, linked: int, serial: int) -> Profile:
    """Return a part as the board keeps it. Spans that are not needed repeat the first: 00:00 to 00:00 might hold at midnight."""
    spans = (*part.spans, *(part.spans[0] for _ in range(SPANS - len(part.spans))))
    days = [bool(part.weekdays >> day & 1) for day in range(WEEK)]
    return Profile(
        serial=serial,
        id=id_,
        first=to_date(part.first),
        last=to_date(part.last),
        monday=days[0],
        tuesday=days[1],
        wednesday=days[2],
        thursday=days[3],
        friday=days[4],
        saturday=days[5],
        sunday=days[6],
        start_1=spans[0][0],
        end_1=spans[0][1],
        start_2=spans[1][0],
        end_2=spans[1][1],
        start_3=spans[2][0],
        end_3=spans[2][1],
        linked=linked,
    )


def _exact(rule: Rule) -> list[_Span] | None:
    """Return a rule as spans that hold for good; None where the board has no words for it."""
    begin, second = divmod(rule.start, DAY_SECONDS)
    weekday = to_date(begin).weekday()
    plain = rule.interval == 1 and not any((rule.by_month, rule.by_month_day, rule.by_year_day, rule.by_week, rule.by_position))
    if rule.frequency is Frequency.ONCE:
        starts = [(begin, begin, EVERY_DAY)]
    elif rule.frequency in (Frequency.DAILY, Frequency.WEEKLY) and plain and rule.length <= WEEK * DAY_SECONDS:
        implied = EVERY_DAY if rule.frequency is Frequency.DAILY else 1 << weekday
        weekdays = sum(1 << day for day in {day for _, day in rule.by_day}) if rule.by_day else implied
        last = LAST_DAY
        if rule.until is not None:
            until, at = divmod(rule.until, DAY_SECONDS)
            last = until if at >= second else until - 1
        starts = [(begin, last, weekdays)]
        if not weekdays >> weekday & 1:
            starts.append((begin, begin, EVERY_DAY))
    else:
        return None
    left_out = sorted({moment // DAY_SECONDS for moment in rule.without if moment % DAY_SECONDS == second})
    starts = [piece for each in starts for piece in _without(each, left_out)]
    spans = [_Span(*piece, *cut) for each in starts for piece, cut in _days(each, second, rule.length)]
    for moment in rule.extra:
        if moment not in rule.without:
            day, at = divmod(moment, DAY_SECONDS)
            spans += [_Span(*piece, *cut) for piece, cut in _days((day, day, EVERY_DAY), at, rule.length)]
    return [span for span in spans if span.start <= span.end]


def _without(starts: tuple[int, int, int], left_out: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    first, last, weekdays = starts
    for day in left_out:
        if not first <= day <= last or not weekdays >> to_date(day).weekday() & 1:
            continue
        if first < day:
            yield first, day - 1, weekdays
        first = day + 1
    if first <= last:
        yield first, last, weekdays


def _days(starts: tuple[int, int, int], second: int, length: int) -> Iterator[tuple[tuple[int, int, int], tuple[int, int]]]:
    """Yield the pieces of what begins on some days, by day: (first, last, weekdays), (first minute, last minute)."""
    first, last, weekdays = starts
    end = second + length
    whole_first, whole_last = 1, (end // DAY_SECONDS) - 1
    offsets = {0, end // DAY_SECONDS}
    if whole_first <= whole_last and first == last:
        yield (first + whole_first, first + whole_last, EVERY_DAY), (0, MINUTES - 1)
    else:
        offsets |= set(range(whole_first, whole_last + 1))
    for offset in sorted(offsets):
        opens = -(-max(0, second - offset * DAY_SECONDS) // 60)
        closes = min(DAY_SECONDS, end - offset * DAY_SECONDS) // 60
        if opens < closes:
            turned = (weekdays << offset % WEEK | weekdays >> WEEK - offset % WEEK) & EVERY_DAY
            yield (first + offset, min(last + offset, LAST_DAY), turned), (opens, closes - 1)


def _dated(rules: Sequence[Rule], zone: str, begin: int, end: int) -> Iterator[_Span]:
    """Yield what rules hold between two moments of UTC, by day of the site's wall clock."""
    here = ZoneInfo(zone)
    by_cut: dict[tuple[int, int], list[int]] = defaultdict(list)
    for opens, closes in expand(rules, begin, end):
        start, stop = utc_to_wall(max(opens, begin), here), utc_to_wall(min(closes, end), here)
        for (first, last, _), cut in _days((start // DAY_SECONDS,) * 2 + (EVERY_DAY,), start % DAY_SECONDS, stop - start):
            by_cut[cut] += range(first, last + 1)
    for cut, days in by_cut.items():
        first = before = -2
        for day in [*sorted(set(days)), LAST_DAY + 2]:
            if day != before + 1:
                if first >= 0:
                    yield _Span(first, before, EVERY_DAY, *cut)
                first = day
            before = day


def _chain(spans: Iterable[_Span]) -> Chain:
    groups: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
    for span in spans:
        first, last = max(span.first, FIRST_DAY), min(span.last, LAST_DAY)
        if first <= last and span.weekdays:
            groups[first, last, span.weekdays].append((span.start, span.end))
    parts = []
    for (first, last, weekdays), cuts in sorted(groups.items()):
        merged: list[tuple[int, int]] = []
        for start, end in sorted(cuts):
            if merged and start <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        parts += [Part(first, last, weekdays, tuple(merged[place : place + SPANS])) for place in range(0, len(merged), SPANS)]
    return tuple(parts)
