"""Zones by scenes: each rule refuses what it should, for the reason that it says, and for as long as it should."""

from __future__ import annotations

import pytest

from sitewarden.domain.access.door_orders import burns, doors_of_area, fire_zones_of, next_scheduled, scheduled_mode
from sitewarden.domain.access.model import DenyReason, DoorMode
from sitewarden.domain.access.people import CredentialHolder
from sitewarden.domain.access.rights import Schedule
from sitewarden.domain.access.transitions import held_by
from sitewarden.domain.access.zone_state import Arm, DoorShut, Fire, Forgive, Passed, ZoneState
from sitewarden.domain.access.zones import (
    AntipassbackZone,
    EntranceLimitZone,
    FireInput,
    FireZone,
    FirstPersonZone,
    InterlockZone,
    IntrusionZone,
    OccupancyZone,
)
from sitewarden.domain.clock import DAY, HOUR
from tests.domain.access.campus import NOON, Campus
from tests.domain.access.test_schedules import at, event

HALL = AntipassbackZone(id="hall", name="Hall", areas=("hall",))
NESTED = AntipassbackZone(id="nested", name="Nested", areas=("hall", "lab"))


def why(campus: Campus, person: str, point: str) -> DenyReason | None:
    return campus.go(person, point).reason


# -- anti-passback ----------------------------------------------------------------------------------------------------


def test_who_is_in_does_not_enter_again_and_who_left_does() -> None:
    campus = Campus(HALL)
    assert campus.go("ada", "hall-in").granted
    refused = campus.go("ada", "hall-in")
    assert (refused.reason, refused.explanation.rule) == (DenyReason.ANTIPASSBACK_VIOLATION, "antipassback")
    assert refused.explanation.text == "Hall: is in Hall since 2026-01-05 11:00 UTC, not outside"
    assert campus.go("ben", "hall-in").granted
    assert campus.go("ada", "hall-out").granted
    assert campus.go("ada", "hall-in").granted


def test_who_is_nowhere_known_may_come_from_either_side() -> None:
    campus = Campus(HALL)
    assert campus.go("ada", "hall-out").granted
    assert why(campus, "ada", "hall-out") is DenyReason.ANTIPASSBACK_VIOLATION
    assert campus.go("ada", "hall-in").granted


def test_the_explanation_shows_the_zone_and_where_the_holder_was() -> None:
    campus = Campus(HALL)
    first = campus.go("ada", "hall-in").explanation.zones
    assert [(view.zone, view.state, view.verdict) for view in first] == [("antipassback-zone:hall", "not known where", "passed")]
    (view,) = campus.go("ada", "hall-in").explanation.zones
    assert (view.state, view.verdict) == ("in Hall since 2026-01-05 11:00 UTC", "refused")


def test_a_grant_that_nobody_uses_moves_nobody() -> None:
    campus = Campus(HALL)
    assert campus.ask("ada", "hall-in").granted
    campus.stay()
    assert campus.ask("ada", "hall-in").granted


def test_doors_within_an_area_do_not_count_and_the_back_door_does() -> None:
    campus = Campus(HALL)
    campus.go("ada", "hall-in")
    assert campus.go("ada", "lab-in").granted
    assert campus.go("ada", "lab-in").granted, "the hall alone is watched, the lab is part of it"
    assert why(campus, "ada", "back-in") is DenyReason.ANTIPASSBACK_VIOLATION
    assert campus.go("ada", "back-out").granted
    assert campus.go("ada", "hall-in").granted


def test_areas_in_each_other_are_left_from_within() -> None:
    campus = Campus(NESTED)
    assert [campus.go("ada", point).granted for point in ("hall-in", "lab-in")] == [True, True]
    assert why(campus, "ada", "hall-out") is DenyReason.ANTIPASSBACK_VIOLATION
    assert why(campus, "ada", "lab-in") is DenyReason.ANTIPASSBACK_VIOLATION
    assert [campus.go("ada", point).granted for point in ("lab-out", "hall-out", "back-in", "back-out")] == [True] * 4


def test_a_soft_zone_tells_and_lets_pass() -> None:
    campus = Campus(AntipassbackZone(id="hall", name="Hall", areas=("hall",), enforcement="soft"))
    campus.go("ada", "hall-in")
    again = campus.go("ada", "hall-in")
    assert (again.granted, again.warnings) == (True, (DenyReason.ANTIPASSBACK_VIOLATION,))
    assert campus.zones.violated["ada-card"] == ("antipassback-zone:hall", NOON)


def test_a_timed_zone_refuses_to_come_again_too_soon_and_lets_leave() -> None:
    campus = Campus(AntipassbackZone(id="hall", name="Hall", areas=("hall",), kind="timed", window=600.0))
    assert campus.go("ada", "hall-in").granted
    campus.later(599)
    assert why(campus, "ada", "hall-in") is DenyReason.TIMED_ANTIPASSBACK
    assert campus.go("ada", "hall-out").granted
    assert why(campus, "ada", "hall-in") is DenyReason.TIMED_ANTIPASSBACK
    campus.later(1)
    assert campus.go("ada", "hall-in").granted


def test_places_are_forgotten_after_a_time() -> None:
    campus = Campus(AntipassbackZone(id="hall", name="Hall", areas=("hall",), reset_after=3600.0))
    campus.go("ada", "hall-in")
    campus.later(3599)
    assert why(campus, "ada", "hall-in") is DenyReason.ANTIPASSBACK_VIOLATION
    campus.later(1)
    assert campus.go("ada", "hall-in").granted


def test_places_are_forgotten_at_each_start_of_a_schedule() -> None:
    campus = Campus(AntipassbackZone(id="hall", name="Hall", areas=("hall",), reset_schedule="office"))
    campus.go("ada", "hall-in")
    campus.now = at("2026-01-06T07:59:59", "Europe/Berlin")
    assert why(campus, "ada", "hall-in") is DenyReason.ANTIPASSBACK_VIOLATION
    campus.now = at("2026-01-06T08:00:00", "Europe/Berlin")
    assert campus.go("ada", "hall-in").granted
    assert why(campus, "ada", "hall-in") is DenyReason.ANTIPASSBACK_VIOLATION


@pytest.mark.parametrize("zone", ["", "antipassback-zone:hall"])
@pytest.mark.parametrize("holder", ["", "ada"])
def test_the_forgiven_may_pass_once_more(zone: str, holder: str) -> None:
    campus = Campus(HALL)
    campus.go("ada", "hall-in")
    campus.go("ben", "hall-in")
    campus.go("ada", "hall-in")
    assert "ada-card" in campus.zones.violated
    campus.tell(Forgive(zone=zone, holder=holder, credentials=("ada-card",), time=campus.now))
    assert not campus.zones.violated
    assert campus.go("ada", "hall-in").granted
    assert campus.ask("ben", "hall-in").granted is (holder == "")


def test_forgiving_elsewhere_forgives_nothing_here() -> None:
    campus = Campus(HALL)
    campus.go("ada", "hall-in")
    campus.tell(Forgive(zone="antipassback-zone:other", holder="ada"))
    campus.tell(Forgive(holder="ben"))
    assert why(campus, "ada", "hall-in") is DenyReason.ANTIPASSBACK_VIOLATION


def test_an_exempt_holder_and_an_exempt_group_pass_and_are_followed() -> None:
    holders = [
        CredentialHolder(id="ada", name="Ada", antipassback_exempt=True),
        CredentialHolder(id="ben", name="B", groups=("staff",)),
    ]
    zone = AntipassbackZone(id="hall", name="Hall", areas=("hall",), exempt_groups=("staff",))
    campus = Campus(zone, holders=holders)
    for person in ("ada", "ben"):
        campus.go(person, "hall-in")
        again = campus.go(person, "hall-in")
        assert (again.granted, again.explanation.zones[0].verdict) == (True, "exempt")
        place = campus.zones.place("antipassback-zone:hall", person)
        assert place is not None
        assert place.area == "hall"


def test_a_zone_that_is_off_is_none() -> None:
    campus = Campus(AntipassbackZone(id="hall", name="Hall", areas=("hall",), enabled=False))
    assert [campus.go("ada", "hall-in").granted for _ in range(2)] == [True, True]


# -- occupancy --------------------------------------------------------------------------------------------------------

FULL = OccupancyZone(id="lab", name="Lab", areas=("lab",), limit=2)


def test_the_one_too_many_waits_until_somebody_leaves() -> None:
    campus = Campus(FULL)
    assert [campus.go(person, "lab-in").granted for person in ("ada", "ben")] == [True, True]
    refused = campus.go("cleo", "back-in")
    assert (refused.reason, refused.explanation.text) == (DenyReason.OCCUPANCY_LIMIT, "Lab: is full, 2 of 2")
    assert campus.go("ada", "vault-in").granted, "the vault is in the lab"
    assert why(campus, "cleo", "lab-in") is DenyReason.OCCUPANCY_LIMIT
    campus.go("ada", "vault-out")
    campus.go("ada", "back-out")
    assert campus.go("cleo", "lab-in").granted
    assert {person for person, _ in campus.zones.people("occupancy-zone:lab")} == {"ben", "cleo"}


def test_who_was_let_in_has_a_place_before_they_go_in() -> None:
    campus = Campus(FULL)
    assert campus.go("ada", "lab-in").granted
    assert campus.ask("ben", "lab-in").granted
    assert campus.ask("ben", "lab-in").granted, "one person takes one place"
    assert why(campus, "cleo", "lab-in") is DenyReason.OCCUPANCY_LIMIT
    campus.ask("ben", "lab-in")
    campus.stay()
    assert campus.ask("cleo", "lab-in").granted
    campus.later(61)
    assert campus.go("dora", "lab-in").granted, "a place is kept for a minute"


def test_who_is_in_enters_again_without_counting_twice() -> None:
    campus = Campus(FULL)
    for _ in range(3):
        assert campus.go("ada", "lab-in").granted
    assert campus.zones.inside["occupancy-zone:lab"] == 1


# -- interlock --------------------------------------------------------------------------------------------------------

LOCK = InterlockZone(id="lock", name="Sally port", doors=("front", "inner"))


def test_one_door_at_a_time() -> None:
    campus = Campus(LOCK)
    campus.tell(DoorShut("front", False, NOON))
    refused = campus.go("ada", "lab-in")
    assert (refused.reason, refused.explanation.text) == (
        DenyReason.INTERLOCK_ACTIVE,
        "Sally port: Front is open or unlocked",
    )
    assert campus.ask("ada", "hall-in").granted, "the open door itself may be asked again"
    campus.tell(DoorShut("front", True, NOON))
    assert campus.ask("ada", "lab-in").granted


def test_a_door_counts_as_open_from_its_grant_for_a_while() -> None:
    campus = Campus(LOCK)
    assert campus.ask("ada", "hall-in").granted
    assert campus.ask("ben", "lab-in").reason is DenyReason.INTERLOCK_ACTIVE
    campus.later(15)
    assert campus.ask("ben", "lab-in").granted


def test_doors_of_no_interlock_are_not_remembered() -> None:
    campus = Campus(LOCK)
    campus.tell(DoorShut("strong", False, NOON))
    assert not campus.zones.open_doors


# -- entrance limit ---------------------------------------------------------------------------------------------------


def test_so_many_entries_a_day_of_the_site() -> None:
    campus = Campus(EntranceLimitZone(id="e", name="Canteen", access_points=("hall-in",), limit=2))
    assert [why(campus, "ada", "hall-in") for _ in range(3)] == [None, None, DenyReason.ENTRANCE_LIMIT]
    assert campus.go("ada", "hall-out").granted
    assert campus.go("ben", "hall-in").granted
    campus.now = at("2026-01-05T23:59:59", "Europe/Berlin")
    assert why(campus, "ada", "hall-in") is DenyReason.ENTRANCE_LIMIT
    campus.now = at("2026-01-06T00:00:00", "Europe/Berlin")
    assert campus.go("ada", "hall-in").granted


def test_so_many_entries_in_each_run_of_a_schedule() -> None:
    campus = Campus(EntranceLimitZone(id="e", name="Canteen", access_points=("hall-in",), limit=1, schedule="office"))
    assert [why(campus, "ada", "hall-in") for _ in range(2)] == [None, DenyReason.ENTRANCE_LIMIT]
    campus.now = at("2026-01-06T08:00:00", "Europe/Berlin")
    assert campus.go("ada", "hall-in").granted


def test_not_too_soon_after_each_other() -> None:
    campus = Campus(EntranceLimitZone(id="e", name="Canteen", access_points=("hall-in",), interval=60.0))
    assert campus.go("ada", "hall-in").granted
    campus.later(59)
    assert why(campus, "ada", "hall-in") is DenyReason.ENTRANCE_LIMIT
    campus.later(1)
    assert campus.go("ada", "hall-in").granted


# -- first person -----------------------------------------------------------------------------------------------------


def test_others_wait_for_the_first_person_of_each_day() -> None:
    campus = Campus(FirstPersonZone(id="f", name="Front", doors=("front",), groups=("guards",), hold_others=True))
    assert why(campus, "cleo", "hall-in") is DenyReason.FIRST_PERSON_MISSING
    assert campus.ask("ada", "hall-in").granted
    assert why(campus, "cleo", "hall-in") is DenyReason.FIRST_PERSON_MISSING, "a grant alone brings nobody in"
    assert campus.go("ada", "hall-in").granted
    assert campus.go("cleo", "hall-in").granted
    campus.now += DAY
    assert why(campus, "cleo", "hall-in") is DenyReason.FIRST_PERSON_MISSING


def test_the_unlock_schedule_waits_for_the_first_person() -> None:
    campus = Campus(FirstPersonZone(id="f", name="Front", doors=("front",), groups=("guards",), schedule="office"))

    def mode(door: str = "front") -> DoorMode | None:
        return scheduled_mode(campus.rules, campus.zones, door, campus.now)

    assert (mode(), mode("inner"), mode("nowhere")) == (None, DoorMode.UNLOCKED, None)
    campus.go("cleo", "hall-in")
    assert mode() is None
    campus.go("ben", "hall-in")
    assert mode() is DoorMode.UNLOCKED
    closing = at("2026-01-05T17:00:00", "Europe/Berlin")
    assert next_scheduled(campus.rules, "front", campus.now) == closing
    campus.now = closing
    assert (mode(), mode("inner")) == (None, None)
    assert campus.go("cleo", "hall-in").granted
    campus.now = at("2026-01-06T08:00:00", "Europe/Berlin")
    assert mode() is None, "the next morning waits anew"


# -- fire, intrusion --------------------------------------------------------------------------------------------------

FIRE = FireZone(id="east", name="East", doors=("front", "inner"), inputs=(FireInput(controller="c1", input=7),))


def test_fire_opens_its_doors_whatever_else_holds() -> None:
    campus = Campus(FIRE, HALL, InterlockZone(id="lock", name="L", doors=("front", "strong")))
    campus.go("ada", "hall-in")
    assert list(fire_zones_of(campus.rules, "c1", 7)) == ["fire-zone:east"]
    assert not list(fire_zones_of(campus.rules, "c2", 7))
    campus.tell(Fire("fire-zone:east", True, NOON))
    assert (burns(campus.rules, campus.zones, "front"), burns(campus.rules, campus.zones, "back")) == (True, False)
    campus.tell(DoorShut("strong", False, NOON))
    freed = campus.ask("ada", "hall-in", mode=DoorMode.LOCKED_DOWN)
    assert (freed.granted, freed.explanation.rule) == (True, "fire-release")
    campus.tell(Fire("fire-zone:east", False, NOON))
    assert campus.ask("ada", "hall-in", mode=DoorMode.LOCKED_DOWN).reason is DenyReason.DOOR_LOCKED_DOWN


def test_fire_makes_nobody_known_who_is_not() -> None:
    campus = Campus(FIRE)
    campus.tell(Fire("fire-zone:east", True, NOON))
    campus.rules = Campus(FIRE, credentials=()).rules
    assert campus.ask("ada", "hall-in").reason is DenyReason.CREDENTIAL_NOT_FOUND


ARMED = IntrusionZone(id="lab", name="Lab", areas=("lab",), disarm_groups=("guards",), exit_delay=30.0)


def test_an_armed_area_is_entered_by_those_who_disarm_it() -> None:
    campus = Campus(ARMED)
    assert campus.go("cleo", "lab-in").granted
    campus.tell(Arm("intrusion-zone:lab", True, campus.now))
    assert campus.go("cleo", "lab-in").granted, "there is time to leave and come back for the umbrella"
    assert campus.zones.armed, "which disarms nothing"
    campus.later(30)
    assert why(campus, "cleo", "lab-in") is DenyReason.ZONE_ARMED
    assert campus.go("cleo", "lab-out").granted
    assert campus.go("ada", "back-in").granted
    assert not campus.zones.armed
    assert campus.go("cleo", "lab-in").granted


def test_where_entering_does_not_disarm_it_has_to_be_done_first() -> None:
    campus = Campus(IntrusionZone(id="lab", name="Lab", areas=("lab",), disarm_groups=("guards",), disarm_on_entry=False))
    campus.tell(Arm("intrusion-zone:lab", True, campus.now - HOUR))
    assert why(campus, "ada", "lab-in") is DenyReason.ZONE_ARMED
    campus.tell(Arm("intrusion-zone:lab", False, campus.now))
    assert campus.go("ada", "lab-in").granted


# -- who holds a zone -------------------------------------------------------------------------------------------------


def test_a_zone_of_one_controller_is_its_own_and_others_are_the_servers() -> None:
    campus = Campus(HALL, LOCK, ARMED, FIRE)
    homes = {row.id: row.home for row in campus.rules.tables.zones}
    assert homes == {
        "antipassback-zone:hall": "",
        "interlock-zone:lock": "c1",
        "intrusion-zone:lab": "",
        "fire-zone:east": "c1",
    }
    assert held_by(campus.rules, "c1", ZoneState()).held == {"interlock-zone:lock", "fire-zone:east"}


@pytest.mark.parametrize(("offline", "granted"), [("allow", True), ("deny", False)])
def test_a_zone_that_a_controller_does_not_hold_answers_as_it_is_set_to(offline: str, granted: bool) -> None:
    zone = AntipassbackZone(id="hall", name="Hall", areas=("hall",), offline=offline)  # type: ignore[arg-type]
    campus = Campus(zone, node="c1")
    decision = campus.ask("ada", "hall-in")
    assert decision.granted is granted
    assert decision.explanation.zones[0].verdict == "not-held"
    assert decision.reason is (None if granted else DenyReason.SERVER_UNREACHABLE)
    assert campus.go("ada", "hall-in").granted is granted
    assert not campus.zones.places, "and keeps nothing of it"


def test_what_is_not_there_any_more_is_forgotten() -> None:
    campus = Campus(HALL, FULL)
    campus.go("ada", "hall-in")
    campus.go("ada", "lab-in")
    assert set(held_by(Campus(FULL).rules, "", campus.zones).places) == {"occupancy-zone:lab"}


def test_the_doors_of_an_area_are_those_of_what_lies_in_it_too() -> None:
    rules = Campus().rules
    assert doors_of_area(rules, "vault") == {"strong"}
    assert doors_of_area(rules, "lab") == {"inner", "strong", "back"}
    assert doors_of_area(rules, "nowhere") == frozenset()


def test_unknown_facts_change_nothing() -> None:
    campus = Campus(HALL)
    before = campus.zones
    for fact in (
        Passed("nowhere", ("ada",), NOON),
        Fire("fire-zone:none", True, NOON),
        Arm("antipassback-zone:hall", True, NOON),
    ):
        campus.tell(fact)
    assert campus.zones == before


def test_a_first_person_is_needed_in_runs_over_midnight_once() -> None:
    night = Schedule(id="office", name="Night", icalendar=event("DTSTART:20260101T220000", "DURATION:PT8H", "RRULE:FREQ=DAILY"))
    zone = FirstPersonZone(id="f", name="Front", doors=("front",), schedule="office", hold_others=True)
    always = Schedule(id="always", name="Always")
    campus = Campus(zone, now=at("2026-01-05T23:00:00", "Europe/Berlin"), schedules=[night, always])
    assert campus.go("dora", "hall-in").granted
    first = campus.zones.first["first-person-zone:f"]
    campus.now = at("2026-01-06T05:59:59", "Europe/Berlin")
    assert campus.go("emil", "hall-in").granted
    assert campus.zones.first["first-person-zone:f"] == first
