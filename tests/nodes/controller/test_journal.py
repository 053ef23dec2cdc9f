"""The controller's log: order, restart, wrap with its gap told, a disk that fails."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.access.door import Priority
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.errors import Refusal
from sitewarden.kit.clock import ManualClock
from sitewarden.nodes.controller import journal as module
from sitewarden.nodes.controller.journal import Journal
from sitewarden.wire.controller import Record

CLOCK = ManualClock(1_700_000_000_000_000)


def record(number: int) -> Record:
    return Record(number, "door.opened", "main", data={"n": number})


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal.open(tmp_path / "controller.db", CLOCK, records=1000)
    task = asyncio.create_task(journal.run())
    yield journal
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await journal.close()


async def test_what_is_added_is_read_in_order_and_over_a_restart(journal: Journal, tmp_path: Path) -> None:
    assert [journal.add(record(n)) for n in range(1, 301)] == list(range(1, 301))
    await journal.flush()
    journal.confirm(120)
    journal.keep_modes("main", {Priority.EMERGENCY: DoorMode.LOCKED_DOWN, Priority.OPERATOR: DoorMode.UNLOCKED})
    await journal.keep_rules("abc", b"rules")
    await journal.flush()
    again = Journal.open(tmp_path / "controller.db", CLOCK)
    assert again.records(298) == [(299, record(299)), (300, record(300))]
    assert (again.epoch, again.first, again.last, again.confirmed) == (journal.epoch, 1, 300, 120)
    assert again.modes() == {"main": {Priority.EMERGENCY: DoorMode.LOCKED_DOWN, Priority.OPERATOR: DoorMode.UNLOCKED}}
    assert again.rules() == ("abc", b"rules")
    await again.close()


async def test_nothing_is_shown_before_it_is_durable(journal: Journal, tmp_path: Path) -> None:
    journal.add(record(1))
    assert await journal.read(0) == []
    await journal.wait_beyond(0)
    other = sqlite3.connect(tmp_path / "controller.db")
    assert other.execute("SELECT count(*) FROM log").fetchone() == (1,)
    other.close()


async def test_a_full_log_drops_the_oldest_and_tells_how_many_were_not_uploaded(journal: Journal) -> None:
    for n in range(1, 1001):
        journal.add(record(n))
    await journal.flush()
    journal.confirm(5)
    journal.add(record(1001))
    await journal.flush()
    while not (gaps := [found for _, found in journal.records() if found.type == "controller.log-gap"]):
        await journal.wait_beyond(journal.last)
    kept = [index for index, _ in journal.records()]
    assert kept == list(range(kept[0], kept[-1] + 1))
    assert len(kept) <= 1000
    assert gaps[0].data["count"] == kept[0] - 1 - 5


async def test_a_full_log_that_was_uploaded_tells_of_no_gap(journal: Journal) -> None:
    for n in range(1, 1001):
        journal.add(record(n))
    await journal.flush()
    journal.confirm(1000)
    for n in range(1001, 1400):
        journal.add(record(n))
    await journal.flush()
    assert not [found for _, found in journal.records() if found.type == "controller.log-gap"]


async def test_a_disk_that_fails_holds_records_back_and_loses_none(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", 0.01)
    commit, failures = journal._commit, 3

    def failing(*arguments: Any) -> int:
        nonlocal failures
        if failures:
            failures -= 1
            raise sqlite3.OperationalError("disk I/O error")
        return commit(*arguments)

    monkeypatch.setattr(journal, "_commit", failing)
    for n in range(1, 51):
        journal.add(record(n))
    await journal.flush()
    assert failures == 0
    assert [index for index, _ in journal.records()] == list(range(1, 51))


async def test_more_than_may_wait_is_dropped_and_told(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 10)
    for n in range(1, 31):
        journal.add(record(n))
    await journal.wait_beyond(9)
    await journal.wait_beyond(30)
    found = journal.records()
    assert [index for index, _ in found] == [*range(1, 11), 31]
    assert found[-1][1].data["count"] == 20


async def test_a_log_from_a_backup_gives_no_index_twice(journal: Journal) -> None:
    journal.add(record(1))
    journal.skip_to(500)
    assert journal.add(record(2)) == 501


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "controller.db"
    file.write_bytes(b"not a database, but long enough to be looked at as one" * 40)
    with pytest.raises(Refusal, match="cannot be opened") as refusal:
        Journal.open(file, CLOCK)
    assert refusal.value.remedy


async def test_an_end_while_the_disk_is_busy_loses_no_lock_request(tmp_path: Path) -> None:
    held = threading.Event()
    with ThreadPoolExecutor(1) as disk:
        journal = Journal.open(tmp_path / "controller.db", CLOCK, executor=disk)
        task = asyncio.create_task(journal.run())
        disk.submit(held.wait)
        journal.keep_modes("main", {Priority.EMERGENCY: DoorMode.LOCKED_DOWN})
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        held.set()
        await journal.close()
        again = Journal.open(tmp_path / "controller.db", CLOCK)
        assert again.modes() == {"main": {Priority.EMERGENCY: DoorMode.LOCKED_DOWN}}
        await again.close()
