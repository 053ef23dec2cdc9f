"""MQTT messages per second from a broker to the sample store, and what 25,000 a second cost; beside a plain gmqtt client."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import uvloop
from gmqtt import Client
from msgspec import Struct

from bench._simulator import simulated
from bench.harness import Row, workspace
from bench.modbus import AloneBus, Counting
from sim.demo_mqtt import fleet
from sim.demo_points import specs
from sitewarden.bus.interfaces import Bus
from sitewarden.config import Settings
from sitewarden.domain.points.samples import Samples
from sitewarden.drivers.mqtt.session import Session
from sitewarden.kit.clock import SystemClock
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.points.worker import IotWorker
from sitewarden.store.sqlite import SqliteSampleStore
from sitewarden.wire.mqtt import V5, Connect, Publish
from sitewarden.wire.mqtt.client import Kept

TITLE = "MQTT over loopback: JSON of 20 bytes on 1,000 topics, a value that changes with every message, QoS 0"
TOPICS = int(os.environ.get("SITEWARDEN_BENCH_TOPICS", "1000"))
SECONDS = 4.0
AIM = 25_000
HOST = "127.0.0.1"


class Rates(Struct, frozen=True):
    """Messages taken and samples stored per second, and the share of a core that it took."""

    read: float
    stored: float
    core: float


@contextmanager
def broker(rate: float) -> Iterator[int]:
    """Start the flood as a process; yield its port."""
    with simulated("sim.mqtt", "--host", HOST, "--port", "0", "--flood", str(TOPICS), "--rate", str(rate)) as port:
        yield port


async def measure(count: Callable[[], tuple[int, int]]) -> Rates:
    """Count what is taken and stored within `SECONDS`."""
    async with asyncio.timeout(60.0):
        while not count()[0]:
            await asyncio.sleep(0.05)
    began, (read, stored), cpu = time.monotonic(), count(), time.process_time()
    await asyncio.sleep(SECONDS)
    taken, (more, kept) = time.monotonic() - began, count()
    return Rates((more - read) / taken, (kept - stored) / taken, (time.process_time() - cpu) / taken)


async def ours(folder: Path, port: int) -> Rates:
    """Run an iot worker as the product does."""
    store = Counting(SqliteSampleStore.open(folder / f"{time.monotonic_ns()}.db"))
    network = LocalNetwork(Settings.for_test(HOST), "iot", folder / "run")
    worker = IotWorker(cast("Bus", AloneBus()), network, SystemClock(), cast("Any", store), lambda _status: None)
    running = asyncio.create_task(worker.run())
    await worker.configure(specs(fleet(HOST, port, topics=TOPICS)))
    rates = await measure(lambda: (worker.table.taken, store.stored))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await network.close()
    await store.close()
    return rates


async def plain(folder: Path, port: int) -> Rates:
    """Do the same with gmqtt: decoded, held as latest values, stored each half second; nothing is told to anybody."""
    store = Counting(SqliteSampleStore.open(folder / f"{time.monotonic_ns()}.db"))
    latest: dict[str, tuple[float, int]] = {}
    batch, read = Samples([], [], [], [], []), 0

    def on_message(client: Any, topic: str, payload: bytes, qos: int, properties: Any) -> int:
        nonlocal read
        read += 1
        value, moment = json.loads(payload)["v"], time.time_ns() // 1000
        point = "fleet-" + topic.rpartition("/")[2]
        known = latest.get(point)
        latest[point] = (value, moment)
        if known is None or known[0] != value:
            batch.points.append(point)
            batch.source_times.append(moment)
            batch.server_times.append(moment)
            batch.values.append(value)
            batch.qualities.append(0)
        return 0

    async def keep() -> None:
        nonlocal batch
        while True:
            await asyncio.sleep(0.5)
            kept, batch = batch, Samples([], [], [], [], [])
            await store.append(kept)

    client = await gmqtt_client(port, on_message)
    keeping = asyncio.create_task(keep())
    rates = await measure(lambda: (read, store.stored))
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await client.disconnect()
    await store.close()
    return rates


async def gmqtt_client(port: int, on_message: Callable[..., int]) -> Any:
    """Return a gmqtt client that subscribed to the flood."""
    client = Client("bench")
    client.on_message = on_message
    client.on_connect = lambda client, flags, code, properties: client.subscribe("fleet/#", qos=0)
    await client.connect(HOST, port, version=5)
    return client


async def our_codec(folder: Path, port: int) -> Rates:
    """Receive with the driver's session alone."""
    read = 0

    def take(messages: list[Publish]) -> None:
        nonlocal read
        read += len(messages)

    network = LocalNetwork(Settings.for_test(HOST), "iot", folder / "run")
    greeting = Connect(version=V5, client_id="bench", keep_alive=30)
    _, session = await network.dial("mqtt", lambda: Session(greeting, Kept(), take, 30.0), HOST, port)
    await session.connected
    session.subscribe([("fleet/#", 0)])
    rates = await measure(lambda: (read, 0))
    session.close()
    await network.close()
    return rates


async def plain_codec(folder: Path, port: int) -> Rates:
    """Receive with gmqtt alone."""
    read = 0

    def on_message(client: Any, topic: str, payload: bytes, qos: int, properties: Any) -> int:
        nonlocal read
        read += 1
        return 0

    client = await gmqtt_client(port, on_message)
    rates = await measure(lambda: (read, 0))
    await client.disconnect()
    return rates


def measured(work: Callable[[Path, int], Awaitable[Rates]], folder: Path, rate: float = 0.0) -> Rates:
    """Run one side on a broker and a loop of its own."""
    loop = new_event_loop if work in (ours, our_codec) else uvloop.new_event_loop
    with broker(rate) as port, asyncio.Runner(loop_factory=loop) as runner:

        async def main() -> Rates:
            return await work(folder, port)

        return runner.run(main())


def run() -> list[Row]:
    """Measure both: the codec alone, to the store, and at the aim of 25,000 messages a second."""
    with workspace("mqtt") as folder:
        mine, other = measured(our_codec, folder), measured(plain_codec, folder)
        kept, others = measured(ours, folder), measured(plain, folder)
        steady, theirs = measured(ours, folder, AIM), measured(plain, folder, AIM)
    return [
        Row(
            name="receiving alone",
            value=mine.read,
            unit="messages/s",
            plain=other.read,
            plain_name="gmqtt alone",
            note=f"{mine.core / mine.read * 1e6:.1f} µs of processor a message, against {other.core / other.read * 1e6:.1f}",
        ),
        Row(
            name="broker to store",
            value=kept.stored,
            unit="messages/s",
            plain=others.stored,
            plain_name="gmqtt with a dict of latest values, into the same store",
            note=f"{kept.core:.0%} of a core, against {others.core:.0%}; the aim is {AIM:,}",
        ),
        Row(
            name=f"processor at {steady.stored:,.0f} messages/s stored",
            value=steady.core * 100,
            unit="% of a core",
            better="lower",
            plain=theirs.core * 100 * steady.stored / max(theirs.stored, 1.0),
            plain_name="gmqtt with a dict of latest values, scaled to that rate; it tells nobody",
        ),
    ]
