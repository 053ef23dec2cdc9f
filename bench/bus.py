"""Commands' round trips between processes, and events fanned out to subscribers."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench._bus_peer import MemoryLog
from bench.events import make
from bench.harness import Row, percentile, workspace
from sitewarden.bus import BusClient, Hub
from sitewarden.config import Settings
from sitewarden.domain.commands import Command
from sitewarden.domain.events import StoredEvent
from sitewarden.link import dial_link
from sitewarden.net import tls
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.link import URGENT, Hello

TITLE = "the bus: commands between processes, events to subscribers"
HOST = "127.77.255.77"
ROUNDS = 4000
EVENTS = 20_000


class Lines(asyncio.Protocol):
    """Client of the plain JSON echo."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] | None = None

    def data_received(self, data: bytes) -> None:
        assert self.answer is not None
        self.answer.set_result(data)


async def timed(once: Callable[[], Awaitable[object]], rounds: int = ROUNDS) -> list[float]:
    """Microseconds of each round trip, after a warm-up."""
    for _ in range(200):
        await once()
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        await once()
        taken.append((time.perf_counter() - started) * 1e6)
    return taken


async def round_trips(directory: Path) -> dict[str, list[float]]:
    """Return microseconds: a plain JSON echo and a bus command over a Unix socket, a link request over TLS 1.3."""
    loop = asyncio.get_running_loop()
    command = Command(id="c", name="door.release", entity="door:main", issuer="user:ada", reason="bench")
    network = LocalNetwork(Settings.for_test(HOST, directory), "web", directory / "run")
    transport, lines = await network.dial_unix("bus", Lines, str(directory / "plain.sock"))
    body = json.dumps({"id": "c", "name": "door.release", "entity": "door:main", "issuer": "user:ada"}).encode() + b"\n"

    async def plain() -> None:
        lines.answer = loop.create_future()
        transport.write(body)
        json.loads(await lines.answer)

    results = {"plain": await timed(plain)}
    transport.close()
    bus = BusClient(network, directory / "core.sock", "web")
    running = asyncio.create_task(bus.run())
    await bus.ready()
    results["unix"] = await timed(lambda: bus.command(command))
    for _ in range(2):
        started = time.perf_counter()
        await asyncio.gather(*(bus.command(command) for _ in range(4000)))
        results["many"] = [4000 / (time.perf_counter() - started)]
    running.cancel()
    ca = tls.Authority.open(directory / "tls")
    device = LocalNetwork(Settings.for_test(HOST, directory / "d"), "controller", directory / "d/run")
    context = tls.link_client_context(ca.file, ca.node("door-1"))
    session = await dial_link(device, "device-server", HOST, tls=context, hello=Hello(1, 1, "door-1", "controller"))
    results["tls"] = await timed(lambda: session.request("echo", body, priority=URGENT))
    session.close()
    await session.closed
    return results


async def with_peer(directory: Path) -> dict[str, list[float]]:
    """Run the round trips against a process of its own."""
    paths = os.pathsep.join(path for path in sys.path if path)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench._bus_peer",
        str(directory),
        HOST,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        return await round_trips(directory)
    finally:
        process.kill()
        await process.wait()


async def fan_out(subscribers: int) -> float:
    """Events per second that reach every one of the subscribers in core, in batches of 20."""
    log = MemoryLog()
    hub = Hub(log, log.read)

    async def follow() -> None:
        seen = 0
        async for batch in hub.events(after=0):
            seen += len(batch)
            if seen == EVENTS:
                return

    tasks = [asyncio.create_task(follow()) for _ in range(subscribers)]
    await asyncio.sleep(0)
    batches = [[make(0, at + i) for i in range(20)] for at in range(0, EVENTS, 20)]
    started = time.perf_counter()
    for batch in batches:
        await hub.emit(batch)
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    return EVENTS / (time.perf_counter() - started)


async def queue_fan_out(subscribers: int) -> float:
    """Do the same with an asyncio.Queue for each subscriber."""
    queues: list[asyncio.Queue[StoredEvent]] = [asyncio.Queue(4096) for _ in range(subscribers)]

    async def follow(queue: asyncio.Queue[StoredEvent]) -> None:
        for _ in range(EVENTS):
            await queue.get()

    tasks = [asyncio.create_task(follow(queue)) for queue in queues]
    await asyncio.sleep(0)
    log = MemoryLog()
    batches = [[make(0, at + i) for i in range(20)] for at in range(0, EVENTS, 20)]
    started = time.perf_counter()
    for batch in batches:
        for one in await log.append(batch):
            for queue in queues:
                await queue.put(one)
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    return EVENTS / (time.perf_counter() - started)


def run() -> list[Row]:
    with workspace("bus") as path, asyncio.Runner(loop_factory=new_event_loop) as runner:
        taken = runner.run(with_peer(path))
        fan = {count: (runner.run(fan_out(count)), runner.run(queue_fan_out(count))) for count in (1, 20)}
    plain = percentile(taken["plain"], 0.5)
    rows = [
        Row(
            name="command over a Unix socket, p50",
            value=percentile(taken["unix"], 0.5),
            unit="µs",
            better="lower",
            plain=plain,
            plain_name="a line of JSON, echoed",
            note="routed, with time limit",
        ),
        Row(name="command over a Unix socket, p99", value=percentile(taken["unix"], 0.99), unit="µs", better="lower"),
        Row(name="commands at once", value=taken["many"][0], unit="1/s", note="4,000 in flight"),
        Row(name="link request over TLS 1.3, p50", value=percentile(taken["tls"], 0.5), unit="µs", better="lower"),
        Row(name="link request over TLS 1.3, p99", value=percentile(taken["tls"], 0.99), unit="µs", better="lower"),
    ]
    for count, (ours, queue) in fan.items():
        rows.append(
            Row(
                name=f"events to {count} subscriber{'s' if count > 1 else ''} in core",
                value=ours,
                unit="events/s",
                plain=queue,
                plain_name="asyncio.Queue each",
            )
        )
    return rows
