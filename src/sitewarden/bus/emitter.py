"""A worker's way to the event log: straight to core while it is there, through the durable outbox while it is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sitewarden.bus import messages
from sitewarden.bus.interfaces import Outbox, OutboxItem
from sitewarden.domain.errors import Refusal, TimedOut, Unreachable
from sitewarden.domain.events import Confirm, Event
from sitewarden.link import LinkSession

log = logging.getLogger(__name__)

EMIT_TIMEOUT = 5.0
"""Seconds for core to store events; then they go to the outbox, and core drops the repeats by their keys."""
RETRY = 0.5
"""Seconds between attempts to deliver where core is there and refuses (its disk is full)."""
DELIVER = 64


class Emitter:
    """Keeps the order of this worker's events across both ways.

    Once an event had to go to the outbox, those after it queue behind it there. When the outbox is nearly empty, new ones
    wait for the few milliseconds that the last ones take, and then go straight to core again.
    """

    def __init__(self, outbox: Outbox | None) -> None:
        self._outbox = outbox
        self._session: LinkSession | None = None
        self._spilled = outbox is not None
        self._line: dict[asyncio.Future[None], None] = {}
        self._spilling = asyncio.Lock()
        self._falling = 0
        self._appends: set[asyncio.Task[int]] = set()
        self._news = asyncio.Event()

    @property
    def spilled(self) -> bool:
        """Tell whether events wait in the outbox, so that new ones queue behind them."""
        return self._spilled

    def changed(self, session: LinkSession | None) -> None:
        """Learn of the link."""
        self._session = session
        self._news.set()

    async def emit(self, events: Sequence[Event], confirm: Confirm | None) -> None:
        """Return once the events are durable, in the log or in the outbox. Without an outbox raises Unreachable, TimedOut."""
        session = self._session
        if self._outbox is not None and (self._spilled or session is None or not session.up):
            append = await self._queue(self._outbox, events, confirm)
            if append is not None:
                await append
                return
            session = self._session
        if session is None or not session.up:
            raise Unreachable("The core process cannot be reached.", remedy="It is tried again by itself.")
        append = await self._straight(session, events, confirm)
        if append is not None:
            await append

    async def _straight(self, session: LinkSession, events: Sequence[Event], confirm: Confirm | None) -> asyncio.Task[int] | None:
        """Send to core; where that fails, return the append to the outbox, begun after those of all earlier events."""
        ticket: asyncio.Future[None] = session.loop.create_future()
        self._line[ticket] = None
        try:
            await session.request(messages.EMIT, messages.encode(messages.Emission(tuple(events), confirm)), EMIT_TIMEOUT)
        except (Unreachable, TimedOut):
            if self._outbox is None:
                raise
            self._spilled = True
            self._falling += 1
            try:
                await self._earlier(ticket)
                return self._append(self._outbox, events, confirm)
            finally:
                self._falling -= 1
        finally:
            del self._line[ticket]
            ticket.set_result(None)
        return None

    async def _queue(self, outbox: Outbox, events: Sequence[Event], confirm: Confirm | None) -> asyncio.Task[int] | None:
        """Begin an append to the outbox; None where meanwhile all of it was delivered and core is there."""
        async with self._spilling:
            if not self._spilled and self._session is not None and self._session.up:
                return None
            self._spilled = True
            await self._earlier(None)
            return self._append(outbox, events, confirm)

    async def _earlier(self, ticket: asyncio.Future[None] | None) -> None:
        for earlier in list(self._line):
            if earlier is ticket:
                break
            await asyncio.shield(earlier)

    def _append(self, outbox: Outbox, events: Sequence[Event], confirm: Confirm | None) -> asyncio.Task[int]:
        task = asyncio.create_task(_append(outbox, events, confirm))
        self._appends.add(task)
        task.add_done_callback(self._appends.discard)
        self._news.set()
        return task

    async def run(self) -> None:
        """Deliver what waits in the outbox whenever core is there; until cancelled."""
        if self._outbox is None:
            return
        while True:
            await self._news.wait()
            self._news.clear()
            while self._spilled and (session := self._session) is not None and session.up:
                if not await self._deliver(self._outbox, session):
                    await asyncio.sleep(RETRY)

    async def _deliver(self, outbox: Outbox, session: LinkSession) -> bool:
        """Deliver one batch, or the last ones while new ones wait; False where core took none."""
        items = await outbox.pending(DELIVER)
        if len(items) == DELIVER:
            return await self._hand_over(outbox, session, items)
        async with self._spilling:
            if self._appends:
                await asyncio.wait(set(self._appends))
            while items := await outbox.pending(DELIVER):
                if not await self._hand_over(outbox, session, items):
                    return False
            if not self._falling and not self._appends:
                self._spilled = False
        await asyncio.sleep(0)
        return True

    async def _hand_over(self, outbox: Outbox, session: LinkSession, items: Sequence[OutboxItem]) -> bool:
        calls: list[asyncio.Future[bytes]] = []
        for item in items:
            body = messages.encode(messages.Emission(tuple(item.events), item.confirm))
            try:
                calls.append(session.call(messages.EMIT, body, timeout=EMIT_TIMEOUT))
            except Refusal:
                break
        answers = await asyncio.gather(*calls, return_exceptions=True)
        safe = _safe(items, answers)
        if safe is None:
            return False
        await outbox.ack(safe)
        return True


async def _append(outbox: Outbox, events: Sequence[Event], confirm: Confirm | None) -> int:
    return await outbox.append(events, confirm)


def _safe(items: Sequence[OutboxItem], answers: Sequence[bytes | BaseException]) -> int | None:
    """Return the id up to which items need not be sent again; an item that core refuses for good is reported and passed."""
    safe: int | None = None
    for item, answer in zip(items, answers, strict=False):
        if isinstance(answer, Unreachable | TimedOut) or (isinstance(answer, BaseException) and not isinstance(answer, Refusal)):
            break
        if isinstance(answer, Refusal):
            log.error(
                "the log refuses %d event(s) from %s: %s", len(item.events), item.events[0].key if item.events else "", answer
            )
        safe = item.id
    return safe
