"""The simulated machines, run by themselves as a process with faults, and the entities with which a site sees them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim.demo_mqtt import entities
from sim.demo_points import specs
from sitewarden.domain.commands import Command
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.mqtt.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.supervise import Supervisor
from tests.kit.fakes import Recorder
from tests.kit.network import LoopNetwork

ROOT = Path(__file__).parents[3]


class Site:
    """The machines as a process, and the driver on them."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.recorder = Recorder()
        context = self.recorder.context(LoopNetwork())
        self.supervisor = Supervisor(context, lambda _name: DRIVER, backoff=lambda: Backoff(0.02, 0.1), steady=0.0)

    async def run(self, *faults: str) -> None:
        arguments = ("-m", "sim.mqtt", "--host", self.host, "--port", "0", *faults)
        self.process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
        assert self.process.stdout is not None
        async with asyncio.timeout(60.0):
            port = int((await self.process.stdout.readline()).rsplit(b":", 1)[1])
        await self.supervisor.reconcile(specs(entities(self.host, port)))

    async def stop(self) -> None:
        await self.supervisor.close()
        self.process.kill()
        await self.process.communicate()

    def found(self, id_: str) -> list[tuple[Value, int]]:
        return [
            (value, quality)
            for batch in self.recorder.batches
            for point, value, quality in zip(batch.points, batch.values, batch.qualities, strict=True)
            if point == id_
        ]

    async def write(self, id_: str, value: Value) -> Value:
        order = Command(id="1", name="point.write", entity=f"point:{id_}", args={"value": value}, timeout=60.0)
        result = await self.supervisor.execute(order)
        assert result.ok, result
        return result.value["read_back"]


@pytest.fixture
async def site(host: str) -> AsyncIterator[Site]:
    site = Site(host)
    yield site
    await site.stop()


async def test_every_point_has_a_value_and_writes_come_back(site: Site) -> None:
    await site.run("--delay", "0.01")
    points = ["counter-main-in", "counter-yard-out", "climate-temperature", "lamp-level", "press-speed", "press-strokes"]
    await site.recorder.until(lambda: all((site.found(one) or [(None, 1)])[-1][1] == 0 for one in points))
    assert await site.write("lamp-level", 40) == 40
    assert await site.write("press-speed", 12.5) == 12.5


async def test_faults_are_seen_and_survived(site: Site) -> None:
    await site.run("--wrong", "0.5", "--restart", "2")
    await site.recorder.until(lambda: (None, Quality.BAD_SENSOR_FAILURE) in site.found("counter-main-in"))
    await site.recorder.until(
        lambda: any(quality == Quality.UNCERTAIN_LAST_KNOWN_VALUE for _, quality in site.found("press-speed"))
    )
    seen = len(site.found("press-speed"))
    await site.recorder.until(lambda: any(quality == Quality.GOOD for _, quality in site.found("press-speed")[seen:]))
