"""The one writing connection of a store: it holds the store's lock, and comes back by itself after it broke."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

from sitewarden.domain.errors import Refusal
from sitewarden.store.postgres.schema import take
from sitewarden.store.postgres.server import Away, Server

log = logging.getLogger(__name__)

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0

Back = Callable[[asyncpg.Connection], Awaitable[None]]
"""Called with a new connection that holds the lock, before anybody else uses it: what the last sent is done or never will be."""


class Link:
    """A connection with a lock. The server ends a session's last transaction before it frees its locks, so who has the lock
    again knows what became of it.
    """

    def __init__(self, server: Server, lock: int, back: Back) -> None:
        self.server = server
        self.where = server.where
        self._lock = lock
        self._back = back
        self._connection: asyncpg.Connection | None = None
        self._returning: asyncio.Task[None] | None = None
        self._closed = False
        self.reason: Refusal = Away("The database was not asked yet.", where=self.where)
        """Why there is no connection."""

    @property
    def connected(self) -> bool:
        """True while there is a connection that is not known to be broken."""
        return self._connection is not None and not self._connection.is_closed()

    @property
    def connection(self) -> asyncpg.Connection:
        """The connection; raises Away where there is none."""
        if self._connection is None or self._connection.is_closed():
            raise Away(self.reason.what, where=self.where, remedy=self.reason.remedy)
        return self._connection

    async def open(self) -> None:
        """Connect; raise what stands in the way."""
        connection = await self.server.connect()
        try:
            await take(connection, self._lock, self.where)
            await self._back(connection)
            self._connection = connection
        finally:
            if self._connection is not connection:
                connection.terminate()
        connection.add_termination_listener(self._ended)

    def _ended(self, connection: Any) -> None:
        if connection is self._connection:
            self.lost(Away("The connection to the database broke.", where=self.where, remedy="See that it runs."))

    def lost(self, reason: Refusal) -> None:
        """Give up the connection, and have it come back."""
        connection, self._connection = self._connection, None
        if connection is None or self._closed:
            return
        if not connection.is_closed():
            connection.terminate()
        self.reason = reason
        log.warning("%s", reason)
        self._returning = asyncio.get_running_loop().create_task(self._return(), name="database")

    def begin(self, reason: Refusal) -> None:
        """Go on without a connection, and have it come as soon as it can."""
        self.reason = reason
        log.warning("%s", reason)
        self._returning = asyncio.get_running_loop().create_task(self._return(), name="database")

    async def _return(self) -> None:
        pause = FIRST_PAUSE
        while not self._closed:
            await asyncio.sleep(pause)
            try:
                await self.open()
            except Refusal as refusal:
                self.reason = refusal
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            log.warning("%s: the database is back", self.where)
            return

    async def close(self) -> None:
        """Stop trying, and close the connection."""
        self._closed = True
        if self._returning is not None:
            self._returning.cancel()
            await asyncio.gather(self._returning, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=5.0)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()
