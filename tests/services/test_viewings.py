"""Who looked at which recording, and when: one entry a viewing, whatever core goes through meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.errors import StorageFull
from sitewarden.services.operations import Caller
from sitewarden.services.surface.video import PlaybackRange
from sitewarden.services.viewings import LONGEST, MOST, OVER, SPANS, Viewings
from sitewarden.store.interfaces import AuditEntry, AuditRecord
from tests.services.memory import MemoryState, TestClock

SECOND = 1_000_000
NOON = 1_763_700_000 * SECOND
ADA = Caller(actor="user:ada", remote="192.0.2.7", reason="theft")


class Log(MemoryState):
    full = False

    async def audit(self, entries: Any) -> None:
        await asyncio.sleep(0)
        if self.full:
            raise StorageFull("no room")
        self.audited += entries

    async def audit_page(self, before: int | None = None, limit: int = 100) -> list[AuditRecord]:
        return [AuditRecord(id=n, entry=entry, hash="") for n, entry in enumerate(self.audited, 1)][-limit:][::-1]


class Rig:
    def __init__(self, path: Path) -> None:
        self.log, self.clock, self.path = Log(), TestClock(), path
        self.viewings = Viewings(self.log, self.clock, path)

    def restart(self) -> None:
        self.viewings = Viewings(self.log, self.clock, self.path)

    async def piece(self, start: int, seconds: int = 30, who: Caller = ADA, camera: str = "lobby", viewing: str = "v1") -> None:
        begin = NOON + start * SECOND
        await self.viewings.note(who, PlaybackRange(id=camera, start=begin, end=begin + seconds * SECOND, viewing=viewing))

    async def pass_(self, microseconds: int) -> None:
        self.clock.seconds += microseconds / SECOND
        await self.viewings.settle()

    @property
    def entries(self) -> list[AuditEntry]:
        return self.log.audited


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "viewings")


async def test_a_viewing_of_many_pieces_is_one_entry_from_its_first_to_its_last(rig: Rig) -> None:
    began = rig.clock.now()
    for number in range(20):
        await rig.piece(30 * number)
        await rig.pass_(30 * SECOND)
    last = rig.clock.now() - 30 * SECOND
    assert rig.entries == []
    await rig.pass_(OVER)
    (entry,) = rig.entries
    assert (entry.actor, entry.action, entry.entity, entry.outcome, entry.reason, entry.remote) == (
        "user:ada",
        "camera.playback",
        "camera:lobby",
        "done",
        "theft",
        "192.0.2.7",
    )
    assert entry.detail == {
        "viewing": "v1",
        "from": NOON,
        "to": NOON + 600 * SECOND,
        "began": began,
        "last": last,
        "pieces": 20,
    }
    await rig.pass_(OVER)
    assert len(rig.entries) == 1


async def test_jumps_are_told_span_by_span_and_another_person_camera_or_player_apart(rig: Rig) -> None:
    await rig.piece(0)
    await rig.piece(3600)
    await rig.piece(15)
    await rig.piece(0, camera="yard")
    await rig.piece(0, viewing="v2")
    await rig.piece(0, who=Caller(actor="user:eve", remote="192.0.2.7"))
    await rig.pass_(OVER)
    assert len(rig.entries) == 4
    spans = next(entry.detail["spans"] for entry in rig.entries if "spans" in entry.detail)
    assert spans == [[NOON, NOON + 45 * SECOND], [NOON + 3600 * SECOND, NOON + 3630 * SECOND]]


async def test_who_is_no_player_has_an_entry_at_once(rig: Rig) -> None:
    await rig.piece(0, viewing="")
    await rig.piece(30, viewing="")
    assert [entry.detail for entry in rig.entries] == [
        {"from": NOON, "to": NOON + 30 * SECOND},
        {"from": NOON + 30 * SECOND, "to": NOON + 60 * SECOND},
    ]


async def test_a_core_that_is_killed_writes_down_what_was_looked_at(rig: Rig) -> None:
    await rig.piece(0)
    await rig.piece(30)
    rig.restart()
    task = asyncio.create_task(rig.viewings.run())
    await rig.piece(60)
    rig.clock.seconds += OVER / SECOND
    await rig.viewings.settle()
    (entry,) = rig.entries
    assert (entry.detail["from"], entry.detail["to"], entry.detail["pieces"]) == (NOON, NOON + 90 * SECOND, 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_kill_between_log_and_list_writes_nothing_twice(rig: Rig) -> None:
    await rig.piece(0)
    before = rig.path.read_bytes()
    await rig.pass_(OVER)
    assert len(rig.entries) == 1
    rig.path.write_bytes(before)
    rig.restart()
    await rig.viewings._recover()
    await rig.pass_(OVER)
    assert len(rig.entries) == 1


async def test_a_log_that_takes_nothing_loses_nothing(rig: Rig) -> None:
    await rig.piece(0)
    rig.log.full = True
    await rig.pass_(OVER)
    await rig.piece(30)
    rig.restart()
    rig.log.full = False
    await rig.pass_(OVER)
    assert sorted(entry.detail["from"] for entry in rig.entries) == [NOON, NOON + 30 * SECOND]


async def test_what_is_kept_is_bounded(rig: Rig) -> None:
    for number in range(SPANS + 1):
        await rig.piece(100 * number, 1)
    assert [entry.detail["pieces"] for entry in rig.entries] == [SPANS]
    rig.clock.seconds += LONGEST / SECOND + 1
    await rig.piece(0)
    assert [entry.detail["pieces"] for entry in rig.entries] == [SPANS, 1]


async def test_the_one_asked_for_longest_ago_makes_way(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "none")
    rig.viewings = Viewings(rig.log, rig.clock, None)
    for number in range(MOST + 5):
        rig.clock.seconds += 0.001
        await rig.piece(0, viewing=f"v{number}")
    assert [entry.detail["viewing"] for entry in rig.entries] == [f"v{number}" for number in range(5)]


async def test_what_cannot_be_written_down_is_not_shown(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "gone" / "viewings")
    with pytest.raises(StorageFull, match="who looks at recordings"):
        await rig.piece(0)
