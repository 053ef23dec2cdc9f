"""The operation `network.doctor`: this machine examined, off the event loop, one examination at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sitewarden.domain.clock import SECOND, Clock
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.doctor import Finding, Findings
from sitewarden.services.surface.identity import Nothing

ORDER: Final = ("error", "warning", "ok")
LONGEST: Final = 45.0
"""Seconds that an examination may take."""


class Doctor:
    """`examine` looks at everything; it blocks, and runs in a thread. Who asks meanwhile gets the same findings."""

    def __init__(self, clock: Clock, prepare: Callable[[], Callable[[], list[Finding]]]) -> None:
        """`prepare` is called on the loop and reads the state; what it returns runs in the thread."""
        self._clock = clock
        self._prepare = prepare
        self._running: asyncio.Task[Findings] | None = None

    def operations(self) -> list[Operation]:
        """Return doctor's operation."""
        return [Operation("network.doctor", "network.doctor", Nothing, Findings, self._ask, audit=False, timeout=LONGEST)]

    async def _ask(self, caller: Caller, params: Nothing) -> Findings:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._examine(), name="doctor")
        return await asyncio.shield(self._running)

    async def _examine(self) -> Findings:
        begun, now = self._clock.monotonic(), self._clock.now()
        found = await asyncio.to_thread(self._prepare())
        return Findings(time=now - now % SECOND, took=round(self._clock.monotonic() - begun, 3), items=tuple(ordered(found)))


def ordered(found: list[Finding]) -> list[Finding]:
    """Return the findings, the worst first, those of a level in the order of the checks."""
    return sorted(found, key=lambda item: ORDER.index(item.level))
