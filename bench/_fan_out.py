"""What one would write with a WebSocket library: `python -m bench._fan_out PORT BYTES FPS` broadcasts each frame to all."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import uvloop
from websockets.asyncio.server import broadcast, serve


async def run(port: int, size: int, fps: int) -> None:
    """Send a frame of `size` bytes `fps` times a second to whoever is connected."""
    viewers: set[Any] = set()

    async def watched(viewer: Any) -> None:
        viewers.add(viewer)
        try:
            await viewer.wait_closed()
        finally:
            viewers.discard(viewer)

    frames = [os.urandom(size) for _ in range(fps)]
    async with serve(watched, "127.0.0.1", port, compression=None, ping_interval=None):
        loop = asyncio.get_running_loop()
        due, number = loop.time(), 0
        while True:
            due += 1 / fps
            await asyncio.sleep(max(0.0, due - loop.time()))
            broadcast(viewers, frames[number % fps])
            number += 1


if __name__ == "__main__":
    uvloop.run(run(*(int(argument) for argument in sys.argv[1:4])))
