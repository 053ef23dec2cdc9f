import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sitewarden.app.supervisor import Child, ProcessStatus, Supervisor, read_processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@asynccontextmanager
async def running(children: list[Child], status: Path) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(children, status)
    task = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        supervisor.stop()
        await task


async def until(status: Path, *, name: str, restarts: int) -> ProcessStatus:
    while True:
        for process in read_processes(status):
            if process.name == name and process.state == "running" and process.restarts >= restarts:
                return process
        await asyncio.sleep(0.01)


async def test_a_killed_child_is_back_and_the_others_are_left_alone(tmp_path: Path) -> None:
    status = tmp_path / "processes.json"
    async with running([Child("a", "core", SLEEP), Child("b", "web", SLEEP)], status):
        first = await until(status, name="a", restarts=0)
        other = await until(status, name="b", restarts=0)
        os.kill(first.pid, signal.SIGKILL)
        again = await asyncio.wait_for(until(status, name="a", restarts=1), 60)
        assert again.pid != first.pid
        assert (await until(status, name="b", restarts=0)).pid == other.pid


async def test_stop_ends_every_child(tmp_path: Path) -> None:
    status = tmp_path / "processes.json"
    async with running([Child("a", "core", SLEEP), Child("b", "web", SLEEP)], status):
        pids = [(await until(status, name=name, restarts=0)).pid for name in ("a", "b")]
    for pid in pids:
        assert not Path(f"/proc/{pid}").exists()
    assert {process.state for process in read_processes(status)} == {"stopped"}


async def test_a_child_that_cannot_live_is_tried_again_without_spinning(tmp_path: Path) -> None:
    status = tmp_path / "processes.json"
    marks = tmp_path / "marks"
    program = [sys.executable, "-c", f"open({str(marks)!r}, 'a').write('x')"]
    async with running([Child("a", "core", program)], status):
        while not marks.exists() or len(marks.read_text()) < 3:
            await asyncio.sleep(0.01)
    assert len(marks.read_text()) >= 3
