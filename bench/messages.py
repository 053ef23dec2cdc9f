"""Lines over TCP and JSON over HTTP that devices push, per second, to the latest value and the store; beside plain servers."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import uvloop

from bench.harness import Row, workspace
from bench.modbus import AloneBus, Case, Counting, Rates, store_of
from sitewarden.bus.interfaces import Bus
from sitewarden.config import Settings
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Samples
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.points.worker import IotWorker

TITLE = "Messages that devices push over loopback: lines of a value over one TCP connection, JSON of three values over 8 of HTTP"
ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
SECONDS = 4.0
SCALES, COUNTERS, BURST = 20, 8, 20
WARM = 1.0
"""Seconds before anything is counted."""
STORED, LIVE = Case(0, 0.0, True), Case(0, 0.0, False)
PATTERN = re.compile(rb"^(\w+) W=([0-9.]+) kg")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def scales(port: int) -> tuple[str, EndpointSpec]:
    devices = tuple(
        DeviceSpec(
            id=f"s{number}",
            name=f"S{number}",
            config={"says": f"S{number}", "pattern": "W=([0-9.]+) kg"},
            points=(Point(id=f"w{number}", name="W", device=f"s{number}"),),
        )
        for number in range(1, SCALES + 1)
    )
    config = {"mode": "server", "port": port, "device": r"^(\w+) "}
    return "tcp", EndpointSpec(id="scales", name="Scales", config=config, devices=devices)


def counters(port: int) -> tuple[str, EndpointSpec]:
    paths = ("$.goal", "$.lines[name='in'].count", "$.lines[name='inside'].count")
    devices = tuple(
        DeviceSpec(
            id=f"c{number}",
            name=f"C{number}",
            config={"path": f"/c{number}"},
            points=tuple(
                Point(id=f"p{number}-{at}", name="P", device=f"c{number}", address={"path": path})
                for at, path in enumerate(paths)
            ),
        )
        for number in range(COUNTERS)
    )
    return "http", EndpointSpec(id="counters", name="C", config={"mode": "server", "port": port, "rate": 1e5}, devices=devices)


@contextmanager
def pushing(module: str, port: int) -> Iterator[None]:
    """Run the simulated devices as a process."""
    more = {
        "sim.tcp": ["--tell", str(SCALES)],
        "sim.http_counter": ["--push", "/c", "--connections", str(COUNTERS), "--burst", str(BURST)],
    }[module]
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--host", HOST, "--port", str(port), "--period", "0", *more],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))},
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


async def counted(folder: Path, store: Counting, module: str, port: int, count: Callable[[], int]) -> Rates:
    """Let the devices push, and return messages' values a second."""
    with pushing(module, port):
        while not count():
            await asyncio.sleep(0.05)
        await asyncio.sleep(WARM)
        began, read, kept, cpu = time.monotonic(), count(), store.stored, time.process_time()
        await asyncio.sleep(SECONDS)
        taken = time.monotonic() - began
        return Rates((count() - read) / taken, (store.stored - kept) / taken, (time.process_time() - cpu) / taken)


async def ours(folder: Path, module: str, case: Case) -> Rates:
    """Run an iot worker as the product does."""
    port = free_port()
    store = store_of(folder, case)
    network = LocalNetwork(Settings.for_test(HOST), "iot", folder / "run")
    worker = IotWorker(cast("Bus", AloneBus()), network, SystemClock(), cast("Any", store), lambda _status: None)
    running = asyncio.create_task(worker.run())
    await worker.configure([scales(port) if module == "sim.tcp" else counters(port)])
    try:
        return await counted(folder, store, module, port, lambda: worker.table.taken)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await network.close()
        await store.close()


async def plain(folder: Path, module: str, case: Case) -> Rates:
    """Do the same with asyncio's streams, `re` and `json`; nothing is checked, nothing is told to anybody."""
    port = free_port()
    store = store_of(folder, case)
    count = 0
    latest: dict[str, Any] = {}
    batch = Samples([], [], [], [], [])

    def take(name: str, value: Any) -> None:
        nonlocal count
        count += 1
        moment = time.time_ns() // 1000
        latest[name] = value
        for column, one in zip(
            (batch.points, batch.source_times, batch.server_times, batch.values, batch.qualities),
            (name, moment, moment, value, 0),
            strict=True,
        ):
            cast("list[Any]", column).append(one)

    async def lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            found = PATTERN.match(line)
            if found is not None:
                take(found[1].decode(), float(found[2]))

    async def posts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.partition(b"Content-Length: ")[2].split(b"\r", 1)[0])
            document = json.loads(await reader.readexactly(size))
            path = head.split(b" ", 2)[1].decode()
            take(path + "0", document["goal"])
            for line in document["lines"]:
                take(path + line["name"], line["count"])
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async def quietly(serve: Callable[..., Awaitable[None]], *pair: Any) -> None:
        try:
            await serve(*pair)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pair[1].transport.abort()

    async def keep() -> None:
        nonlocal batch
        while True:
            await asyncio.sleep(0.5)
            full, batch = batch, Samples([], [], [], [], [])
            await store.append(full)

    serve = lines if module == "sim.tcp" else posts
    server = await asyncio.start_server(lambda *pair: quietly(serve, *pair), HOST, port)
    keeping = asyncio.create_task(keep())
    try:
        return await counted(folder, store, module, port, lambda: count)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        server.close()
        await store.close()


def measured(work: Callable[[Path, str, Case], Awaitable[Rates]], folder: Path, module: str, case: Case) -> Rates:
    """Run one side on devices and a loop of its own."""
    with asyncio.Runner(loop_factory=new_event_loop if work is ours else uvloop.new_event_loop) as runner:

        async def main() -> Rates:
            return await work(folder, module, case)

        return runner.run(main())


def run() -> list[Row]:
    """Measure lines and posts, to the latest value and to the store."""
    rows = []
    with workspace("messages") as folder:
        for module, what, values in (("sim.tcp", "lines", 1), ("sim.http_counter", "posts", 3)):
            for case, name in ((LIVE, "to latest value"), (STORED, "to store")):
                mine, other = measured(ours, folder, module, case), measured(plain, folder, module, case)
                rows.append(
                    Row(
                        name=f"{what} {name}",
                        value=mine.read / values,
                        unit=f"{what}/s",
                        plain=other.read / values,
                        plain_name="asyncio streams with a dict of latest values",
                        note=f"{mine.core:.0%} of a core, {mine.core / mine.read * values * 1e6:.0f} µs a message, "
                        f"against {other.core / other.read * values * 1e6:.0f}",
                    )
                )
    return rows
