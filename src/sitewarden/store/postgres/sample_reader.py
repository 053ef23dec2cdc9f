"""Points' history read from the database; in the writer's process or in another one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import asyncpg

from sitewarden.domain.errors import TimedOut, Unreachable
from sitewarden.store.chunks.head import Head
from sitewarden.store.chunks.view import View
from sitewarden.store.packed_reader import PATIENCE, PackedReader
from sitewarden.store.postgres.readers import Readers
from sitewarden.store.postgres.sample_rows import Ask, SampleRows
from sitewarden.store.postgres.server import Server

T = TypeVar("T")
THREADS: Final = 2
SECONDS: Final = 5.0


class PostgresSampleReader(PackedReader):
    """`SampleReader` of a database. `head` is the writer's own; None reads the journal. Raises Away while it does not answer."""

    def __init__(self, server: Server, head: Head | None = None) -> None:
        super().__init__(server.where, head)
        # A look-up of chunks is always a walk of their index, whatever the statistics of a table that grows say.
        self._readers = Readers(server, connections=THREADS, enable_seqscan="off", enable_hashjoin="off", enable_mergejoin="off")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="read-samples")

    async def close(self) -> None:
        """Wait for running reads and close the connections."""
        await self._readers.close()
        await asyncio.to_thread(self._threads.shutdown)

    async def _run(self, work: Callable[[View], T], nothing: T, *, deadline: float | None = None) -> T:
        loop = asyncio.get_running_loop()
        end = time.monotonic() + (SECONDS if deadline is None else deadline)

        async def read(connection: asyncpg.Connection) -> tuple[T] | None:
            ask = blocking(loop, connection.fetch, end)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                # A seal truncates the journal, which a view from before would see empty; the lock comes before the view begins.
                await connection.execute("LOCK TABLE sample_journal IN ACCESS SHARE MODE")
                return await loop.run_in_executor(self._threads, self._attempt, work, ask)

        patience = time.monotonic() + PATIENCE
        while (found := await self._readers.run(read)) is None:
            if time.monotonic() > patience:
                raise Unreachable("The samples are being sealed.", where=self._where, remedy="Try again.")
            await asyncio.sleep(0.001)
        return found[0]

    def _attempt(self, work: Callable[[View], T], ask: Ask) -> tuple[T] | None:
        view = self._view(SampleRows(ask))
        return None if view is None else (work(view),)


def blocking(loop: asyncio.AbstractEventLoop, fetch: Callable[..., Coroutine[Any, Any, Any]], end: float | None = None) -> Ask:
    """Return a way to ask the database from a thread that is not the loop's; past `end` it raises TimedOut."""

    def ask(statement: str, *values: Any) -> list[asyncpg.Record]:
        if end is not None and time.monotonic() > end:
            raise TimedOut("Reading took too long.", where="samples", remedy="Ask for a shorter span of time or fewer points.")
        found: list[asyncpg.Record] = asyncio.run_coroutine_threadsafe(fetch(statement, *values), loop).result()
        return found

    return ask
