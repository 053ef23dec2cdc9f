"""`python -m sim.tcp`: a scale that speaks lines over TCP: it answers who dials it, or dials and tells by itself. With faults."""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import suppress
from math import sin

MOST = 1024
"""Bytes of a line that the scale reads."""
BURST = 500
"""Lines that are written at once where they are told as fast as they are taken."""


class Scale:
    """Answers "W?" with its weight and "T <kg>" with "OK" after taking a tare; anything else with "ERR"."""

    def __init__(self, name: str = "S1") -> None:
        self.name = name
        self.load = 12.5
        """Kilograms that lie on it."""
        self.tare = 0.0
        self.delay = 0.0
        """Seconds before each answer."""
        self.drop = False
        """Answers nothing."""
        self.refuse = False
        """Answers ERR to everything."""
        self.wrong = False
        """Says words in the place of numbers."""

    def line(self) -> bytes:
        """Return what it says of its weight."""
        weight = "-----" if self.wrong else f"{self.load - self.tare:.2f}"
        return f"{self.name} W={weight} kg T={self.tare:.2f}\r\n".encode()

    def answer(self, asked: bytes) -> bytes:
        """Return the answer to a line."""
        word, _, rest = asked.strip().partition(b" ")
        if self.refuse:
            return b"ERR\r\n"
        if word == b"W?":
            return self.line()
        if word == b"T":
            with suppress(ValueError):
                self.tare = float(rest)
                return b"OK\r\n"
        return b"ERR\r\n"


class ScaleServer:
    """Serves one scale to any number of clients; `stop` and `start` again are its restart."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.asked: list[bytes] = []
        """Lines that were read, the last thousand."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._talk, host, port, limit=MOST)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Cut all connections and listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    def say(self, data: bytes) -> None:
        """Send bytes to all clients, unasked."""
        for writer in self._writers:
            writer.write(data)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            while line := await reader.readline():
                self.asked = [*self.asked[-999:], line]
                if self.scale.drop:
                    continue
                if self.scale.delay:
                    await asyncio.sleep(self.scale.delay)
                writer.write(self.scale.answer(line))
        except (OSError, ValueError):
            pass
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()


async def tell(scales: list[Scale], host: str, port: int, period: float) -> None:
    """Dial and tell of all scales every `period` seconds; with 0, as fast as it is taken, each time with another weight."""
    count, began = 0, time.monotonic()
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            try:
                while True:
                    if period:
                        for scale in scales:
                            scale.load = 50 + 50 * sin(time.monotonic() - began)
                            writer.write(scale.line())
                        await writer.drain()
                        await asyncio.sleep(period)
                        continue
                    batch = []
                    for _ in range(BURST):
                        count += 1
                        scale = scales[count % len(scales)]
                        batch.append(b"%s W=%d.%02d kg\r\n" % (scale.name.encode(), count % 1000, count % 97))
                    writer.write(b"".join(batch))
                    await writer.drain()
            finally:
                writer.transport.abort()
        await asyncio.sleep(1.0)


async def serve(scale: Scale, host: str, port: int, restart: float) -> None:
    """Serve until cancelled; cut everything for a second every `restart` seconds, where that is not 0."""
    server = ScaleServer(scale)
    number = await server.start(host, port)
    print(f"listening on {host}:{number}", flush=True)  # noqa: T201
    began = time.monotonic()
    try:
        while True:
            await asyncio.sleep(restart or 3600.0)
            if restart:
                await server.stop()
                await asyncio.sleep(1.0)
                await server.start(host, number)
            scale.load = 50 + 50 * sin(time.monotonic() - began)
    finally:
        await server.stop()


def main() -> None:
    """Read the command line and serve, or tell."""
    parser = argparse.ArgumentParser(prog="sim.tcp", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=42000)
    parser.add_argument("--name", default="S1")
    parser.add_argument("--tell", type=int, default=0, metavar="SCALES", help="dial, and tell of so many scales, S1 and up")
    parser.add_argument("--period", type=float, default=1.0, help="seconds between two tellings; 0 is as fast as they are taken")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--restart", type=float, default=0.0, help="seconds between two restarts; 0 is never")
    for fault, meaning in (("drop", "answer nothing"), ("refuse", "answer ERR"), ("wrong", "say words in the place of numbers")):
        parser.add_argument(f"--{fault}", action="store_true", help=meaning)
    options = parser.parse_args()
    scale = Scale(options.name)
    scale.delay, scale.drop, scale.refuse, scale.wrong = options.delay, options.drop, options.refuse, options.wrong
    with suppress(KeyboardInterrupt):
        if options.tell:
            scales = [Scale(f"S{number}") for number in range(1, options.tell + 1)]
            asyncio.run(tell(scales, options.host, options.port, options.period))
        else:
            asyncio.run(serve(scale, options.host, options.port, options.restart))


if __name__ == "__main__":
    main()
