"""Made-up history of points: days that swing, hours that failed, a fan that runs by day."""

from __future__ import annotations

import math
from typing import Any

from sitewarden.domain.points.widths import DAY, HOUR, MINUTE, fitting

BAD, UNCERTAIN = 0x808A0000, 0x40900000
EVERY = 10_000_000
"""Microseconds between two samples."""
MOST = 1200


def value(time: int, phase: int) -> float:
    """A swing over the day with a smaller and quicker one on it."""
    day, quick = 2 * math.pi * time / DAY, 2 * math.pi * time / (7 * MINUTE)
    return 21 + 4 * math.sin(day + phase) + 0.6 * math.sin(quick * (1 + phase / 7))


def quality(time: int) -> int:
    """No connection for two minutes of each half hour, an old value before that."""
    minute = time // MINUTE % 30
    return BAD if minute in (11, 12) else UNCERTAIN if minute == 10 else 0


def series(query: dict[str, list[str]], points: dict[str, Any]) -> dict[str, Any]:
    """The answer of `/history` for points of the site."""
    start, end, count = (int(query[name][0]) for name in ("start", "end", "buckets"))
    width = fitting(start, end, count)
    items = [_columns(points[id_], n, start, end, width) for n, id_ in enumerate(query["point"])]
    return {"start": start, "end": end, "width": width, "items": items}


def _columns(point: dict[str, Any], phase: int, start: int, end: int, width: int) -> dict[str, Any]:
    known = {"point": point["id"], **{key: point[key] for key in ("name", "type", "unit", "decimals")}, "more": False}
    none: dict[str, list[Any]] = {key: [] for key in ("counts", "minima", "maxima", "averages", "firsts", "lasts", "values")}
    if (end - start) // EVERY > MOST:
        times = list(range(start // width * width, end, width))
        mean = [None if quality(time) == BAD and width < HOUR else value(time, phase) for time in times]
        spread = 0.7 if width >= MINUTE else 0.3
        if point["type"] == "boolean":
            mean, spread = [float(8 <= time // HOUR % 24 < 17) for time in times], 0.0
        low, high = ([None if one is None else one + sign * spread for one in mean] for sign in (-1, 1))
        shown = {"counts": [0 if one is None else 9 for one in mean], "minima": low, "maxima": high, "averages": mean}
        worst = [quality(time) if width < HOUR else 0 for time in times]
        return {**known, "form": "buckets", "times": times, "qualities": worst, **none, **shown, "firsts": low, "lasts": high}
    times = list(range((start // EVERY - 1) * EVERY, end + EVERY, EVERY))
    found: list[Any] = [value(time, phase) for time in times]
    if point["type"] == "boolean":
        found = [int(time // (4 * MINUTE) % 3 > 0) for time in times]
    found = [None if quality(time) == BAD else one for time, one in zip(times, found, strict=True)]
    codes = [quality(time) for time in times]
    return {**known, "form": "samples", "times": times, "qualities": codes, **none, "values": found}
