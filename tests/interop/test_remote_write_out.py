"""Remote write with Debian's Prometheus at the other end: as the one that takes samples, goes away and comes back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest

from sitewarden.bus.interfaces import Bus
from sitewarden.config import Settings
from sitewarden.domain.events import Event
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.status import Status
from sitewarden.kit.clock import SystemClock
from sitewarden.net.network import LocalNetwork
from sitewarden.services.points.senders import Senders
from sitewarden.services.points.sending import Send
from sitewarden.store.sqlite import SqliteSampleStore, SqliteSends
from tests.interop.prometheus import Prometheus, prometheus
from tests.services.busses import MemoryBus

pytestmark = pytest.mark.interop

SECOND = 1_000_000
METRICS = {name: {"__name__": "point_celsius", "point": name, "area": "lab"} for name in ("supply", "return")}


class Sender:
    """An iot process's store and its senders, which can be killed and begun again."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.clock = SystemClock()
        self.bus = MemoryBus()
        self.statuses: list[Status] = []
        self.network = LocalNetwork(Settings.for_test("127.0.0.1"), "iot", folder / "run")
        self.send = Send(
            id="prom",
            name="Prometheus",
            url=f"http://127.0.0.1:{port}/api/v1/write",
            labels={"site": "north"},
            points=tuple(METRICS),
        )
        self.begun = self.clock.now()

    async def start(self) -> None:
        self.store = SqliteSampleStore.open(self.folder / "samples.db")
        self.sends = SqliteSends.open(self.folder / "sends.db")
        self.senders = Senders(
            self.network, self.clock, self.store.reader, self.sends, self.statuses.append, cast("Bus", self.bus)
        )
        self.task = asyncio.create_task(self.senders.run())
        await self.senders.configure([self.send], METRICS)

    async def stop(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task
        await self.sends.close()
        await self.store.close()

    async def append(self, point: str, *rows: tuple[int, float | None]) -> None:
        times = [time for time, _ in rows]
        qualities = [int(Quality.GOOD if value is not None else Quality.BAD_NO_COMMUNICATION) for _, value in rows]
        samples = Samples([point] * len(rows), times, times, [value for _, value in rows], qualities)
        await self.store.append(samples)
        self.senders.stored(samples)

    async def until_state(self, state: str) -> Status:
        async with asyncio.timeout(60):
            while not self.statuses or self.statuses[-1].state != state:
                await asyncio.sleep(0.05)
        return self.statuses[-1]

    def events(self) -> list[Event]:
        return [one.event for one in self.bus.stored]


@pytest.fixture
async def sender(tmp_path: Path) -> AsyncIterator[tuple[Sender, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    made = Sender(tmp_path, port)
    await made.start()
    yield made, port
    await made.stop()
    await made.network.close()


async def seen(peer: Prometheus, query: str, count: int) -> list[tuple[int, float]]:
    """Return what the peer holds once it is as many samples."""

    def ask() -> list[tuple[int, float]]:
        found = peer.ask("query", query=query)["data"]["result"]
        return [(round(moment * 1000), float(value)) for moment, value in found[0]["values"]] if found else []

    async with asyncio.timeout(60):
        while len(found := await asyncio.to_thread(ask)) < count:
            await asyncio.sleep(0.1)
    return found


def course(begin: int, first: int, last: int) -> list[tuple[int, float | None]]:
    return [(begin + number * SECOND // 1000, float(number)) for number in range(first, last)]


async def test_nothing_is_lost_while_either_side_is_away(sender: tuple[Sender, int], tmp_path: Path) -> None:
    ours, port = sender
    begin = ours.begun + SECOND
    await ours.append("supply", *course(begin, 0, 10))
    offline = await ours.until_state("offline")
    assert "Connection refused" in offline.detail and offline.data["points_waiting"] >= 0

    with prometheus("127.0.0.1", port, tmp_path) as peer:
        everything = '{__name__="point_celsius",point="supply",site="north",area="lab"}[1h]'
        assert await seen(peer, everything, 10) == [(time // 1000, value) for time, value in course(begin, 0, 10)]
        assert (await ours.until_state("online")).data["samples_sent"] == 10
        await ours.append("return", (begin, 1.0), (begin + SECOND, None))
        assert await seen(peer, 'point_celsius{point="return"}[1h]', 1) == [(begin // 1000, 1.0)]
        # It goes away, more than a request of samples comes, and we are begun again meanwhile.
        await ours.append("supply", *course(begin, 10, 15))
        await seen(peer, everything, 15)
    await ours.append("supply", *course(begin, 15, 6_000))
    await ours.stop()
    await ours.start()
    await ours.append("supply", *course(begin, 6_000, 6_010))
    with prometheus("127.0.0.1", port, tmp_path) as peer:
        held = await seen(peer, everything, 6_010)
        assert held == [(time // 1000, value) for time, value in course(begin, 0, 6_010)]
    types = [event.type for event in ours.events()]
    assert types[:2] == ["remote-write.offline", "remote-write.online"] and "remote-write.refused" not in types


async def test_what_is_refused_costs_nothing_else(sender: tuple[Sender, int], tmp_path: Path) -> None:
    """Prometheus takes nothing out of order, and refuses the whole request that has such a sample."""
    ours, port = sender
    begin = ours.begun + SECOND
    with prometheus("127.0.0.1", port, tmp_path) as peer:
        await ours.append("supply", *course(begin, 10, 20))
        await seen(peer, 'point_celsius{point="supply"}[1h]', 10)
        await ours.append("supply", *course(begin, 5, 6))
        await ours.append("supply", *course(begin, 20, 25))
        await ours.append("return", *course(begin, 0, 5))
        assert len(await seen(peer, 'point_celsius{point="supply"}[1h]', 15)) == 15
        assert len(await seen(peer, 'point_celsius{point="return"}[1h]', 5)) == 5
        async with asyncio.timeout(60):
            while not any(event.type == "remote-write.refused" for event in ours.events()):
                await asyncio.sleep(0.05)
        [refused] = [event for event in ours.events() if event.type == "remote-write.refused"]
        assert refused.data["count"] == 1 and "out of order" in refused.text and refused.entity == "remote-write:prom"
