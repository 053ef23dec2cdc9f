"""A fleet of lightweight controllers in a process of its own: the link's codec and messages, no doors and no disk.

Reads one JSON object a line on standard input and answers each with one: {"do": "connect"}, {"do": "swipe", "rate": 500,
"seconds": 20}, {"do": "buffer", "records": 1000}, {"do": "drained"}. Controllers dial again by themselves when the server went.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from sitewarden.domain.access.decision import Decision, Request
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.errors import Refusal
from sitewarden.link import LinkSession, LinkStream
from sitewarden.net.tls import Pair, link_client_context
from sitewarden.wire import controller as wire
from sitewarden.wire.link import Hello

CARD = "26:2a6f3b1"
RETRY = 0.2
DIALS = 24
"""Dials that this process has under way at once: its own processor time is not the server's."""

_decision = msgspec.msgpack.Decoder(Decision).decode
_part = msgspec.msgpack.Decoder(wire.RulesPart).decode


class Controller:
    """One of the fleet; it has its own address, as controllers do."""

    def __init__(self, fleet: Fleet, number: int) -> None:
        self.fleet, self.number, self.id = fleet, number, f"c{number}"
        self.address = f"127.78.{number // 250}.{number % 250 + 1}"
        self.context = link_client_context(
            fleet.folder / "ca.pem", Pair(fleet.folder / f"{self.id}.pem", fleet.folder / f"{self.id}.key")
        )
        self.session: LinkSession | None = None
        self.stream: LinkStream | None = None
        self.last = 0
        self.acked = 0
        self.more = asyncio.Event()

    async def run(self) -> None:
        """Stay connected."""
        while True:
            try:
                await self._connect()
            except (OSError, Refusal, TimeoutError):
                pass
            self.stream = self.session = None
            await asyncio.sleep(RETRY * random.uniform(0.5, 1.5))

    async def _connect(self) -> None:
        hello = Hello(1, 1, self.id, "controller", "fleet")
        async with self.fleet.dials, asyncio.timeout(20):
            _, session = await asyncio.get_running_loop().create_connection(
                lambda: LinkSession(hello, dialler=True),
                self.fleet.host,
                1480,
                ssl=self.context,
                server_hostname=self.fleet.host,
                local_addr=(self.address, 0),
                ssl_handshake_timeout=20,
            )
            await asyncio.shield(session.opened)
        self.session = session
        session.on_request(wire.RULES, self._rules)
        said = wire.Hello(1, min(self.last, 1), self.last, 0, "", time.time_ns() // 1000)
        await session.request(wire.HELLO, wire.encode(said), 30.0)
        stream = session.open_stream(wire.LOG, wire.encode(wire.LogStart(1)), window=0)
        await stream.opened()
        sending = asyncio.create_task(self._send(stream))
        noting = asyncio.create_task(self._note(stream))
        self.stream = stream
        try:
            await asyncio.shield(session.closed)
        finally:
            sending.cancel()
            noting.cancel()
            await asyncio.gather(sending, noting, return_exceptions=True)

    async def _send(self, stream: LinkStream) -> None:
        sent, record = stream.resume, self.fleet.records[self.number]
        while True:
            while sent < self.last:
                sent += 1
                await stream.send(sent, record)
            self.more.clear()
            await self.more.wait()

    async def _note(self, stream: LinkStream) -> None:
        self.acked = max(self.acked, stream.acked)
        while True:
            await stream.wait_acked(stream.acked + 1)
            self.acked = stream.acked

    async def _rules(self, request: Any) -> bytes:
        part = _part(request.body)
        end = part.offset + len(part.data)
        return wire.encode(wire.RulesHeld(end, active=end == part.size))

    def log(self, count: int) -> None:
        """Have so many records more."""
        self.last += count
        self.more.set()

    async def swipe(self) -> float:
        """Ask the server to decide; return the seconds until the lock would be driven."""
        assert self.session is not None
        question = wire.MatchRequest(Request(access_point=f"a{self.number}", card=CARD), DoorMode.LOCKED, 0)
        begun = time.perf_counter()
        decision = _decision(await self.session.call(wire.MATCH, wire.encode(question)))
        taken = time.perf_counter() - begun
        assert decision.granted, decision.explanation
        self.log(1)
        return taken


class Fleet:
    """All of them."""

    def __init__(self, folder: Path, host: str, count: int) -> None:
        self.folder, self.host = folder, host
        self.dials = asyncio.Semaphore(DIALS)
        now = time.time_ns() // 1000
        why = {"rule": "granted", "text": "a right of All", "profile": "all", "schedule": "always", "decided_by": "server"}
        self.records = [
            wire.encode(
                wire.Record(now, "access.granted", f"d{n}", f"a{n}", "card", "ada", {"explanation": why, "format": "26-bit"})
            )
            for n in range(count)
        ]
        self.controllers = [Controller(self, number) for number in range(count)]

    async def connected(self) -> None:
        """Return once every controller's log is open."""
        while sum(one.stream is not None for one in self.controllers) < len(self.controllers):
            await asyncio.sleep(0.05)

    async def swipe(self, rate: float, seconds: float) -> dict[str, Any]:
        """Open loop: cards come when they come, answered or not."""
        waits: list[float] = []
        failed = 0
        tasks: set[asyncio.Task[float]] = set()

        def done(task: asyncio.Task[float]) -> None:
            nonlocal failed
            tasks.discard(task)
            if task.exception() is None:
                waits.append(task.result())
            else:
                failed += 1

        draw = random.Random(5)
        begun = time.perf_counter()
        for number in range(int(rate * seconds)):
            due = begun + number / rate
            while (left := due - time.perf_counter()) > 0:
                await asyncio.sleep(left)
            task = asyncio.create_task(draw.choice(self.controllers).swipe())
            tasks.add(task)
            task.add_done_callback(done)
        while tasks:
            await asyncio.sleep(0.05)
        return {"waits": waits, "failed": failed}

    async def drained(self) -> float:
        """Return the moment (monotonic) at which the server had confirmed every record."""
        while any(one.acked < one.last for one in self.controllers):
            await asyncio.sleep(0.02)
        return time.monotonic()


async def main(folder: Path, host: str, count: int) -> None:
    """Serve the orders of standard input."""
    fleet = Fleet(folder, host, count)
    gc.collect()
    gc.freeze()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    running = [asyncio.create_task(one.run()) for one in fleet.controllers]
    while line := await reader.readline():
        said: Any = {}
        match json.loads(line):
            case {"do": "connect"}:
                await fleet.connected()
            case {"do": "swipe", "rate": rate, "seconds": seconds}:
                said = await fleet.swipe(rate, seconds)
            case {"do": "buffer", "records": records}:
                for one in fleet.controllers:
                    one.log(records)
                said = {"total": sum(one.last for one in fleet.controllers)}
            case {"do": "drained"}:
                said = {"at": await fleet.drained()}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
    for task in running:
        task.cancel()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
