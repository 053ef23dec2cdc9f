"""Which width of a bucket fits a span of time: one that people and rollups know. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

MS: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

WIDTHS: Final = (
    *(MS * n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(SECOND * n for n in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(MINUTE * n for n in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(HOUR * n for n in (1, 2, 3, 4, 6, 8, 12)),
    *(DAY * n for n in (1, 2, 3, 5, 7, 14, 30, 90, 365)),
)
"""Microseconds, ascending; from a minute on each is a multiple of a minute, an hour or a day, which rollups hold."""


def fitting(start: int, end: int, count: int) -> int:
    """Return the least width, in microseconds, that divides [start, end) into at most `count` buckets."""
    wanted = -(-(end - start) // count)
    if wanted > WIDTHS[-1]:
        return -(-wanted // DAY) * DAY
    return WIDTHS[bisect_left(WIDTHS, wanted)]


def snapped(start: int, end: int, width: int) -> tuple[int, int]:
    """Return the span widened to whole buckets, which begin at multiples of the width since 1970."""
    return start // width * width, -(-end // width) * width
