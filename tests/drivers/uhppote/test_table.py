"""What a board is given of the rules: never more than the engine grants, and all of it where the board has words for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.uhppote import SimBoard
from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import (
    AccessPoint,
    AccessPolicy,
    AccessProfile,
    Controller,
    Credential,
    CredentialHolder,
    CredentialProfile,
    Door,
    Schedule,
)
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.snapshot import Snapshot
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


def snapshot(credentials: list[Credential], profiles: list[AccessProfile], **more: Any) -> Snapshot:
    site: dict[str, Any] = {
        "controllers": [Controller(id="gate", name="Gate", driver="uhppote")],
        "doors": [Door(id=f"d{number}", name=f"Door {number}", controller="gate", output=number) for number in (1, 2)],
        "access_points": [
            AccessPoint(id=f"p{number}", name=f"Point {number}", door=f"d{number}", reader=number) for number in (1, 2)
        ],
    }
    return compile(
        version=1,
        zone="UTC",
        schedules=[Schedule(id=id_, name=id_, icalendar=text) for id_, text in SCHEDULES.items()],
        holders=[CredentialHolder(id="ada", name="Ada"), CredentialHolder(id="off", name="Off", enabled=False)],
        credentials=credentials,
        profiles=profiles,
        **(site | more),
    )


edges = st.sampled_from([None, NOW - 3 * DAY, MIDNIGHT, NOW - HOUR, NOW + HOUR, MIDNIGHT + 2 * DAY, NOW + 30 * DAY])
numbers = st.integers(1, 0xFFFF).map(lambda number: 100_000 * 7 + number)
policies = st.builds(AccessPolicy, schedule=st.sampled_from(sorted(SCHEDULES)), access_point=st.sampled_from(["p1", "p2"]))
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


@st.composite
def credentials(draw: st.DrawFn) -> list[Credential]:
    made = draw(st.lists(numbers, min_size=1, max_size=4, unique=True))
    return [
        Credential(
            id=f"c{at}",
            name="C",
            holder=draw(st.sampled_from(["ada", "ada", "off"])),
            card=card_of(number),
            enabled=draw(st.sampled_from([True, True, False])),
            valid_from=draw(edges),
            valid_to=draw(edges),
            profiles=tuple(draw(st.lists(links, max_size=3))),
        )
        for at, number in enumerate(made)
    ]


@settings(max_examples=120, deadline=None)
@given(credentials(), profile_lists, st.lists(st.integers(0, 24 * 60 - 1), min_size=4, max_size=4))
def test_a_board_decides_as_the_engine(made: list[Credential], profiles: list[AccessProfile], moments: list[int]) -> None:
    rules = Rules(snapshot(made, profiles))
    config = DeviceConfig(serial=FOUR)
    for minute in moments:
        # At each moment the server has brought what is true at it; between two such moments the board is alone.
        now = NOW + minute * MINUTE
        table = table_of(rules.snapshot, "gate", config, now)
        board = SimBoard(FOUR, now=lambda now=now: datetime.fromtimestamp(now / 1e6, UTC))  # type: ignore[misc]
        for order in steps(Held({}, {}), table.cards, FOUR)[0]:
            assert board.answer(order).ok  # type: ignore[union-attr]
        for credential in made:
            for door in (1, 2):
                asked = Request(access_point=f"p{door}", card=credential.card)
                number = next((number for number in board.cards if card_of(number) == credential.card), 0)
                assert (board._decide(number, door, 1) == 1) == decide(rules, asked, DoorContext(), now).granted
        assert table.until is None or table.until > now


ALL = AccessProfile(
    id="all", name="All", policies=tuple(AccessPolicy(schedule="always", access_point=f"p{number}") for number in (1, 2))
)


def credential(**more: Any) -> Credential:
    values = {"id": "c", "name": "C", "holder": "ada", "card": card_of(700001), "profiles": (CredentialProfile(profile="all"),)}
    return Credential(**(values | more))


def limits(made: list[Credential], profiles: list[AccessProfile], serial: int = FOUR, **more: Any) -> dict[str, Any]:
    table = table_of(snapshot(made, profiles, **more), "gate", DeviceConfig(serial=serial), NOW)
    return {limit.rule: limit for limit in table.limits}


def test_a_site_that_a_board_can_keep_has_no_limits() -> None:
    work = AccessProfile(id="work", name="W", policies=(AccessPolicy(schedule="work", access_point="p1"),))
    assert limits([credential(), credential(id="d", card=card_of(700002))], [ALL, work]) == {}


@pytest.mark.parametrize(
    ("more", "rule", "severity", "entity"),
    [
        ({"card": "34:12345678"}, "card-format", "warning", "credential:c"),
        ({"card": "", "pin_hash": hash_pin(b"p" * 32, "2468")}, "pin", "warning", "credential:c"),
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


@pytest.mark.parametrize(
    ("more", "serial", "rule", "cards"),
    [
        (doors(output=0), FOUR, "output", 0),
        (doors(output=3), TWO, "output", 0),
        (doors(release_time=2.5), FOUR, "release-time", 1),
        (doors(open_time=99.0), FOUR, "timings", 1),
        (doors() | points({"reader": 2}), FOUR, "reader", 0),
        (doors() | points({"authentication": "card-and-pin"}), FOUR, "pin", 0),
        (doors() | points({"authentication": "card-or-pin"}), FOUR, "pin", 1),
        (doors() | points({"enabled": False}), FOUR, "disabled-point", 0),
        (doors() | points({}, {"reader": 2, "enabled": False}), TWO, "disabled-point", 1),
        ({"controllers": [Controller(id="gate", name="G", driver="uhppote", matching="server")]}, FOUR, "matching", 1),
    ],
)
def test_what_a_board_cannot_keep_of_its_doors(more: dict[str, Any], serial: int, rule: str, cards: int) -> None:
    found = limits([credential()], [ALL], serial, **more)
    assert list(found) == [rule]
    assert len(table_of(snapshot([credential()], [ALL], **more), "gate", DeviceConfig(serial=serial), NOW).cards) == cards


def test_one_right_for_both_ways_is_the_one_of_the_way_in() -> None:
    more = doors() | points({"reader": 1}, {"reader": 2})
    only_out = AccessProfile(id="all", name="A", policies=(AccessPolicy(schedule="always", access_point="p2"),))
    found = table_of(snapshot([credential()], [only_out], **more), "gate", DeviceConfig(serial=TWO), NOW)
    assert not found.cards and [limit.rule for limit in found.limits] == ["one-right"]
    only_in = AccessProfile(id="all", name="A", policies=(AccessPolicy(schedule="always", access_point="p1"),))
    found = table_of(snapshot([credential()], [only_in], **more), "gate", DeviceConfig(serial=TWO), NOW)
    assert found.cards[700001].rights == (1, 0, 0, 0) and [limit.rule for limit in found.limits] == ["one-right"]


def test_more_than_a_board_holds_is_said_and_nobody_gets_more() -> None:
    table = table_of(
        snapshot([credential(id=f"c{at}", card=card_of(700001 + at)) for at in range(5)], [ALL]),
        "gate",
        DeviceConfig(serial=FOUR, capacity=4),
        NOW,
    )
    assert [(limit.rule, limit.entities) for limit in table.limits] == [("capacity", ("controller:gate",))]


def test_readers_are_counted_as_the_terminals_are() -> None:
    assert [reader_of(FOUR, door, 1) for door in (1, 2, 3, 4)] == [1, 2, 3, 4] and reader_of(FOUR, 1, 2) is None
    assert [reader_of(TWO, door, way) for door in (1, 2) for way in (1, 2)] == [1, 2, 3, 4]
