"""Core and a worker as processes, killed with SIGKILL under load: nothing acknowledged is lost, doubled or out of order."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from sitewarden.bus import BusClient
from sitewarden.config import Settings
from sitewarden.domain.commands import Command
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork

ROOT = Path(__file__).parents[2]
WAIT = 60.0
"""Seconds for what takes one on a quiet machine."""

started: list[Process] = []


async def start(module: str, *arguments: object) -> Process:
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *map(str, arguments), stdout=PIPE, env={**os.environ, **paths}
    )
    started.append(process)
    return process


async def start_core(directory: Path) -> Process:
    process = await start("tests.bus.core_process", directory)
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), WAIT) == b"ready\n"
    return process


class Kept:
    """What a worker said is safe."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._readers: list[asyncio.Task[None]] = []

    def watch(self, process: Process) -> None:
        self._readers.append(asyncio.create_task(self._read(process)))

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        while (line := await process.stdout.readline()).endswith(b"\n"):
            self.keys.append(line.decode().strip())

    async def finish(self) -> None:
        await asyncio.gather(*self._readers)

    async def grow(self, by: int) -> None:
        target = len(self.keys) + by
        async with asyncio.timeout(WAIT):
            while len(self.keys) < target:
                await asyncio.sleep(0.005)


async def rounds(directory: Path, count: int, seed: int) -> None:
    rng = random.Random(seed)
    kept, followed = Kept(), list[str]()
    network = LocalNetwork(Settings.for_test("127.0.0.1", directory), "web", directory / "run")
    web = BusClient(network, directory / "run/core.sock", "web")
    tasks = [asyncio.create_task(web.run())]

    async def follow() -> None:
        async for batch in web.events(after=0):
            followed.extend(one.event.key for one in batch)

    tasks.append(asyncio.create_task(follow()))
    core = await start_core(directory)
    epoch = 0
    worker = await start("tests.bus.worker_process", directory, epoch)
    kept.watch(worker)
    await kept.grow(1)
    for _ in range(count):
        await kept.grow(rng.randrange(1, 150))
        if rng.random() < 0.7:
            core.send_signal(signal.SIGKILL)
            await core.wait()
            await kept.grow(rng.randrange(1, 60))
            core = await start_core(directory)
        else:
            worker.send_signal(signal.SIGKILL)
            await worker.wait()
            epoch += 1
            worker = await start("tests.bus.worker_process", directory, epoch)
            kept.watch(worker)
    await kept.grow(100)
    await web.ready()
    async with asyncio.timeout(WAIT):
        while not (result := await web.command(Command(id="c", name="door.release", entity="door:main"))).ok:
            await asyncio.sleep(0.01)
    assert result.value == {"epoch": epoch}
    async with asyncio.timeout(WAIT):
        while not set(kept.keys) <= set(followed):
            await asyncio.sleep(0.01)
    worker.kill()
    await worker.wait()
    await kept.finish()
    core.kill()
    await core.wait()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert len(followed) == len(set(followed))
    for one in range(epoch + 1):
        indexes = [int(key.rpartition("/")[2]) for key in followed if key.startswith(f"iot/{one}/")]
        assert indexes == sorted(indexes)


async def bounded(directory: Path, count: int, seed: int) -> None:
    """Run the rounds; whatever happens, no process is left."""
    try:
        async with asyncio.timeout(WAIT + 30 * count):
            await rounds(directory, count, seed)
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()
                await process.wait()
        started.clear()


def run(directory: Path, count: int, seed: int) -> None:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(bounded(directory, count, seed))


def test_nothing_acknowledged_is_lost_over_ten_kills(tmp_path: Path) -> None:
    run(tmp_path, 10, 1)


@pytest.mark.soak
def test_nothing_acknowledged_is_lost_over_two_hundred_kills(tmp_path: Path) -> None:
    run(tmp_path, 200, 2)
