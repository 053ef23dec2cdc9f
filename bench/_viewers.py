"""Many viewers in one process: `python -m bench._viewers URL COUNT SECONDS [CA]`, the cookie on stdin.

They take what comes and count it, no more: what is measured is the server. Prints {"connected", "bytes"} of the time measured.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import sys
from urllib.parse import urlsplit

import uvloop

SETTLE = 4.0
"""Seconds after the last viewer connected before anything is counted."""


class Viewer(asyncio.Protocol):
    """Asks for a WebSocket and counts octets."""

    def __init__(self, path: str, host: str, origin: str, cookie: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        head = {"Host": host, "Origin": origin, "Cookie": cookie, "Connection": "Upgrade", "Upgrade": "websocket"}
        head |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items() if value)]
        self._request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.upgraded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.octets = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if not self.upgraded.done():
            if not data.startswith(b"HTTP/1.1 101"):
                self.upgraded.set_exception(RuntimeError(data[:200].decode(errors="replace")))
                return
            self.upgraded.set_result(None)
        self.octets += len(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.upgraded.done():
            self.upgraded.set_exception(RuntimeError("the server closed the connection"))


async def watch(urls: list[str], count: int, seconds: float, authority: str, cookie: str) -> dict[str, int]:
    """Connect `count` viewers to the addresses in turn; count for `seconds`."""
    loop = asyncio.get_running_loop()
    viewers: list[Viewer] = []
    transports = []
    for number in range(count):
        parts = urlsplit(urls[number % len(urls)])
        secure = ssl.create_default_context(cafile=authority) if authority else None
        origin = f"{'https' if authority else 'http'}://{parts.netloc}"
        viewer = Viewer(parts.path, parts.netloc, origin, cookie)
        transport, _ = await loop.create_connection(
            lambda made=viewer: made, parts.hostname, parts.port, ssl=secure, server_hostname=parts.hostname if secure else None
        )
        await viewer.upgraded
        viewers.append(viewer)
        transports.append(transport)
    await asyncio.sleep(SETTLE)
    sys.stdout.write("counting\n")
    sys.stdout.flush()
    before = sum(viewer.octets for viewer in viewers)
    await asyncio.sleep(seconds)
    after = sum(viewer.octets for viewer in viewers)
    connected = sum(not transport.is_closing() for transport in transports)
    for transport in transports:
        transport.abort()
    return {"connected": connected, "bytes": after - before}


def main() -> None:
    """Entry of `python -m bench._viewers`."""
    urls, count, seconds = sys.argv[1].split(","), int(sys.argv[2]), float(sys.argv[3])
    authority = sys.argv[4] if len(sys.argv) > 4 else ""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(watch(urls, count, seconds, authority, sys.stdin.readline().strip()))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
