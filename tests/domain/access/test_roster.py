"""A table of people: what is read comes out again, what is wrong is said by line and column, modes do what they say."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.access.formats import H10301
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile, Identifier
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.roster.changes import Mode
from sitewarden.domain.access.roster.fields import Known
from sitewarden.domain.access.roster.plan import Plan, plan
from sitewarden.domain.access.roster.reading import decoded, lines
from sitewarden.domain.access.roster.writing import table
from sitewarden.domain.errors import Refusal
from sitewarden.domain.tabular import FORMULA, safe

ZONE = ZoneInfo("Europe/Berlin")
KEY = b"k" * 32
DAY = 86_400_000_000
ADA = CredentialHolder(id="ada", name="Ada", company="Works", groups=("staff",), custom={"floor": "2"})
CARD = Credential(
    id="ada-card",
    name="Ada",
    holder="ada",
    card="26:1",
    pin_hash=hash_pin(KEY, "4711"),
    profiles=(CredentialProfile(profile="day"),),
)


def known(*entities: CredentialHolder | Credential) -> Known:
    return Known(
        holders={one.id: one for one in entities if isinstance(one, CredentialHolder)},
        credentials={one.id: one for one in entities if isinstance(one, Credential)},
        groups=frozenset({"staff", "guests"}),
        profiles=frozenset({"day", "night"}),
        areas=frozenset({"lobby"}),
        formats={},
        zone=ZONE,
        pin_key=KEY,
    )


def planned(text: str, site: Known | None = None, mode: Mode = "merge") -> Plan:
    return plan(lines(text), site or known(), mode)


def wrong(made: Plan) -> list[tuple[int, str]]:
    return [(error.line, error.column) for error in made.errors]


def written(holders: Sequence[CredentialHolder], credentials: Sequence[Credential]) -> str:
    by_holder: dict[str, list[Credential]] = {}
    for one in credentials:
        by_holder.setdefault(one.holder, []).append(one)
    return "".join(table(holders, by_holder, ZONE))


# -- what goes out comes in ---------------------------------------------------------------------------------------------

_text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=20)
_moment = st.none() | st.integers(0, 60_000 * DAY)
_holder = st.builds(
    lambda number, name, company, description, groups, tags, begin, length, custom, flags: CredentialHolder(
        id=f"p-{number}",
        name=name,
        company=company,
        description=description,
        groups=tuple(sorted(groups)),
        tags=tuple(sorted(tags)),
        valid_from=begin,
        valid_to=None if begin is None else begin + length,
        custom=custom,
        enabled=flags[0],
        antipassback_exempt=flags[1],
    ),
    st.integers(0, 30),
    _text,
    _text | st.just(""),
    _text | st.just(""),
    st.sets(st.sampled_from(["staff", "guests"])),
    st.sets(st.sampled_from(["vip", "=1+1", "-x"])),
    _moment,
    st.integers(1, 4_000 * DAY),
    st.dictionaries(st.sampled_from(["floor", "Kostenstelle", "a b"]), _text, max_size=3),
    st.tuples(st.booleans(), st.booleans()),
)


@settings(deadline=None, max_examples=50)
@given(st.lists(_holder, max_size=6, unique_by=lambda one: one.id), st.data())
def test_a_written_table_changes_nothing_and_rebuilds_a_site(holders: list[CredentialHolder], data: Any) -> None:
    credentials = []
    for number, holder in enumerate(holders):
        for part in range(data.draw(st.integers(0, 2))):
            begin = data.draw(_moment)
            credentials.append(
                Credential(
                    id=f"c-{number}-{part}",
                    name=data.draw(_text),
                    holder=holder.id,
                    card=f"37:{number * 10 + part + 1:x}",
                    identifiers=data.draw(st.just(()) | st.just((Identifier(type="face", value=f"f{number}{part}"),))),
                    valid_from=begin,
                    extended_grant_time=data.draw(st.booleans()),
                    profiles=data.draw(st.sampled_from([(), (CredentialProfile(profile="day", valid_to=begin),)])),
                )
            )
    text = written(holders, credentials)
    site = known(*holders, *credentials)
    for mode in ("keep", "overwrite", "merge"):
        made = plan(lines(decoded(text.encode("utf-8-sig"))), site, mode)
        assert not made.errors
        assert not made.holders and not made.credentials
    made = planned(text)
    assert not made.errors
    assert made.holders == site.holders
    assert made.credentials == site.credentials


@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_cell_is_a_formula_and_none_is_lost(text: str) -> None:
    cell = safe(text)
    assert not cell or cell[0] not in FORMULA
    stripped = text.strip(" ")
    if "\0" not in text and stripped == text and text.strip() == text:
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([["holder", "name"], ["x", cell]])
        assert [line.cells["name"] for line in lines(buffer.getvalue())] == [text]


def test_pins_are_never_written() -> None:
    text = written([ADA], [CARD])
    assert "4711" not in text and CARD.pin_hash not in text and "pin" not in text.partition("\r\n")[0].split(",")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_separators(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["Holder", "Name", "custom:Büro"]) + "\r\n" + delimiter.join(["łukasz-1", "Łukasz", "3"])
    made = planned(decoded(text.replace("łukasz-1", "lukasz").encode(encoding)))
    assert made.holders["lukasz"].name == "Łukasz" and made.holders["lukasz"].custom == {"Büro": "3"}


# -- what is wrong ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b"", "line 1"),
        (b"holder,name\nx,\xff\n", "line 2"),
        (b"holder,nmae\n", "line 1"),
        (b"holder,holder\n", "line 1"),
        (b"company\nx\n", "line 1"),
        (b'holder,name\na,"x\n', "line 2"),
        (b"holder,name\na,b,c\n", "line 2"),
        (b"holder,name\na," + b"x" * 5000, "line 2"),
        (b"holder,name\nPK\0\0", "file"),
        (b"sep=x\nholder\n", "line 1"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(text: bytes, where: str) -> None:
    with pytest.raises(Refusal) as refused:
        plan(lines(decoded(text)), known(), "merge")
    assert refused.value.where == where and refused.value.remedy


@pytest.mark.parametrize(
    ("head", "row", "column"),
    [
        ("holder,name", "Ada B,Ada", "holder"),
        ("holder,name", "ada,", "name"),
        ("name", "!!!", "name"),
        ("holder,name,groups", "ada,Ada,staf", "groups"),
        ("holder,name,area", "ada,Ada,attic", "area"),
        ("holder,name,enabled", "ada,Ada,maybe", "enabled"),
        ("holder,name,valid_to", "ada,Ada,31.12.2026", "valid_to"),
        ("holder,name,valid_to", "ada,Ada,2026-02-30", "valid_to"),
        ("holder,name,valid_from,valid_to", "ada,Ada,2026-03-02,2026-03-01", "valid_to"),
        ("holder,name,kind,host", "ada,Ada,visitor,bob", "valid_to"),
        ("holder,name,kind,valid_to", "ada,Ada,visitor,2030-01-01", "host"),
        ("holder,name,host", "ada,Ada,ada", "host"),
        ("holder,name,kind", "ada,Ada,robot", "kind"),
        ("holder,name,host", "ada,Ada,nobody", "host"),
        ("holder,name,company", "ada,Ada," + "x" * 200, "company"),
        ("holder,name,card", "ada,Ada,26:zz", "card"),
        ("holder,name,card", "ada,Ada,26:5", "card"),
        ("holder,name,pin", "ada,Ada,12", "pin"),
        ("holder,name,card,profiles", "ada,Ada,26:7,dya", "profiles"),
        ("holder,name,card,profiles", "ada,Ada,26:7,day@2026", "profiles"),
        ("holder,name,profiles", "ada,Ada,day", "profiles"),
        ("holder,name,identifiers,card", "ada,Ada,tail=x,26:7", "identifiers"),
        ("holder,name,card,credential", "ada,Ada,26:7,bob-card", "credential"),
        ("holder,name,card,disabled_reason", "ada,Ada,26:7,lost", "disabled_reason"),
        ("holder,name,card,disabled_reason,credential_enabled", "ada,Ada,26:7,eaten,no", "disabled_reason"),
    ],
)
def test_errors_name_line_and_column(head: str, row: str, column: str) -> None:
    bob = Credential(id="bob-card", name="Bob", holder="bob", card="26:5")
    made = planned(f"{head}\n{row}\n", known(CredentialHolder(id="bob", name="Bob"), bob))
    assert wrong(made) == [(2, column)]
    assert made.errors[0].what and made.errors[0].remedy and made.counts.errors == 1


def test_what_two_lines_may_not_share() -> None:
    made = planned("name,card,pin\nAda,26:1,4711\nAda,26:2,4712\nBob,26:1,4711\n")
    assert set(wrong(made)) == {(3, "holder"), (4, "card"), (4, "pin")}
    made = planned("holder,name,company,card\nada,Ada,X,26:1\nada,Ada,Y,26:2\nada,,,26:3\n")
    assert wrong(made) == [(3, "company")]
    assert list(made.credentials) == ["ada", "ada-2", "ada-3"]


# -- modes --------------------------------------------------------------------------------------------------------------


def test_modes() -> None:
    text = "holder,name,company,groups,custom:floor,card,profiles\nada,Ada L,,guests,3,26:1,night\nbob,Bob,,,,,\n"
    site = known(ADA, CARD)

    kept = planned(text, site, "keep")
    assert (list(kept.holders), list(kept.credentials), kept.counts.holders_same, kept.counts.credentials_same) == (
        ["bob"],
        [],
        1,
        1,
    )

    merged = planned(text, site, "merge")
    ada, card = merged.holders["ada"], merged.credentials["ada-card"]
    assert (ada.name, ada.company, ada.groups, ada.custom) == ("Ada L", "Works", ("staff", "guests"), {"floor": "3"})
    assert [one.profile for one in card.profiles] == ["day", "night"] and card.pin_hash == CARD.pin_hash

    over = planned(text, site, "overwrite")
    ada, card = over.holders["ada"], over.credentials["ada-card"]
    assert (ada.name, ada.company, ada.groups, ada.custom) == ("Ada L", "", ("guests",), {"floor": "3"})
    assert [one.profile for one in card.profiles] == ["night"] and card.pin_hash == CARD.pin_hash
    assert [change.action for change in over.shown] == ["change", "change", "add"]


def test_a_card_may_move_within_one_table_and_not_beside_it() -> None:
    bob = CredentialHolder(id="bob", name="Bob")
    site = known(ADA, CARD, bob)
    moved = planned("holder,credential,card\nada,ada-card,26:9\nbob,bob-card,26:1\n", site)
    assert not moved.errors and moved.credentials["bob-card"].card == "26:1"
    assert wrong(planned("holder,credential,card\nbob,bob-card,26:1\n", site)) == [(2, "card")]


def test_cards_may_be_written_by_their_fields_and_dates_by_the_day() -> None:
    made = planned("holder,name,card,valid_to\nada,Ada,h10301:71:1001,2026-03-28\n")
    assert made.credentials["ada"].card == H10301.text({"facility": 71, "number": 1001})
    # The 28th counts whole; the clocks of Berlin change in the night after it.
    assert made.holders["ada"].valid_to == 1_774_738_800_000_000


def test_every_planned_entity_fits_its_model() -> None:
    made = planned("holder,name,kind,host,valid_to,pin\nada,Ada,visitor,bob,2026-03-28 18:00,4711\nbob,Bob,,,,\n")
    for entity in (*made.holders.values(), *made.credentials.values()):
        assert msgspec.convert(msgspec.to_builtins(entity), type(entity)) == entity
