"""Many systems that pull by RTSP, in one process: `python -m bench._rtsp_viewers URLS COUNT SECONDS [CA]`; user, token on stdin.

They sign in, play over TCP from addresses of their own, and from then on count what comes, no more: what is measured is the
server. URLS have commas between them, and are played in turn. Prints {"connected", "bytes"} of the time measured.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from typing import Final, cast
from urllib.parse import urlsplit

import uvloop

from sitewarden.wire.rtsp import Reader
from sitewarden.wire.rtsp_client import AuthRefused, Client, NotNow, StreamRefused

SETTLE: Final = 4.0
"""Seconds after the last one plays before anything is counted."""
SAME: Final = 50
"""Clients of one address; the server takes 64 of each."""
AT_ONCE: Final = 16


class Viewer(asyncio.Protocol):
    """Plays, and counts octets."""

    def __init__(self, url: str, user: str, token: str) -> None:
        self._client = Client(url, user, token)
        self._reader = Reader(lambda channel, data, start, end: None)
        self._transport: asyncio.Transport | None = None
        self.playing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.octets = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._client.start())

    def data_received(self, data: bytes) -> None:
        self.octets += len(data)
        if self.playing.done():
            return
        assert self._transport is not None
        try:
            for message in self._reader.feed(data):
                self._transport.write(self._client.receive(message))
        except (AuthRefused, StreamRefused, NotNow, ValueError) as error:
            self.playing.set_exception(error)
            return
        if self._client.state == "playing":
            self.playing.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.playing.done():
            self.playing.set_exception(RuntimeError("the server closed the connection"))


async def watch(urls: list[str], count: int, seconds: float, authority: str, user: str, token: str) -> dict[str, int]:
    """Play `count` times, of the addresses in turn; count for `seconds`."""
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)
    secure = ssl.create_default_context(cafile=authority) if authority else None

    async def play(number: int) -> tuple[asyncio.Transport, Viewer]:
        url = urls[number % len(urls)]
        parts = urlsplit(url)
        async with gate:
            transport, viewer = await loop.create_connection(
                lambda: Viewer(url, user, token),
                parts.hostname,
                parts.port,
                ssl=secure,
                server_hostname=parts.hostname if secure else None,
                local_addr=(f"127.0.1.{1 + number // SAME}", 0),
            )
            await viewer.playing
        return transport, viewer

    playing = await asyncio.gather(*map(play, range(count)))
    await asyncio.sleep(SETTLE)
    sys.stdout.write("counting\n")
    sys.stdout.flush()
    before = sum(viewer.octets for _, viewer in playing)
    await asyncio.sleep(seconds)
    after = sum(viewer.octets for _, viewer in playing)
    connected = sum(not transport.is_closing() for transport, _ in playing)
    for transport, _ in playing:
        transport.abort()
    return {"connected": connected, "bytes": after - before}


def main() -> None:
    """Entry of `python -m bench._rtsp_viewers`."""
    urls, count, seconds = sys.argv[1].split(","), int(sys.argv[2]), float(sys.argv[3])
    authority = sys.argv[4] if len(sys.argv) > 4 else ""
    user, token = sys.stdin.readline().split()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(watch(urls, count, seconds, authority, user, token))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
