"""kill -9 under load: nothing acknowledged is lost, nothing is doubled, no transaction is there in part.

What a killed process wrote is still in the kernel's cache, so this proves order and recovery; that the commit waits for the
disk is synchronous=FULL, which `test_every_commit_reaches_the_disk` sees in the system calls.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from pathlib import Path

import pytest

from sitewarden.store.interfaces import EventFilter
from sitewarden.store.sqlite import Outbox, SqliteEventLog, SqliteSampleStore, SqliteStateStore
from sitewarden.store.sqlite.fsck import check_all
from tests.store.samples_of import StillClock
from tests.store.victim import POINTS

ROOT = Path(__file__).parents[2]
Told = dict[str, list[str]]


def load_and_kill(data: Path, epoch: int, seconds: float) -> Told:
    """Run the victim, kill it `seconds` after its first word, and return all that it was told is durable."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.victim", str(data), str(epoch)], stdout=subprocess.PIPE, env=environment
    ) as victim:
        assert victim.stdout is not None
        lines = [victim.stdout.readline()]
        executioner = threading.Timer(seconds, victim.kill)
        executioner.start()
        lines += victim.stdout.readlines()
        executioner.join()
    assert victim.returncode == -signal.SIGKILL
    told: Told = defaultdict(list)
    for line in lines:
        kind, _, rest = line.decode().rstrip("\n").partition(" ")
        told[kind].append(rest)
    return told


async def check_events(data: Path, told: Told) -> None:
    log = SqliteEventLog.open(data / "events.db")
    keys: list[str] = []
    cursor = 0
    while page := await log.read(EventFilter(after=cursor, limit=10_000)):
        assert [one.seq for one in page] == list(range(cursor + 1, cursor + 1 + len(page)))
        keys += [one.event.key for one in page]
        cursor = page[-1].seq
    assert cursor == log.head()
    assert len(set(keys)) == len(keys)
    assert set(told["event"]) <= set(keys)
    indexes: dict[tuple[str, int], list[int]] = defaultdict(list)
    for key in keys:
        origin, epoch, index = key.split("/")
        indexes[origin, int(epoch)].append(int(index))
    for (origin, epoch), of_origin in indexes.items():
        assert of_origin == list(range(1, len(of_origin) + 1)), "order of each producer"
        if epoch == max(one for name, one in indexes if name == origin):
            assert log.confirmed(origin) == (epoch, of_origin[-1]), "the confirm is in the events' transaction"
    await log.close()


async def check_state(data: Path, told: Told) -> None:
    state = SqliteStateStore.open(data / "state.db", StillClock())
    areas = {f"area:{held.entity.id}" for held in state.list("area")}
    audited: list[str] = []
    before = None
    while page := await state.audit_page(before, 10_000):
        audited += [one.entry.entity for one in page]
        before = page[-1].id
    waiting = [event.key for _, event in state._file.outbox(1_000_000)]
    assert set(told["change"]) <= areas
    assert sorted(audited) == sorted(areas), "the audit entry is in the change's transaction"
    assert sorted(waiting) == sorted(areas), "the event is in the change's transaction"
    assert state.version == len(areas)
    await state.close()


async def check_samples(data: Path, told: Told) -> None:
    store = SqliteSampleStore.open(data / "samples.db")
    acknowledged = {tuple(map(int, one.split())) for one in told["samples"]}
    for who in range(3):
        columns = [(await store.range(f"p{who}-{point}", 0, 1 << 60, 200_000)).values for point in range(POINTS)]
        assert all(column == columns[0] for column in columns), "a batch is there whole or not at all"
        assert len(set(columns[0])) == len(columns[0])
        assert {second for owner, second in acknowledged if owner == who} <= set(columns[0])
    await store.close()


async def check_outbox(data: Path, told: Told) -> None:
    outbox = Outbox.open(data / "outbox-iot.db")
    found: dict[int, str] = {}
    while items := await outbox.pending(10_000):
        found |= {one.id: one.events[0].key for one in items}
        await outbox.ack(items[-1].id)
    assert {int(number): key for number, key in (one.split() for one in told["item"])}.items() <= found.items()
    await outbox.close()


async def rounds(data: Path, count: int, part: int) -> None:
    chance = random.Random(part)
    for epoch in range(1, count + 1):
        told = load_and_kill(data, epoch, chance.uniform(0.0, 0.4))
        assert check_all(data) == []
        await check_events(data, told)
        await check_state(data, told)
        await check_samples(data, told)
        await check_outbox(data, told)


@pytest.mark.timeout(600)
async def test_ten_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    await rounds(tmp_path, 10, 1000)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(20))
async def test_two_hundred_kills_lose_nothing_acknowledged(tmp_path: Path, part: int) -> None:
    await rounds(tmp_path, 10, part)


APPEND = """
import asyncio, sys
from sitewarden.store.sqlite import SqliteEventLog
from tests.store.samples_of import event
async def main():
    log = SqliteEventLog.open(sys.argv[1])
    for index in range(7):
        await log.append([event(index)])
    await log.close()
asyncio.run(main())
"""


def test_every_commit_reaches_the_disk(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    trace = tmp_path / "trace"
    command = [strace or "", "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(trace)]
    if not strace or subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("strace is not here or not permitted: that commits wait for the disk is not seen")
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    subprocess.run([*command, sys.executable, "-c", APPEND, str(tmp_path / "events.db")], check=True, env=environment, timeout=60)
    synced = [line for line in trace.read_text().splitlines() if "events.db-wal" in line]
    assert len(synced) >= 7
