"""Time as the product counts it: microseconds since 1970 UTC, carried as int.

Pure code takes `now` as an argument; code with I/O takes a `Clock`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    """Where code with I/O gets the time from; tests inject their own."""

    def now(self) -> int:
        """Microseconds since 1970 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        ...


def to_datetime(time: int) -> datetime:
    """Return `time` (microseconds since 1970 UTC) as an aware datetime."""
    return datetime.fromtimestamp(time / SECOND, UTC)


def from_datetime(moment: datetime) -> int:
    """Return an aware datetime as microseconds since 1970 UTC."""
    return int(moment.timestamp()) * SECOND + moment.microsecond
