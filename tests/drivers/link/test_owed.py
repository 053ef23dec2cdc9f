"""What was ordered of many doors while a controller was away: it is told when it is back, by real controllers over real links."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from sim.controller import SimController
from sitewarden.domain.access.zones import FireInput, FireZone
from sitewarden.domain.events import Event
from sitewarden.services.access import owed, zone_desk
from sitewarden.services.operations import system
from sitewarden.services.surface.access import DoorCommand, DoorsCommand
from tests.drivers.link.site import Core, demo, running_controller, running_core

EAST = FireZone(id="east", name="East", doors=("main-entrance", "office-wing"), inputs=(FireInput(controller="front", input=7),))


@pytest.fixture
async def core(netns: bool, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Core]:
    monkeypatch.setattr(owed, "RETRY", 3600.0)  # It is told because it is back, not because time went by.
    async with running_core(tmp_path, host) as core:
        await core.put(*demo(), EAST)
        yield core


async def everywhere(core: Core, command: Any, reason: str = "drill") -> None:
    (many,) = core.access.many.operations()
    await many.handler(system("test"), DoorsCommand(command=command, reason=reason))


def modes(sim: SimController) -> dict[str, str]:
    return {door["door"]: door["mode"] for door in sim.state()["doors"]}


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def burning(core: Core) -> bool:
    return "fire-zone:east" in core.access.zones.state.fire


async def test_who_was_away_is_locked_down_on_return_and_opened_on_the_next(core: Core) -> None:
    await everywhere(core, "lockdown")
    assert core.access.owed.of("server-room") == ("lockdown",)
    await core.stop()
    await core.start()
    async with running_controller(core, "inner") as sim:
        await until(lambda: modes(sim) == {"office-wing": "locked-down", "server-room": "locked-down"})
        said = (await core.wait_events(2, "door.command"))[0].event.data
        assert (said["command"], said["actor"]) == ("lockdown", "system:test")
        assert said["reason"].startswith("drill (ordered 20")
        await until(lambda: core.access.owed.of("server-room") == ())
    await everywhere(core, "release-lockdown", "over")
    async with running_controller(core, "inner") as sim:
        await until(lambda: set(modes(sim).values()) == {"locked"})
        await until(lambda: core.access.owed.of("office-wing") == ())
    assert core.access.owed.of("main-entrance") == ("release-lockdown",), "front is still away"


async def test_what_was_taken_back_meanwhile_is_not_done(core: Core) -> None:
    await everywhere(core, "lockdown")
    await everywhere(core, "release-lockdown", "over")
    async with running_controller(core, "inner") as sim:
        await until(lambda: core.access.owed.of("office-wing") == ())
        assert set(modes(sim).values()) == {"locked"}
        assert not await core.events("door.command", "door.mode"), "the door was never locked down, nor told to be"


async def test_an_order_at_the_door_itself_overrules(core: Core) -> None:
    await everywhere(core, "lockdown")
    operation = next(one for one in core.access.operations() if one.name == "doors.command")
    asked = DoorCommand(id="office-wing", command="release-lockdown", reason="a child is in there")
    with pytest.raises(Exception, match="not connected"):
        await operation.handler(system("test"), asked)
    async with running_controller(core, "inner") as sim:
        await until(lambda: modes(sim) == {"office-wing": "locked", "server-room": "locked-down"})


async def test_a_door_that_was_away_in_a_fire_is_released_on_return_while_it_burns(core: Core) -> None:
    async with running_controller(core, "front") as front:
        front.board.set_input(7, active=True)
        await until(lambda: core.access.owed.of("office-wing") == ("fire-release",))
        async with running_controller(core, "inner") as inner:
            await until(lambda: modes(inner) == {"office-wing": "locked-open", "server-room": "locked"})
        front.board.set_input(7, active=False)
        await until(lambda: not burning(core))
        await everywhere(core, "end-fire-release", "false alarm")
        async with running_controller(core, "inner") as inner:
            await until(lambda: modes(inner)["office-wing"] == "locked")


async def test_a_fire_that_is_over_releases_nobody_late(core: Core) -> None:
    async with running_controller(core, "front") as front:
        front.board.set_input(7, active=True)
        await until(lambda: core.access.owed.of("office-wing") == ("fire-release",))
        front.board.set_input(7, active=False)
        await until(lambda: core.access.owed.of("office-wing") == ())
        async with running_controller(core, "inner") as inner:
            assert modes(inner)["office-wing"] == "locked"


@pytest.mark.parametrize("lasts", [True, False])
async def test_a_fire_that_is_told_late_releases_the_others_if_it_lasts(
    core: Core, monkeypatch: pytest.MonkeyPatch, lasts: bool
) -> None:
    monkeypatch.setattr(zone_desk, "SETTLE", 0.5)
    async with running_controller(core, "inner") as inner:
        old = core.clock.now() - 2 * zone_desk.FRESH

        def told(type_: str, index: int) -> Event:
            data = {"zone": "fire-zone:east"}
            related = ("controller:front",)
            return Event(key=f"front/1/{index}", type=type_, entity="fire-zone:east", time=old, related=related, data=data)

        await core.hub.emit([told("zone.fire", 1)])
        if not lasts:
            await core.hub.emit([told("zone.fire-over", 2)])
        last = (await core.events("zone.fire", "zone.fire-over"))[-1].seq
        await until(lambda: not core.access.desk._spreading and (core.access.zones._cursor or 0) >= last)
        assert (modes(inner)["office-wing"] == "locked-open") is lasts
