"""Schedules against dateutil's expansion, which shares no code with ours, and against the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from dateutil.rrule import rrulestr
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sitewarden.domain.access.calendars import Calendar, Days, expand
from sitewarden.domain.access.icalendar_text import parse_schedule
from sitewarden.domain.access.snapshot import NEVER
from sitewarden.domain.clock import HOUR, from_datetime
from sitewarden.domain.errors import Invalid


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def at(text: str, zone: str = "UTC", fold: int = 0) -> int:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


def calendar(text: str, zone: str = "UTC") -> Calendar:
    return Calendar(parse_schedule(text, zone))


OFFICE = event(
    "DTSTART:20260105T080000", "DTEND:20260105T170000", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "EXDATE:20260501T080000"
)


def test_empty_is_always() -> None:
    assert parse_schedule(" \n", "Europe/Berlin") is None
    assert Calendar(None).holds(0)


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2026-01-05T07:59:59", False),
        ("2026-01-05T08:00:00", True),
        ("2026-01-05T16:59:59", True),
        ("2026-01-05T17:00:00", False),
        ("2026-01-10T12:00:00", False),
        ("2026-05-01T12:00:00", False),
        ("2026-04-30T12:00:00", True),
        ("2041-07-01T08:00:00", True),
        ("2025-12-30T12:00:00", False),
    ],
)
def test_office_hours_in_the_sites_zone(moment: str, holds: bool) -> None:
    assert calendar(OFFICE, "Europe/Berlin").holds(at(moment, "Europe/Berlin")) is holds


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)],
)
def test_a_whole_day_has_23_or_25_hours(day: str, hours: int) -> None:
    rules = parse_schedule(
        event("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=DAILY", f"EXDATE;VALUE=DATE:{'20260330'}"), "Europe/Berlin"
    )
    assert rules is not None
    begin = at(f"{day}T00:00:00", "Europe/Berlin")
    end = at(f"{(datetime.fromisoformat(day) + timedelta(days=1)).date()}T00:00:00", "Europe/Berlin")
    assert end - begin == hours * 3_600_000_000
    (opens, closes), *_ = expand(rules, begin, end)
    assert opens <= begin
    assert closes >= end


@pytest.mark.parametrize(
    ("night", "hours"),
    [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-01", 8)],
)
def test_a_night_shift_ends_when_the_wall_clock_says_so(night: str, hours: int) -> None:
    rules = parse_schedule(event("DTSTART:20260101T220000", "DTEND:20260102T060000", "RRULE:FREQ=DAILY"), "Europe/Berlin")
    assert rules is not None
    start = at(f"{night}T22:00:00", "Europe/Berlin")
    (interval,) = expand(rules, start, start + 1)
    assert interval == (start, start + hours * 3_600_000_000)


def test_a_time_that_the_clock_skips_is_read_before_the_gap_and_the_first_of_two_is_taken() -> None:
    rules = parse_schedule(event("DTSTART:20260101T023000", "DURATION:PT15M", "RRULE:FREQ=DAILY"), "Europe/Berlin")
    assert rules is not None
    spring = at("2026-03-29T00:00:00")
    assert expand(rules, spring, spring + 86_400_000_000)[0][0] == at("2026-03-29T01:30:00")
    autumn = at("2026-10-25T00:00:00")
    assert expand(rules, autumn, autumn + 86_400_000_000)[0][0] == at("2026-10-25T00:30:00")


def test_a_zone_of_its_own_and_utc_are_kept() -> None:
    kept = calendar(
        event("DTSTART;TZID=America/New_York:20260105T080000", "DTEND;TZID=America/New_York:20260105T090000"), "Asia/Tokyo"
    )
    assert kept.holds(at("2026-01-05T08:30:00", "America/New_York"))
    assert not kept.holds(at("2026-01-05T08:30:00", "Asia/Tokyo"))
    assert calendar(event("DTSTART:20260105T080000Z", "DURATION:PT1H"), "Asia/Tokyo").holds(at("2026-01-05T08:30:00"))


def test_one_instance_moved_and_one_cancelled() -> None:
    text = "".join(
        [
            event("UID:a", "DTSTART:20260105T080000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4"),
            event("UID:a", "RECURRENCE-ID:20260106T080000", "DTSTART:20260106T120000", "DURATION:PT2H"),
            event("UID:a", "RECURRENCE-ID:20260107T080000", "DTSTART:20260107T080000", "DURATION:PT1H", "STATUS:CANCELLED"),
        ]
    )
    got = expand(parse_schedule(text, "UTC") or (), at("2026-01-01T00:00:00"), at("2026-02-01T00:00:00"))
    assert got == [
        (at("2026-01-05T08:00:00"), at("2026-01-05T09:00:00")),
        (at("2026-01-06T12:00:00"), at("2026-01-06T14:00:00")),
        (at("2026-01-08T08:00:00"), at("2026-01-08T09:00:00")),
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("hello", "no iCalendar"),
        ("BEGIN:VEVENT\nDTSTART:20260101T080000\nDURATION:PT1H\n", "no whole VEVENT"),
        (event("DTEND:20260101T080000"), "DTSTART is missing"),
        (event("DTSTART:nonsense", "DURATION:PT1H"), "DTSTART cannot be read"),
        (event("DTSTART:20260101T080000"), "longer than nothing"),
        (event("DTSTART:20260101T080000", "DTEND:20260101T070000"), "longer than nothing"),
        (event("DTSTART:20260101T080000", "DURATION:PT1H", "RRULE:FREQ=SECONDLY"), "FREQ"),
        (event("DTSTART:20260101T080000", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYHOUR=8,9"), "BYHOUR"),
        (event("DTSTART:20260101T080000", "DURATION:PT1H", "RRULE:FREQ=WHAT"), "RRULE cannot be read"),
        (event("DTSTART;TZID=Mars/Olympus:20260101T080000", "DURATION:PT1H"), "no time zone"),
        (event("DTSTART;TZID=../../etc/passwd:20260101T080000", "DURATION:PT1H"), "no time zone"),
        (event("DTSTART:00010101T080000", "DURATION:PT1H", "RRULE:FREQ=DAILY"), "year"),
        (event("DTSTART:20260101T080000", "DURATION:PT1H", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2"), "too far"),
        (event("DTSTART:20260101T080000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000"), "COUNT"),
        (event("DTSTART:20260101T080000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=1MO"), "BYDAY"),
        (event("DTSTART:20260101T080000", "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=0"), "INTERVAL"),
        (event("DTSTART:20260101T080000", "DURATION:PT1H", "DTSTART:20260101T090000"), "twice"),
        (event("DTSTART:20260101T080000", "DTEND;VALUE=DATE:20260102"), "two kinds"),
        (event("DTSTART:20260101T080000", "DURATION:PT1H") * 501, "at most 500"),
        ("BEGIN:VEVENT\n" * 5000 + "END:VEVENT\n" * 5000, "nested too deeply"),
        (event("DTSTART;TZID=America:20260101T080000", "DURATION:PT1H"), "no"),
        (event("DTSTART;TZID=America:080000", "DURATION:PT1H"), "no"),
    ],
)
def test_what_is_refused_and_why(text: str, what: str) -> None:
    with pytest.raises(Invalid, match=what) as refusal:
        parse_schedule(text, "UTC")
    assert refusal.value.remedy


@given(st.text(max_size=300) | st.text(max_size=120).map(lambda text: event("DTSTART:20260101T080000", "DURATION:PT1H", text)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_schedule(text, "UTC")
    except Invalid:
        pass


weekdays = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=4, unique=True)


def numbers(low: int, high: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(low, high).filter(bool), min_size=1, max_size=4, unique=True)


@st.composite
def recurrence(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}", f"WKST={draw(st.sampled_from(['MO', 'SU', 'TH']))}"]

    def maybe(name: str, values: st.SearchStrategy[list[int]]) -> None:
        if draw(st.booleans()):
            parts.append(f"{name}=" + ",".join(map(str, draw(values))))

    maybe("BYMONTH", numbers(1, 12))
    if frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        maybe("BYMONTHDAY", numbers(-31, 31))
    if frequency == "YEARLY" and draw(st.booleans()):
        which = draw(st.sampled_from(["BYYEARDAY", "BYWEEKNO"]))
        maybe(which, numbers(-366, 366) if which == "BYYEARDAY" else numbers(-53, 53))
    by_week = any(part.startswith("BYWEEKNO") for part in parts)
    if draw(st.booleans()) or by_week:  # alone, dateutil reads BYWEEKNO as every day of the week, not DTSTART's
        days = draw(weekdays)
        if frequency in ("MONTHLY", "YEARLY") and not by_week:
            ordinals = draw(st.sampled_from([[""], ["1", "2", "-1", "5"]]))  # dateutil takes no mixture of both
            days = [f"{draw(st.sampled_from(ordinals))}{day}" for day in days]
        parts.append("BYDAY=" + ",".join(days))
    if any(part.startswith("BY") for part in parts):
        maybe("BYSETPOS", numbers(-5, 5))
    return ";".join(parts)


@settings(max_examples=50, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(recurrence(), st.datetimes(datetime(2020, 1, 1), datetime(2027, 12, 31)).map(lambda when: when.replace(microsecond=0)))
def test_as_dateutil_expands_it(recurs: str, start: datetime) -> None:
    begin, end = datetime(2028, 1, 1), datetime(2029, 3, 1)
    rules = parse_schedule(event(f"DTSTART:{start:%Y%m%dT%H%M%S}", "DURATION:PT1S", f"RRULE:{recurs}"), "UTC")
    assert rules is not None
    ours = [opens for opens, _ in expand(rules, from_datetime(begin.replace(tzinfo=UTC)), from_datetime(end.replace(tzinfo=UTC)))]
    theirs = []
    # dateutil looks for the next start of a rule that has none up to MAXYEAR, day by day.
    with mock.patch.object(rrule.datetime, "MAXYEAR", end.year + 1):
        for moment in rrulestr(recurs, dtstart=start).xafter(begin, inc=True):
            if moment >= end:
                break
            theirs.append(from_datetime(moment.replace(tzinfo=UTC)))
    assert ours == theirs


@settings(deadline=None)
@given(st.integers(at("2026-01-01T00:00:00"), at("2027-12-31T00:00:00")))
def test_a_calendar_answers_as_its_expansion_does(now: int) -> None:
    rules = parse_schedule(OFFICE, "Europe/Berlin")
    assert rules is not None
    assert Calendar(rules).holds(now) is bool(expand(rules, now, now + 1))
    change = Calendar(rules).next_change(now)
    assert change is not None
    assert Calendar(rules).holds(change) is not Calendar(rules).holds(now)
    assert Calendar(rules).holds(change - 1) is Calendar(rules).holds(now)


def special(*groups: tuple[str, list[tuple[int, int]]], base: str = OFFICE) -> Calendar:
    """A calendar of Berlin with special days: (their events, hours that hold on them)."""
    days = [
        (parse_schedule(text, "Europe/Berlin") or (), [(begin * 3600, end * 3600) for begin, end in hours])
        for text, hours in groups
    ]
    return Calendar(parse_schedule(base, "Europe/Berlin"), days, ZoneInfo("Europe/Berlin"))


CHRISTMAS = event("DTSTART;VALUE=DATE:20251224", "DTEND;VALUE=DATE:20251227", "RRULE:FREQ=YEARLY")
EVES = event("DTSTART;VALUE=DATE:20251224", "RRULE:FREQ=YEARLY") + event("DTSTART;VALUE=DATE:20251231", "RRULE:FREQ=YEARLY")


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2026-12-23T12:00:00", True),
        ("2026-12-24T08:00:00", True),
        ("2026-12-24T12:00:00", False),
        ("2026-12-25T12:00:00", False),
        ("2026-12-26T12:00:00", False),
        ("2026-12-28T12:00:00", True),
        ("2026-12-31T07:00:00", True),
        ("2026-12-31T11:00:00", False),
    ],
)
def test_special_days_take_the_place_of_the_schedule(moment: str, holds: bool) -> None:
    calendar = special((EVES, [(7, 11)]), (CHRISTMAS, []))
    assert calendar.holds(at(moment, "Europe/Berlin")) is holds


def test_always_but_on_special_days() -> None:
    calendar = special((CHRISTMAS, [(10, 12)]), base="")
    assert not calendar.always
    moments = ["2026-12-23T23:59:59", "2026-12-24T00:00:00", "2026-12-25T10:00:00", "2026-12-26T23:59:59", "2026-12-27T00:00:00"]
    assert [calendar.holds(at(moment, "Europe/Berlin")) for moment in moments] == [True, False, True, False, True]


def test_a_night_shift_ends_at_midnight_of_a_special_day() -> None:
    nights = event("DTSTART:20260101T220000", "DURATION:PT8H", "RRULE:FREQ=DAILY")
    calendar = special((CHRISTMAS, []), base=nights)
    moments = ["2026-12-23T23:59:59", "2026-12-24T00:00:00", "2026-12-26T23:00:00", "2026-12-27T05:59:59", "2026-12-27T06:00:00"]
    assert [calendar.holds(at(moment, "Europe/Berlin")) for moment in moments] == [True, False, False, True, False]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_a_special_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    compact = day.replace("-", "")
    calendar = special(
        (event(f"DTSTART;VALUE=DATE:{compact}"), [(0, 24)]), base=event("DTSTART:20200101T000000", "DURATION:PT1S")
    )
    begin = at(f"{day}T00:00:00", "Europe/Berlin")
    assert calendar.runs(begin, begin + 1) == [(begin, begin + hours * HOUR)]


@settings(deadline=None, max_examples=40)
@given(
    st.sets(st.integers(0, 13)),
    st.sets(st.integers(0, 13)),
    st.lists(st.tuples(st.integers(0, 22), st.integers(1, 8)).map(lambda at: (at[0], min(24, at[0] + at[1]))), max_size=2),
)
def test_special_days_hour_by_hour(closed: set[int], changed: set[int], hours: list[tuple[int, int]]) -> None:
    """Each hour of two weeks around a change of clocks, decided on the wall's own reading of it."""
    first = datetime(2026, 3, 23)

    def days(numbers: set[int]) -> str:
        return "".join(event(f"DTSTART;VALUE=DATE:{first + timedelta(days=number):%Y%m%d}") for number in sorted(numbers))

    groups = [(days(numbers), times) for numbers, times in ((closed, []), (changed, hours)) if numbers]
    calendar = special(*groups)
    begin = at("2026-03-23T00:30:00", "Europe/Berlin")
    for hour in range(14 * 24 - 1):
        now = begin + hour * HOUR
        wall = datetime.fromtimestamp(now / 1e6, ZoneInfo("Europe/Berlin"))
        day = (wall.replace(tzinfo=None) - first).days
        if day in closed:
            expected = False
        elif day in changed:
            expected = any(opens <= wall.hour < closes for opens, closes in hours)
        else:
            expected = wall.weekday() < 5 and 8 <= wall.hour < 17
        assert calendar.holds(now) is expected


@settings(deadline=None, max_examples=60)
@given(st.integers(at("2026-01-01T00:00:00"), at("2026-12-31T00:00:00")))
def test_the_run_that_a_moment_belongs_to(now: int) -> None:
    calendar = special((CHRISTMAS, [(10, 12)]))
    start = calendar.run_start(now)
    assert start <= now
    assert calendar.holds(start)
    assert not calendar.holds(start - 1)
    runs = calendar.runs(start, now + 1)
    assert max(opens for opens, _ in runs) == start


def test_a_run_of_always_never_began_and_one_of_nothing_neither() -> None:
    assert Calendar(None).run_start(0) == NEVER
    assert calendar(event("DTSTART:20200101T000000", "DURATION:PT1H")).run_start(at("2026-01-01T00:00:00")) == NEVER


@pytest.mark.parametrize(
    ("zone", "moment", "start"),
    [
        ("Europe/Berlin", "2026-03-29T23:30:00", "2026-03-29T00:00:00"),
        ("Europe/Berlin", "2026-10-25T23:30:00", "2026-10-25T00:00:00"),
        ("America/Havana", "2026-03-08T12:00:00", "2026-03-08T01:00:00"),  # there the clocks skip midnight
        ("Pacific/Apia", "2011-12-31T00:30:00", "2011-12-31T00:00:00"),  # the day before was left out
    ],
)
def test_a_day_begins_when_the_wall_says_so(zone: str, moment: str, start: str) -> None:
    assert Days(ZoneInfo(zone)).start(at(moment, zone)) == at(start, zone)
