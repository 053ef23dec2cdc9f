"""Following the event log from a worker; it goes on after its cursor when core comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from sitewarden.bus import messages
from sitewarden.domain.errors import TimedOut, Unreachable
from sitewarden.domain.events import StoredEvent
from sitewarden.link import LinkSession, LinkStream


class RemoteFeed:
    """A subscription over the link. What waits here is bounded by the stream's credit; core reads on from the log."""

    def __init__(
        self, after: int | None, types: Sequence[str], entities: Sequence[str], closed: Callable[[RemoteFeed], None]
    ) -> None:
        self.cursor = after or 0
        self._live = after is None
        self._types = tuple(types)
        self._entities = tuple(entities)
        self._on_close = closed
        self._closed = False
        self._session: LinkSession | None = None
        self._stream: LinkStream | None = None
        self._news: asyncio.Future[None] | None = None

    def changed(self, session: LinkSession | None) -> None:
        """Learn of the link, and ask for events at once when it is up."""
        self._session = session
        self._stream = None
        if session is not None and not self._closed:
            params = messages.encode(messages.Follow(self._live, self._types, self._entities))
            self._stream = session.open_stream(messages.EVENTS, params, self.cursor)
            self._wake()

    def close(self) -> None:
        """End the subscription; a waiting reader ends."""
        if self._closed:
            return
        self._closed = True
        if self._stream is not None:
            self._stream.end()
        self._wake()
        self._on_close(self)

    async def next(self) -> list[StoredEvent]:
        """Return the next events, at least one; empty once closed. Raises the hub's refusal of the filter."""
        while not self._closed:
            stream = self._stream
            if stream is None:
                await self._wait()
                continue
            try:
                if self._live:
                    await stream.opened()
                    self.cursor = max(self.cursor, messages.head(stream.params))
                    self._live = False
                records = await stream.batch()
            except (Unreachable, TimedOut):
                records = []
            if records:
                self.cursor = records[-1][0]
                return [one for _, body in records for one in messages.stored(body)]
            if self._stream is stream:
                self._stream = None
        return []

    async def _wait(self) -> None:
        if self._news is None:
            self._news = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._news)

    def _wake(self) -> None:
        if self._news is not None:
            if not self._news.done():
                self._news.set_result(None)
            self._news = None

    async def _iterate(self) -> AsyncIterator[list[StoredEvent]]:
        while batch := await self.next():
            yield batch

    def __aiter__(self) -> AsyncIterator[list[StoredEvent]]:
        return self._iterate()
