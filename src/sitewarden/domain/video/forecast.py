"""When the room for recordings will be used up, from what each camera takes and may keep. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import DAY

NEVER: Final = 0


class Growth(Struct, frozen=True, kw_only=True):
    """What one camera takes: bytes a day as of late, bytes so far, and the bytes at which its own limits hold it."""

    daily: float
    held: int
    limit: float


def limit(daily: float, days: float, max_bytes: int | None) -> float:
    """Return the bytes at which a camera's recordings stop growing: by its days, and by its size where it has one."""
    by_days = daily * days
    return by_days if max_bytes is None else min(by_days, float(max_bytes))


def full_at(cameras: Sequence[Growth], free: int, now: int) -> int:
    """Return when `free` bytes will be used up, microseconds since 1970 UTC; NEVER where the cameras' limits hold before."""
    growing = sorted(
        ((max(0.0, one.limit - one.held) / one.daily, one.daily) for one in cameras if one.daily > 0), key=lambda one: one[0]
    )
    left, passed, rate = float(max(0, free)), 0.0, sum(daily for _, daily in growing)
    for days, daily in growing:
        step = days - passed
        if rate * step >= left and rate * step > 0:
            return now + round((passed + left / rate) * DAY)
        left -= rate * step
        passed = days
        rate -= daily
    return NEVER
