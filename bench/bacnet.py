"""Objects per second from a BACnet device to the latest value and to the store, and changes that it tells; beside bacpypes3."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from bacpypes3.app import Application
from bacpypes3.argparse import SimpleArgumentParser
from bacpypes3.pdu import Address
from msgspec import Struct

from bench._simulator import simulated
from bench.harness import Row, workspace
from bench.modbus import AloneBus, Counting, Rates, rated
from sitewarden.bus.interfaces import Bus
from sitewarden.config import Settings
from sitewarden.domain.points.model import Point
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.points.worker import IotWorker
from sitewarden.store.sqlite import SqliteSampleStore

TITLE = "BACnet/IP over loopback, one device, present value and status flags of each object"
OBJECTS = int(os.environ.get("BENCH_BACNET_OBJECTS", "1000"))
SECONDS = float(os.environ.get("BENCH_BACNET_SECONDS", "4"))
CHANGES = 5_000
HOST, PEER, PLAIN = "127.0.0.1", "127.0.0.2", "127.0.0.3"
GROUP = 25


class Case(Struct, frozen=True):
    """What is measured: polled or told, stored or not."""

    told: bool = False
    stored: bool = False


@contextmanager
def device(case: Case) -> Iterator[int]:
    """Start the simulated device as a process; yield its port."""
    changes = ["--changes", str(CHANGES)] if case.told else []
    with simulated("sim.bacnet", "--host", PEER, "--port", "0", "--fleet", str(OBJECTS), *changes) as port:
        yield port


def spec(port: int, case: Case) -> tuple[str, EndpointSpec]:
    """Return an endpoint with all objects of the device."""
    points = tuple(
        Point(id=f"p{place}", name=f"P{place}", device="fleet", address={"object": f"analog-input,{place}"}, period=0.05)
        for place in range(OBJECTS)
    )
    config = {"host": PEER, "port": port, "in_flight": 8, "refresh": 3600.0, "cov": "unconfirmed" if case.told else "off"}
    made = DeviceSpec(id="fleet", name="Fleet", config=config, points=points)
    return "bacnet", EndpointSpec(id="roof", name="Roof", config={"timeout": 2.0}, devices=(made,))


async def ours(folder: Path, port: int, case: Case) -> Rates:
    """Run an iot worker as the product does."""
    store = Counting(SqliteSampleStore.open(folder / f"{time.monotonic_ns()}.db") if case.stored else None)
    network = LocalNetwork(Settings.for_test(HOST), "iot", folder / "run")
    worker = IotWorker(cast("Bus", AloneBus()), network, SystemClock(), cast("Any", store), lambda _status: None)
    running = asyncio.create_task(worker.run())
    await worker.configure([spec(port, case)])
    async with asyncio.timeout(120):
        while sum(one.value is not None for one in worker.table.latest()) < OBJECTS:
            await asyncio.sleep(0.05)
    if case.told:
        # Subscriptions are made one after the other; then all is told, and nothing is polled.
        await asyncio.sleep(SECONDS)
    rates = await rated(worker, store, SECONDS)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await network.close()
    await store.close()
    return rates


async def plain(port: int) -> Rates:
    """Read with bacpypes3, one request after the other, into nothing."""
    options = SimpleArgumentParser().parse_args(["--address", f"{PLAIN}/32:{port + 1}", "--instance", "9", "--name", "bench"])
    app, target = Application.from_args(options), Address(f"{PEER}:{port}")
    asked: list[Any] = []
    for place in range(GROUP):
        asked += [f"analog-input,{place}", ["present-value", "status-flags"]]
    count, began, cpu = 0, time.monotonic(), time.process_time()
    while time.monotonic() - began < SECONDS:
        count += len(await app.read_property_multiple(target, asked)) // 2
    taken = time.monotonic() - began
    rates = Rates(count / taken, 0.0, (time.process_time() - cpu) / taken)
    app.close()
    return rates


def measured(folder: Path, case: Case) -> Rates:
    """Run a case on a device and a loop of its own."""
    with device(case) as port, asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(ours(folder, port, case))


def run() -> list[Row]:
    """Measure all cases."""
    with workspace("bacnet") as folder:
        polled, kept, told = measured(folder, Case()), measured(folder, Case(stored=True)), measured(folder, Case(told=True))
        with device(Case()) as port:
            other = asyncio.run(plain(port))
    name = f"bacpypes3, {GROUP} objects a request, into nothing"
    return [
        Row(
            name="device to latest value",
            value=polled.read,
            unit="objects/s",
            plain=other.read,
            plain_name=name,
            note=f"two properties each; {polled.core:.0%} of a core, against {other.core:.0%}",
        ),
        Row(
            name="device to store",
            value=kept.stored,
            unit="objects/s",
            plain=other.read,
            plain_name=name,
            note=f"{kept.read:,.0f}/s read meanwhile",
        ),
        Row(
            name="changes told (COV) to latest value",
            value=told.read,
            unit="notifications/s",
            plain=float(CHANGES),
            plain_name="what the device tells",
            note=f"{told.core:.0%} of a core",
        ),
    ]
