"""Notifications per second from an OPC UA server to the latest value and to the store, plain and secured."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any, cast

from asyncua import Client, ua

from bench._simulator import simulated
from bench.harness import Row, workspace
from bench.modbus import AloneBus, Counting, Rates, rated
from sitewarden.bus.interfaces import Bus
from sitewarden.config import Settings
from sitewarden.domain.points.model import Point
from sitewarden.drivers.opcua.trust import shown
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import application
from sitewarden.services.points.worker import IotWorker
from sitewarden.store.sqlite import SqliteSampleStore

TITLE = "OPC UA over loopback, a server that has news of 1,000 numbers whenever it is asked"
NODES = int(os.environ.get("BENCH_OPCUA_NODES", "1000"))
SECONDS = float(os.environ.get("BENCH_OPCUA_SECONDS", "4"))
HOST = "127.0.0.1"
SPACE = "nsu=http://line.example/;s=Line.Extra"


def spec(port: int, config: dict[str, Any]) -> tuple[str, EndpointSpec]:
    """Return an endpoint with all nodes in one subscription."""
    points = tuple(
        Point(id=f"n{place}", name=f"Node {place}", device="line", address={"node": f"{SPACE}{place}"}, period=0.05)
        for place in range(NODES)
    )
    settings = {"host": HOST, "port": port, "path": "/line", "timeout": 60.0} | config
    devices = (DeviceSpec(id="line", name="Line", points=points),)
    return "opcua", EndpointSpec(id="line", name="Line", config=settings, devices=devices)


async def ours(folder: Path, port: int, config: dict[str, Any], *, stored: bool) -> Rates:
    """Run an iot worker as the product does."""
    store = Counting(SqliteSampleStore.open(folder / f"{time.monotonic_ns()}.db") if stored else None)
    network = LocalNetwork(Settings.for_test(HOST), "iot", folder / "run")
    worker = IotWorker(
        cast("Bus", AloneBus()),
        network,
        SystemClock(),
        cast("Any", store),
        lambda _status: None,
        application=lambda: application(folder, "ours", "urn:bench:ours"),
    )
    running = asyncio.create_task(worker.run())
    await worker.configure([spec(port, config)])
    async with asyncio.timeout(120):
        while worker.table.taken < NODES * 10:
            await asyncio.sleep(0.05)
    rates = await rated(worker, store, SECONDS)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await network.close()
    await store.close()
    return rates


async def plain(port: int) -> Rates:
    """Subscribe with the library alone, into a dict; nothing is told to anybody."""
    latest, count = dict[int, Any](), 0

    def take(told: Any) -> None:
        nonlocal count
        for notice in told.NotificationMessage.NotificationData or []:
            for item in notice.MonitoredItems:
                latest[item.ClientHandle] = item.Value.Value.Value
                count += 1

    async with Client(f"opc.tcp://{HOST}:{port}/line", timeout=60, watchdog_intervall=60) as client:
        space = await client.get_namespace_index("http://line.example/")
        session = client.uaclient.session
        params = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=50, RequestedLifetimeCount=10_000, RequestedMaxKeepAliveCount=100, PublishingEnabled=True
        )
        made = await session.create_subscription(params, take)
        items = [
            ua.MonitoredItemCreateRequest(
                ua.ReadValueId(ua.NodeId(f"Line.Extra{place}", space), ua.AttributeIds.Value),
                ua.MonitoringMode.Reporting,
                ua.MonitoringParameters(ClientHandle=place, SamplingInterval=50, QueueSize=1),
            )
            for place in range(NODES)
        ]
        wanted = ua.CreateMonitoredItemsParameters(made.SubscriptionId, ua.TimestampsToReturn.Both, items)
        await session.create_monitored_items(wanted)
        async with asyncio.timeout(120):
            while count < NODES * 3:
                await asyncio.sleep(0.05)
        began, before, cpu = time.monotonic(), count, time.process_time()
        await asyncio.sleep(SECONDS)
        taken = time.monotonic() - began
        return Rates((count - before) / taken, 0.0, (time.process_time() - cpu) / taken)


def measured(folder: Path, *, stored: bool = False, secured: bool = False, alone: bool = False) -> Rates:
    """Run a case on a line and a loop of its own."""
    arguments = f"--host {HOST} --port 48250 --extra {NODES} --busy --step 3600".split()
    config: dict[str, Any] = {"security": "None"}
    if secured:
        arguments += ["--secure", str(folder)]
        config = {"fingerprint": shown(application(folder, "line", "urn:line.example:server").certificate)}
    with simulated("sim.opcua", *arguments) as port:
        if alone:
            return asyncio.run(plain(port))
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(ours(folder, port, config, stored=stored))


def run() -> list[Row]:
    """Measure all cases."""
    with workspace("opcua") as folder:
        read, kept = measured(folder), measured(folder, stored=True)
        secured, other = measured(folder, secured=True), measured(folder, alone=True)
    name = "asyncua alone, one subscription, into a dict"
    return [
        Row(
            name="server to latest value",
            value=read.read,
            unit="notifications/s",
            plain=other.read,
            plain_name=name,
            note=f"{read.core:.0%} of a core, against {other.core:.0%}",
        ),
        Row(
            name="server to store",
            value=kept.stored,
            unit="notifications/s",
            plain=other.read,
            plain_name=name + ", stored nowhere",
            note=f"{kept.read:,.0f}/s read meanwhile",
        ),
        Row(
            name="signed and encrypted, Aes256_Sha256_RsaPss",
            value=secured.read,
            unit="notifications/s",
            plain=read.read,
            plain_name="security None",
            note=f"{secured.core:.0%} of a core",
        ),
    ]
