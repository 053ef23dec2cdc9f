"""The rulebook as state changes: deltas that controllers follow, whole rules where they cannot, and the zones of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sim.demo_access import card_of
from sitewarden.domain.access.card_formats import CardFormat, FieldMask
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.packing import unpack, unpack_delta
from sitewarden.domain.access.people import Credential, CredentialHolder, HolderGroup, Identifier
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.rights import Schedule, SpecialDayGroup, SpecialDays
from sitewarden.domain.access.zones import (
    AntipassbackZone,
    EntranceLimitZone,
    FireZone,
    FirstPersonZone,
    InterlockZone,
    IntrusionZone,
    OccupancyZone,
)
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict, Invalid, Refusal
from sitewarden.domain.events import Event
from sitewarden.kit.clock import SystemClock
from sitewarden.services.access import AccessService, rulebook
from sitewarden.services.access.normal import normal
from sitewarden.store.interfaces import Change
from tests.drivers.link.site import PIN_KEY, demo
from tests.services.test_access import Bench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    await bench.put(*demo())
    running = asyncio.create_task(bench.access.run())
    yield bench
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await bench.hub.close()
    await bench.state.close()
    await bench.log.close()


async def whole(bench: Bench) -> Rules:
    packed = await bench.access.answers()["access.rules"]("")
    rules = Rules(unpack(packed.data))
    assert rules.digest == packed.digest
    return rules


async def deltas(bench: Bench, digest: str) -> Any:
    return await bench.access.answers()["access.rules-deltas"](digest)


async def test_a_controller_follows_by_deltas(bench: Bench) -> None:
    far = await whole(bench)
    begun = far.digest
    assert await deltas(bench, begun) == ()
    steps: list[Entity | str] = [
        CredentialHolder(id="zoe", name="Zoe"),
        Credential(id="zoe-card", name="Z", holder="zoe", card="26:fff"),
        HolderGroup(id="all", name="All"),
        CredentialHolder(id="zoe", name="Zoe", groups=("all",), enabled=False),
        "credential:zoe-card",
    ]
    for step in steps:
        if isinstance(step, str):
            kind, _, id_ = step.partition(":")
            await bench.state.apply([Change(kind=kind, id=id_, entity=None)])
        else:
            await bench.put(step)
        for packed in await deltas(bench, far.digest):
            far.apply(unpack_delta(packed.data))
            assert far.digest == packed.digest
        assert far.digest == bench.access.rulebook.rules.digest
    assert len(await deltas(bench, begun)) == len(steps), "one that was away a little takes them all"
    assert (await whole(bench)).packed() == far.packed() == bench.access.rulebook.rules.packed()


async def test_who_was_away_too_long_takes_the_whole(bench: Bench) -> None:
    begun = bench.access.rulebook.rules.digest
    for number in range(rulebook.KEPT_DELTAS + 1):
        await bench.put(CredentialHolder(id=f"h{number}", name="H"))
        assert bench.access.rulebook.rules.holders.ids.find(f"h{number}") is not None
    assert await deltas(bench, begun) is None
    assert await deltas(bench, "nonsense") is None


async def test_many_changes_are_compiled_beside_the_loop_and_lose_none(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "FEW", 20)
    begun = bench.access.rulebook.rules.digest
    for half in range(2):
        await bench.put(*(CredentialHolder(id=f"h{half}-{number}", name="H") for number in range(30)))
        await bench.put(CredentialHolder(id=f"late{half}", name="L"))
    async with asyncio.timeout(60):
        while bench.access.rulebook.rules.holders.ids.find("late1") is None:
            await asyncio.sleep(0.005)
    await bench.put(CredentialHolder(id="last", name="L"))
    rules = await whole(bench)
    assert all(rules.holders.ids.find(f"h{half}-{number}") is not None for half in range(2) for number in range(30))
    assert all(rules.holders.ids.find(id_) is not None for id_ in ("late0", "late1", "last"))
    assert await deltas(bench, begun) is None


async def test_special_days_reach_the_rules(bench: Bench) -> None:
    today = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
    await bench.put(SpecialDayGroup(id="days", name="Days", icalendar=today))
    await bench.put(Schedule(id="always", name="Always", special_days=(SpecialDays(group="days"),)))
    assert (await bench.match("hugo")).reason is DenyReason.NOT_PERMITTED_AT_THIS_TIME


# -- zones ------------------------------------------------------------------------------------------------------------

SITE = AntipassbackZone(id="site", name="Site", areas=("lobby", "offices"))


def passage(number: int, type_: str = "access.taken", holder: str = "hugo", point: str = "main-in") -> Event:
    return Event(
        key=f"front/1/{number}",
        type=type_,
        entity=f"access-point:{point}",
        time=1_000_000 * number,
        data={"access_point": point, "holder": holder, "credential": f"{holder}-card"},
    )


async def settled(bench: Bench, holder: str, area: str) -> None:
    async with asyncio.timeout(60):
        while (place := bench.access.zones.state.place("antipassback-zone:site", holder)) is None or place.area != area:
            await asyncio.sleep(0.005)


async def test_the_servers_zones_follow_the_log_and_decide(bench: Bench) -> None:
    await bench.put(SITE)
    assert (await bench.match("hugo")).granted
    await bench.hub.emit([passage(1)])
    await settled(bench, "hugo", "lobby")
    refused = await bench.match("hugo")
    assert (refused.reason, refused.explanation.zones[0].verdict) == (DenyReason.ANTIPASSBACK_VIOLATION, "refused")
    assert "hugo-card" in bench.access.zones.state.violated
    await bench.hub.emit([passage(3, point="main-out"), passage(2)])
    await settled(bench, "hugo", "")
    assert (await bench.match("hugo")).granted, "what comes late changes nothing"


async def test_the_zones_are_made_whole_from_the_log_after_a_start(bench: Bench, tmp_path: Path) -> None:
    await bench.put(SITE)
    await bench.hub.emit([passage(1), passage(2, holder="ada")])
    for _ in range(2):
        other = AccessService(bench.state, SystemClock(), bench.hub, pin_key=PIN_KEY, zones=tmp_path / "zones")
        other.zones._cursor = other.zones._cursor or 0
        running = asyncio.create_task(other.zones.run())
        async with asyncio.timeout(60):
            while other.zones.state.place("antipassback-zone:site", "ada") is None:
                await asyncio.sleep(0.005)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        other.zones.keep()
        await bench.hub.emit([passage(3, point="main-out")])
    kept = AccessService(bench.state, SystemClock(), bench.hub, pin_key=PIN_KEY, zones=tmp_path / "zones")
    place = kept.zones.state.place("antipassback-zone:site", "ada")
    assert place is not None
    assert place.area == "lobby"
    (tmp_path / "zones").write_bytes(b"nonsense")
    assert not AccessService(bench.state, SystemClock(), bench.hub, pin_key=PIN_KEY, zones=tmp_path / "zones").zones.state.places


# -- what is refused --------------------------------------------------------------------------------------------------

MORNING = "BEGIN:VEVENT\nDTSTART:20260101T080000\nDURATION:PT4H\nEND:VEVENT\n"


@pytest.mark.parametrize(
    ("entity", "refusal", "where"),
    [
        (SpecialDayGroup(id="s", name="S", icalendar="nonsense"), Invalid, "icalendar"),
        (SpecialDayGroup(id="s", name="S", icalendar=MORNING), Invalid, "icalendar"),
        (CardFormat(id="f", name="F", kind="generic", fields=(FieldMask(name="a", bits="30"),)), Invalid, "fields"),
        (CredentialHolder(id="v", name="V", kind="visitor", valid_to=1), Invalid, "host"),
        (CredentialHolder(id="v", name="V", kind="visitor", host="ada"), Invalid, "valid_to"),
        (CredentialHolder(id="v", name="V", host="v"), Invalid, "host"),
        (CredentialHolder(id="v", name="V", valid_from=2, valid_to=1), Invalid, "valid_to"),
        (AntipassbackZone(id="z", name="Z"), Invalid, "areas"),
        (AntipassbackZone(id="z", name="Z", areas=("lobby",), kind="timed", window=0.0), Invalid, "window"),
        (OccupancyZone(id="z", name="Z"), Invalid, "areas"),
        (IntrusionZone(id="z", name="Z"), Invalid, "areas"),
        (InterlockZone(id="z", name="Z", doors=("main-entrance",)), Invalid, "doors"),
        (FirstPersonZone(id="z", name="Z"), Invalid, "doors"),
        (FireZone(id="z", name="Z"), Invalid, "doors"),
        (EntranceLimitZone(id="z", name="Z", limit=1), Invalid, "access_points"),
        (EntranceLimitZone(id="z", name="Z", access_points=("main-in",)), Invalid, "limit"),
        (
            Credential(id="c", name="C", holder="ada", identifiers=(Identifier(type="card", value=card_of("ben")),)),
            Conflict,
            "identifiers",
        ),
        (
            Credential(id="c", name="C", holder="ada", identifiers=(Identifier(type="licence-plate", value="-"),)),
            Invalid,
            "identifiers/0",
        ),
        (
            Credential(
                id="c", name="C", holder="ada", pin_hash=hash_pin(PIN_KEY, "5555"), duress_pin_hash=hash_pin(PIN_KEY, "5555")
            ),
            Invalid,
            "duress_pin",
        ),
        (Credential(id="c", name="C", holder="ada", card="26:1", duress_pin_hash="h1$00"), Invalid, "duress_pin"),
        (
            Credential(
                id="c", name="C", holder="ada", pin_hash=hash_pin(PIN_KEY, "5555"), duress_pin_hash=hash_pin(PIN_KEY, "2468")
            ),
            Conflict,
            "duress_pin",
        ),
    ],
)
async def test_what_does_not_fit_is_refused(bench: Bench, entity: Entity, refusal: type[Refusal], where: str) -> None:
    with pytest.raises(refusal) as told:
        bench.check(entity)
    assert where in told.value.where
    assert told.value.remedy


def test_cards_are_stored_in_one_form() -> None:
    formats = {"acme": CardFormat(id="acme", name="A", kind="generic", bits=8, fields=(FieldMask(name="n", bits="1-8"),))}
    credential = Credential(
        id="c", name="C", holder="h", card="h10301:118:1603", identifiers=(Identifier(type="card", value="acme:7"),)
    )
    stored = normal(credential, lambda kind, id_: formats.get(id_) if kind == "card-format" else None)
    assert isinstance(stored, Credential)
    assert (stored.card, stored.identifiers[0].value) == ("26:2ec0c86", "8:7")
    assert normal(stored, lambda kind, id_: None) is stored
    with pytest.raises(Invalid):
        normal(msgspec.structs.replace(credential, card="other:1"), lambda kind, id_: None)
