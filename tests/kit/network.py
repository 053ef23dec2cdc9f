"""A network without a manifest, for tests of drivers alone: it dials, and notes what was dialled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class LoopNetwork:
    """Only `dial`; anything else that a driver asks of it fails the test."""

    def __init__(self) -> None:
        self.dialled: list[tuple[str, str, int]] = []

    async def dial(
        self,
        port: str,
        factory: Callable[[], Any],
        host: str,
        number: int,
        *,
        tls: Any = None,
        server_hostname: str | None = None,
        timeout: float = 60.0,
    ) -> Any:
        self.dialled.append((port, host, number))
        async with asyncio.timeout(timeout):
            return await asyncio.get_running_loop().create_connection(
                factory, host, number, ssl=tls, server_hostname=server_hostname
            )
