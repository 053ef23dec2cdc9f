"""Random days at random zones: whoever has the same rules and the same state decides the same, and no rule is ever broken."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide, walk
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.access.packing import unpack
from sitewarden.domain.access.transitions import advance, facts_of, held_by, holders_of
from sitewarden.domain.access.zone_state import (
    Arm,
    DoorShut,
    Fact,
    Fire,
    Forgive,
    NotPassed,
    Passed,
    ZoneState,
    decode,
    encode,
)
from sitewarden.domain.access.zones import (
    AntipassbackZone,
    EntranceLimitZone,
    FireZone,
    FirstPersonZone,
    InterlockZone,
    IntrusionZone,
    OccupancyZone,
    Zone,
)
from sitewarden.domain.clock import HOUR, MINUTE, SECOND
from sitewarden.domain.errors import Invalid
from tests.domain.access.campus import DOORS, NOON, PEOPLE, POINTS, Campus, rules_of

areas = st.lists(st.sampled_from(["hall", "lab", "vault"]), min_size=1, unique=True).map(tuple)
doors = st.lists(st.sampled_from(sorted(DOORS)), min_size=1, unique=True).map(tuple)
hardness = st.sampled_from(["hard", "soft"])
groups = st.lists(st.sampled_from(["guards", "staff"]), max_size=1).map(tuple)
schedules = st.sampled_from([None, "office", "always"])


def named(model: Any, /, **fields: Any) -> st.SearchStrategy[Zone]:
    made: st.SearchStrategy[Zone] = st.builds(
        model,
        id=st.sampled_from("xy"),
        name=st.just("Z"),
        exempt_groups=groups,
        offline=st.sampled_from(["allow", "deny"]),
        **fields,
    )
    return made


zone_lists = st.lists(
    named(
        AntipassbackZone,
        areas=areas,
        kind=st.sampled_from(["area", "timed"]),
        enforcement=hardness,
        window=st.just(1800.0),
        reset_after=st.sampled_from([0.0, 7200.0]),
        reset_schedule=schedules,
    )
    | named(OccupancyZone, areas=areas, limit=st.integers(0, 3), enforcement=hardness)
    | named(InterlockZone, doors=doors)
    | named(
        EntranceLimitZone,
        access_points=st.just(("hall-in", "lab-in")),
        limit=st.integers(0, 2),
        schedule=schedules,
        interval=st.sampled_from([0.0, 600.0]),
        enforcement=hardness,
    )
    | named(FirstPersonZone, doors=doors, groups=groups, schedule=schedules, hold_others=st.booleans())
    | named(FireZone, doors=doors)
    | named(IntrusionZone, areas=areas, disarm_groups=groups, disarm_on_entry=st.booleans()),
    max_size=5,
    unique_by=lambda zone: (type(zone), zone.id),
)

people, points = st.sampled_from(PEOPLE), st.sampled_from(sorted(POINTS))
swipes = st.tuples(people, points, st.sampled_from(["go", "go", "go", "stay", "wait"]), st.sampled_from(DoorMode))
others = st.one_of(
    st.builds(lambda door, shut: DoorShut(door, shut, 0), st.sampled_from(sorted(DOORS)), st.booleans()),
    st.builds(lambda zone, on: Fire(f"fire-zone:{zone}", on, 0), st.sampled_from("xy"), st.booleans()),
    st.builds(lambda zone, on: Arm(f"intrusion-zone:{zone}", on, 0), st.sampled_from("xy"), st.booleans()),
    st.builds(lambda person: Forgive(holder=person, credentials=(f"{person}-card",)), people | st.just("")),
)
histories = st.lists(st.tuples(st.integers(0, 2 * HOUR), swipes | others), max_size=25)


def timed(fact: Any, now: int) -> Fact:
    found: Fact = msgspec.structs.replace(fact, time=now)
    return found


class Node:
    """Somebody who decides and follows the zones."""

    def __init__(self, rules: Rules, node: str) -> None:
        self.rules, self.zones = rules, held_by(rules, node, ZoneState())
        self.now = NOON

    def take(self, happened: Any) -> Any:
        if not isinstance(happened, tuple):
            self.zones = advance(self.rules, self.zones, timed(happened, self.now))
            return None
        person, point, then, mode = happened
        request = Request(access_point=point, card=f"26:{PEOPLE.index(person) + 1:x}")
        decision = decide(self.rules, request, DoorContext(mode=mode), self.now, "", self.zones)
        for fact in facts_of(request, decision, self.now):
            self.zones = advance(self.rules, self.zones, fact)
        if decision.granted and then != "wait":
            kind = Passed if then == "go" else NotPassed
            self.zones = advance(self.rules, self.zones, kind(point, holders_of(decision), self.now))
        return decision


@settings(deadline=None, max_examples=80)
@given(zone_lists, st.sampled_from(["", "c1", "c2"]), histories)
def test_online_and_offline_decide_the_same(zones: list[Zone], node: str, history: list[Any]) -> None:
    """The server has the rules as compiled, the controller as they came over the wire; its state is kept and read each time."""
    server = Node(rules_of(*zones), node)
    controller = Node(Rules(unpack(server.rules.packed().data)), node)
    for after, happened in history:
        server.now = controller.now = server.now + after
        assert server.take(happened) == controller.take(happened)
        assert server.zones == controller.zones
        kept = decode(encode(controller.zones))
        assert kept == without_awaited(controller.zones)


def without_awaited(zones: ZoneState) -> ZoneState:
    return msgspec.structs.replace(zones, awaited={})


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(PEOPLE), points, st.sampled_from(DoorMode), st.integers(0, 200 * HOUR), st.booleans())
def test_the_short_way_answers_as_the_long_way(person: str, point: str, mode: DoorMode, after: int, duress: bool) -> None:
    rules = rules_of()
    request = Request(access_point=point, card=f"26:{PEOPLE.index(person) + 1:x}", duress=duress)
    now, door = NOON + after, DoorContext(mode=mode)
    assert decide(rules, request, door, now, "x") == walk(rules, request, door, now, "x", ZoneState(), *rules.points[point])


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([("hall",), ("hall", "lab"), ("lab", "vault"), ("hall", "lab", "vault")]), histories)
def test_under_hard_antipassback_everybody_is_where_they_went(watched: tuple[str, ...], history: list[Any]) -> None:
    """Invariant: between two entries of an area lies a way out of it, unless somebody was forgiven."""
    campus = Campus(AntipassbackZone(id="z", name="Z", areas=watched))

    def inner(area: str | None) -> str:
        parents = {"vault": "lab", "lab": "hall"}
        while area and area not in watched:
            area = parents.get(area)
        return area or ""

    place: dict[str, str] = {}
    for after, happened in history:
        campus.now += after
        if not isinstance(happened, tuple):
            campus.tell(timed(happened, campus.now))
            if isinstance(happened, Forgive):
                place = {} if not happened.holder else {one: at for one, at in place.items() if one != happened.holder}
            continue
        person, point, then, _ = happened
        decision = campus.ask(person, point)
        leaves, enters = inner(POINTS[point][1]), inner(POINTS[point][2])
        assert decision.granted is (leaves == enters or place.get(person, leaves) == leaves)
        if decision.granted and then == "go":
            campus.tell(Passed(point, (person,), campus.now))
            if leaves != enters:
                place[person] = enters


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 3), areas, histories)
def test_no_hard_limit_is_passed_and_the_count_is_the_people(limit: int, inside: tuple[str, ...], history: list[Any]) -> None:
    campus = Campus(OccupancyZone(id="z", name="Z", areas=inside, limit=limit))
    zone = "occupancy-zone:z"
    within = {"hall": {"hall", "lab", "vault"}, "lab": {"lab", "vault"}, "vault": {"vault"}}
    covered = set().union(*(within[area] for area in inside))
    for after, happened in history:
        campus.now += after
        if not isinstance(happened, tuple):
            campus.tell(timed(happened, campus.now))
            continue
        person, point, then, _ = happened
        decision = campus.ask(person, point)
        crosses = POINTS[point][2] in covered and POINTS[point][1] not in covered
        if decision.granted and then != "wait":
            before = campus.zones.inside.get(zone, 0)
            campus.tell((Passed if then == "go" else NotPassed)(point, (person,), campus.now))
            if crosses and campus.zones.inside.get(zone, 0) > before:
                assert campus.zones.inside[zone] <= limit
        assert campus.zones.inside.get(zone, 0) == len(list(campus.zones.people(zone)))


@settings(deadline=None, max_examples=60)
@given(histories)
def test_of_an_interlock_one_door_is_released_at_a_time(history: list[Any]) -> None:
    campus = Campus(InterlockZone(id="z", name="Z", doors=("front", "inner", "strong")))
    open_: set[str] = set()
    for after, happened in history:
        campus.now += after
        if isinstance(happened, DoorShut):
            campus.tell(timed(happened, campus.now))
            (open_.discard if happened.shut else open_.add)(happened.door)
        elif isinstance(happened, tuple) and POINTS[happened[1]][0] != "back":
            door = POINTS[happened[1]][0]
            if campus.ask(happened[0], happened[1]).granted:
                assert not (open_ & {"front", "inner", "strong"}) - {door}


@settings(deadline=None, max_examples=60)
@given(zone_lists, histories)
def test_a_state_never_changes(zones: list[Zone], history: list[Any]) -> None:
    node = Node(rules_of(*zones), "")
    states: list[tuple[ZoneState, bytes]] = []
    for after, happened in history:
        node.now += after
        states.append((node.zones, encode(node.zones)))
        node.take(happened)
    for state, bytes_ in states:
        assert encode(state) == bytes_


@given(st.binary(max_size=120))
def test_any_bytes_are_a_state_or_refused(data: bytes) -> None:
    try:
        assert encode(decode(data))
    except Invalid as refusal:
        assert refusal.remedy


def test_a_place_is_kept_a_minute_and_a_door_a_quarter_of_one() -> None:
    assert MINUTE == 60 * SECOND
    campus = Campus(OccupancyZone(id="z", name="Z", areas=("hall",), limit=1))
    campus.ask("ada", "hall-in")
    assert campus.zones.awaited == {"occupancy-zone:z": {"ada": NOON + MINUTE}}


@pytest.mark.parametrize("size", [0, 5, 3000])
def test_many_people_are_kept_over_a_restart(size: int) -> None:
    campus = Campus(OccupancyZone(id="z", name="Z", areas=("hall",), limit=10_000))
    for number in range(size):
        campus.tell(Passed("hall-in", (f"p{number}",), NOON + number))
    for number in range(0, size, 2):
        campus.tell(Passed("hall-out", (f"p{number}",), NOON + number))
    assert campus.zones.inside.get("occupancy-zone:z", 0) == size // 2
    assert decode(encode(campus.zones)) == campus.zones
