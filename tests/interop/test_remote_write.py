"""Remote write with Debian's Prometheus at the other end: as the one that sends to 9090."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import pytest

from sitewarden.api.server import serve
from sitewarden.api.timeseries.face import create_timeseries
from sitewarden.bus.interfaces import Bus
from sitewarden.config import TimeSeriesSettings
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.identity.model import ApiToken, Grant
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.services.identity import new_token
from sitewarden.services.points.worker import IotWorker
from sitewarden.services.timeseries.desk import Desk
from sitewarden.services.timeseries.queries import Queries
from sitewarden.services.timeseries.receivable import Receivable
from sitewarden.store.sqlite import SqliteSampleStore
from tests.interop.prometheus import Prometheus, prometheus
from tests.services.busses import MemoryBus
from tests.services.house import House

pytestmark = pytest.mark.interop

PLANT = Endpoint(id="plant", name="Plant", driver="prometheus")
SERVER = Device(id="server", name="Server", endpoint="plant", config={"labels": {"job": "itself"}})
POINTS = (
    Point(id="server-up", name="Up", device="server", type="boolean", address={"metric": "up"}),
    Point(
        id="server-heap",
        name="Heap",
        device="server",
        unit="MB",
        scale=1e-6,
        address={"metric": "go_memstats_alloc_bytes", "labels": {"job": "itself"}},
    ),
    Point(
        id="server-requests",
        name="Requests",
        device="server",
        type="integer",
        address={"metric": "prometheus_http_requests_total", "labels": {"handler": "/metrics", "code": "200"}},
    ),
)


class Claiming(MemoryBus):
    def claim(self, entities: Any, execute: Any) -> None:
        """Nobody commands anything here."""

    async def command(self, command: Command) -> Result:
        raise NotImplementedError


class Site(House):
    """Core's services, an iot worker with a store of its own, and port 9090, which can go away and come back."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.real = SystemClock()
        bus = Claiming()
        bus._handlers = self.bus._handlers
        self.bus = bus
        self.store = SqliteSampleStore.open(folder / "samples.db")
        self.operations.add(Receivable(self.state, self.subjects).operations())
        self.worker = IotWorker(cast("Bus", bus), cast("Any", None), self.real, self.store, lambda status: None)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> str:
        """Start what runs; return an API token that may deliver."""
        await self.begin()
        await self.person("plant", Grant(action="point.deliver"))
        token, hashed = new_token()
        await self.memory.put("token", ApiToken(id="t", name="t", user="plant", token_hash=hashed))
        await self.memory.put("endpoint", PLANT)
        await self.memory.put("device", SERVER)
        await self.memory.put("point", *POINTS)
        self._tasks.append(asyncio.create_task(self.worker.run()))
        device = DeviceSpec(id=SERVER.id, name=SERVER.name, config=SERVER.config, points=POINTS)
        await self.worker.configure([("prometheus", EndpointSpec(id=PLANT.id, name=PLANT.name, devices=(device,)))])
        return token

    async def shut(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.store.close()
        self.close()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Serve port 9090 meanwhile."""
        listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        queries = Queries(self.store.reader, TimeSeriesSettings())
        app = create_timeseries(cast("Bus", self.bus), self.real, queries, Desk())
        task = asyncio.create_task(serve(app, [listener], lifespan="off"))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, point: str, count: int) -> None:
        async with asyncio.timeout(60):
            while len((await self.store.range(point, 0, 2**60, 100_000)).points) < count:
                await asyncio.sleep(0.1)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path)
    yield made
    await made.shut()


def sends(port: int, token: str, itself: int) -> str:
    return f"""
global: {{scrape_interval: 300ms, scrape_timeout: 300ms}}
scrape_configs: [{{job_name: itself, static_configs: [{{targets: ["127.0.0.1:{itself}"]}}]}}]
remote_write:
- url: http://127.0.0.1:{port}/api/v1/write
  authorization: {{credentials: {token}}}
  queue_config: {{batch_send_deadline: 200ms, max_backoff: 300ms}}
"""


def raw(peer: Prometheus, query: str) -> list[tuple[int, float]]:
    [found] = peer.ask("query", query=query)["data"]["result"]
    return [(round(moment * 1000), float(value)) for moment, value in found["values"]]


async def test_prometheus_sends_and_nothing_is_lost_while_we_are_away(site: Site, tmp_path: Path) -> None:
    token = await site.open()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        itself = int(probe.getsockname()[1])
    with prometheus("127.0.0.1", itself, tmp_path, sends(site.port, token, itself)) as peer:
        async with site.serving():
            await site.until("server-up", 5)
        gone = len((await site.store.range("server-up", 0, 2**60, 100_000)).points)
        async with asyncio.timeout(60):
            while len(await asyncio.to_thread(raw, peer, "up[10m]")) < gone + 5:
                await asyncio.sleep(0.1)
        async with site.serving():
            await site.until("server-up", gone + 10)
        theirs = {
            "server-up": await asyncio.to_thread(raw, peer, "up[10m]"),
            "server-heap": await asyncio.to_thread(raw, peer, "go_memstats_alloc_bytes[10m]"),
            "server-requests": await asyncio.to_thread(
                raw, peer, 'prometheus_http_requests_total{handler="/metrics",code="200"}[10m]'
            ),
        }
        for point, expected in theirs.items():
            ours = await site.store.range(point, 0, 2**60, 100_000)
            scale = 1e-6 if point == "server-heap" else 1
            found = [(time // 1000, value) for time, value in zip(ours.source_times, ours.values, strict=True)]
            assert len(found) >= gone
            assert found == [(time, pytest.approx(value * scale)) for time, value in expected[: len(found)]]
            assert set(ours.qualities) == {0}
    assert {one.point: one.value for one in site.worker.table.latest(["server-up"])} == {"server-up": True}
