"""iCalendar text (RFC 5545) to rules of recurrence. Parsing is the icalendar library's; what is refused is refused here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import msgspec

from sitewarden.domain.access.calendars import utc_to_wall, wall_to_utc, zone_of
from sitewarden.domain.access.recurrence import DAY_SECONDS, MAX_LENGTH, Frequency, Rule, to_day, until_of_count
from sitewarden.domain.errors import Invalid

MAX_EVENTS = 500
MAX_DATES = 5_000
MAX_DEPTH = 8
"""Components within each other; RFC 5545 needs three."""
MAX_INTERVAL = 1_000
COUNT_DAYS = 100_000
"""Days that all COUNTs of one schedule may reach over."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = {
    "DAILY": Frequency.DAILY,
    "WEEKLY": Frequency.WEEKLY,
    "MONTHLY": Frequency.MONTHLY,
    "YEARLY": Frequency.YEARLY,
}
_PARTS = {
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY", "BYSETPOS",
}  # fmt: skip


def parse_schedule(text: str, zone: str) -> tuple[Rule, ...] | None:
    """Return the rules of a schedule, None where it is empty and so holds always.

    `zone` (IANA) is that of times without one. Raises Invalid, which names the event and what to write.
    """
    if not text.strip():
        return None
    zone_of(zone)
    _check_depth(text)
    try:
        components = icalendar.Component.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise Invalid(f"this is no iCalendar text: {error}", where="icalendar", remedy=_REMEDY) from None
    events = [event for component in components for event in component.walk("VEVENT")]
    if not events:
        raise Invalid("the text has no whole VEVENT", where="icalendar", remedy=_REMEDY)
    if len(events) > MAX_EVENTS:
        raise Invalid(f"a schedule has at most {MAX_EVENTS} VEVENTs, not {len(events)}", where="icalendar", remedy="Split it.")
    return _Reader(zone).rules(events)


_REMEDY = "Write BEGIN:VEVENT, DTSTART, DTEND or DURATION, RRULE where it repeats, and END:VEVENT; or leave it empty for always."


def _check_depth(text: str) -> None:
    """Refuse components nested deeper than any calendar has them, before a parser recurses into them."""
    depth = 0
    for line in text.splitlines():
        start = line[:6].upper()
        if start.startswith("BEGIN:"):
            depth += 1
        elif start.startswith("END:"):
            depth -= 1
        if depth > MAX_DEPTH:
            raise Invalid("its components are nested too deeply", where="icalendar", remedy=_REMEDY)


class _Reader:
    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._count_days = COUNT_DAYS
        self._dates = MAX_DATES

    def rules(self, events: list[Any]) -> tuple[Rule, ...]:
        """Make rules; an event with RECURRENCE-ID takes that start away from the events of its UID and adds its own."""
        masters: list[tuple[str, Rule]] = []
        replaced: dict[str, list[tuple[int, str]]] = defaultdict(list)
        singles: list[Rule] = []
        for number, event in enumerate(events, 1):
            where = f"icalendar, event {number}"
            uid = str(event.get("UID", f"\0{number}"))
            cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
            self._check(event, where)
            instance = event.get("RECURRENCE-ID")
            if instance is not None:
                wall, zone = self._moment(instance.dt, instance.params.get("TZID"), where)
                replaced[uid].append((wall, zone))
                if not cancelled:
                    singles.append(msgspec.structs.replace(self._rule(event, where), frequency=Frequency.ONCE))
            elif not cancelled:
                masters.append((uid, self._rule(event, where)))
        done = []
        for uid, rule in masters:
            away = [_carry(wall, zone, rule.zone) for wall, zone in replaced.get(uid, ())]
            done.append(msgspec.structs.replace(rule, without=(*rule.without, *away)) if away else rule)
        return tuple(done + singles)

    def _check(self, event: Any, where: str) -> None:
        if event.errors:
            name, problem = event.errors[0]
            raise Invalid(f"{name} cannot be read: {str(problem)[:200]}", where=where, remedy=_REMEDY)
        if event.get("EXRULE") is not None:
            raise Invalid("EXRULE is not used any more", where=where, remedy="List the days under EXDATE.")
        if event.get("DTSTART") is None:
            raise Invalid("DTSTART is missing", where=where, remedy="Say when it holds for the first time.")
        for name in ("DTSTART", "DTEND", "DURATION", "RRULE"):
            if isinstance(event.get(name), list):
                raise Invalid(f"{name} stands there twice", where=where, remedy="Write one event for each.")

    def _rule(self, event: Any, where: str) -> Rule:
        begin = event["DTSTART"]
        whole_days = not isinstance(begin.dt, datetime)
        start, zone = self._moment(begin.dt, begin.params.get("TZID"), where)
        length = self._length(event, start, zone, whole_days, where)
        rule = Rule(
            zone=zone,
            start=start,
            length=length,
            extra=tuple(self._list(event, "RDATE", zone, start, where)),
            without=tuple(self._list(event, "EXDATE", zone, start, where)),
        )
        recurrence = event.get("RRULE")
        return rule if recurrence is None else self._recurring(rule, recurrence, whole_days, where)

    def _moment(self, moment: Any, tzid: str | None, where: str) -> tuple[int, str]:
        """Return (seconds of the wall clock, zone); UTC moments and floating ones have no TZID."""
        if isinstance(moment, datetime):
            if tzid:
                zone_of(str(tzid))
                zone = str(tzid)
            else:
                zone = "UTC" if moment.tzinfo is not None else self._zone
            wall = to_day(moment) * DAY_SECONDS + moment.hour * 3600 + moment.minute * 60 + moment.second
        elif isinstance(moment, date):
            wall, zone = to_day(moment) * DAY_SECONDS, self._zone
        else:
            raise Invalid("a date or a date with a time is expected", where=where, remedy="Write 20260131T080000, for example.")
        if not 1970 <= moment.year <= 2199:
            raise Invalid(f"the year {moment.year} is not within 1970 to 2199", where=where, remedy="Correct the year.")
        return wall, zone

    def _length(self, event: Any, start: int, zone: str, whole_days: bool, where: str) -> int:
        if (end := event.get("DTEND")) is not None:
            if isinstance(end.dt, datetime) == whole_days:
                raise Invalid("DTSTART and DTEND are of two kinds", where=where, remedy="Give both a time of day, or neither.")
            wall, end_zone = self._moment(end.dt, end.params.get("TZID"), where)
            length = _carry(wall, end_zone, zone) - start
        elif (duration := event.get("DURATION")) is not None:
            if not isinstance(duration.dt, timedelta):
                raise Invalid("DURATION is no length of time", where=where, remedy="Write PT9H30M, for example.")
            length = int(duration.dt.total_seconds())
        else:
            length = DAY_SECONDS if whole_days else 0
        if not 0 < length <= MAX_LENGTH:
            raise Invalid(
                "it must last longer than nothing, and at most 366 days", where=where, remedy="Correct DTEND or DURATION."
            )
        return length

    def _list(self, event: Any, name: str, zone: str, start: int, where: str) -> Iterator[int]:
        value = event.get(name)
        for entry in value if isinstance(value, list) else [value] if value is not None else []:
            for item in entry.dts:
                self._dates -= 1
                if self._dates < 0:
                    raise Invalid(f"a schedule has at most {MAX_DATES} dates", where=where, remedy="Split it.")
                if isinstance(item.dt, tuple):
                    raise Invalid(f"{name} with periods is not taken", where=where, remedy="Write an event for each period.")
                wall, item_zone = self._moment(item.dt, entry.params.get("TZID"), where)
                if not isinstance(item.dt, datetime):
                    yield wall + start % DAY_SECONDS
                else:
                    yield _carry(wall, item_zone, zone)

    def _recurring(self, rule: Rule, recurrence: Any, whole_days: bool, where: str) -> Rule:
        parts = {str(name).upper(): list(value) if isinstance(value, list) else [value] for name, value in recurrence.items()}
        for name in parts.keys() - _PARTS:
            raise Invalid(
                f"RRULE has {name}, which a schedule cannot have", where=where, remedy="Use one event for each time of day."
            )
        frequency = _FREQUENCIES.get(str(parts.get("FREQ", [""])[0]).upper())
        if frequency is None:
            raise Invalid(
                "RRULE must have FREQ of DAILY, WEEKLY, MONTHLY or YEARLY",
                where=where,
                remedy="Use one event for each time of day.",
            )
        interval = int(parts.get("INTERVAL", [1])[0])
        if not 1 <= interval <= MAX_INTERVAL:
            raise Invalid(f"INTERVAL is 1 to {MAX_INTERVAL}, not {interval}", where=where, remedy="Correct INTERVAL.")
        rule = msgspec.structs.replace(
            rule,
            frequency=frequency,
            interval=interval,
            week_start=_WEEKDAYS.index(str(parts.get("WKST", ["MO"])[0]).upper()),
            by_month=_numbers(parts, "BYMONTH", 1, 12, where),
            by_month_day=_numbers(parts, "BYMONTHDAY", -31, 31, where),
            by_year_day=_numbers(parts, "BYYEARDAY", -366, 366, where),
            by_week=_numbers(parts, "BYWEEKNO", -53, 53, where),
            by_day=tuple(_weekday(str(text), frequency, where) for text in parts.get("BYDAY", [])),
            by_position=_numbers(parts, "BYSETPOS", -366, 366, where),
        )
        if rule.by_week and frequency is not Frequency.YEARLY:
            raise Invalid("BYWEEKNO goes with FREQ=YEARLY only", where=where, remedy="Leave BYWEEKNO out.")
        if rule.by_year_day and frequency is not Frequency.YEARLY:
            raise Invalid("BYYEARDAY goes with FREQ=YEARLY only", where=where, remedy="Leave BYYEARDAY out.")
        if rule.by_month_day and frequency is Frequency.WEEKLY:
            raise Invalid("BYMONTHDAY does not go with FREQ=WEEKLY", where=where, remedy="Use FREQ=MONTHLY.")
        return self._ending(rule, parts, whole_days, where)

    def _ending(self, rule: Rule, parts: dict[str, list[Any]], whole_days: bool, where: str) -> Rule:
        if "COUNT" in parts and "UNTIL" in parts:
            raise Invalid("RRULE has COUNT and UNTIL", where=where, remedy="Keep one of them.")
        if "UNTIL" in parts:
            until = parts["UNTIL"][0]
            if isinstance(until, datetime):
                wall, zone = self._moment(until, None, where)
                wall = _carry(wall, zone, rule.zone)
            else:
                wall = self._moment(until, None, where)[0] + DAY_SECONDS - 1
            return msgspec.structs.replace(rule, until=wall)
        if "COUNT" in parts:
            count = int(parts["COUNT"][0])
            if count < 1:
                raise Invalid(f"COUNT is {count}", where=where, remedy="COUNT is 1 or more.")
            last, looked = until_of_count(rule, count, self._count_days)
            self._count_days -= looked
            if last is None:
                raise Invalid("COUNT reaches too far ahead", where=where, remedy="Use UNTIL with a date instead.")
            return msgspec.structs.replace(rule, until=last)
        return rule


def _carry(wall: int, zone: str, to: str) -> int:
    """Read a moment of one zone's wall clock on another's."""
    return wall if zone == to else utc_to_wall(wall_to_utc(wall, ZoneInfo(zone)), ZoneInfo(to))


def _numbers(parts: dict[str, list[Any]], name: str, low: int, high: int, where: str) -> tuple[int, ...]:
    numbers = tuple(sorted({int(value) for value in parts.get(name, [])}))
    for number in numbers:
        if not low <= number <= high or number == 0:
            raise Invalid(f"{name} has {number}", where=where, remedy=f"It is within {low} and {high}, and not 0.")
    return numbers


def _weekday(text: str, frequency: Frequency, where: str) -> tuple[int, int]:
    day, ordinal = text[-2:].upper(), text[:-2]
    if day not in _WEEKDAYS:
        raise Invalid(
            f"BYDAY has {text!r}", where=where, remedy="Write MO, TU, WE, TH, FR, SA, SU, or 1MO, -1FR in a month or year."
        )
    number = int(ordinal) if ordinal else 0
    if number and frequency in (Frequency.DAILY, Frequency.WEEKLY):
        raise Invalid(f"BYDAY has {text!r}", where=where, remedy="A number goes with FREQ=MONTHLY or YEARLY only.")
    if abs(number) > 53:
        raise Invalid(f"BYDAY has {text!r}", where=where, remedy="The number is within -53 and 53.")
    return number, _WEEKDAYS.index(day)
