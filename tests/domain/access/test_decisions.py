"""Decisions: each reason by a case, and properties over random sites, among them that a snapshot decides as its original does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import Decision, DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import AccessPoint, Controller, DenyReason, Door, DoorMode
from sitewarden.domain.access.packing import pack as pack_raw
from sitewarden.domain.access.packing import unpack
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.access.snapshot import FORMAT, Packed, Snapshot
from sitewarden.domain.clock import DAY, HOUR
from sitewarden.domain.errors import Invalid
from tests.domain.access.test_schedules import OFFICE, at

KEY = b"k" * 32
NOON = at("2026-01-05T12:00:00", "Europe/Berlin")
NIGHT = at("2026-01-05T23:00:00", "Europe/Berlin")
LINK = CredentialProfile(profile="staff")


def pack(snapshot: Snapshot) -> Packed:
    return Rules(snapshot).packed()


def credential(id_: str, card: str, **more: Any) -> Credential:
    return Credential(
        id=id_, name=id_, holder=more.pop("holder", "ada"), card=card, profiles=more.pop("profiles", (LINK,)), **more
    )


def site(*credentials: Credential, version: int = 5) -> Snapshot:
    points = [("front", "card"), ("vault", "card-and-pin"), ("gate", "pin"), ("side", "card-or-pin")]
    return compile(
        version=version,
        zone="Europe/Berlin",
        pin_key=KEY,
        controllers=[Controller(id="c1", name="C1")],
        doors=[Door(id="main", name="Main", controller="c1")],
        access_points=[
            *(AccessPoint(id=id_, name=id_, door="main", reader=n, authentication=how) for n, (id_, how) in enumerate(points)),
            AccessPoint(id="off", name="Off", door="main", reader=9, enabled=False),
            AccessPoint(id="lonely", name="Lonely", door="main", reader=8),
        ],
        schedules=[Schedule(id="office", name="Office hours", icalendar=OFFICE), Schedule(id="always", name="Always")],
        profiles=[
            AccessProfile(
                id="staff", name="Staff", policies=tuple(AccessPolicy(schedule="office", access_point=id_) for id_, _ in points)
            ),
            AccessProfile(id="guard", name="Guard", policies=(AccessPolicy(schedule="always", access_point="front"),)),
            AccessProfile(id="old", name="Old", enabled=False, policies=(AccessPolicy(schedule="always", access_point="front"),)),
        ],
        holders=[CredentialHolder(id="ada", name="Ada"), CredentialHolder(id="bob", name="Bob", enabled=False)],
        credentials=credentials,
    )


SITE = site(
    credential("c-ok", "26:1", pin_hash=hash_pin(KEY, "2468"), extended_grant_time=True),
    credential("c-guard", "26:2", profiles=(LINK, CredentialProfile(profile="guard"))),
    credential("c-off", "26:3", enabled=False, disabled_reason="lost"),
    credential("c-bob", "26:4", holder="bob"),
    credential("c-soon", "26:5", valid_from=NIGHT),
    credential("c-gone", "26:6", valid_to=NOON),
    credential("c-none", "26:7", profiles=()),
    credential("c-link", "26:8", profiles=(CredentialProfile(profile="guard", valid_to=NOON),)),
    credential("c-old", "26:9", profiles=(CredentialProfile(profile="old"),)),
    credential("c-long", "37:1"),
)


def ask(now: int = NOON, mode: DoorMode = DoorMode.LOCKED, rules: Rules | None = None, **request: Any) -> Decision:
    return decide(rules or Rules(SITE), Request(**{"access_point": "front", **request}), DoorContext(mode=mode), now, "server")


@pytest.mark.parametrize(
    ("case", "reason", "rule"),
    [
        ({"card": "26:1"}, None, "granted"),
        ({"card": "26:1", "now": NIGHT}, DenyReason.NOT_PERMITTED_AT_THIS_TIME, "schedule"),
        ({"card": "26:2", "now": NIGHT}, None, "granted"),
        ({"card": "37:1"}, None, "granted"),
        ({"card": "26:99"}, DenyReason.CREDENTIAL_NOT_FOUND, "credential-known"),
        ({"card": "34:1"}, DenyReason.CREDENTIAL_NOT_FOUND, "credential-known"),
        ({"card": "nonsense"}, DenyReason.INVALID_IDENTIFIER_VALUE, "identifier"),
        ({"card": "26:3"}, DenyReason.CREDENTIAL_NOT_ENABLED, "credential-enabled"),
        ({"card": "26:4"}, DenyReason.CREDENTIAL_NOT_ENABLED, "holder-enabled"),
        ({"card": "26:5"}, DenyReason.CREDENTIAL_NOT_ACTIVE, "credential-valid"),
        ({"card": "26:6"}, DenyReason.CREDENTIAL_EXPIRED, "credential-valid"),
        ({"card": "26:6", "now": NOON - 1}, None, "granted"),
        ({"card": "26:7"}, DenyReason.UNAUTHORIZED, "right"),
        ({"card": "26:8"}, DenyReason.NOT_PERMITTED_AT_THIS_TIME, "profile-valid"),
        ({"card": "26:9"}, DenyReason.UNAUTHORIZED, "profile-enabled"),
        ({"card": "26:1", "access_point": "lonely"}, DenyReason.UNAUTHORIZED, "right"),
        ({"card": "26:1", "access_point": "off"}, DenyReason.OTHER, "access-point"),
        ({"card": "26:1", "access_point": "nowhere"}, DenyReason.OTHER, "access-point"),
        ({"card": "26:1", "mode": DoorMode.BLOCKED}, DenyReason.DOOR_BLOCKED, "door-mode"),
        ({"card": "26:1", "mode": DoorMode.LOCKED_DOWN}, DenyReason.DOOR_LOCKED_DOWN, "door-mode"),
        ({"card": "26:99", "mode": DoorMode.LOCKED_DOWN}, DenyReason.CREDENTIAL_NOT_FOUND, "credential-known"),
        ({"card": "26:1", "access_point": "vault", "pin": "2468"}, None, "granted"),
        ({"card": "26:1", "access_point": "vault", "pin": "2469"}, DenyReason.INVALID_PIN, "pin"),
        ({"card": "26:2", "access_point": "vault", "pin": "2468"}, DenyReason.INVALID_PIN, "pin"),
        ({"pin": "2468", "access_point": "gate"}, None, "granted"),
        ({"pin": "1357", "access_point": "gate"}, DenyReason.INVALID_PIN, "credential-known"),
        ({"card": "26:1", "access_point": "gate"}, DenyReason.INVALID_IDENTIFIER_VALUE, "identifier"),
        ({"pin": "2468", "access_point": "side"}, None, "granted"),
        ({"card": "26:1", "access_point": "side"}, None, "granted"),
        ({"pin": "2468"}, DenyReason.INVALID_IDENTIFIER_VALUE, "identifier"),
        ({}, DenyReason.INVALID_IDENTIFIER_VALUE, "identifier"),
    ],
)  # fmt: skip
def test_every_reason(case: dict[str, Any], reason: DenyReason | None, rule: str) -> None:
    decision = ask(**case)
    assert (decision.granted, decision.reason, decision.explanation.rule) == (reason is None, reason, rule)
    assert decision.explanation.text
    assert (decision.explanation.snapshot, decision.explanation.decided_by) == (5, "server")


def test_the_explanation_names_profile_and_schedule() -> None:
    granted = ask(card="26:1")
    assert (granted.holder, granted.credential, granted.extended) == ("ada", "c-ok", True)
    assert (granted.explanation.profile, granted.explanation.schedule) == ("staff", "office")
    refused = ask(card="26:1", now=NIGHT)
    assert refused.explanation.text == "outside Office hours of profile Staff"
    assert ask(card="26:3").explanation.text == "the credential is disabled: lost"


def test_a_missing_pin_is_asked_for_and_only_from_whom_it_would_let_in() -> None:
    assert ask(card="26:1", access_point="vault").needs == "pin"
    assert ask(card="26:1", access_point="vault", now=NIGHT).needs == ""
    assert ask(card="26:1").needs == ""


def test_duress_is_carried_with_the_grant() -> None:
    assert ask(card="26:1", duress=True).duress
    assert ask(card="26:1", duress=True).granted


def test_two_with_the_same_pin_are_nobody() -> None:
    rules = Rules(site(*(credential(f"c{n}", f"26:{n}", pin_hash=hash_pin(KEY, "1111")) for n in (1, 2))))
    assert ask(rules=rules, access_point="gate", pin="1111").reason is DenyReason.INVALID_PIN


def test_no_snapshot_shows_a_pin() -> None:
    assert b"2468" not in msgspec.msgpack.encode(SITE)


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "١٢٣٤"])
def test_what_is_no_pin(pin: str) -> None:
    with pytest.raises(Invalid):
        hash_pin(KEY, pin)


def test_a_snapshot_travels_whole_or_is_refused() -> None:
    packed = pack(SITE)
    assert unpack(packed.data) == SITE
    assert pack(site(*[])).digest != packed.digest
    for cut in (0, 1, len(packed.data) // 2, len(packed.data) - 1):
        with pytest.raises(Invalid):
            unpack(packed.data[:cut])


@pytest.mark.parametrize(
    "change",
    [
        {"format": FORMAT + 1},
        {"tables": msgspec.structs.replace(SITE.tables, doors=())},
        {"tables": msgspec.structs.replace(SITE.tables, schedules=())},
        {"tables": msgspec.structs.replace(SITE.tables, zone="Nowhere/Here")},
        {"holders": msgspec.structs.replace(SITE.holders, ids=SITE.holders.ids[::-1])},
        {"holders": msgspec.structs.replace(SITE.holders, sets=())},
        {"credentials": msgspec.structs.replace(SITE.credentials, sets=())},
        {"credentials": msgspec.structs.replace(SITE.credentials, flags=b"")},
        {"credentials": msgspec.structs.replace(SITE.credentials, pins={99: b"x" * 16})},
    ],
)
def test_a_snapshot_that_does_not_hold_together_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        unpack(pack_raw(msgspec.structs.replace(SITE, **change), "").data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_snapshot_or_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        unpack(data)


@settings(deadline=None)
@given(
    st.integers(0, 20),
    st.integers(NOON - 400 * DAY, NOON + 400 * DAY),
    st.sampled_from(DoorMode),
    st.sampled_from(["front", "vault", "gate"]),
)
def test_the_controller_decides_as_the_server(card: int, now: int, mode: DoorMode, point: str) -> None:
    server, controller = Rules(SITE), Rules(unpack(pack(SITE).data))
    request = {"card": f"26:{card:x}", "access_point": point, "pin": "2468"}
    assert ask(rules=server, now=now, mode=mode, **request) == ask(rules=controller, now=now, mode=mode, **request)


@settings(deadline=None)
@given(st.integers(NOON - 30 * DAY, NOON + 30 * DAY), st.integers(-DAY, DAY), st.integers(1, 2 * DAY))
def test_nobody_passes_outside_the_validity(now: int, begin: int, length: int) -> None:
    card = credential(
        "c", "26:1", valid_from=NOON + begin, valid_to=NOON + begin + length, profiles=(CredentialProfile(profile="guard"),)
    )
    decision = ask(rules=Rules(site(card)), now=now, card="26:1")
    assert decision.granted is (NOON + begin <= now < NOON + begin + length)


def test_the_order_of_entities_changes_nothing() -> None:
    one, two = credential("a", "26:1"), credential("b", "26:002")
    assert pack(site(one, two)) == pack(site(two, one))


def test_what_refers_to_nothing_opens_nothing() -> None:
    stray = credential("c", "26:1", profiles=(CredentialProfile(profile="nowhere"),))
    assert ask(rules=Rules(site(stray)), card="26:1").reason is DenyReason.UNAUTHORIZED
    assert ask(rules=Rules(site(credential("c", "26:1", holder="nobody"))), card="26:1").reason is DenyReason.CREDENTIAL_NOT_FOUND


def test_hours_are_hours() -> None:
    assert ask(card="26:1", now=NOON + 4 * HOUR).granted
    assert ask(card="26:1", now=NOON + 5 * HOUR).reason is DenyReason.NOT_PERMITTED_AT_THIS_TIME


@pytest.mark.parametrize("moment", [-(1 << 80), -1, 1 << 62, 1 << 80])
def test_a_validity_beyond_all_time_is_borne(moment: int) -> None:
    card = credential("c", "26:1", valid_to=moment, profiles=(CredentialProfile(profile="guard", valid_from=moment),))
    decision = ask(rules=Rules(unpack(pack(site(card)).data)), card="26:1")
    assert not decision.granted
    assert decision.explanation.text
