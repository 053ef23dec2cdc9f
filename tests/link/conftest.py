"""Two sessions joined by a socket pair."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from sitewarden.link.session import LinkSession
from sitewarden.wire.link import Hello

Join = Callable[..., Awaitable[tuple[LinkSession, LinkSession]]]


def hello(node: str, role: str = "test") -> Hello:
    return Hello(1, 1, node, role, "sitewarden/test", ("log", "commands"))


@pytest.fixture
async def join() -> AsyncIterator[Join]:
    made: list[LinkSession] = []

    async def go(
        dialler: dict[str, Any] | None = None, listener: dict[str, Any] | None = None
    ) -> tuple[LinkSession, LinkSession]:
        loop = asyncio.get_running_loop()
        left, right = socket.socketpair()
        _, b = await loop.create_unix_connection(lambda: LinkSession(hello("b"), dialler=False, **(listener or {})), sock=right)
        _, a = await loop.create_unix_connection(lambda: LinkSession(hello("a"), dialler=True, **(dialler or {})), sock=left)
        made.extend((a, b))
        return a, b

    yield go
    for session in made:
        session.close()
        await session.closed
