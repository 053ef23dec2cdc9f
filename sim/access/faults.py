"""What goes wrong: a relay to the server that is slow, stalls and breaks; a clock that drifts; resets and tampering, as rates.

A relay stands between one controller and the server, and hands bytes on. What TCP makes of lost packets is a stall of its
retransmission time, so that is what a loss is here.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Final

from sitewarden.nodes.controller.uplink import SiteClock

RETRANSMIT: Final = 0.2
"""Seconds that a lost packet costs (RFC 6298: the least that Linux waits)."""
PIECE: Final = 16_384
CUTS: Final = "cuts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How much goes wrong. All zero: nothing."""

    latency: float = 0.0
    """Milliseconds each way."""
    jitter: float = 0.0
    """Milliseconds more, at most."""
    loss: float = 0.0
    """Share of packets that are lost, 0 to 1."""
    cuts: float = 0.0
    """Broken connections an hour, of each controller."""
    outage: float = 5.0
    """Seconds that a broken connection stays broken, about."""
    drift: float = 0.0
    """Parts in a million that clocks run wrong by, at most, either way."""
    resets: float = 0.0
    """Restarts an hour, of each controller."""
    tamper: float = 0.0
    """Opened housings an hour, of each controller."""

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Read "latency=40,loss=0.01"; raises ValueError with what is known."""
        known = {one.name for one in fields(cls)}
        found: dict[str, float] = {}
        for part in filter(None, text.split(",")):
            name, equals, value = part.partition("=")
            if name.strip() not in known or not equals:
                raise ValueError(f"{part!r} is not a fault; known are: {', '.join(sorted(known))}, each as name=number")
            found[name.strip()] = float(value)
        if any(value < 0 for value in found.values()) or found.get("loss", 0.0) >= 1:
            raise ValueError("faults are not negative, and loss is less than 1")
        return cls(**found)

    @property
    def between(self) -> bool:
        """Tell whether a relay is needed."""
        return any((self.latency, self.jitter, self.loss, self.cuts))


NONE: Final = Faults()


class RunningClock(SiteClock):
    """A machine's clock that begins at `begin` and runs `rate` times as fast as it should: a drift, or days in minutes."""

    def __init__(self, rate: float, begin: int | None = None) -> None:
        """`begin` in microseconds since 1970 UTC; None is now."""
        super().__init__()
        self._rate = rate
        self._started = self._machine.monotonic()
        self._begin = self._machine.now() if begin is None else begin

    def now(self) -> int:
        """Microseconds since 1970 UTC, as this clock has it."""
        return self._begin + round((self._machine.monotonic() - self._started) * self._rate * 1e6) + self.offset


class Relay:
    """Listens on `host` and hands on to the server; `port` is where, once it is started."""

    def __init__(self, faults: Faults, server: tuple[str, int], seed: int) -> None:
        self._faults, self._server_address, self._random = faults, server, random.Random(seed)
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._broken_until = 0.0
        self.port = 0
        self.cuts = 0

    async def start(self, host: str) -> None:
        """Listen on a port of the kernel's choice."""
        self._server = await asyncio.start_server(self._serve, host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        if self._faults.cuts:
            task = asyncio.create_task(self._cut(), name=CUTS)
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """Break everything and stop."""
        if self._server is not None:
            self._server.close()
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            if asyncio.get_running_loop().time() < self._broken_until:
                return
            to_reader, to_writer = await asyncio.open_connection(*self._server_address)
            try:
                ways = [
                    asyncio.create_task(self._hand_on(reader, to_writer)),
                    asyncio.create_task(self._hand_on(to_reader, writer)),
                ]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)
            finally:
                to_writer.close()
        except (OSError, asyncio.CancelledError):
            # Cancelled is cut; asyncio's own callback does not bear a cancelled server task.
            pass
        finally:
            self._running.discard(task)
            writer.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop, faults, draw = asyncio.get_running_loop(), self._faults, self._random
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(256)

        async def take() -> None:
            due = 0.0
            while data := await reader.read(PIECE):
                late = (faults.latency + draw.uniform(0, faults.jitter)) / 1000
                while draw.random() < faults.loss:
                    late += RETRANSMIT
                due = max(due, loop.time() + late)
                await waiting.put((due, data))
            await waiting.put((0.0, b""))

        taking = asyncio.create_task(take())
        try:
            with suppress(OSError):
                while True:
                    due, data = await waiting.get()
                    if not data:
                        return
                    await asyncio.sleep(max(0.0, due - loop.time()))
                    writer.write(data)
                    await writer.drain()
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)

    async def _cut(self) -> None:
        while True:
            await asyncio.sleep(self._random.expovariate(self._faults.cuts / 3600))
            self._broken_until = asyncio.get_running_loop().time() + self._random.expovariate(1 / max(self._faults.outage, 0.1))
            self.cuts += 1
            for task in list(self._running):
                if task.get_name() != CUTS:
                    task.cancel()
