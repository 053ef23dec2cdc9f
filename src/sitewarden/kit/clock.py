"""Clocks: the machine's, and one that a test moves."""

from __future__ import annotations

import time

from sitewarden.domain.clock import SECOND


class SystemClock:
    """The machine's time."""

    def now(self) -> int:
        """Microseconds since 1970 UTC."""
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        return time.monotonic()


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: int = 0) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> int:
        """Microseconds since 1970 UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since this clock was made."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move both times forward."""
        self._now += round(seconds * SECOND)
        self._monotonic += seconds
