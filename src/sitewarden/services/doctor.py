"""The operation `network.doctor`: this machine examined, off the event loop, one examination at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sitewarden.domain.clock import SECOND, Clock
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.doctor import Examine, Finding, Findings

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
        self._kept: tuple[float, Findings] | None = None
        """The last findings, with the monotonic second of their end."""

    def operations(self) -> list[Operation]:
        """Return doctor's operation."""
        return [Operation("network.doctor", "network.doctor", Examine, Findings, self._ask, audit=False, timeout=LONGEST)]

    async def _ask(self, caller: Caller, params: Examine) -> Findings:
        if self._kept is not None and self._clock.monotonic() - self._kept[0] < params.max_age:
            return self._kept[1]
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._examine(), name="doctor")
        return await asyncio.shield(self._running)

    async def _examine(self) -> Findings:
        begun, now = self._clock.monotonic(), self._clock.now()
        found = await asyncio.to_thread(self._prepare())
        ended = self._clock.monotonic()
        findings = Findings(time=now - now % SECOND, took=round(ended - begun, 3), items=tuple(ordered(found)))
        self._kept = (ended, findings)
        return findings


def ordered(found: list[Finding]) -> list[Finding]:
    """Return the findings, the worst first, those of a level in the order of the checks."""
    return sorted(found, key=lambda item: ORDER.index(item.level))
