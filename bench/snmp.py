"""Objects per second from agents to the latest value and to the store, by one source port and by 64, and as version 3."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

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
from sitewarden.wire.snmp import ber, community, pdu
from sitewarden.wire.snmp.pdu import Kind, Pdu

TITLE = "SNMP over loopback, agents of 40 objects that change with every read, 40 in a GET"
AGENTS = int(os.environ.get("BENCH_SNMP_AGENTS", "64"))
OBJECTS = 40
SECONDS = float(os.environ.get("BENCH_SNMP_SECONDS", "4"))
HOST = "127.0.0.1"
PASSWORD = "of the bench"
V3 = {
    "version": "3",
    "user": "bench",
    "auth": "sha256",
    "auth_password": PASSWORD,
    "priv": "aes128",
    "priv_password": PASSWORD,
}


class Case(Struct, frozen=True):
    """What is measured: how many source ports (0: one that the system chooses), version 3 or not, stored or not."""

    sources: int = 0
    secured: bool = False
    stored: bool = False


@contextmanager
def agents() -> Iterator[int]:
    """Start the simulated card as a process; yield its port."""
    with simulated("sim.snmp", *f"--host {HOST} --port 0 --fleet {OBJECTS} --user bench --password".split(), PASSWORD) as port:
        yield port


def spec(port: int, case: Case) -> tuple[str, EndpointSpec]:
    """Return an endpoint with all agents, which are one process at one address."""
    config: dict[str, Any] = {"port": port, "timeout": 2.0, "in_flight": 64} | (V3 if case.secured else {})
    if case.sources:
        config |= {"source_from": 20_000, "source_to": 20_000 + case.sources - 1}
    devices = tuple(
        DeviceSpec(
            id=f"agent-{number}",
            name=f"Agent {number}",
            config={"host": HOST, "max_oids": OBJECTS},
            points=tuple(
                Point(
                    id=f"agent-{number}-{place}",
                    name=f"Agent {number} object {place}",
                    device=f"agent-{number}",
                    address={"oid": f"1.3.6.1.4.1.99999.1.{place}.0"},
                    period=0.005,
                )
                for place in range(OBJECTS)
            ),
        )
        for number in range(AGENTS)
    )
    return "snmp", EndpointSpec(id="fleet", name="Fleet", config=config, devices=devices)


async def ours(folder: Path, port: int, case: Case) -> Rates:
    """Run an iot worker as the product does."""
    store = Counting(SqliteSampleStore.open(folder / f"{time.monotonic_ns()}.db") if case.stored else None)
    network = LocalNetwork(Settings.for_test(HOST), "iot", folder / "run")
    worker = IotWorker(cast("Bus", AloneBus()), network, SystemClock(), cast("Any", store), lambda _status: None)
    running = asyncio.create_task(worker.run())
    await worker.configure([spec(port, case)])
    async with asyncio.timeout(120):
        while sum(one.value is not None for one in worker.table.latest()) < AGENTS * OBJECTS:
            await asyncio.sleep(0.05)
    rates = await rated(worker, store, SECONDS)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await network.close()
    await store.close()
    return rates


def plain(port: int) -> Rates:
    """Ask with a blocking socket, one request after the other, into a dict; nothing is told to anybody."""
    names = [ber.oid(f"1.3.6.1.4.1.99999.1.{place}.0") for place in range(OBJECTS)]
    asked, latest, count = pdu.ask(names), dict[bytes, Any](), 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(2.0)
        sock.connect((HOST, port))
        began, cpu = time.monotonic(), time.process_time()
        while time.monotonic() - began < SECONDS:
            sock.send(community.write(community.V2C, b"public", pdu.write_pdu(Kind.GET, count + 1, 0, 0, asked)))
            answer = community.read(sock.recv(65535)).pdu
            assert isinstance(answer, Pdu) and answer.id == count + 1
            latest.update((name, value) for name, _, value in answer.varbinds)
            count += 1
        taken = time.monotonic() - began
        return Rates(count * OBJECTS / taken, 0.0, (time.process_time() - cpu) / taken)


def measured(folder: Path, case: Case) -> Rates:
    """Run a case on agents and a loop of its own."""
    with agents() as port, asyncio.Runner(loop_factory=new_event_loop) as runner:

        async def main() -> Rates:
            return await ours(folder, port, case)

        return runner.run(main())


def run() -> list[Row]:
    """Measure all cases."""
    with workspace("snmp") as folder:
        one, many = measured(folder, Case()), measured(folder, Case(sources=64))
        kept, secured = measured(folder, Case(stored=True)), measured(folder, Case(secured=True))
        with agents() as port:
            other = plain(port)
    name = "a blocking loop with the same codec, into a dict"
    return [
        Row(
            name="agent to latest value",
            value=one.read,
            unit="objects/s",
            plain=other.read,
            plain_name=name,
            note=f"{one.core:.0%} of a core, against {other.core:.0%}",
        ),
        Row(
            name="the same from 64 source ports",
            value=many.read,
            unit="objects/s",
            plain=one.read,
            plain_name="one source port",
            note=f"{many.core:.0%} of a core",
        ),
        Row(
            name="agent to store",
            value=kept.stored,
            unit="objects/s",
            plain=other.read,
            plain_name=name + ", stored nowhere",
            note=f"{kept.read:,.0f}/s read meanwhile",
        ),
        Row(
            name="as version 3, SHA-256 and AES-128",
            value=secured.read,
            unit="objects/s",
            plain=one.read,
            plain_name="version 2c",
            note=f"{secured.core:.0%} of a core; the simulated agent pays as much",
        ),
    ]
