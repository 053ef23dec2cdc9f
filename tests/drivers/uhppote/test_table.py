"""What a board is given of the rules: never more than the engine grants, and all of it where the board has words for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.uhppote import SimBoard
from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile, HolderGroup, Identifier
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.rights import (
    AccessPolicy,
    AccessProfile,
    AuthenticationPolicy,
    AuthenticationProfile,
    Schedule,
    SpecialDayGroup,
    SpecialDays,
)
from sitewarden.domain.access.snapshot import Snapshot
from sitewarden.domain.access.zones import (
    AntipassbackZone,
    EntranceLimitZone,
    FireInput,
    FireZone,
    FirstPersonZone,
    InterlockZone,
    IntrusionZone,
    OccupancyZone,
    Zone,
)
from sitewarden.domain.clock import DAY, HOUR, MINUTE, from_datetime
from sitewarden.drivers.uhppote.config import DeviceConfig
from sitewarden.drivers.uhppote.steps import Held, steps
from sitewarden.drivers.uhppote.table import card_of, reader_of, table_of

NOW = from_datetime(datetime(2026, 5, 4, 8, tzinfo=UTC))
MIDNIGHT = NOW - 8 * HOUR
FOUR, TWO = 405419896, 205419896
SCHEDULES = {
    "always": "",
    "work": "BEGIN:VEVENT\nDTSTART:20260105T080000\nDTEND:20260105T170000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:VEVENT\n",
    "night": "BEGIN:VEVENT\nDTSTART:20260105T220000\nDTEND:20260106T060000\nRRULE:FREQ=DAILY\nEND:VEVENT\n",
    "third": "BEGIN:VEVENT\nDTSTART:20260119T080000\nDTEND:20260119T170000\nRRULE:FREQ=MONTHLY;BYDAY=3MO\nEND:VEVENT\n",
}


HOLIDAYS = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260504\nRRULE:FREQ=YEARLY\nEND:VEVENT\n"
SPECIAL = {
    "holidays": (SpecialDays(group="holidays", times=("10:00-12:00", "20:30-24:00")),),
    "but": (SpecialDays(group="bridge"), SpecialDays(group="holidays", times=("14:00-15:00",))),
}


def snapshot(
    credentials: list[Credential], profiles: list[AccessProfile], holders: list[CredentialHolder] | None = None, **more: Any
) -> Snapshot:
    site: dict[str, Any] = {
        "controllers": [Controller(id="gate", name="Gate", driver="uhppote")],
        "doors": [Door(id=f"d{number}", name=f"Door {number}", controller="gate", output=number) for number in (1, 2)],
        "access_points": [
            AccessPoint(id=f"p{number}", name=f"Point {number}", door=f"d{number}", reader=number, area_to="hall")
            for number in (1, 2)
        ],
        "areas": [Area(id="site", name="Site"), Area(id="hall", name="Hall", area="site"), Area(id="far", name="Far")],
    }
    return compile(
        version=1,
        zone="UTC",
        special_days=[
            SpecialDayGroup(id="holidays", name="Holidays", icalendar=HOLIDAYS),
            SpecialDayGroup(id="bridge", name="Bridge", icalendar=HOLIDAYS.replace("0504", "0505")),
        ],
        schedules=[
            *(Schedule(id=id_, name=id_, icalendar=text) for id_, text in SCHEDULES.items()),
            Schedule(id="holidays", name="W", icalendar=SCHEDULES["night"], special_days=SPECIAL["holidays"]),
            Schedule(id="but", name="B", special_days=SPECIAL["but"]),
        ],
        holders=holders or [CredentialHolder(id="ada", name="Ada"), CredentialHolder(id="off", name="Off", enabled=False)],
        credentials=credentials,
        profiles=profiles,
        **(site | more),
    )


edges = st.sampled_from([None, NOW - 3 * DAY, MIDNIGHT, NOW - HOUR, NOW + HOUR, MIDNIGHT + 2 * DAY, NOW + 30 * DAY])
numbers = st.integers(1, 0xFFFF).map(lambda number: 100_000 * 7 + number)
policies = st.builds(
    AccessPolicy, schedule=st.sampled_from(sorted({*SCHEDULES, *SPECIAL})), access_point=st.sampled_from(["p1", "p2"])
)
profile_lists = st.lists(st.tuples(st.lists(policies, max_size=3), st.booleans()), min_size=1, max_size=3).map(
    lambda made: [
        AccessProfile(id=f"profile-{at}", name="P", policies=tuple(each), enabled=on) for at, (each, on) in enumerate(made)
    ]
)
links = st.builds(
    CredentialProfile,
    profile=st.sampled_from(["profile-0", "profile-1", "profile-2"]),
    valid_from=edges,
    valid_to=edges,
)


groups = st.lists(st.lists(links, max_size=2), min_size=2, max_size=2).map(
    lambda made: [HolderGroup(id=f"g{at}", name="G", profiles=tuple(each)) for at, each in enumerate(made)]
)


@st.composite
def holders(draw: st.DrawFn) -> list[CredentialHolder]:
    return [
        CredentialHolder(
            id=id_,
            name=id_,
            enabled=id_ != "off",
            valid_from=draw(edges),
            valid_to=draw(edges),
            groups=tuple(draw(st.lists(st.sampled_from(["g0", "g1", "gone"]), max_size=2, unique=True))),
        )
        for id_ in ("ada", "ben", "off")
    ]


@st.composite
def credentials(draw: st.DrawFn) -> list[Credential]:
    made = draw(st.lists(numbers, min_size=2, max_size=6, unique=True))
    return [
        Credential(
            id=f"c{at}",
            name="C",
            holder=draw(st.sampled_from(["ada", "ben", "ben", "off"])),
            card=card_of(one),
            identifiers=(Identifier(type="card", value=card_of(other)), Identifier(type="face", value=f"f{at}")),
            enabled=draw(st.sampled_from([True, True, False])),
            valid_from=draw(edges),
            valid_to=draw(edges),
            profiles=tuple(draw(st.lists(links, max_size=3))),
        )
        for at, (one, other) in enumerate(zip(made[::2], made[1::2], strict=False))
    ]


@settings(max_examples=120, deadline=None)
@given(
    credentials(), holders(), groups, profile_lists, st.lists(st.integers(0, 48 * 60 - 1), min_size=4, max_size=4), st.booleans()
)
def test_a_board_decides_as_the_engine(
    made: list[Credential],
    people: list[CredentialHolder],
    shared: list[HolderGroup],
    profiles: list[AccessProfile],
    moments: list[int],
    alone: bool,
) -> None:
    rows = snapshot(made, profiles, people, groups=shared)
    rules = Rules(rows)
    config = DeviceConfig(serial=FOUR)
    for minute in moments:
        # The server has brought what is true at `now`; until the table ends, the board is alone.
        now = NOW + minute * MINUTE
        table = table_of(rows, "gate", config, now)
        assert table.until is None or table.until > now
        later = now + 7 * HOUR
        asked_at = min(later, table.until - 1) if alone and table.until is not None else later if alone else now
        board = SimBoard(FOUR, now=lambda asked_at=asked_at: datetime.fromtimestamp(asked_at / 1e6, UTC))  # type: ignore[misc]
        for order in steps(Held({}, {}), table.cards, FOUR)[0]:
            assert board.answer(order).ok  # type: ignore[union-attr]
        for credential in made:
            for card in (credential.card, credential.identifiers[0].value):
                number = next((number for number in board.cards if card_of(number) == card), 0)
                for door in (1, 2):
                    decision = decide(rules, Request(access_point=f"p{door}", card=card), DoorContext(), asked_at)
                    assert (board._decide(number, door, 1) == 1) == decision.granted, decision.explanation


ALL = AccessProfile(
    id="all", name="All", policies=tuple(AccessPolicy(schedule="always", access_point=f"p{number}") for number in (1, 2))
)


def credential(**more: Any) -> Credential:
    values = {"id": "c", "name": "C", "holder": "ada", "card": card_of(700001), "profiles": (CredentialProfile(profile="all"),)}
    return Credential(**(values | more))


def limits(made: list[Credential], profiles: list[AccessProfile], serial: int = FOUR, **more: Any) -> dict[str, Any]:
    table = table_of(snapshot(made, profiles, **more), "gate", DeviceConfig(serial=serial), NOW)
    return {limit.rule: limit for limit in table.limits if limit.rule != "priority"}


def test_a_site_that_a_board_can_keep_has_no_limits() -> None:
    work = AccessProfile(id="work", name="W", policies=(AccessPolicy(schedule="work", access_point="p1"),))
    assert limits([credential(), credential(id="d", card=card_of(700002))], [ALL, work]) == {}


@pytest.mark.parametrize(
    ("more", "rule", "severity", "entity"),
    [
        ({"card": "34:12345678"}, "card-format", "warning", "credential:c"),
        ({"card": "", "pin_hash": hash_pin(b"p" * 32, "2468")}, "no-card", "warning", "credential:c"),
        ({"card": "", "identifiers": (Identifier(type="licence-plate", value="M-AB 1"),)}, "no-card", "warning", "credential:c"),
        ({"card": "", "identifiers": (Identifier(type="face", value="3f2a"),)}, "no-card", "warning", "credential:c"),
        ({"identifiers": (Identifier(type="card", value="34:12345678"),)}, "card-format", "warning", "credential:c"),
        ({"valid_to": NOW + HOUR}, "validity", "notice", "credential:c"),
        ({"valid_from": NOW + HOUR}, "validity", "notice", "credential:c"),
        ({"extended_grant_time": True}, "extended", "warning", "credential:c"),
        (
            {"profiles": (CredentialProfile(profile="all", valid_to=NOW + HOUR),)},
            "profile-validity",
            "notice",
            "access-profile:all",
        ),
        ({"profiles": (CredentialProfile(profile="third"),)}, "recurrence", "notice", "schedule:third"),
    ],
)
def test_what_a_board_cannot_keep_of_a_credential(more: dict[str, Any], rule: str, severity: str, entity: str) -> None:
    third = AccessProfile(id="third", name="T", policies=(AccessPolicy(schedule="third", access_point="p1"),))
    found = limits([credential(**more)], [ALL, third])
    assert [(limit.rule, limit.severity, limit.count, limit.entities) for limit in found.values()] == [
        (rule, severity, 1, (entity,))
    ]


def doors(**more: Any) -> dict[str, Any]:
    return {"doors": [Door(**({"id": "d1", "name": "D", "controller": "gate", "output": 1} | more))]}


def points(*made: dict[str, Any]) -> dict[str, Any]:
    values = {"door": "d1", "reader": 1}
    return {"access_points": [AccessPoint(id=f"p{at}", name="P", **(values | each)) for at, each in enumerate(made, 1)]}


ASKING = {
    "authentications": [
        AuthenticationProfile(id=id_, name=id_, policies=(AuthenticationPolicy(schedule="night", level=level, mode=mode),))
        for id_, level, mode in (
            ("plain", "card-or-pin", "single"),
            ("strict", "card-and-pin", "single"),
            ("dual", "card", "dual"),
        )
    ]
}
FORMATS = {"formats": [CardFormat(id="long", name="Long", kind="h10304"), CardFormat(id="short", name="Short", kind="h10301")]}


@pytest.mark.parametrize(
    ("more", "serial", "rule", "cards"),
    [
        (doors(output=0), FOUR, "output", 0),
        (doors(output=3), TWO, "output", 0),
        (doors(release_time=2.5), FOUR, "release-time", 1),
        (doors(open_time=99.0), FOUR, "timings", 1),
        (doors() | points({"reader": 2}), FOUR, "reader", 0),
        (doors(unlock_schedule="work", first_person=True), FOUR, "unlock-schedule", 1),
        (doors(kind="turnstile"), FOUR, "door-kind", 1),
        (doors(exit_releases=False), FOUR, "exit-button", 1),
        (doors() | points({"authentication": "card-and-pin"}), FOUR, "authentication", 0),
        (doors() | points({"authentication": "card-or-pin"}), FOUR, "authentication", 1),
        (doors() | points({"authentication": "licence-plate"}), FOUR, "authentication", 0),
        (doors() | points({"authentication": "card-or-biometric"}), FOUR, "authentication", 1),
        (doors() | points({"authentication_profile": "plain"}) | ASKING, FOUR, "authentication", 1),
        (doors() | points({"authentication_profile": "strict"}) | ASKING, FOUR, "authentication", 0),
        (doors() | points({"authentication_profile": "dual"}) | ASKING, FOUR, "authentication", 0),
        (doors() | points({"card_formats": ("long",)}) | FORMATS, FOUR, "card-format", 0),
        (doors() | points({"enabled": False}), FOUR, "disabled-point", 0),
        (doors() | points({}, {"reader": 2, "enabled": False}), TWO, "disabled-point", 1),
        ({"controllers": [Controller(id="gate", name="G", driver="uhppote", matching="server")]}, FOUR, "matching", 1),
    ],
)
def test_what_a_board_cannot_keep_of_its_doors(more: dict[str, Any], serial: int, rule: str, cards: int) -> None:
    found = limits([credential()], [ALL], serial, **more)
    assert list(found) == [rule]
    assert len(table_of(snapshot([credential()], [ALL], **more), "gate", DeviceConfig(serial=serial), NOW).cards) == cards


def test_a_reader_that_also_takes_cards_of_26_bits_has_no_limit() -> None:
    assert limits([credential()], [ALL], **doors() | points({"card_formats": ("long", "short")}) | FORMATS) == {}


def zone_limits(zone: Zone, **config: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    table = table_of(snapshot([credential()], [ALL], zones=[zone]), "gate", DeviceConfig(serial=FOUR, **config), NOW)
    assert len(table.cards) == 1
    return [(limit.rule, limit.severity, limit.entities) for limit in table.limits if limit.rule != "priority"]


@pytest.mark.parametrize(
    ("zone", "config", "rule", "severity"),
    [
        (AntipassbackZone(id="z", name="Z", areas=("hall",)), {}, "antipassback", "warning"),
        (AntipassbackZone(id="z", name="Z", areas=("site",)), {}, "antipassback", "warning"),
        (AntipassbackZone(id="z", name="Z", areas=("hall",)), {"antipassback": "1:2,3:4"}, "antipassback", "notice"),
        (
            AntipassbackZone(id="z", name="Z", areas=("hall",), kind="timed"),
            {"antipassback": "1:2,3:4"},
            "antipassback",
            "warning",
        ),
        (OccupancyZone(id="z", name="Z", areas=("hall",), limit=5), {}, "occupancy", "warning"),
        (InterlockZone(id="z", name="Z", doors=("d1", "d2")), {}, "interlock", "warning"),
        (InterlockZone(id="z", name="Z", doors=("d1", "d2")), {"interlock": "3-4"}, "interlock", "warning"),
        (EntranceLimitZone(id="z", name="Z", access_points=("p1",), limit=3), {}, "entrance-limit", "warning"),
        (FirstPersonZone(id="z", name="Z", doors=("d1",)), {}, "first-person", "warning"),
        (FireZone(id="z", name="Z", doors=("d1",)), {}, "fire", "warning"),
        (FireZone(id="z", name="Z", inputs=(FireInput(controller="gate", input=1),)), {}, "fire", "warning"),
        (IntrusionZone(id="z", name="Z", areas=("site",)), {}, "intrusion", "warning"),
    ],
)
def test_what_a_board_cannot_keep_of_zones(zone: Zone, config: dict[str, Any], rule: str, severity: str) -> None:
    kind = {"antipassback": "antipassback-zone"}.get(rule, f"{rule}-zone")
    assert zone_limits(zone, **config) == [(rule, severity, (f"{kind}:z",))]


def test_an_interlock_that_is_the_board_s_own_and_zones_elsewhere_are_no_limits() -> None:
    for setting in ("1-2", "1-2,3-4", "1-2-3", "1-2-3-4"):
        assert zone_limits(InterlockZone(id="z", name="Z", doors=("d1", "d2")), interlock=setting) == []
    assert zone_limits(OccupancyZone(id="z", name="Z", areas=("far",))) == []


def test_a_board_keeps_no_priorities_and_says_so() -> None:
    (only,) = table_of(snapshot([credential()], [ALL]), "gate", DeviceConfig(serial=FOUR), NOW).limits
    assert (only.rule, only.severity, only.entities) == ("priority", "notice", ("controller:gate",))


def test_one_right_for_both_ways_is_the_one_of_the_way_in() -> None:
    more = doors() | points({"reader": 1}, {"reader": 2})
    only_out = AccessProfile(id="all", name="A", policies=(AccessPolicy(schedule="always", access_point="p2"),))
    found = table_of(snapshot([credential()], [only_out], **more), "gate", DeviceConfig(serial=TWO), NOW)
    assert not found.cards and [limit.rule for limit in found.limits] == ["one-right", "priority"]
    only_in = AccessProfile(id="all", name="A", policies=(AccessPolicy(schedule="always", access_point="p1"),))
    found = table_of(snapshot([credential()], [only_in], **more), "gate", DeviceConfig(serial=TWO), NOW)
    assert found.cards[700001].rights == (1, 0, 0, 0) and [limit.rule for limit in found.limits] == ["one-right", "priority"]


def test_more_than_a_board_holds_is_said_and_nobody_gets_more() -> None:
    table = table_of(
        snapshot([credential(id=f"c{at}", card=card_of(700001 + at)) for at in range(5)], [ALL]),
        "gate",
        DeviceConfig(serial=FOUR, capacity=4),
        NOW,
    )
    assert [(limit.rule, limit.entities) for limit in table.limits][:1] == [("capacity", ("controller:gate",))]


def test_readers_are_counted_as_the_terminals_are() -> None:
    assert [reader_of(FOUR, door, 1) for door in (1, 2, 3, 4)] == [1, 2, 3, 4] and reader_of(FOUR, 1, 2) is None
    assert [reader_of(TWO, door, way) for door in (1, 2) for way in (1, 2)] == [1, 2, 3, 4]
