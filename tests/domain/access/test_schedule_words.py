"""Schedules in words, each from the iCalendar text that a person would have written."""

from __future__ import annotations

import pytest

from sitewarden.domain.access.icalendar_text import parse_schedule
from sitewarden.domain.access.schedule_words import in_words
from sitewarden.domain.access.snapshot import ScheduleRow


def event(start: str, end: str, rule: str = "", more: str = "") -> str:
    lines = ["BEGIN:VEVENT", f"DTSTART:{start}", f"DTEND:{end}", *([f"RRULE:{rule}"] if rule else []), *([more] if more else [])]
    return "\r\n".join([*lines, "END:VEVENT", ""])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "always"),
        (event("20260105T080000", "20260105T180000", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"), "Mon-Fri 08:00-18:00"),
        (event("20260105T080000", "20260105T180000", "FREQ=WEEKLY;BYDAY=SA,SU"), "Sat, Sun 08:00-18:00"),
        (event("20260105T080000", "20260105T180000", "FREQ=WEEKLY"), "Mon 08:00-18:00"),
        (event("20260105T220000", "20260106T060000", "FREQ=DAILY"), "every day 22:00-06:00 the next day"),
        (event("20260105T000000", "20260106T000000", "FREQ=DAILY"), "every day all day"),
        (event("20260105T080000", "20260106T000000", "FREQ=DAILY;INTERVAL=2"), "every 2 days 08:00-24:00"),
        (event("20260105T080000", "20260105T100000"), "2026-01-05 08:00-10:00"),
        (event("20260105T080000", "20260105T100000", "FREQ=MONTHLY;BYDAY=1MO"), "first Mon of each month 08:00-10:00"),
        (event("20260105T080000", "20260105T100000", "FREQ=MONTHLY"), "5. of each month 08:00-10:00"),
        (event("20261224T080000", "20261224T120000", "FREQ=YEARLY"), "24. of Dec each year 08:00-12:00"),
        (
            event("20260105T080000", "20260105T100000", "FREQ=WEEKLY;UNTIL=20260301T000000", "EXDATE:20260112T080000"),
            "Mon 08:00-10:00 until 2026-03-01 but not on 1 days",
        ),
        (
            event("20260105T080000", "20260105T100000", "FREQ=DAILY") + event("20260105T120000", "20260105T130000", "FREQ=DAILY"),
            "every day 08:00-10:00, every day 12:00-13:00",
        ),
    ],
)
def test_words(text: str, words: str) -> None:
    assert in_words(ScheduleRow("s", "S", parse_schedule(text, "Europe/Berlin"))) == words
