"""Serving an ASGI application on sockets that `net` leased; ends cleanly when cancelled. uvicorn with httptools."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal

import uvicorn

from sitewarden.api.websocket import Protocol
from sitewarden.net.interfaces import Tls

GRACE: Final = 3
"""Seconds that open requests have to end when the server stops."""
CONNECTIONS: Final = 4000
"""Connections at once in one process; more get 503."""
MESSAGE_LIMIT: Final = 64 << 10
"""Bytes of a WebSocket message from a client."""
_DATE_PERIOD: Final = 1.0


class _Server(uvicorn.Server):
    """A server among others in one loop: signals belong to the process, not to it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready is not None:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        while not self.stopping.is_set():
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), _DATE_PERIOD)


async def serve(
    app: Any,
    sockets: Sequence[socket.socket],
    tls: Tls = None,
    *,
    ready: Callable[[], None] | None = None,
    lifespan: Literal["on", "off"] = "on",
) -> None:
    """Serve `app` on listening sockets until cancelled; then end open requests within `GRACE` seconds.

    `ready` is called once connections are taken. `lifespan` is "off" for an application that has neither start nor end of
    its own. The sockets are closed at the end.
    """
    config = uvicorn.Config(
        app,
        http="httptools",
        ws=Protocol,
        # Deflate costs 16 CPU-ms a viewer-second of video against 0.5 without.
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_LIMIT,
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE,
        ssl_context_factory=(lambda config, default: tls) if tls is not None else None,
    )
    server = _Server(config, ready)
    running = asyncio.create_task(server.serve(list(sockets)), name="http server")
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        server.stopping.set()
        await asyncio.wait({running}, timeout=GRACE + 2)
        raise
    finally:
        if not running.done():
            running.cancel()
