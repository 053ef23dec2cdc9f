"""The parent of a node's processes: starts them, restarts them, stops them in order. It holds no port and no data.

A child that ends is started again at once; one that ends again and again within seconds waits, a second at most, so
that each share of the site is back within three seconds and a broken one does not spin.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec import Struct

from sitewarden.domain.clock import SECOND

STOP_SECONDS = 10.0
SETTLED_SECONDS = 5.0
LONGEST_PAUSE = 1.0
SAY_EVERY = 20
"""Of a child that ends at once, every how many ends are reported."""
PR_SET_PDEATHSIG = 1


class ProcessStatus(Struct, frozen=True, kw_only=True):
    """One process of the node, as `processes.json` in the run directory tells it."""

    name: str
    role: str
    pid: int
    state: str
    """"running", "restarting" or "stopped"."""
    since: int
    """Microseconds since 1970 UTC of the last start."""
    restarts: int
    detail: str = ""
    """How it ended the last time; empty while it never did."""


@dataclass(slots=True)
class Child:
    """A process to keep running. Children are started in the order given and stopped in reverse."""

    name: str
    role: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    output: Path | None = None
    """Where its output goes; None keeps the parent's."""


def end_with_parent() -> None:
    """Ask the kernel to send this process SIGTERM when its parent dies (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Keeps children running until `stop`."""

    def __init__(self, children: Sequence[Child], status_file: Path, *, report: Callable[[str], None] | None = None) -> None:
        self._children = list(children)
        self._status_file = status_file
        self._report = report or (lambda line: None)
        self._status: dict[str, ProcessStatus] = {}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Start all children and keep them until `stop` is called; then stop them in reverse order."""
        for child in self._children:
            self._tasks[child.name] = asyncio.create_task(self._keep(child), name=child.name)
        await self._stopping.wait()
        for child in reversed(self._children):
            await self.drop(child.name)

    def stop(self) -> None:
        """Begin to stop; `run` returns when every child has ended."""
        self._stopping.set()

    async def drop(self, name: str) -> None:
        """Stop one child for good: SIGTERM, and SIGKILL after ten seconds."""
        task = self._tasks.pop(name, None)
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        process = self._processes.pop(name, None)
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._report(f"{name} did not stop within {STOP_SECONDS:.0f} s and was killed")
                process.kill()
                await process.wait()
        self._tell(name, state="stopped")

    async def _keep(self, child: Child) -> None:
        pause = 0.0
        restarts = 0
        detail = ""
        while True:
            started = time.monotonic()
            process = await self._start(child)
            self._processes[child.name] = process
            self._status[child.name] = ProcessStatus(
                name=child.name,
                role=child.role,
                pid=process.pid,
                state="running",
                since=_now(),
                restarts=restarts,
                detail=detail,
            )
            self._write()
            code = await process.wait()
            detail = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
            restarts += 1
            settled = time.monotonic() - started > SETTLED_SECONDS
            pause = 0.0 if settled or restarts == 1 else min(LONGEST_PAUSE, max(0.1, pause * 2))
            if settled or restarts == 1 or restarts % SAY_EVERY == 0:
                self._report(f"{child.name} ended ({detail}, {restarts} times now); starting it again. Log: {child.output}")
            self._tell(child.name, state="restarting", detail=detail, restarts=restarts)
            await asyncio.sleep(pause)

    async def _start(self, child: Child) -> asyncio.subprocess.Process:
        output = None
        if child.output is not None:
            child.output.parent.mkdir(parents=True, exist_ok=True)
            output = child.output.open("ab")
        try:
            return await asyncio.create_subprocess_exec(
                *child.command,
                env={**os.environ, **child.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            if output is not None:
                output.close()

    def _tell(self, name: str, **changes: object) -> None:
        known = self._status.get(name)
        if known is not None:
            self._status[name] = msgspec.structs.replace(known, **changes)
            self._write()

    def _write(self) -> None:
        self._status_file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._status_file.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(list(self._status.values())))
        draft.replace(self._status_file)


def read_processes(status_file: Path) -> list[ProcessStatus]:
    """Return what the supervisor last wrote; empty when no supervisor has run."""
    try:
        return msgspec.json.decode(status_file.read_bytes(), type=list[ProcessStatus])
    except (FileNotFoundError, msgspec.DecodeError):
        return []


def python(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module with this interpreter."""
    return [sys.executable, "-m", module, *arguments]


def _now() -> int:
    return int(time.time() * SECOND)
