"""Recurrence of RFC 5545 as a question about a day, so that no rule can make an expansion run long.

FREQ DAILY, WEEKLY, MONTHLY and YEARLY without BYHOUR, BYMINUTE and BYSECOND have at most one start a day. Whether a day has
one is answered from the day itself (and, with BYSETPOS, from its week, month or year), in constant time. Local moments are
seconds of the wall clock since 1970-01-01 00:00 of their zone; days are counted from the same moment.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from enum import IntEnum
from typing import Annotated

from msgspec import Meta, Struct

DAY_SECONDS = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
LAST_DAY = date(2200, 1, 1).toordinal() - _EPOCH
"""No rule is followed beyond this day."""

MAX_LENGTH = 366 * DAY_SECONDS
"""Longest time that one start may hold, seconds."""


class Frequency(IntEnum):
    """FREQ; ONCE is an event with no rule."""

    ONCE = 0
    DAILY = 1
    WEEKLY = 2
    MONTHLY = 3
    YEARLY = 4


class Rule(Struct, frozen=True, kw_only=True, array_like=True, omit_defaults=False):
    """One VEVENT: a first start, how long it holds, and when it starts again."""

    zone: str
    """IANA name of the zone whose wall clock `start` and `length` are read on."""
    start: Annotated[int, Meta(ge=0, le=LAST_DAY * DAY_SECONDS)]
    """DTSTART, seconds of the wall clock."""
    length: Annotated[int, Meta(ge=1, le=MAX_LENGTH)]
    """Seconds of the wall clock that it holds."""
    frequency: Frequency = Frequency.ONCE
    interval: Annotated[int, Meta(ge=1, le=1_000)] = 1
    until: int | None = None
    """Last start, seconds of the wall clock, inclusive. COUNT is turned into it."""
    week_start: Annotated[int, Meta(ge=0, le=6)] = 0
    """WKST, Monday is 0."""
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    """(ordinal, weekday); ordinal 0 means every one, Monday is 0."""
    by_position: tuple[int, ...] = ()
    extra: Annotated[tuple[int, ...], Meta(max_length=10_000)] = ()
    """RDATE, seconds of the wall clock."""
    without: Annotated[tuple[int, ...], Meta(max_length=10_000)] = ()
    """EXDATE, seconds of the wall clock."""


def to_date(day: int) -> date:
    """Return the date of a day counted from 1970-01-01."""
    return date.fromordinal(day + _EPOCH)


def to_day(moment: date) -> int:
    """Return the count of days from 1970-01-01."""
    return moment.toordinal() - _EPOCH


def starts(rule: Rule, first: int, last: int) -> Iterator[int]:
    """Yield the starts (seconds of the wall clock) on the days `first` to `last`, inclusive, in order of rule, then RDATE."""
    begin, time_of_day = divmod(rule.start, DAY_SECONDS)
    until = rule.until if rule.until is not None else (LAST_DAY + 1) * DAY_SECONDS
    without = frozenset(rule.without)
    final = begin if rule.frequency is Frequency.ONCE else min(last, LAST_DAY)
    matcher = Matcher(rule)
    for day in range(max(first, begin), min(final, last) + 1):
        moment = day * DAY_SECONDS + time_of_day
        if moment > until:
            break
        if moment not in without and (day == begin or matcher.matches(day)):
            yield moment
    for moment in rule.extra:
        if first <= moment // DAY_SECONDS <= last and moment not in without:
            yield moment


def until_of_count(rule: Rule, count: int, days: int) -> tuple[int | None, int]:
    """Return (the start that is the last of `count`, days looked at); None where `days` were not enough.

    DTSTART is the first start.
    """
    begin, time_of_day = divmod(rule.start, DAY_SECONDS)
    matcher = Matcher(rule)
    left, day = count - 1, begin
    while left and day - begin < days:
        day += 1
        left -= matcher.matches(day)
    return (None if left else day * DAY_SECONDS + time_of_day), day - begin


class Matcher:
    """Answers for one rule; remembers what BYSETPOS chose in the last period."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._period = range(0)
        self._chosen: frozenset[int] = frozenset()

    def matches(self, day: int) -> bool:
        """Tell whether the rule has a start on `day`; DTSTART, UNTIL, RDATE and EXDATE are not looked at, INTERVAL is."""
        rule = self._rule
        if rule.frequency is Frequency.ONCE or not _in_period(rule, day) or not _selected(rule, day):
            return False
        if not rule.by_position:
            return True
        if day not in self._period:
            self._period = _period(rule, day)
            days = [other for other in self._period if _selected(rule, other)]
            places = (place - 1 if place > 0 else place for place in rule.by_position)
            self._chosen = frozenset(days[place] for place in places if -len(days) <= place < len(days))
        return day in self._chosen


def _in_period(rule: Rule, day: int) -> bool:
    """INTERVAL: tell whether the day's period counts."""
    begin = rule.start // DAY_SECONDS
    if rule.interval == 1:
        return True
    if rule.frequency is Frequency.DAILY:
        return (day - begin) % rule.interval == 0
    if rule.frequency is Frequency.WEEKLY:
        return (_week(day, rule.week_start) - _week(begin, rule.week_start)) // 7 % rule.interval == 0
    now, then = to_date(day), to_date(begin)
    if rule.frequency is Frequency.MONTHLY:
        return ((now.year - then.year) * 12 + now.month - then.month) % rule.interval == 0
    return (now.year - then.year) % rule.interval == 0


def _week(day: int, week_start: int) -> int:
    """Return the first day of the week that `day` lies in. 1970-01-01 was a Thursday (3)."""
    return day - (day + 3 - week_start) % 7


def _period(rule: Rule, day: int) -> range:
    """Return the days of the period (week, month, year) that BYSETPOS counts in."""
    if rule.frequency is Frequency.DAILY:
        return range(day, day + 1)
    if rule.frequency is Frequency.WEEKLY:
        week = _week(day, rule.week_start)
        return range(week, week + 7)
    moment = to_date(day)
    if rule.frequency is Frequency.MONTHLY:
        first = to_day(moment.replace(day=1))
        return range(first, first + monthrange(moment.year, moment.month)[1])
    first = to_day(date(moment.year, 1, 1))
    return range(first, to_day(date(moment.year + 1, 1, 1)))


def _selected(rule: Rule, day: int) -> bool:
    """Tell whether the BY parts, with what DTSTART gives where they are silent, choose the day."""
    moment = to_date(day)
    if rule.by_month and moment.month not in rule.by_month:
        return False
    if rule.by_week and not _in_weeks(rule, day):
        return False
    if rule.by_year_day:
        length = 366 if monthrange(moment.year, 2)[1] == 29 else 365
        number = moment.timetuple().tm_yday
        if number not in rule.by_year_day and number - length - 1 not in rule.by_year_day:
            return False
    if rule.by_month_day:
        length = monthrange(moment.year, moment.month)[1]
        if moment.day not in rule.by_month_day and moment.day - length - 1 not in rule.by_month_day:
            return False
    if rule.by_day:
        return any(_is_weekday(rule, moment, ordinal, weekday) for ordinal, weekday in rule.by_day)
    return _implied(rule, moment)


def _implied(rule: Rule, moment: date) -> bool:
    """RFC 5545, 3.3.10: what BY parts do not say is taken from DTSTART."""
    first = to_date(rule.start // DAY_SECONDS)
    if rule.frequency is Frequency.WEEKLY:
        return moment.weekday() == first.weekday()
    if rule.frequency is Frequency.MONTHLY:
        return bool(rule.by_month_day) or moment.day == first.day
    if rule.frequency is Frequency.YEARLY and not rule.by_year_day and not rule.by_month_day:
        if rule.by_week:
            return moment.weekday() == first.weekday()
        return moment.day == first.day and (bool(rule.by_month) or moment.month == first.month)
    return True


def _is_weekday(rule: Rule, moment: date, ordinal: int, weekday: int) -> bool:
    if moment.weekday() != weekday:
        return False
    if ordinal == 0 or rule.frequency in (Frequency.DAILY, Frequency.WEEKLY):
        return True
    if rule.frequency is Frequency.MONTHLY or rule.by_month:
        place, length = moment.day, monthrange(moment.year, moment.month)[1]
    else:
        place = moment.timetuple().tm_yday
        length = 366 if monthrange(moment.year, 2)[1] == 29 else 365
    return (place - 1) // 7 + 1 == ordinal or -((length - place) // 7) - 1 == ordinal


def _in_weeks(rule: Rule, day: int) -> bool:
    number, weeks = _week_number(day, rule.week_start)
    return number in rule.by_week or number - weeks - 1 in rule.by_week


def _week_number(day: int, week_start: int) -> tuple[int, int]:
    """Return (number of the week, weeks of its year); week 1 is the first with four days in the year."""
    first = _week(day, week_start)
    year = to_date(first + 3).year
    one = _week(to_day(date(year, 1, 4)), week_start)
    following = _week(to_day(date(year + 1, 1, 4)), week_start)
    return (first - one) // 7 + 1, (following - one) // 7
