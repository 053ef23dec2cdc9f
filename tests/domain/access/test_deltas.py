"""Deltas: what a chain of them leads to is what a fresh compilation says, byte for byte; what does not fit changes nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.access.compiler import compile, credential_row, holder_row
from sitewarden.domain.access.decision import DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.packing import pack_delta, unpack, unpack_delta
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile, HolderGroup, Identifier
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile
from sitewarden.domain.access.snapshot import CredentialRow, Delta, HolderRow, Snapshot
from sitewarden.domain.clock import DAY
from sitewarden.domain.errors import Conflict, Invalid
from tests.domain.access.campus import KEY, NOON, POINTS, entities, rules_of

People = tuple[dict[str, CredentialHolder], dict[str, Credential]]

moments = st.none() | st.integers(-3, 3).map(lambda days: NOON + days * DAY)
links = st.lists(st.builds(CredentialProfile, profile=st.sampled_from(["all", "night", "none"]), valid_to=moments), max_size=2)
faces = st.lists(st.sampled_from(["1", "2"]), max_size=1)


@st.composite
def peoples(draw: st.DrawFn) -> People:
    """Holders and credentials that fit each other: each holder exists, and no key stands twice."""
    groups = st.lists(st.sampled_from(["guards", "staff"]), max_size=2).map(tuple)
    holders = {
        id_: CredentialHolder(id=id_, name=id_, enabled=draw(st.booleans()), groups=draw(groups), valid_to=draw(moments))
        for id_ in draw(st.lists(st.sampled_from("abcd"), unique=True))
    }
    credentials: dict[str, Credential] = {}
    cards = iter(draw(st.permutations(range(1, 9))))
    for id_ in draw(st.lists(st.sampled_from("stuvwx"), unique=True)) if holders else ():
        card = f"26:{next(cards):x}" if draw(st.booleans()) else ""
        face = [Identifier(type="face", value=f"{id_}{face}") for face in draw(faces)]
        pin = draw(st.sampled_from(["", "", "1111", "2222", "3333"]))
        credentials[id_] = Credential(
            id=id_,
            name=id_,
            holder=draw(st.sampled_from(sorted(holders))),
            card=card,
            identifiers=tuple(face),
            enabled=draw(st.booleans()),
            disabled_reason=draw(st.sampled_from(["", "lost"])),
            pin_hash=hash_pin(KEY, pin) if pin else "",
            duress_pin_hash=hash_pin(KEY, "9999") if draw(st.booleans()) else "",
            profiles=tuple(draw(links)),
            valid_to=draw(moments),
        )
    return holders, credentials


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    points = draw(st.lists(st.sampled_from(sorted(POINTS)), unique=True))
    schedule = draw(st.sampled_from(["always", "office"]))
    return {
        "profiles": [
            AccessProfile(
                id="all", name="All", policies=tuple(AccessPolicy(schedule=schedule, access_point=point) for point in points)
            ),
            *([AccessProfile(id="night", name="N", enabled=draw(st.booleans()))] if draw(st.booleans()) else []),
        ],
        "groups": [HolderGroup(id=id_, name=id_) for id_ in draw(st.lists(st.sampled_from(["guards", "staff"]), unique=True))],
    }


def snapshot(people: People, more: dict[str, Any], version: int) -> Snapshot:
    found = entities(**more, holders=list(people[0].values()), credentials=list(people[1].values()))
    return compile(version=version, zone="Europe/Berlin", pin_key=KEY, **found)


def change(rules: Rules, people: People, more: dict[str, Any], version: int) -> Delta:
    """Return what leads to a site, as the rulebook finds it: what is there now is put, what was there and is not goes."""
    holders, credentials = people
    return rules.delta(
        version,
        tables=snapshot(people, more, version).tables,
        holders=map(holder_row, holders.values()),
        holders_gone=set("abcd") - holders.keys(),
        credentials=map(credential_row, credentials.values()),
        credentials_gone=set("stuvwx") - credentials.keys(),
    )


def asked(rules: Rules) -> list[Any]:
    cards = [Request(access_point=point, card=f"26:{number:x}") for point in ("hall-in", "vault-in") for number in range(1, 9)]
    faces = [Request(access_point="hall-in", biometric=f"face:{id_}1") for id_ in "stuvwx"]
    return [decide(rules, request, DoorContext(), NOON) for request in (*cards, *faces)]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(peoples(), tables()), min_size=2, max_size=5))
def test_a_chain_of_deltas_leads_to_what_a_fresh_compilation_says(sites: list[tuple[People, dict[str, Any]]]) -> None:
    rules = Rules(snapshot(*sites[0], version=1))
    far = Rules(unpack(rules.packed().data))
    for version, (people, more) in enumerate(sites[1:], 2):
        delta = change(rules, people, more, version)
        rules.apply(delta)
        far.apply(unpack_delta(pack_delta(delta).data))
        fresh = Rules(snapshot(people, more, version))
        assert rules.digest == far.digest == fresh.digest
        assert rules.packed() == far.packed() == fresh.packed()
        assert asked(rules) == asked(far) == asked(fresh)
        assert rules.credentials.by_pin.keys() == fresh.credentials.by_pin.keys()
        assert rules.count == fresh.count


@settings(deadline=None, max_examples=30)
@given(peoples(), peoples(), tables())
def test_a_delta_of_what_is_so_already_is_empty(before: People, after: People, more: dict[str, Any]) -> None:
    rules = Rules(snapshot(before, more, 1))
    rules.apply(change(rules, after, more, 2))
    again = change(rules, after, more, 3)
    assert again.before == again.after
    assert (again.tables, again.holders, again.credentials, again.holders_gone, again.credentials_gone) == (None, (), (), (), ())


@settings(deadline=None, max_examples=30)
@given(peoples(), peoples(), tables())
def test_a_delta_fits_one_state_of_the_rules_alone(one: People, two: People, more: dict[str, Any]) -> None:
    rules, other = Rules(snapshot(one, more, 1)), Rules(snapshot(two, more, 1))
    delta = change(rules, two, more, 2)
    if other.digest != rules.digest:
        before = other.packed()
        with pytest.raises(Conflict):
            other.apply(delta)
        assert other.packed() == before


ROW = CredentialRow("new", "ada", ("26:99",), 1, 0, 1, ())
BROKEN: list[dict[str, Any]] = [
    {"credentials": (msgspec.structs.replace(ROW, holder="nobody"),)},
    {"credentials": (msgspec.structs.replace(ROW, keys=("26:1",)),)},
    {"credentials": (ROW, msgspec.structs.replace(ROW, id="newer"))},
    {"credentials": (ROW, msgspec.structs.replace(ROW, keys=()))},
    {"credentials": (ROW,), "holders_gone": ("ada",), "credentials_gone": ("ada-card",)},
    {"holders": (HolderRow("dora", 0, 0, 0, ()),), "holders_gone": ("dora",)},
]


@pytest.mark.parametrize("fields", BROKEN)
def test_a_delta_that_does_not_hold_together_changes_nothing(fields: dict[str, Any]) -> None:
    rules = rules_of()
    before = rules.packed()
    honest = rules.delta(9, **fields)
    with pytest.raises(Conflict):
        rules.apply(honest)
    with pytest.raises(Conflict):
        rules.apply(msgspec.structs.replace(honest, after="0" * 32))
    assert rules.packed() == before


def test_keys_may_change_hands_in_one_delta() -> None:
    rules = rules_of()
    swapped = [
        msgspec.structs.replace(rules.credentials.row(place), keys=rules.credentials.row(1 - place).keys) for place in (0, 1)
    ]
    rules.apply(rules.delta(9, credentials=swapped))
    assert decide(rules, Request(access_point="hall-in", card="26:1"), DoorContext(), NOON).holder == "ben"
    assert decide(rules, Request(access_point="hall-in", card="26:2"), DoorContext(), NOON).holder == "ada"


def test_the_version_is_told_with_each_decision() -> None:
    rules = rules_of()
    ask = Request(access_point="hall-in", card="26:1")
    assert decide(rules, ask, DoorContext(), NOON).explanation.snapshot == 3
    rules.apply(rules.delta(9, holders=[HolderRow("zoe", 1, 0, 0, ())]))
    assert decide(rules, ask, DoorContext(), NOON).explanation.snapshot == 9


@given(st.binary(max_size=200))
def test_any_bytes_are_a_delta_or_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        unpack_delta(data)


def test_a_cut_delta_is_refused() -> None:
    rules = rules_of()
    data = pack_delta(rules.delta(9, credentials=[ROW])).data
    for cut in range(len(data)):
        with pytest.raises(Invalid):
            unpack_delta(data[:cut])


def test_a_digest_follows_no_order_and_every_row() -> None:
    rules = rules_of()
    digests = {rules.digest}
    for row in (ROW, msgspec.structs.replace(ROW, keys=("26:98",)), msgspec.structs.replace(ROW, disabled="lost")):
        rules.apply(rules.delta(9, credentials=[row]))
        digests.add(rules.digest)
    assert len(digests) == 4
    rules.apply(rules.delta(10, credentials_gone=["new"]))
    assert rules.digest == rules_of().digest
