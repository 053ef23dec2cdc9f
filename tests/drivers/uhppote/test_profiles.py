"""Schedules as time profiles: what a board answers is what the schedule says, minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.access.calendars import WINDOW, Calendar, wall_to_utc, zone_of
from sitewarden.domain.access.icalendar_text import parse_schedule
from sitewarden.domain.access.recurrence import DAY_SECONDS, Frequency, Rule
from sitewarden.domain.clock import from_datetime
from sitewarden.drivers.uhppote.profiles import SPANS, compile_rules, holds, window

NOW = from_datetime(datetime(2026, 5, 4, 8, tzinfo=UTC))
TODAY = NOW // 1_000_000 // DAY_SECONDS
MINUTE = 60

minutes = st.integers(0, 24 * 60 - 1)
days = st.integers(TODAY - 30, TODAY + 40)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    start = draw(days) * DAY_SECONDS + draw(minutes) * MINUTE
    frequency = draw(st.sampled_from([Frequency.ONCE, Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY]))
    starts = [start + number * DAY_SECONDS for number in range(-3, 30)]
    weekdays = draw(st.sets(st.integers(0, 6), max_size=4)) if frequency in (Frequency.DAILY, Frequency.WEEKLY) else set()
    return Rule(
        zone="UTC",
        start=start,
        length=draw(st.integers(1, 60 * 60)) * MINUTE if draw(st.booleans()) else draw(st.integers(1, 12 * 60)) * MINUTE,
        frequency=frequency,
        interval=draw(st.sampled_from([1, 1, 2])),
        until=draw(st.none() | st.integers(start, start + 60 * DAY_SECONDS)),
        by_day=tuple((0, day) for day in sorted(weekdays)),
        without=tuple(draw(st.lists(st.sampled_from(starts), max_size=3))),
        extra=tuple(draw(st.lists(st.integers(TODAY * 1440, (TODAY + 30) * 1440).map(lambda at: at * MINUTE), max_size=2))),
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(rules(), min_size=1, max_size=3), st.lists(st.integers(0, 28 * 1440 - 1), min_size=20, max_size=20))
def test_a_board_answers_as_the_schedule(made: list[Rule], moments: list[int]) -> None:
    compiled = compile_rules(made, "UTC", NOW)
    calendar = Calendar(made)
    for moment in moments:
        at = TODAY * 1440 + moment
        assert holds(compiled.chain, at * MINUTE) == calendar.holds(at * MINUTE * 1_000_000), datetime.fromtimestamp(at * 60, UTC)
    assert all(1 <= len(part.spans) <= SPANS and part.first <= part.last and part.weekdays for part in compiled.chain)


WORK = "BEGIN:VEVENT\nDTSTART:20260105T080000\nDTEND:20260105T170000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\n{}END:VEVENT\n"
THIRD = "BEGIN:VEVENT\nDTSTART:20260119T080000\nDTEND:20260119T170000\nRRULE:FREQ=MONTHLY;BYDAY=3MO\nEND:VEVENT\n"
NIGHT = "BEGIN:VEVENT\nDTSTART:20260109T220000\nDTEND:20260110T060000\nRRULE:FREQ=WEEKLY;BYDAY=FR\nEND:VEVENT\n"


@pytest.mark.parametrize(
    ("text", "zone", "parts", "dated"),
    [
        (WORK.format(""), "Europe/Berlin", 1, False),
        (WORK.format("EXDATE:20260525T080000\n"), "Europe/Berlin", 2, False),
        (NIGHT, "Europe/Berlin", 2, False),
        (THIRD, "Europe/Berlin", 1, True),
        (
            WORK.format("")
            .replace("DTSTART:", "DTSTART;TZID=America/New_York:")
            .replace("DTEND:", "DTEND;TZID=America/New_York:"),
            "Europe/Berlin",
            None,
            True,
        ),
    ],
)
def test_what_a_board_has_words_for_is_said_for_good(text: str, zone: str, parts: int | None, dated: bool) -> None:
    made = parse_schedule(text, zone)
    assert made is not None
    compiled = compile_rules(made, zone, NOW)
    assert compiled.dated is dated
    assert parts is None or len(compiled.chain) == parts
    calendar = Calendar(made)
    for hour in range(0, 27 * 24 * 2):
        wall = TODAY * DAY_SECONDS + hour * 1800
        assert holds(compiled.chain, wall) == calendar.holds(wall_to_utc(wall, zone_of(zone)))


def test_dates_reach_to_the_end_of_the_next_window() -> None:
    made = parse_schedule(THIRD, "UTC")
    assert made is not None
    last = max(part.last for part in compile_rules(made, "UTC", NOW).chain) * DAY_SECONDS * 1_000_000
    assert window(NOW) + 2 * WINDOW >= NOW + WINDOW and last < window(NOW) + 2 * WINDOW


def test_five_spans_of_a_day_are_two_linked_profiles() -> None:
    text = "".join(
        f"BEGIN:VEVENT\nDTSTART:20260105T{hour:02d}0000\nDURATION:PT30M\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
        for hour in (8, 10, 12, 14, 16)
    )
    made = parse_schedule(text, "UTC")
    assert made is not None
    assert [len(part.spans) for part in compile_rules(made, "UTC", NOW).chain] == [3, 2]


def test_seconds_at_the_edges_are_left_out_never_added() -> None:
    rule = Rule(zone="UTC", start=TODAY * DAY_SECONDS + 8 * 3600 + 30, length=3600, frequency=Frequency.DAILY)
    compiled = compile_rules([rule], "UTC", NOW)
    assert compiled.rounded and compiled.chain[0].spans == ((8 * 60 + 1, 8 * 60 + 59),)
