"""Who it is and what they must show: levels, two holders, duress, plates, faces, visitors, groups, formats."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.decision import Decision, DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import AccessPoint, DenyReason, DoorMode, SecurityLevel
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile, HolderGroup, Identifier
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.plates import plate_key
from sitewarden.domain.clock import HOUR, SECOND
from sitewarden.domain.errors import Invalid
from tests.domain.access.campus import KEY, NOON, PEOPLE, rules_of
from tests.domain.access.test_schedules import at

NIGHT = at("2026-01-05T23:00:00", "Europe/Berlin")
ALL = (CredentialProfile(profile="all"),)


def at_point(level: SecurityLevel = "card", **more: Any) -> Rules:
    point = AccessPoint(id="hall-in", name="In", door="front", authentication=level, **more.pop("point", {}))
    return rules_of(access_points=[point], **more)


def ask(rules: Rules, now: int = NOON, door: DoorContext | None = None, **request: Any) -> Decision:
    return decide(rules, Request(**{"access_point": "hall-in", **request}), door or DoorContext(), now, "test")


def holding(*identifiers: Identifier, **more: Any) -> list[Credential]:
    """Ada's credential and Ben's plain one."""
    return [
        Credential(
            id="ada-card",
            name="Ada",
            holder="ada",
            card="26:1",
            identifiers=identifiers,
            pin_hash=hash_pin(KEY, "1000"),
            profiles=ALL,
            **more,
        ),
        Credential(id="ben-card", name="Ben", holder="ben", card="26:2", profiles=ALL),
        Credential(
            id="ben-face",
            name="Ben",
            holder="ben",
            identifiers=(Identifier(type="face", value="7"), Identifier(type="licence-plate", value="B-EN 1")),
            profiles=ALL,
        ),
    ]


FACE, PLATE = Identifier(type="face", value="3f"), Identifier(type="licence-plate", value="B-AD 123")


@pytest.mark.parametrize(
    ("level", "shown", "outcome"),
    [
        ("card", {"card": "26:1"}, "granted"),
        ("card", {"biometric": "face:3f"}, DenyReason.INVALID_IDENTIFIER_VALUE),
        ("biometric", {"biometric": "face:3f"}, "granted"),
        ("biometric", {"biometric": "face:none"}, DenyReason.CREDENTIAL_NOT_FOUND),
        ("biometric", {"biometric": "26:1"}, DenyReason.CREDENTIAL_NOT_FOUND),
        ("biometric", {"biometric": "licence-plate:BAD123"}, DenyReason.CREDENTIAL_NOT_FOUND),
        ("card", {"card": "face:3f"}, DenyReason.INVALID_IDENTIFIER_VALUE),
        ("card-and-biometric", {"card": "26:1"}, "biometric"),
        ("card-and-biometric", {"biometric": "face:3f"}, "card"),
        ("card-and-biometric", {"card": "26:1", "biometric": "face:3f"}, "granted"),
        ("card-and-biometric", {"card": "26:1", "biometric": "face:7"}, DenyReason.INVALID_IDENTIFIER_VALUE),
        ("card-and-biometric", {"card": "26:99"}, DenyReason.CREDENTIAL_NOT_FOUND),
        ("card-and-biometric", {"card": "26:2", "biometric": "face:7"}, "granted"),
        ("card-or-biometric", {"biometric": "face:3f"}, "granted"),
        ("card-or-biometric", {"card": "26:1"}, "granted"),
        ("card-or-biometric", {"pin": "1000"}, DenyReason.INVALID_IDENTIFIER_VALUE),
        ("biometric-and-pin", {"biometric": "face:3f"}, "pin"),
        ("biometric-and-pin", {"biometric": "face:3f", "pin": "1000"}, "granted"),
        ("biometric-and-pin", {"biometric": "face:3f", "pin": "1001"}, DenyReason.INVALID_PIN),
        ("biometric-and-pin", {"pin": "1000"}, DenyReason.INVALID_IDENTIFIER_VALUE),
        ("licence-plate", {"licence_plate": "b ad-123"}, "granted"),
        ("licence-plate", {"licence_plate": "B-AD 124"}, DenyReason.CREDENTIAL_NOT_FOUND),
        ("licence-plate", {"licence_plate": "---"}, DenyReason.INVALID_IDENTIFIER_VALUE),
        ("card-or-licence-plate", {"card": "26:1"}, "granted"),
        ("card-and-licence-plate", {"licence_plate": "BAD123"}, "card"),
        ("card-and-licence-plate", {"licence_plate": "BAD123", "card": "26:1"}, "granted"),
        ("card-or-pin", {"card": "26:2", "pin": "1000"}, "granted"),
        ("pin", {"pin": "1000"}, "granted"),
        ("card-and-pin", {"pin": "1000"}, DenyReason.INVALID_IDENTIFIER_VALUE),
    ],
)  # fmt: skip
def test_every_level(level: SecurityLevel, shown: dict[str, str], outcome: str) -> None:
    decision = ask(at_point(level, credentials=holding(FACE, PLATE)), **shown)
    if outcome == "granted":
        assert decision.granted
        assert decision.explanation.level == level
    elif isinstance(outcome, DenyReason):
        assert (decision.reason, decision.needs) == (outcome, "")
    else:
        assert (decision.granted, decision.needs) == (False, outcome)


def test_two_cards_of_one_credential() -> None:
    rules = at_point(credentials=holding(Identifier(type="card", value="37:00f")))
    assert ask(rules, card="37:f").credential == ask(rules, card="26:1").credential == "ada-card"


def test_what_is_asked_for_follows_the_schedule() -> None:
    rules = at_point(point={"authentication_profile": "two"})
    assert ask(rules, card="26:1").granted
    night = ask(rules, now=NIGHT, card="26:1")
    assert (night.needs, night.explanation.level) == ("pin", "card-and-pin")


# -- two holders ------------------------------------------------------------------------------------------------------


def first_then(rules: Rules, second: str, after: float, pin: str = "1001") -> Decision:
    first = ask(rules, now=NIGHT, card="26:1", pin="1000")
    assert (first.granted, first.needs, first.explanation.rule) == (False, "second", "dual-credential")
    then = NIGHT + round(after * SECOND)
    return ask(rules, now=then, card=second, pin=pin, first=first.credential, first_at=NIGHT)


def test_two_holders_within_the_window_are_let_in_together() -> None:
    both = first_then(at_point(point={"authentication_profile": "two"}), "26:2", 15)
    assert (both.granted, both.first_holder, both.holder) == (True, "ada", "ben")
    assert (both.first_credential, both.credential) == ("ada-card", "ben-card")


@pytest.mark.parametrize(
    ("second", "after", "pin", "reason"),
    [
        ("26:2", 15.1, "1001", DenyReason.DUAL_CREDENTIAL_TIMEOUT),
        ("26:2", -1, "1001", DenyReason.DUAL_CREDENTIAL_TIMEOUT),
        ("26:1", 5, "1000", DenyReason.UNAUTHORIZED),
        ("26:2", 5, "9999", DenyReason.INVALID_PIN),
        ("26:99", 5, "1000", DenyReason.CREDENTIAL_NOT_FOUND),
    ],
)
def test_a_second_who_does_not_do(second: str, after: float, pin: str, reason: DenyReason) -> None:
    decision = first_then(at_point(point={"authentication_profile": "two"}), second, after, pin)
    assert (decision.granted, decision.reason, decision.needs) == (False, reason, "")


def test_the_first_must_still_be_allowed_when_the_second_comes() -> None:
    rules = at_point(point={"authentication_profile": "two"})
    gone = rules.delta(9, credentials_gone=["ada-card"])
    first = ask(rules, now=NIGHT, card="26:1", pin="1000")
    off = rules.delta(9, credentials=[msgspec.structs.replace(rules.credentials.row(0), flags=0)])
    for delta, reason in ((off, DenyReason.CREDENTIAL_NOT_ENABLED), (gone, DenyReason.UNAUTHORIZED)):
        other = at_point(point={"authentication_profile": "two"})
        other.apply(delta)
        second = ask(other, now=NIGHT + SECOND, card="26:2", pin="1001", first=first.credential, first_at=NIGHT)
        assert (second.granted, second.reason) == (False, reason)


# -- PINs under duress ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "card"), [("card-and-pin", "26:1"), ("pin", ""), ("card-or-pin", "")])
def test_a_duress_pin_opens_and_calls_for_help(level: SecurityLevel, card: str) -> None:
    rules = at_point(level, credentials=holding(duress_pin_hash=hash_pin(KEY, "6666")))
    calm, forced = ask(rules, card=card, pin="1000"), ask(rules, card=card, pin="6666")
    assert (calm.granted, calm.duress) == (True, False)
    assert (forced.granted, forced.duress) == (True, True)
    assert calm.explanation == forced.explanation, "nothing at the door may show it"


# -- people -----------------------------------------------------------------------------------------------------------


def test_a_visitor_has_an_end_whatever_the_card_says() -> None:
    visitor = CredentialHolder(id="ada", name="Ada", kind="visitor", host="ben", valid_from=NOON, valid_to=NOON + HOUR)
    rules = at_point(holders=[visitor, CredentialHolder(id="ben", name="Ben")], credentials=holding())
    assert ask(rules, card="26:1").granted
    early, late = ask(rules, now=NOON - 1, card="26:1"), ask(rules, now=NOON + HOUR, card="26:1")
    assert (early.reason, early.explanation.rule) == (DenyReason.CREDENTIAL_NOT_ACTIVE, "holder-valid")
    assert (late.reason, late.explanation.text) == (
        DenyReason.CREDENTIAL_EXPIRED,
        "the time of the visitor ended at 2026-01-05 12:00 UTC",
    )


def test_a_group_gives_its_profiles_to_its_members_while_they_are_valid() -> None:
    groups = [HolderGroup(id="guards", name="G", profiles=(CredentialProfile(profile="all", valid_to=NOON + HOUR),))]
    bare = [Credential(id=f"{id_}-card", name=id_, holder=id_, card=f"26:{number + 1:x}") for number, id_ in enumerate(PEOPLE)]
    rules = at_point(groups=groups, credentials=bare)
    assert [ask(rules, card=card).granted for card in ("26:1", "26:2", "26:3")] == [True, True, False]
    assert ask(rules, now=NOON + HOUR, card="26:1").explanation.rule == "profile-valid"


def test_a_reader_of_given_formats_refuses_other_cards_before_it_looks_for_them() -> None:
    formats = [CardFormat(id="hid", name="HID 26", kind="h10301")]
    rules = at_point(
        formats=formats, point={"card_formats": ("hid",)}, credentials=holding(Identifier(type="card", value="26:2ec0c86"))
    )
    assert ask(rules, card="26:2ec0c86").granted
    assert ask(rules, card="26:1").granted is True, "one bit set is an odd parity, and no even one"
    wrong = ask(rules, card="26:3")
    assert (wrong.reason, wrong.explanation.text) == (
        DenyReason.INVALID_IDENTIFIER_VALUE,
        "a card of 26 bits does not fit HID 26",
    )


def test_the_explanation_tells_whose_mode_shut_the_door() -> None:
    door = DoorContext(mode=DoorMode.LOCKED_DOWN, priority="emergency")
    refused = ask(at_point(), door=door, card="26:1")
    assert (refused.explanation.text, refused.explanation.door_mode) == (
        "the door is locked down",
        "locked-down (emergency)",
    )
    unlocked = ask(at_point(), door=DoorContext(mode=DoorMode.UNLOCKED, priority="scheduled"), card="26:1")
    assert (unlocked.granted, unlocked.explanation.door_mode) == (True, "unlocked (scheduled)")


@pytest.mark.parametrize("text", ["", " - ", "A" * 17])
def test_what_is_no_plate(text: str) -> None:
    with pytest.raises(Invalid):
        plate_key(text)


def test_the_campus_is_one_that_the_other_tests_may_trust() -> None:
    assert all(ask(rules_of(), card=f"26:{number + 1:x}").granted for number in range(len(PEOPLE)))
