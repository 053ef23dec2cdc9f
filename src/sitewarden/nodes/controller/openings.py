"""Scheduled unlocks: the controller asks the schedules of its own rules, with or without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from sitewarden.domain.access.door_signals import Scheduled
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.clock import Clock
from sitewarden.nodes.controller.doors import LiveDoor

EVERY: Final = 1.0
"""Seconds between two looks at the schedules: the time of day may be set at any moment, so nothing is reckoned ahead."""
SET: Final = 1_704_067_200_000_000
"""2024: a clock that says less was never set, and opens no door by itself."""


class Openings:
    """Tells doors when the schedule of their unlock begins and ends."""

    def __init__(self, clock: Clock, doors: Callable[[], Iterable[LiveDoor]]) -> None:
        self._clock = clock
        self._doors = doors
        self._rules: Rules | None = None
        self._timer: asyncio.TimerHandle | None = None

    def take(self, rules: Rules) -> None:
        """Go by these rules from now on."""
        self._rules = rules
        self.look()

    def look(self) -> None:
        """Tell every door whether its schedule holds now, and look again in a second where any has one."""
        self.close()
        if self._rules is None:
            return
        now, any_ = self._clock.now(), False
        for door in self._doors():
            place = door.row.unlock_schedule
            any_ = any_ or place >= 0
            door.schedule(Scheduled(place >= 0 and now >= SET and self._rules.calendars[place].holds(now)))
        if any_:
            self._timer = asyncio.get_running_loop().call_later(EVERY, self.look)

    def close(self) -> None:
        """Stop looking."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
