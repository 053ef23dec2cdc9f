"""When a backup is due, that it is told how it went, and by whom it may be asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from sitewarden.config import BackupSettings, Settings
from sitewarden.domain.backups import Outcome
from sitewarden.domain.clock import HOUR, SECOND
from sitewarden.domain.errors import Conflict, Forbidden
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Grant
from sitewarden.services import backups
from sitewarden.services.backups import Backups, read_outcomes
from tests.services.house import House


class Desk:
    def __init__(self, house: House, folder: Path, destination: str = "/mnt/b") -> None:
        self.house, self.file, self.told, self.runs = house, folder / "backups.json", [], 0
        self.told: list[Event] = []
        self.problem, self.notes = "", True
        settings = Settings(backup=BackupSettings(destination=destination, every_hours=2))
        self.service = Backups(settings, self.file, house.clock, self._emit)
        house.operations.add(self.service.operations())

    async def _emit(self, events: list[Event]) -> None:
        self.told += events

    async def spawn(self) -> str:
        self.runs += 1
        if self.notes:
            done = Outcome(destination="/mnt/b", done=self.house.clock.now(), id="x", bytes=5_000_000, problem=self.problem)
            await self.house.ask("backup.note", outcome=done)
        return self.problem


async def until(desk: Desk, runs: int) -> None:
    async with asyncio.timeout(60):
        while desk.runs < runs or (await desk.house.ask("backup.status")).value.running:
            await asyncio.sleep(0.001)


async def test_backups_are_made_when_due_and_every_outcome_is_an_event(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "LOOK", 0.001)
    desk = Desk(house, tmp_path)
    desk.service.spawn = desk.spawn
    begun = house.clock.now()
    status = (await house.ask("backup.status")).value
    assert status.late and status.next == begun + backups.SETTLE and not status.outcomes
    running = asyncio.create_task(desk.service.run())
    await asyncio.sleep(0.01)
    assert desk.runs == 0
    house.clock.seconds += backups.SETTLE / SECOND
    await until(desk, 1)
    status = (await house.ask("backup.status")).value
    assert not status.late and status.next == house.clock.now() + 2 * HOUR and status.outcomes[0].id == "x"
    assert [one.type for one in desk.told] == ["system.backup.done"] and "5.0 MB" in desk.told[0].text
    desk.problem, desk.notes = "the share is away", False
    house.clock.seconds += 2 * 3600
    await until(desk, 2)
    failed = read_outcomes(desk.file)["/mnt/b"]
    assert (failed.problem, failed.done) == ("the share is away", status.outcomes[0].done), "the last good one stays known"
    assert desk.told[-1].type == "system.backup.failed" and desk.told[-1].severity == 3
    assert (await house.ask("backup.status")).value.next == house.clock.now() + HOUR
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    again = Backups(Settings(), desk.file, house.clock, desk._emit)
    assert again._outcomes == read_outcomes(desk.file)


async def test_who_may_ask_for_one_and_what_is_refused(house: House, tmp_path: Path) -> None:
    desk = Desk(house, tmp_path, destination="")
    with pytest.raises(Conflict, match="No destination"):
        await house.ask("backup.start")
    guard = await house.person("guard", Grant(action="system.get"))
    assert msgspec.to_builtins((await house.ask("backup.status", guard)).value)["destination"] == ""
    for operation, given in (("backup.start", {}), ("backup.note", {"outcome": Outcome(destination="/x")})):
        with pytest.raises(Forbidden):
            await house.ask(operation, guard, **given)
    assert not desk.told
