"""A network without a manifest that listens, too, for tests of drivers that devices dial."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from tests.kit.network import LoopNetwork


class Listening:
    """One listening socket."""

    def __init__(self, server: asyncio.Server) -> None:
        self._server = server
        self.host, self.number = server.sockets[0].getsockname()[:2]

    async def close(self) -> None:
        self._server.close()


class ListenNetwork(LoopNetwork):
    """Listens on `host`; `heard` has (row, number) of each listener."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self.host = host
        self.heard: list[tuple[str, int]] = []

    async def listen(
        self, port: str, factory: Callable[[], Any], *, number: int | None = None, tls: ssl.SSLContext | None = None
    ) -> Listening:
        server = await asyncio.get_running_loop().create_server(factory, self.host, number, ssl=tls)
        found = Listening(server)
        self.heard.append((port, found.number))
        return found

    async def dial(
        self,
        port: str,
        factory: Callable[[], Any],
        host: str,
        number: int,
        *,
        tls: ssl.SSLContext | None = None,
        timeout: float = 60.0,
    ) -> Any:
        self.dialled.append((port, host, number))
        async with asyncio.timeout(timeout):
            return await asyncio.get_running_loop().create_connection(
                factory, host, number, ssl=tls, server_hostname=host if tls is not None else None
            )
