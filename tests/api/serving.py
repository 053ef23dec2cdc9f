"""A real server for an ASGI application, on the test's own address."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sitewarden.api.server import serve


def listening(host: str, port: int = 8600) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen()
    sock.setblocking(False)
    return sock


@asynccontextmanager
async def serving(app: Any, host: str, port: int = 8600) -> AsyncIterator[None]:
    ready = asyncio.Event()
    running = asyncio.create_task(serve(app, [listening(host, port)], ready=ready.set))
    await asyncio.wait_for(ready.wait(), 60)
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
