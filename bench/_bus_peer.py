"""The other process of the bus bench: core with a log in memory, a link listener on TLS, and a plain JSON echo."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from sitewarden.bus import Hub
from sitewarden.config import Settings
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.link import LinkSession, Sessions, listen_link
from sitewarden.net import tls
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.link import Hello, Request


class MemoryLog:
    """Keeps events in a list, so that the bus alone is measured."""

    def __init__(self) -> None:
        self.stored: list[StoredEvent] = []

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> list[StoredEvent]:
        begin = len(self.stored)
        self.stored += [StoredEvent(seq=begin + i, stored=0, event=one) for i, one in enumerate(events, 1)]
        return self.stored[begin:]

    def head(self) -> int:
        return len(self.stored)

    async def read(self, after: int, limit: int, types: Sequence[str]) -> list[StoredEvent]:
        return self.stored[after : after + limit]


class PlainEcho(asyncio.Protocol):
    """The plain alternative: a line of JSON in, a line of JSON out."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        for line in data.splitlines():
            self.transport.write(json.dumps({"id": json.loads(line)["id"], "ok": True}).encode() + b"\n")  # type: ignore[attr-defined]


async def main(directory: Path, host: str) -> None:
    network = LocalNetwork(Settings.for_test(host, directory), "core", directory / "run")
    log = MemoryLog()
    hub = Hub(log, log.read)

    async def execute(command: Command) -> Result:
        return Result(ok=True)

    async def echo(request: Request) -> bytes:
        return request.body

    def admit(session: LinkSession) -> None:
        session.on_request("echo", echo)

    hub.claim(["door:*"], execute)
    await hub.listen(network, directory / "core.sock")
    ca = tls.Authority.open(directory / "tls")
    context = tls.link_server_context(ca.node("server"), ca.file)
    await listen_link(network, "device-server", Sessions(Hello(1, 1, "server", "server"), admit), tls=context)
    await network.listen_unix("bus", str(directory / "plain.sock"), PlainEcho)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(Path(sys.argv[1]), sys.argv[2]))
