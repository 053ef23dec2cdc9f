"""A replay tells what a draft changes, and nothing where it changes nothing; over random sites and histories, and in scenes."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, AuthenticationPolicy, AuthenticationProfile, Schedule
from sitewarden.domain.access.what_if import SHOWN, Happened, Outcomes, Replay
from sitewarden.domain.access.zones import AntipassbackZone
from tests.domain.access.test_questions import NOW, POINTS, _site

HOUR = 3_600_000_000
KEY = b"k" * 32


def recorded(rules: Rules, seq: int, point: str, card: str, time: int) -> Happened:
    """The event that a controller with these rules makes of a card."""
    made = decide(rules, Request(access_point=point, card=card), DoorContext(), time)
    data: dict[str, Any] = {
        "access_point": point,
        "door": point[0],
        "holder": made.holder or None,
        "credential": made.credential or None,
        "format": "26-bit",
        "explanation": msgspec.to_builtins(made.explanation),
        "unwatched": True,
    }
    if not made.granted:
        data |= {"reason": str(made.reason), **({} if made.credential else {"card": card})}
    return Happened(seq, "access.granted" if made.granted else "access.denied", time, "", data)


def replayed(before: Rules, after: Rules, events: list[Happened], start: int = 0) -> Outcomes:
    replay = Replay(before, after, start)
    for event in events:
        replay.take(event)
    return replay.done()


_card = st.integers(1, 7).map(lambda n: f"26:{n:x}")
_time = st.integers(-3, 3).map(lambda hour: NOW + hour * HOUR)
_history = st.lists(st.tuples(st.sampled_from(POINTS), _card, _time), max_size=20)


@settings(deadline=None, max_examples=60)
@given(_site(), _site(), _history)
def test_differences_are_those_of_the_engine(before: Rules, after: Rules, history: list[tuple[str, str, int]]) -> None:
    events = [recorded(before, seq, *one) for seq, one in enumerate(history)]
    same = replayed(before, before, events)
    assert (same.same, same.differences, same.changed_since, same.left_out) == (len(events), [], 0, 0)
    found = replayed(before, after, events)
    wanted = []
    for seq, (point, card, time) in enumerate(history):
        one, two = (decide(rules, Request(access_point=point, card=card), DoorContext(), time) for rules in (before, after))
        if one.granted is not two.granted:
            wanted.append((seq, one.granted, two.granted))
    told = [(one.seq, one.before.outcome == "granted", one.after.outcome == "granted") for one in found.differences]
    assert told == wanted and found.requests == len(events) and found.left_out == 0
    assert sum(one.granted + one.denied + one.asks for one in found.doors) == len(wanted)


def site(
    *zones: AntipassbackZone, level: Any = "card", icalendar: str = "", cards: tuple[str, ...] = ("26:1",), count: int = 1
) -> Rules:
    profile = AuthenticationProfile(id="a", name="A", policies=(AuthenticationPolicy(schedule="always", level=level),))
    return Rules(
        compile(
            version=1,
            zone="UTC",
            pin_key=KEY,
            controllers=[Controller(id="c", name="C")],
            areas=[Area(id="in", name="In"), Area(id="out", name="Out")],
            doors=[Door(id="d", name="D", controller="c")],
            access_points=[
                AccessPoint(id=id_, name=id_, door="d", reader=n, area_from=frm, area_to=to, authentication_profile="a")
                for n, (id_, frm, to) in enumerate([("d-in", "out", "in"), ("d-out", "in", "out")])
            ],
            schedules=[Schedule(id="always", name="Always", icalendar=icalendar)],
            authentications=[profile],
            profiles=[
                AccessProfile(
                    id="p",
                    name="P",
                    policies=tuple(AccessPolicy(schedule="always", access_point=point) for point in ("d-in", "d-out")),
                )
            ],
            zones=zones,
            holders=[CredentialHolder(id="ada", name="Ada")],
            credentials=[
                Credential(
                    id=f"ada-{n}",
                    name="A",
                    holder="ada",
                    card=card,
                    pin_hash=hash_pin(KEY, f"471{n}"),
                    profiles=(CredentialProfile(profile="p"),),
                )
                for n, card in enumerate(cards)
            ],
        )
    )


def test_a_draft_zone_keeps_its_own_count_of_who_is_where() -> None:
    before, zone = site(), AntipassbackZone(id="z", name="Z", areas=("in",))
    points = ["d-in", "d-in", "d-out", "d-in"]
    events = [recorded(before, n, point, "26:1", NOW + n * HOUR) for n, point in enumerate(points)]
    found = replayed(before, site(zone), events)
    assert [(one.seq, one.after.reason) for one in found.differences] == [(1, "antipassback-violation")]
    assert [(one.id, one.denied) for one in found.holders] == [("ada", 1)]
    later = replayed(before, site(zone), events, start=NOW + HOUR)
    assert [one.seq for one in later.differences] == [1] and later.requests == 3, "what was before tells where people are"


def test_who_did_not_go_through_is_not_in() -> None:
    before, zone = site(), AntipassbackZone(id="z", name="Z", areas=("in",))
    first, second = (recorded(before, n, "d-in", "26:1", NOW + n * HOUR) for n in (0, 2))
    for event in (first, second):
        event.data["unwatched"] = False
    gone = Happened(1, "access.not-taken", NOW + HOUR, "", {"access_point": "d-in", "holder": "ada", "door": "d"})
    assert replayed(before, site(zone), [first, gone, second]).differences == []
    came = Happened(1, "access.taken", NOW + HOUR, "", gone.data)
    assert len(replayed(before, site(zone), [first, came, second]).differences) == 1


def test_a_pin_that_the_draft_asks_for_is_told_and_a_wrong_one_stays_wrong() -> None:
    plain, both = site(), site(level="card-and-pin")
    asked = replayed(plain, both, [recorded(plain, 0, "d-in", "26:1", NOW)])
    assert [(one.after.outcome, one.after.reason) for one in asked.differences] == [("asks", "invalid-pin")]
    wrong = recorded(both, 0, "d-in", "26:1", NOW)
    assert wrong.data["reason"] == "invalid-pin"
    freed = replayed(both, plain, [wrong])
    assert [(one.before.text, one.after.outcome) for one in freed.differences] == [("the PIN is wrong", "granted")]


def test_a_pin_alone_is_left_out_and_a_new_card_is_let_in() -> None:
    before, after = site(), site(cards=("26:1", "26:9"))
    alone = Happened(0, "access.granted", NOW, "", {"access_point": "d-in", "door": "d", "credential": "ada-0", "format": "pin"})
    found = replayed(before, after, [alone, recorded(before, 1, "d-in", "26:9", NOW)])
    assert (found.left_out, found.granted, [one.holder for one in found.differences]) == (1, 1, ["ada"])


def test_differences_are_bounded_and_all_counted() -> None:
    before = site()
    after = site(icalendar="BEGIN:VEVENT\r\nDTSTART:20200101T000000\r\nDTEND:20200101T010000\r\nEND:VEVENT\r\n")
    events = [recorded(before, n, "d-in", "26:1", NOW + n) for n in range(SHOWN + 50)]
    found = replayed(before, after, events)
    assert (found.denied, len(found.differences)) == (SHOWN + 50, SHOWN)
