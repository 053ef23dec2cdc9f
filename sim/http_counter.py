"""`python -m sim.http_counter`: a people counter that pushes its counts as JSON, or serves them to who asks. With faults."""

from __future__ import annotations

import argparse
import asyncio
import json
from contextlib import suppress

MOST = 64 * 1024
"""Bytes of a request's head that the counter reads."""


class Counter:
    """Counts people in and out; its goal can be written."""

    def __init__(self, name: str = "entrance") -> None:
        self.name = name
        self.inside = 3
        self.passed = 100
        self.goal = 50.0
        self.token = ""
        """What who asks has to prove; empty: nothing."""
        self.delay = 0.0
        """Seconds before each answer."""
        self.drop = False
        """Answers nothing."""
        self.refuse = False
        """Answers 503 to everything."""
        self.wrong = False
        """Says words in the place of numbers."""

    def document(self) -> bytes:
        """Return what it says."""
        inside: object = "many" if self.wrong else self.inside
        lines = [{"name": "in", "count": self.passed}, {"name": "inside", "count": inside}]
        return json.dumps({"device": self.name, "goal": self.goal, "lines": lines}).encode()


class CounterServer:
    """Serves one counter at /state; PUT /goal writes. `stop` and `start` again are its restart."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.asked = 0
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

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                sizes = [line.partition(":")[2] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
                body = await reader.readexactly(min(int(sizes[0]), MOST)) if sizes else b""
                self.asked += 1
                if self.counter.drop:
                    continue
                if self.counter.delay:
                    await asyncio.sleep(self.counter.delay)
                status, said = self._answer(head, body)
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(said)}\r\n\r\n".encode() + said)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    def _answer(self, head: str, body: bytes) -> tuple[str, bytes]:
        counter = self.counter
        if counter.token and f"Bearer {counter.token}\r\n" not in head:
            return "401 Unauthorized", b""
        if counter.refuse:
            return "503 Service Unavailable", b"{}"
        if head.startswith("GET /state "):
            return "200 OK", counter.document()
        if head.startswith("PUT /goal "):
            with suppress(ValueError, KeyError, TypeError):
                counter.goal = float(json.loads(body)["value"])
                return "204 No Content", b""
            return "400 Bad Request", b"no goal"
        return "404 Not Found", b""


async def push(name: str, host: str, port: int, path: str, key: str, period: float, burst: int = 1) -> None:
    """Push `burst` messages every `period` seconds; with 0, again as soon as they were answered."""
    counter = Counter(name)
    proof = f"Authorization: Bearer {key}\r\n" if key else ""
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                while True:
                    requests = []
                    for _ in range(burst):
                        counter.passed += 1
                        counter.inside = counter.passed % 40
                        body = counter.document()
                        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{proof}Content-Length: {len(body)}\r\n\r\n"
                        requests.append(head.encode() + body)
                    writer.write(b"".join(requests))
                    for _ in requests:
                        answer = await reader.readuntil(b"\r\n\r\n")
                        if not answer.startswith(b"HTTP/1.1 204"):
                            raise ConnectionError(answer)
                    await asyncio.sleep(period)
            finally:
                writer.transport.abort()
        await asyncio.sleep(1.0)


async def serve(counter: Counter, host: str, port: int, restart: float) -> None:
    """Serve until cancelled; cut everything for a second every `restart` seconds, where that is not 0."""
    server = CounterServer(counter)
    number = await server.start(host, port)
    print(f"listening on {host}:{number}", flush=True)  # noqa: T201
    try:
        while True:
            await asyncio.sleep(restart or 3600.0)
            if restart:
                await server.stop()
                await asyncio.sleep(1.0)
                await server.start(host, number)
    finally:
        await server.stop()


def main() -> None:
    """Read the command line and serve, or push."""
    parser = argparse.ArgumentParser(prog="sim.http_counter", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=56789)
    parser.add_argument("--name", default="entrance")
    parser.add_argument("--push", default="", metavar="PATH", help="push to this path instead of serving")
    parser.add_argument("--connections", type=int, default=1, help="counters that push; the number stands behind the path")
    parser.add_argument("--burst", type=int, default=1, help="messages that are pushed at once")
    parser.add_argument("--key", default="", help="key of the device that pushes, or token of who asks")
    parser.add_argument("--period", type=float, default=1.0, help="seconds between two messages; 0 is as fast as they are taken")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--restart", type=float, default=0.0, help="seconds between two restarts; 0 is never")
    for fault, meaning in (("drop", "answer nothing"), ("refuse", "answer 503"), ("wrong", "say words in the place of numbers")):
        parser.add_argument(f"--{fault}", action="store_true", help=meaning)
    options = parser.parse_args()
    counter = Counter(options.name)
    counter.delay, counter.drop, counter.refuse, counter.wrong = options.delay, options.drop, options.refuse, options.wrong
    counter.token = options.key

    async def work() -> None:
        if not options.push:
            await serve(counter, options.host, options.port, options.restart)
        paths = [options.push] if options.connections == 1 else [f"{options.push}{n}" for n in range(options.connections)]
        await asyncio.gather(
            *(push(options.name, options.host, options.port, path, options.key, options.period, options.burst) for path in paths)
        )

    with suppress(KeyboardInterrupt):
        asyncio.run(work())


if __name__ == "__main__":
    main()
