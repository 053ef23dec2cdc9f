"""How long a lockdown of the site takes until every door is locked and says so."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from bench.harness import Row, percentile, workspace
from sim.controller import SimController
from sim.demo_access import provision, settings
from sitewarden.config import Settings
from sitewarden.domain.access.model import Controller, Door
from sitewarden.net.network import LocalNetwork
from sitewarden.nodes.controller.settings import LockSettings
from sitewarden.services.operations import system
from sitewarden.services.surface.access import DoorCommand, DoorsCommand
from sitewarden.wire.controller import COMMISSIONING
from tests.drivers.link.site import Core

TITLE = "lockdown of the site through the real link (TLS 1.3, loopback)"

CONTROLLERS = 100
EACH = 8
ROUNDS = 10
HOST = "127.77.251.2"


async def measure(folder: Path) -> list[Row]:
    """Lock down and release; the controllers run in this process too, so their work is in the figure."""
    core = Core(folder, HOST)
    await core.start()
    core.answers[COMMISSIONING] = _heard
    names = [f"c-{number}" for number in range(CONTROLLERS)]
    await core.put(
        *(Controller(id=name, name=name) for name in names),
        *(Door(id=f"{name}-{output}", name=name, controller=name, output=output) for name in names for output in range(EACH)),
    )
    tasks: list[asyncio.Task[None]] = []
    try:
        sims = [await _controller(core, name, tasks) for name in names]
        seconds, work = [], []
        for _ in range(ROUNDS):
            await _settled(core)
            cpu = time.process_time()
            done = await _command(core, "lockdown")
            seconds.append(done.seconds)
            assert done.done == done.total == CONTROLLERS * EACH
            assert not any(any(sim.board.outputs.values()) for sim in sims)
            work.append(time.process_time() - cpu)
            await _command(core, "release-lockdown")
        await _settled(core)
        begun = time.perf_counter()
        for door in range(EACH):
            await core.access._command(system("bench"), DoorCommand(id=f"c-0-{door}", command="lockdown", reason="bench"))
        single = (time.perf_counter() - begun) * CONTROLLERS
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await core.stop()
    return [
        Row(
            name=f"lockdown of {CONTROLLERS * EACH} doors on {CONTROLLERS} controllers, slowest of {ROUNDS}",
            value=max(seconds) * 1000,
            unit="ms",
            better="lower",
            plain=single * 1000,
            plain_name="door after door",
            note="server and all controllers on one core; from the command to the last answer, each after its locks were driven",
        ),
        Row(
            name="processor time of it, middle",
            value=percentile(work, 0.5) * 1000,
            unit="ms",
            better="lower",
            note="server and controllers together",
        ),
    ]


async def _settled(core: Core) -> None:
    """Wait until the controllers' logs are uploaded: a lockdown comes into a quiet site."""
    before = -1
    while before != (head := core.log.head()):
        before = head
        await asyncio.sleep(0.5)


async def _heard(told: Any) -> None:
    """Take a commissioning code, and keep it nowhere."""


async def _command(core: Core, command: Any) -> Any:
    (many,) = core.access.many.operations()
    return await many.handler(system("bench"), DoorsCommand(command=command, reason="bench"))


async def _controller(core: Core, name: str, tasks: list[asyncio.Task[None]]) -> SimController:
    data = core.data / "sim"
    provision(core.authority, name, data)
    locks = tuple(LockSettings(output=output, contact=output) for output in range(EACH))
    where = f"127.77.252.{len(tasks) + 1}"
    network = LocalNetwork(Settings.for_test(where, data / name), "controller", data / name / "run")
    sim = SimController(msgspec.structs.replace(settings(name, data, core.host), locks=locks, readers=()), network)
    tasks.append(asyncio.create_task(sim.run()))
    async with asyncio.timeout(60):
        await sim.wait_ready()
        await sim.wait_rules(core.access.rulebook.rules.version)
    return sim


def run() -> list[Row]:
    """Measure it."""
    with workspace("lockdown") as folder:
        return uvloop.run(measure(folder))
