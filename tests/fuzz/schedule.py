"""Any schedule text is refused with a sentence and what to do, or answers whether it holds, in bounded time."""

from __future__ import annotations

from sitewarden.domain.access.calendars import Calendar
from sitewarden.domain.access.icalendar_text import parse_schedule
from sitewarden.domain.errors import Invalid

SEEDS = [
    b"BEGIN:VEVENT\r\nDTSTART:20260105T080000\r\nDTEND:20260105T170000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU\r\nEND:VEVENT\r\n",
    b"BEGIN:VEVENT\nDTSTART;TZID=America/New_York:20260105T080000\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=9\n"
    b"EXDATE:20260106T080000\nRDATE;VALUE=DATE:20260107\nEND:VEVENT\n",
    b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260105\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1;UNTIL=20270101T000000Z\n"
    b"END:VEVENT\nBEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20260130\nDTSTART:20260131T100000\nDURATION:P1D\nEND:VEVENT\nEND:VCALENDAR\n",
]


def check(data: bytes) -> None:
    try:
        rules = parse_schedule(data.decode("utf-8", "replace"), "Europe/Berlin")
    except Invalid as refusal:
        assert refusal.what
        assert refusal.remedy
        return
    calendar = Calendar(rules)
    calendar.holds(1_790_000_000_000_000)
    calendar.holds(1_774_746_000_000_000)
