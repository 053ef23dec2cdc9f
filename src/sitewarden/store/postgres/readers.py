"""A few reading connections; a read that passes its time is ended by the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from sitewarden.domain.errors import Refusal
from sitewarden.store.postgres.server import Server, refusing

T = TypeVar("T")


class Readers:
    """Connections that change nothing, made as they are needed.

    Bound: one read a connection; those that wait are callers, each waiting for its own answer.
    """

    def __init__(self, server: Server, *, connections: int = 2, deadline: float = 5.0, **session: str) -> None:
        self._server = server
        self._deadline = deadline
        self._session = session
        self._free: asyncio.LifoQueue[asyncpg.Connection | None] = asyncio.LifoQueue()
        self._running: set[asyncio.Task[object]] = set()
        for _ in range(connections):
            self._free.put_nowait(None)

    async def run(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Return what `work` makes of a connection; raises Away, or TimedOut past the deadline."""
        # Whoever gives up does not cut the driver off in the middle: it would open a connection of its own to say so.
        task = asyncio.get_running_loop().create_task(self._work(work))
        self._running.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()

    async def _work(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        connection = await self._free.get()
        try:
            if connection is None or connection.is_closed():
                connection = None
                milliseconds = str(int(self._deadline * 1000))
                connection = await self._server.connect(
                    default_transaction_read_only="on", statement_timeout=milliseconds, **self._session
                )
            with refusing(self._server.where):
                return await work(connection)
        except Refusal:
            if connection is not None and connection.is_in_transaction():
                connection.terminate()
                connection = None
            raise
        finally:
            self._free.put_nowait(connection)

    async def close(self) -> None:
        """Wait for running reads and close the connections."""
        if self._running:
            await asyncio.wait(self._running)
        while not self._free.empty():
            connection = self._free.get_nowait()
            if connection is not None:
                connection.terminate()
