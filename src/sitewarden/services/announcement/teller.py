"""The events of the announcement: written one after the other, limited where strangers could cause them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.domain.events import Event
from sitewarden.services.announcement.gate import Budget

log = logging.getLogger(__name__)

Emit = Callable[[Sequence[Event]], Awaitable[None]]
WAITING: Final = 256
"""Events that wait for the log; the newest is dropped where there are more, which the list shows anyway."""
BURST: Final = 40.0
PER_SECOND: Final = 1 / 60
"""Events on strangers that come and go: forty at once, then one a minute. The list shows the rest."""


class Teller:
    """Takes events without waiting; `run` writes them."""

    def __init__(self, emit: Emit, clock: Clock) -> None:
        self._emit, self._clock = emit, clock
        self._waiting: asyncio.Queue[Event] = asyncio.Queue(WAITING)
        self._budget = Budget(BURST, PER_SECOND, clock.monotonic())
        self._origin = f"announcement/{clock.now()}"
        self._count = 0

    def stranger(self, type_: str, entity: str, data: dict[str, Any]) -> None:
        """Tell of a server that nobody registered, as far as the budget goes."""
        if self._budget.take(self._clock.monotonic()):
            self.tell(type_, entity, data)

    def tell(self, type_: str, entity: str, data: dict[str, Any], related: tuple[str, ...] = ()) -> None:
        """Tell an event."""
        self._count += 1
        event = Event(
            key=f"{self._origin}/{self._count}",
            type=type_,
            entity=entity,
            time=self._clock.now(),
            severity=severity(type_),
            related=related,
            text=describe(type_, data),
            data=data,
        )
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            log.warning("%s is not in the log: too many events wait", type_)

    async def run(self) -> None:
        """Write what waits until cancelled."""
        while True:
            event = await self._waiting.get()
            try:
                await self._emit([event])
            except Refusal as refusal:
                log.warning("%s is not in the log: %s", event.type, refusal)
