"""Questions about rights agree with what the engine decides, for each person at each door at each time."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile, HolderGroup
from sitewarden.domain.access.questions import credentials_for, credentials_of, describe, usable_now
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule

T = TypeVar("T")
NOW = 1_767_600_000_000_000
"""Monday 2026-01-05 08:00 UTC."""
HOUR = 3_600_000_000
MORNING = "BEGIN:VEVENT\r\nDTSTART:20260105T070000\r\nDTEND:20260105T090000\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n"
POINTS = ("a-in", "a-out", "b-in")


def result(work: Generator[None, None, T]) -> T:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


_limit = st.none() | st.sampled_from([NOW - HOUR, NOW, NOW + HOUR])
_links = st.lists(
    st.builds(CredentialProfile, profile=st.sampled_from(["p0", "p1", "p2"]), valid_from=_limit, valid_to=_limit),
    max_size=3,
    unique_by=lambda link: link.profile,
).map(tuple)
_policies = st.lists(
    st.builds(AccessPolicy, schedule=st.sampled_from(["always", "morning"]), access_point=st.sampled_from(POINTS)), max_size=3
).map(tuple)


@st.composite
def _site(draw: Any) -> Rules:
    return Rules(
        compile(
            version=1,
            zone="UTC",
            controllers=[Controller(id="c", name="C")],
            doors=[Door(id="a", name="A", controller="c"), Door(id="b", name="B", controller="c", output=1)],
            access_points=[
                AccessPoint(id=id_, name=id_, door=id_[0], reader=at, enabled=draw(st.booleans()))
                for at, id_ in enumerate(POINTS)
            ],
            schedules=[Schedule(id="always", name="Always"), Schedule(id="morning", name="Morning", icalendar=MORNING)],
            profiles=[
                AccessProfile(id=f"p{n}", name=f"P{n}", enabled=draw(st.booleans()), policies=draw(_policies)) for n in range(3)
            ],
            groups=[HolderGroup(id=f"g{n}", name=f"G{n}", profiles=draw(_links)) for n in range(2)],
            holders=[
                CredentialHolder(
                    id=f"h{n}",
                    name=f"H{n}",
                    enabled=draw(st.booleans()),
                    groups=tuple(draw(st.sets(st.sampled_from(["g0", "g1"])))),
                    valid_to=draw(_limit),
                )
                for n in range(3)
            ],
            credentials=[
                Credential(
                    id=f"c{n}",
                    name=f"C{n}",
                    holder=f"h{n % 3}",
                    card=f"26:{n + 1:x}",
                    enabled=draw(st.booleans()),
                    valid_from=draw(_limit),
                    profiles=draw(_links),
                )
                for n in range(5)
            ],
        )
    )


@settings(deadline=None, max_examples=50)
@given(_site())
def test_questions_agree_with_decisions(rules: Rules) -> None:
    for door in ("a", "b"):
        listed = {rules.credentials.ids.texts[slot] for slot in result(credentials_for(rules, door))}
        for slot, id_ in enumerate(rules.credentials.ids.texts):
            found = describe(rules, slot, NOW, door)
            assert (id_ in listed) == bool(found.ways)
            opens = set()
            for point in (one for one in POINTS if one[0] == door):
                made = decide(rules, Request(access_point=point, card=rules.credentials.keys[slot]), DoorContext(), NOW)
                if made.granted:
                    opens.add(point)
            assert (found.verdict == "now") == bool(opens)
            if found.verdict != "no":
                assert {way.access_point for way in found.ways if way.verdict == "now"} == opens
            else:
                assert found.why
            if opens:
                assert usable_now(rules, slot, NOW)


@settings(deadline=None, max_examples=50)
@given(_site())
def test_a_persons_credentials_are_found(rules: Rules) -> None:
    for holder in ("h0", "h1", "h2", "nobody"):
        mine = {rules.credentials.ids.texts[slot] for slot in result(credentials_of(rules, holder))}
        assert mine == {f"c{n}" for n in range(5) if f"h{n % 3}" == holder}


def test_near_misses_are_said() -> None:
    rules = Rules(
        compile(
            version=1,
            zone="UTC",
            controllers=[Controller(id="c", name="C")],
            doors=[Door(id="a", name="A", controller="c")],
            access_points=[AccessPoint(id="a-in", name="In", door="a")],
            schedules=[Schedule(id="morning", name="Morning", icalendar=MORNING)],
            profiles=[AccessProfile(id="p", name="P", policies=(AccessPolicy(schedule="morning", access_point="a-in"),))],
            groups=[HolderGroup(id="g", name="G", profiles=(CredentialProfile(profile="p"),))],
            holders=[CredentialHolder(id="h", name="H", groups=("g",))],
            credentials=[Credential(id="c", name="C", holder="h", card="26:1", enabled=False, disabled_reason="lost")],
        )
    )
    found = describe(rules, 0, NOW, "a")
    assert (found.verdict, found.why) == ("no", "the credential is disabled: lost")
    way = found.ways[0]
    assert (way.verdict, way.group, way.when, way.profile) == ("now", "g", "every day 07:00-09:00", "p")
    evening = describe(rules, 0, NOW + 6 * HOUR, "a").ways[0]
    assert (evening.verdict, evening.why) == ("later", "outside the schedule")
