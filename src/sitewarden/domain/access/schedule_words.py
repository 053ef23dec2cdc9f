"""Schedules in words, as an operator says them: "Mon-Fri 08:00-18:00, Sat 09:00-12:00". Pure."""

from __future__ import annotations

from typing import Final

from sitewarden.domain.access.recurrence import DAY_SECONDS, Frequency, Rule, to_date
from sitewarden.domain.access.snapshot import ScheduleRow

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ORDINALS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_UNITS: Final = {Frequency.DAILY: "day", Frequency.WEEKLY: "week", Frequency.MONTHLY: "month", Frequency.YEARLY: "year"}
MOST: Final = 8
"""Rules that are put into words; of more it is said how many there are."""


def in_words(row: ScheduleRow) -> str:
    """Return a schedule in words, times as the clock of its zone shows them."""
    if row.rules is None:
        text = "always"
    elif not row.rules:
        text = "never"
    else:
        text = ", ".join(dict.fromkeys(map(_rule, row.rules[:MOST])))
        if len(row.rules) > MOST:
            text += f" and {len(row.rules) - MOST} more"
    return f"{text}; other times on special days" if row.special else text


def _rule(rule: Rule) -> str:
    day, begin = divmod(rule.start, DAY_SECONDS)
    parts = [_when(rule, day), _times(begin, rule.length)]
    if rule.until is not None:
        parts.append(f"until {to_date(rule.until // DAY_SECONDS):%Y-%m-%d}")
    if rule.extra:
        parts.append(f"and on {len(rule.extra)} more days")
    if rule.without:
        parts.append(f"but not on {len(rule.without)} days")
    return " ".join(part for part in parts if part)


def _when(rule: Rule, day: int) -> str:
    date = to_date(day)
    if rule.frequency is Frequency.ONCE:
        return f"{date:%Y-%m-%d}"
    every = f"every {rule.interval} {_UNITS[rule.frequency]}s" if rule.interval > 1 else ""
    days = _weekdays(rule)
    if rule.frequency is Frequency.WEEKLY:
        text = f"{days or _DAYS[date.weekday()]}"
    elif rule.frequency is Frequency.DAILY:
        text = days or ("" if every else "every day")
    elif rule.frequency is Frequency.MONTHLY:
        text = _of_month(rule, days, date.day) + ("" if every else " of each month")
    else:
        months = "/".join(_MONTHS[month - 1] for month in rule.by_month) or _MONTHS[date.month - 1]
        text = f"{_of_month(rule, days, date.day)} of {months}" + ("" if every else " each year")
        return f"{text} {every}".strip()
    if rule.by_month:
        text += f" in {'/'.join(_MONTHS[month - 1] for month in rule.by_month)}"
    return f"{text} {every}".strip()


def _weekdays(rule: Rule) -> str:
    """Return the days of the week, those that follow each other as a span."""
    if any(ordinal for ordinal, _ in rule.by_day):
        return ", ".join(f"{_ORDINALS.get(ordinal, f'{ordinal}.')} {_DAYS[day]}" for ordinal, day in rule.by_day)
    days = sorted({day for _, day in rule.by_day})
    spans: list[list[int]] = []
    for day in days:
        if spans and spans[-1][-1] == day - 1:
            spans[-1].append(day)
        else:
            spans.append([day])
    text = ", ".join(
        f"{_DAYS[span[0]]}-{_DAYS[span[-1]]}" if len(span) > 2 else ", ".join(_DAYS[day] for day in span) for span in spans
    )
    if rule.by_position and text:
        return f"{'/'.join(_ORDINALS.get(place, f'{place}.') for place in rule.by_position)} of {text}"
    return text


def _of_month(rule: Rule, days: str, day: int) -> str:
    if rule.by_month_day:
        return "/".join("last" if number == -1 else f"{number}." for number in rule.by_month_day)
    return days or f"{day}."


def _times(begin: int, length: int) -> str:
    if begin == 0 and length % DAY_SECONDS == 0:
        count = length // DAY_SECONDS
        return "all day" if count == 1 else f"for {count} days"
    end = begin + length
    days = end // DAY_SECONDS
    if end == DAY_SECONDS:
        return f"{_clock(begin)}-24:00"
    text = f"{_clock(begin)}-{_clock(end % DAY_SECONDS)}"
    return text if days == 0 else f"{text} the next day" if days == 1 else f"{text} {days} days later"


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}:{rest:02}" if rest else f"{hours:02}:{minutes:02}"
