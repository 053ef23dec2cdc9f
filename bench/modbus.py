"""Registers per second from devices to the sample store, and what 20,000 updates a second cost; beside a plain pymodbus loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import uvloop
from msgspec import Struct
from pymodbus.client import AsyncModbusTcpClient

from bench._simulator import simulated
from bench.harness import Row, workspace
from sim.demo_points import fleet, specs
from sitewarden.bus.interfaces import Bus
from sitewarden.config import Settings
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.drivers.modbus.session import Session
from sitewarden.kit.clock import SystemClock
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.services.points.worker import IotWorker
from sitewarden.store.sqlite import SqliteSampleStore
from sitewarden.wire import modbus as wire

TITLE = "Modbus TCP over loopback, units of 125 registers that change with every read, behind one connection"
UNITS, FAST_UNITS, POINTS = 160, 240, 125
SECONDS = 4.0
HOST = "127.0.0.1"


class AloneBus:
    """The bus of a worker that nobody listens to: it counts what is told."""

    def __init__(self) -> None:
        self.told = 0

    async def emit(self, events: Sequence[Any], confirm: Any = None) -> None:
        return

    def publish(self, topic: str, payload: bytes) -> None:
        self.told += len(payload)

    def serve(self, target: str, handler: Any) -> None:
        return

    def claim(self, entities: Sequence[str], execute: Any) -> None:
        return


class Counting:
    """A sample store that counts what it has made durable; without one below it, it only counts."""

    def __init__(self, store: SqliteSampleStore | None) -> None:
        self._store = store
        self.stored = 0

    async def append(self, samples: Samples) -> None:
        if self._store is not None:
            await self._store.append(samples)
        self.stored += len(samples)

    async def latest(self) -> list[Latest]:
        return []

    async def close(self) -> None:
        if self._store is not None:
            await self._store.close()


class Case(Struct, frozen=True):
    """What is measured: how many units, how often (0: at once again), stored or not."""

    units: int
    period: float
    stored: bool


class Rates(Struct, frozen=True):
    """Registers read and samples stored per second, and the share of a core that it took."""

    read: float
    stored: float
    core: float


@contextmanager
def machines() -> Iterator[int]:
    """Start the simulated units as a process; yield their port."""
    with simulated("sim.modbus", "--host", HOST, "--port", "0", "--fleet", "247") as port:
        yield port


def store_of(folder: Path, case: Case) -> Counting:
    return Counting(SqliteSampleStore.open(folder / f"{time.monotonic_ns()}.db") if case.stored else None)


async def rated(worker: IotWorker, store: Counting, seconds: float) -> Rates:
    """Return what a running worker takes and stores in this time."""
    began, read, kept, cpu = time.monotonic(), worker.table.taken, store.stored, time.process_time()
    await asyncio.sleep(seconds)
    taken = time.monotonic() - began
    return Rates((worker.table.taken - read) / taken, (store.stored - kept) / taken, (time.process_time() - cpu) / taken)


async def ours(folder: Path, port: int, case: Case) -> Rates:
    """Run an iot worker as the product does."""
    store = store_of(folder, case)
    network = LocalNetwork(Settings.for_test(HOST), "iot", folder / "run")
    worker = IotWorker(cast("Bus", AloneBus()), network, SystemClock(), cast("Any", store), lambda _status: None)
    running = asyncio.create_task(worker.run())
    await worker.configure(specs(fleet(HOST, port, units=case.units, points=POINTS, period=case.period or 0.01)))
    while len(worker.table.latest()) < case.units * POINTS:
        await asyncio.sleep(0.05)
    rates = await rated(worker, store, SECONDS)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await network.close()
    await store.close()
    return rates


async def plain(folder: Path, port: int, case: Case) -> Rates:
    """Do the same with pymodbus: one unit after the other; what changed is stored each round, nothing is told to anybody."""
    store = store_of(folder, case)
    client = AsyncModbusTcpClient(HOST, port=port)
    await client.connect()
    points = [one.id for one in fleet(HOST, port, units=case.units, points=POINTS) if isinstance(one, Point)]
    names = [points[at : at + POINTS] for at in range(0, len(points), POINTS)]
    latest: dict[str, tuple[int, int]] = {}
    read, began, cpu = 0, time.monotonic(), time.process_time()
    while (now := time.monotonic()) - began < SECONDS:
        batch = Samples([], [], [], [], [])
        for unit in range(1, case.units + 1):
            answer = await client.read_input_registers(0, count=POINTS, device_id=unit)
            moment = time.time_ns() // 1000
            for name, value in zip(names[unit - 1], answer.registers, strict=True):
                known = latest.get(name)
                latest[name] = (value, moment)
                if known is None or known[0] != value:
                    batch.points.append(name)
                    batch.source_times.append(moment)
                    batch.server_times.append(moment)
                    batch.values.append(value)
                    batch.qualities.append(0)
            read += POINTS
        await store.append(batch)
        await asyncio.sleep(max(0.0, case.period - (time.monotonic() - now)))
    taken = time.monotonic() - began
    client.close()
    await store.close()
    return Rates(read / taken, store.stored / taken, (time.process_time() - cpu) / taken)


async def our_reads(folder: Path, port: int, case: Case) -> Rates:
    """Read with the driver's session alone, four units at a time, as its poller does."""
    network = LocalNetwork(Settings.for_test(HOST), "iot", folder / "run")
    _, session = await network.dial("modbus", lambda: Session(5.0), HOST, port)
    request, count = wire.read(4, 0, POINTS), 0

    def again(unit: int) -> None:
        def done(answer: Any) -> None:
            nonlocal count
            count += POINTS
            session.send(unit, request, done)

        session.send(unit, request, done)

    began, cpu = time.monotonic(), time.process_time()
    for unit in range(1, 5):
        again(unit)
    await asyncio.sleep(SECONDS)
    taken = time.monotonic() - began
    rates = Rates(count / taken, 0.0, (time.process_time() - cpu) / taken)
    session.close()
    await network.close()
    return rates


async def plain_reads(folder: Path, port: int, case: Case) -> Rates:
    """Read with pymodbus's client alone, which keeps one request in flight."""
    client = AsyncModbusTcpClient(HOST, port=port)
    await client.connect()
    count, began, cpu = 0, time.monotonic(), time.process_time()
    while time.monotonic() - began < SECONDS:
        answer = await client.read_input_registers(0, count=POINTS, device_id=1)
        count += len(answer.registers)
    taken = time.monotonic() - began
    client.close()
    return Rates(count / taken, 0.0, (time.process_time() - cpu) / taken)


def measured(work: Callable[[Path, int, Case], Awaitable[Rates]], folder: Path, case: Case) -> Rates:
    """Run one side on machines and a loop of its own."""
    loop = new_event_loop if work in (ours, our_reads) else uvloop.new_event_loop
    with machines() as port, asyncio.Runner(loop_factory=loop) as runner:

        async def main() -> Rates:
            return await work(folder, port, case)

        return runner.run(main())


def run() -> list[Row]:
    """Measure both: to the latest value, to the store, and at 20,000 updates a second."""
    live, kept, steady = Case(FAST_UNITS, 0.0, False), Case(FAST_UNITS, 0.0, True), Case(UNITS, 1.0, True)
    with workspace("modbus") as folder:
        figures = {case: (measured(ours, folder, case), measured(plain, folder, case)) for case in (live, kept, steady)}
        reads, others = measured(our_reads, folder, live), measured(plain_reads, folder, live)
    mine, other = figures[steady]
    return [
        Row(
            name="reads alone",
            value=reads.read / POINTS,
            unit="requests/s",
            plain=others.read / POINTS,
            plain_name="pymodbus's client alone",
            note=f"{reads.core / reads.read * POINTS * 1e6:.0f} µs of processor a request, against "
            f"{others.core / others.read * POINTS * 1e6:.0f}",
        ),
        Row(
            name="device to latest value",
            value=figures[live][0].read,
            unit="registers/s",
            plain=figures[live][1].read,
            plain_name="pymodbus loop with a dict of latest values",
            note=f"{figures[live][0].core:.0%} of a core, against {figures[live][1].core:.0%}",
        ),
        Row(
            name="device to store",
            value=figures[kept][0].stored,
            unit="registers/s",
            plain=figures[kept][1].stored,
            plain_name="pymodbus loop into the same store",
            note=f"{figures[kept][0].read:,.0f}/s read meanwhile, which shares the interpreter with the store",
        ),
        Row(
            name=f"processor at {mine.stored:,.0f} samples/s stored",
            value=mine.core * 100,
            unit="% of a core",
            better="lower",
            plain=other.core * 100 * mine.stored / max(other.stored, 1.0),
            plain_name="pymodbus loop into the same store, scaled to that rate; it tells nobody",
        ),
    ]
