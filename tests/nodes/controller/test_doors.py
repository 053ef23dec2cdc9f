"""Doors on a controller with no server: schedules, the fire input, bond sensor and second lock, what is kept over a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sim.board import Board
from sim.demo_access import DAYTIME, card_of, settings
from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.model import AccessPoint, Controller, Door
from sitewarden.domain.access.packing import pack
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.rights import AccessProfile, Schedule
from sitewarden.domain.access.zones import FirstPersonZone, Zone
from sitewarden.domain.clock import HOUR, SECOND
from sitewarden.domain.errors import Conflict
from sitewarden.kit.clock import ManualClock
from sitewarden.nodes.controller import controller as module
from sitewarden.nodes.controller import openings
from sitewarden.nodes.controller.journal import Journal
from sitewarden.nodes.controller.settings import LockSettings
from sitewarden.wire.controller import ManyOrder, Order, Record
from tests.drivers.link.site import PIN_KEY, demo

MIDNIGHT = 1_790_035_200 * SECOND
"""2026-09-22 00:00 UTC; the schedule `daytime` begins at 06:00 and ends at 23:00."""


class Bench:
    def __init__(self, folder: Path, clock: ManualClock, *zones: Zone, **door: Any) -> None:
        first = LockSettings(output=0, contact=0, exit=1, tamper=2, bond=3, double_lock=9)
        self.settings = msgspec.structs.replace(
            settings("front", folder, "127.0.0.1"), locks=(first, LockSettings(output=1)), fire=20, decide="local"
        )
        self.clock, self.zones, self.door = clock, zones, door
        self.journal = Journal.open(folder / "controller.db", clock)
        self.board = Board(self.settings.locks)
        self.board.inputs[3] = True
        self.controller = module.Controller(self.settings, self.board, self.journal, clock)

    async def __aenter__(self) -> Bench:
        self.controller.start()
        self._task = asyncio.create_task(self.journal.run())
        await self.rules()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.controller.close()
        await self.journal.flush()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.journal.close()

    async def rules(self, **door: Any) -> None:
        found = [
            msgspec.structs.replace(one, **{**self.door, **door}) if isinstance(one, Door) and one.id == "main-entrance" else one
            for one in demo()
        ]

        def of(model: type) -> list[Any]:
            return [one for one in found if type(one) is model]

        snapshot = compile(
            version=1,
            zone="UTC",
            pin_key=PIN_KEY,
            controllers=of(Controller),
            doors=of(Door),
            access_points=of(AccessPoint),
            schedules=[*of(Schedule), Schedule(id="day", name="Day", icalendar=DAYTIME)],
            profiles=of(AccessProfile),
            holders=of(CredentialHolder),
            credentials=of(Credential),
            zones=self.zones,
        )
        packed = pack(snapshot, Rules(snapshot).digest)
        await self.controller.take_rules(packed.digest, packed.data)

    def at(self, hours: float) -> None:
        """Let it be this time of the day, and look at the schedules."""
        self.clock.advance((MIDNIGHT + round(hours * HOUR) - self.clock.now()) / SECOND)
        self.controller._openings.look()

    def order(self, command: Any, door: str = "main-entrance") -> Any:
        return self.controller.order(Order("1", door, command, "user:ada", "test"))

    def state(self, door: str = "main-entrance") -> tuple[str, str, str]:
        report = self.controller.doors[door].report()
        return str(report.mode), report.priority, report.held_by

    async def until(self, mode: str, door: str = "main-entrance") -> None:
        async with asyncio.timeout(60):
            while self.state(door)[0] != mode:
                await asyncio.sleep(0.01)

    async def told(self, type_: str) -> list[Record]:
        await self.journal.flush()
        return [record for _, record in self.journal.records() if record.type == type_]


@pytest.fixture
async def clock() -> AsyncIterator[ManualClock]:
    yield ManualClock(MIDNIGHT)


async def test_a_schedule_unlocks_and_locks_with_no_server(tmp_path: Path, clock: ManualClock) -> None:
    async with Bench(tmp_path, clock, unlock_schedule="day") as bench:
        assert bench.state() == ("locked", "none", "")
        bench.at(6)
        assert bench.state() == ("unlocked", "scheduled", "schedule")
        assert bench.board.outputs[0]
        bench.order("lock")
        assert bench.state() == ("locked", "operator", "operator")
        bench.order("normal")
        assert bench.state()[0] == "unlocked"
        bench.at(23)
        assert bench.state() == ("locked", "none", "")
        assert not bench.board.outputs[0]
        modes = [(one.data["mode"], one.data["held_by"]) for one in await bench.told("door.mode")]
    assert modes == [("unlocked", "schedule"), ("locked", "operator"), ("unlocked", "schedule"), ("locked", "")]


async def test_it_looks_at_the_schedules_by_itself(tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "EVERY", 0.01)
    async with Bench(tmp_path, clock, unlock_schedule="day") as bench:
        clock.advance(7 * 3600)
        await bench.until("unlocked")


FIRST = FirstPersonZone(id="f", name="First", doors=("main-entrance",))


async def test_the_first_person_begins_the_unlock_and_is_known_after_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    async with Bench(tmp_path, clock, FIRST, unlock_schedule="day") as bench:
        bench.at(7)
        assert bench.state() == ("locked", "none", "")
        assert bench.controller.doors["main-entrance"].report().first_person
        bench.board.set_input(1, True)
        assert bench.state() == ("accessed", "none", ""), "who leaves is not the first who comes"
        assert (await bench.board.swipe(0, card_of("hugo"))).signal == "granted"
        assert bench.state()[0] == "accessed", "a grant alone brings nobody in"
        bench.board.set_input(0, True)
        await bench.until("unlocked")
        assert bench.state() == ("unlocked", "scheduled", "schedule")
        assert len(await bench.told("door.first-person")) == 1
    async with Bench(tmp_path, clock, FIRST, unlock_schedule="day") as again:
        await again.until("unlocked")
        again.at(24 + 7)
        assert again.state() == ("locked", "none", ""), "the next morning waits anew"


async def test_a_schedule_that_is_taken_from_the_door_locks_it(tmp_path: Path, clock: ManualClock) -> None:
    async with Bench(tmp_path, clock, unlock_schedule="day") as bench:
        bench.at(12)
        await bench.rules(unlock_schedule=None)
        assert bench.state() == ("locked", "none", "")


async def test_a_clock_that_was_never_set_opens_nothing(tmp_path: Path) -> None:
    async with Bench(tmp_path, ManualClock(12 * HOUR), unlock_schedule="always") as bench:
        assert bench.state() == ("locked", "none", "")


async def test_wishes_outlive_a_restart_in_their_order(tmp_path: Path, clock: ManualClock) -> None:
    async with Bench(tmp_path, clock) as bench:
        bench.order("unlock")
        bench.order("lockdown")
        bench.order("fire-release")
    async with Bench(tmp_path, clock) as again:
        assert again.state() == ("locked-open", "emergency", "fire-release")
        assert again.board.outputs[0]
        again.order("end-fire-release")
        assert again.state() == ("locked-down", "emergency", "lockdown")
        assert not again.board.outputs[0]
        again.order("release-lockdown")
        assert again.state() == ("unlocked", "operator", "operator")


async def test_the_fire_panel_releases_every_door_until_an_operator_ends_it(tmp_path: Path, clock: ManualClock) -> None:
    async with Bench(tmp_path, clock) as bench:
        bench.order("lockdown")
        bench.board.inputs[20] = False
        bench.board.set_input(20, True)
        for door in ("main-entrance", "staff-entrance"):
            assert bench.state(door) == ("locked-open", "emergency", "fire-release")
        with pytest.raises(Conflict, match="panel"):
            bench.order("end-fire-release")
        bench.board.set_input(20, False)
        assert bench.state()[2] == "fire-release", "a panel that is reset locks nobody in"
        bench.order("end-fire-release")
        assert bench.state() == ("locked-down", "emergency", "lockdown")
        assert [one.data["state"] for one in await bench.told("controller.fire")] == ["active", "at rest"]


async def test_many_doors_at_once_each_by_itself(tmp_path: Path, clock: ManualClock) -> None:
    async with Bench(tmp_path, clock) as bench:
        bench.order("lock-open", "staff-entrance")
        done = bench.controller.order_many(
            ManyOrder("m", ("staff-entrance", "main-entrance", "attic"), "lockdown", "user:ada", "x")
        )
        assert [(report.door, report.mode) for report in done.reports] == [("main-entrance", "locked-down")]
        assert [(one.door, one.code) for one in done.refused] == [("staff-entrance", "conflict"), ("attic", "not-found")]
        assert [one.data["reason"] for one in await bench.told("door.command")] == ["test", "x"]


async def test_the_second_lock_and_a_bolt_that_does_not_follow(tmp_path: Path, clock: ManualClock) -> None:
    async with Bench(tmp_path, clock) as bench:
        bench.order("double-lock")
        assert bench.board.outputs[9]
        assert bench.controller.doors["main-entrance"].report().lock_seen == "locked"
        bench.order("release")
        assert not bench.board.outputs[9]
        clock.advance(2.5)
        bench.board.set_input(2, True)
        report = bench.controller.doors["main-entrance"].report()
        assert (report.fault, report.faults) == (True, ("lock",))
        (fault,) = await bench.told("door.fault")
        assert fault.data == {"state": "active", "source": "lock"}
        bench.board.set_input(3, False)
        assert not bench.controller.doors["main-entrance"].report().fault


async def test_a_door_without_a_contact_claims_nothing_of_who_passed(tmp_path: Path, clock: ManualClock) -> None:
    async with Bench(tmp_path, clock) as bench:
        assert (await bench.board.swipe(2, card_of("hugo"))).signal == "granted"
        clock.advance(10)
        bench.controller.doors["staff-entrance"].apply(module.COMMANDS["normal"])
        assert await bench.told("access.not-taken") == []
        assert bench.state("staff-entrance")[0] == "locked"


async def test_setting_the_clock_back_leaves_no_lock_released(tmp_path: Path, clock: ManualClock) -> None:
    async with Bench(tmp_path, clock) as bench:
        bench.order("release")
        clock._now -= 24 * HOUR
        clock.advance(3.1)
        bench.board.set_input(2, True)
        assert not bench.board.outputs[0]
