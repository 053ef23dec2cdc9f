"""What an operator sees of zones and does to them: at the controller that holds them, or by the server's own log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.access.model import DenyReason
from sitewarden.domain.access.zones import (
    AntipassbackZone,
    FireInput,
    FireZone,
    InterlockZone,
    IntrusionZone,
    OccupancyZone,
)
from sitewarden.domain.commands import Result
from sitewarden.domain.errors import Conflict, Invalid, NotFound, Unreachable
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Grant
from sitewarden.services.operations import Caller
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.zones import ForgiveHolder, ZoneOrder, ZoneRef
from sitewarden.store.interfaces import EventFilter
from tests.drivers.link.site import demo
from tests.services.test_access import Bench

SITE = AntipassbackZone(id="site", name="Site", areas=("lobby", "offices"))
VAULT = OccupancyZone(id="vault", name="Vault", areas=("server-room",), limit=2)
NIGHT = IntrusionZone(id="night", name="Night", areas=("lobby", "offices"))
TRAP = InterlockZone(id="trap", name="Trap", doors=("main-entrance", "office-wing"))
EAST = FireZone(
    id="east",
    name="East",
    doors=("main-entrance", "office-wing", "server-room"),
    inputs=(FireInput(controller="front", input=7),),
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    await bench.put(*demo(), SITE, VAULT, NIGHT, TRAP, EAST)
    running = asyncio.create_task(bench.access.run())
    yield bench
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await bench.hub.close()
    await bench.state.close()
    await bench.log.close()


async def tell(bench: Bench, type_: str, entity: str, *related: str, **data: Any) -> None:
    """Write an event as a controller's record becomes one, and let the zones read it."""
    now = bench.access._clock.now()
    await bench.hub.emit([Event(key=f"front/1/{now}", type=type_, entity=entity, time=now, related=related, data=data)])
    async with asyncio.timeout(60):
        while (bench.access.zones._cursor or 0) < bench.log.head():
            await asyncio.sleep(0.005)


async def walk(bench: Bench, person: str, point: str) -> None:
    await tell(bench, "access.taken", f"access-point:{point}", access_point=point, holder=person, credential=f"{person}-card")


async def shown(bench: Bench, kind: Any, id_: str) -> Any:
    return await bench.call("zones.get", ZoneRef(kind=kind, id=id_))


async def test_the_board_says_who_is_where_since_when_and_through_which_door(bench: Bench) -> None:
    await walk(bench, "hugo", "main-in")
    await walk(bench, "ada", "main-in")
    await walk(bench, "ada", "office-in")
    found = await shown(bench, "antipassback-zone", "site")
    said = [(one.name, one.area_name, one.door_name) for one in found.occupants]
    assert said == [("Ada Marlow", "Offices", "Office wing"), ("Hugo Silva", "Lobby", "Main entrance")]
    assert (found.zone.inside, found.zone.held_by, found.zone.limit) == (2, "", None)
    assert found.occupants[0].since > found.occupants[1].since
    listed = {one.id: one for one in (await bench.call("zones.list", Nothing())).items}
    assert (listed["vault"].inside, listed["vault"].limit, listed["vault"].held_by) == (0, 2, "inner")
    assert (listed["night"].armed, listed["east"].fire, listed["trap"].open_doors) == (None, False, ())
    await tell(bench, "door.mode", "door:office-wing", mode="unlocked", shut=False)
    assert [one.open_doors for one in (await bench.call("zones.list", Nothing())).items if one.id == "trap"] == [("office-wing",)]
    refused = await bench.match("hugo")
    assert refused.reason is DenyReason.ANTIPASSBACK_VIOLATION


async def test_a_list_shows_what_the_caller_may_see(bench: Bench) -> None:
    operation = next(one for one in bench.access.operations() if one.name == "zones.list")
    caller = Caller(actor="user:eve", grants=(Grant(action="zone.read", selector="occupancy-zone:vault"),))
    assert [one.id for one in (await operation.handler(caller, Nothing())).items] == ["vault"]


async def test_who_is_forgiven_passes_once_and_it_is_in_the_log(bench: Bench) -> None:
    await walk(bench, "hugo", "main-in")
    assert (await bench.match("hugo")).reason is DenyReason.ANTIPASSBACK_VIOLATION
    asked = ForgiveHolder(kind="antipassback-zone", id="site", holder="hugo", reason="tailgated out")
    now = await bench.call("zones.forgive", asked)
    assert now.inside == 0
    await bench.put(InterlockZone(id="trap", name="Trap", doors=("main-entrance", "office-wing"), enabled=False))
    assert (await bench.match("hugo")).granted
    await walk(bench, "hugo", "main-in")
    assert (await bench.match("hugo")).reason is DenyReason.ANTIPASSBACK_VIOLATION, "it is kept again"
    (event,) = [one.event for one in await bench.log.read(EventFilter(types=("zone.forgiven",)))]
    assert event.text == "Hugo Silva is forgiven in Site by system:test"
    assert (event.data["reason"], event.related) == ("tailgated out", ("system:test", "credential-holder:hugo"))


async def test_a_reset_forgets_everybody(bench: Bench) -> None:
    await walk(bench, "hugo", "main-in")
    await walk(bench, "ada", "main-in")
    assert (await bench.call("zones.reset", ZoneOrder(kind="antipassback-zone", id="site", reason="drill"))).inside == 0
    assert (await shown(bench, "antipassback-zone", "site")).occupants == ()
    assert (await bench.match("hugo")).granted


async def test_what_a_controller_holds_is_changed_there(bench: Bench) -> None:
    asked = ForgiveHolder(kind="occupancy-zone", id="vault", holder="grace", reason="left by the window")
    await bench.call("zones.forgive", asked)
    command = next(one for one in bench.commands if one.name == "controller.zone")
    assert (command.entity, command.issuer, command.reason) == ("controller:inner", "system:test", "left by the window")
    assert command.args == {
        "zone": "occupancy-zone:vault", "action": "forgive", "holder": "grace", "credentials": ["grace-card"],
    }  # fmt: skip
    assert not await bench.log.read(EventFilter(types=("zone.forgiven",))), "its record will come from the controller"
    bench.result = Result(ok=False, code="unreachable", what="it is not connected")
    with pytest.raises(Unreachable, match="inner holds the zone"):
        await bench.call("zones.reset", ZoneOrder(kind="occupancy-zone", id="vault", reason="drill"))


async def test_a_zone_is_armed_and_disarmed(bench: Bench) -> None:
    assert (await bench.call("zones.arm", ZoneOrder(kind="intrusion-zone", id="night", reason="closing"))).armed is not None
    assert (await bench.call("zones.disarm", ZoneOrder(kind="intrusion-zone", id="night", reason="opening"))).armed is None
    said = [one.event.text for one in await bench.log.read(EventFilter(types=("zone.armed", "zone.disarmed")))]
    assert sorted(said) == ["Night is armed by system:test", "Night is disarmed by system:test"]


@pytest.mark.parametrize(
    ("verb", "kind", "id_", "reason", "refusal"),
    [
        ("arm", "intrusion-zone", "night", " ", Invalid),
        ("arm", "antipassback-zone", "site", "why", Conflict),
        ("reset", "interlock-zone", "trap", "why", Conflict),
        ("reset", "antipassback-zone", "nowhere", "why", NotFound),
    ],
)
async def test_what_cannot_be_done(bench: Bench, verb: str, kind: Any, id_: str, reason: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as told:
        await bench.call(f"zones.{verb}", ZoneOrder(kind=kind, id=id_, reason=reason))
    assert getattr(told.value, "remedy", "")


async def test_nobody_is_no_holder(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.call("zones.forgive", ForgiveHolder(kind="antipassback-zone", id="site", holder="nobody", reason="why"))


async def test_a_controller_tells_of_its_own_zones_alone(bench: Bench) -> None:
    await walk(bench, "hugo", "main-in")
    zone = "antipassback-zone:site"
    await tell(bench, "zone.reset", zone, "controller:inner", zone=zone)
    assert (await shown(bench, "antipassback-zone", "site")).zone.inside == 1


async def test_fire_at_one_controller_releases_the_doors_of_the_others(bench: Bench) -> None:
    zone = "fire-zone:east"
    await tell(bench, "zone.fire", zone, "controller:front", zone=zone, input=7)
    assert (await shown(bench, "fire-zone", "east")).zone.fire
    async with asyncio.timeout(60):
        while not (found := [one for one in bench.commands if one.name == "controller.command-doors"]):
            await asyncio.sleep(0.005)
    assert [(one.entity, one.args["doors"], one.args["command"]) for one in found] == [
        ("controller:inner", ["office-wing", "server-room"], "fire-release")
    ]
