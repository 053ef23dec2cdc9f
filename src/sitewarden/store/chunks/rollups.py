"""Rollups: what is known of a point's samples in each minute, hour or day, such that parts of one span can be put together.

A part knows the samples between its own first and last one only. What a value held for between two parts, and to the end of a
span, is added when parts are put together: so a part never depends on samples that other bytes hold, and a late sample spoils no
other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sitewarden.domain.clock import DAY, HOUR, MINUTE
from sitewarden.domain.points.series import Buckets

LEVELS: Final = (MINUTE, HOUR, DAY)
DENSE: Final = 8
"""Samples a minute from which minutes are rolled up; below it reading the samples themselves costs no more."""
PART: Final = np.dtype(
    [
        ("start", "<i8"),
        ("first_time", "<i8"),
        ("last_time", "<i8"),
        ("count", "<i8"),
        ("cover", "<i8"),
        ("worst", "<i8"),
        ("low", "<f8"),
        ("high", "<f8"),
        ("total", "<f8"),
        ("first", "<f8"),
        ("last", "<f8"),
        ("tail", "<f8"),
        ("area", "<f8"),
    ]
)
"""A part: the span's start, times of its first and last sample, count of numbers, microseconds between those times in which a
number held, worst StatusCode, least, greatest, sum, first and last number, what the last sample says (NaN: no number), and the
sum of value x microseconds over `cover`."""

Parts = np.ndarray[tuple[int], np.dtype[np.void]]


def parts(
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    qualities: NDArray[np.uint32],
    width: int,
    breaks: NDArray[np.int64] | None = None,
) -> tuple[Parts, NDArray[np.int64]]:
    """Return the parts of samples in order of time, and the index of each one's first sample.

    `breaks` are indexes of samples at which something else begins, such as another point.
    """
    if not len(times):
        return np.zeros(0, dtype=PART), np.zeros(0, dtype=np.int64)
    spans = times // width
    edge = np.empty(len(times), dtype=bool)
    edge[0] = True
    np.not_equal(spans[1:], spans[:-1], out=edge[1:])
    if breaks is not None:
        edge[breaks] = True
    starts = np.flatnonzero(edge)
    ends = np.append(starts[1:], len(times)) - 1
    found = np.zeros(len(starts), dtype=PART)
    found["start"] = spans[starts] * width
    found["first_time"] = times[starts]
    found["last_time"] = times[ends]
    found["worst"] = np.maximum.reduceat(qualities, starts)
    held = np.empty(len(times), dtype=np.int64)
    np.subtract(times[1:], times[:-1], out=held[:-1])
    held[ends] = 0
    found["tail"] = values[ends]
    missing = np.isnan(values)
    with np.errstate(invalid="ignore", over="ignore"):
        if not missing.any():
            found["count"] = np.diff(starts, append=len(times))
            found["cover"] = np.add.reduceat(held, starts)
            found["low"] = np.minimum.reduceat(values, starts)
            found["high"] = np.maximum.reduceat(values, starts)
            found["total"] = np.add.reduceat(values, starts)
            found["first"] = values[starts]
            found["last"] = values[ends]
            found["area"] = np.add.reduceat(np.where(held, values * held, 0.0), starts)
            return found, starts
        number = ~missing
        held[missing] = 0
        plain = np.where(missing, 0.0, values)
        counts = np.add.reduceat(number.astype(np.int64), starts)
        none = counts == 0
        found["count"] = counts
        found["cover"] = np.add.reduceat(held, starts)
        found["low"] = np.fmin.reduceat(values, starts)
        found["high"] = np.fmax.reduceat(values, starts)
        found["total"] = np.where(none, np.nan, np.add.reduceat(plain, starts))
        found["area"] = np.add.reduceat(np.where(held, plain * held, 0.0), starts)
    index = np.arange(len(times))
    first = np.minimum.reduceat(np.where(number, index, len(times) - 1), starts)
    last = np.maximum.reduceat(np.where(number, index, 0), starts)
    found["first"] = np.where(none, np.nan, values[first])
    found["last"] = np.where(none, np.nan, values[last])
    return found, starts


def merged(pieces: Parts, width: int) -> Parts:
    """Return parts of spans of `width`, from parts in order of time whose own width divides it."""
    if not len(pieces):
        return pieces
    starts = pieces["start"] // width * width
    edge = np.flatnonzero(np.append(True, starts[1:] != starts[:-1]))
    if len(edge) == len(pieces):
        whole = pieces.copy()
        whole["start"] = starts
        return whole
    ends = np.append(edge[1:], len(pieces)) - 1
    found = np.zeros(len(edge), dtype=PART)
    found["start"] = starts[edge]
    found["first_time"] = pieces["first_time"][edge]
    found["last_time"] = pieces["last_time"][ends]
    found["tail"] = pieces["tail"][ends]
    found["worst"] = np.maximum.reduceat(pieces["worst"], edge)
    counts = np.add.reduceat(pieces["count"], edge)
    none = counts == 0
    found["count"] = counts
    tails = pieces["tail"]
    gaps = np.zeros(len(pieces), dtype=np.int64)
    gaps[:-1] = pieces["first_time"][1:] - pieces["last_time"][:-1]
    gaps[ends] = 0
    gaps[np.isnan(tails)] = 0
    index = np.arange(len(pieces))
    number = pieces["count"] > 0
    with np.errstate(invalid="ignore", over="ignore"):
        found["cover"] = np.add.reduceat(pieces["cover"] + gaps, edge)
        found["area"] = np.add.reduceat(pieces["area"] + np.where(gaps, tails * gaps, 0.0), edge)
        found["low"] = np.fmin.reduceat(pieces["low"], edge)
        found["high"] = np.fmax.reduceat(pieces["high"], edge)
        found["total"] = np.where(none, np.nan, np.add.reduceat(np.where(number, pieces["total"], 0.0), edge))
    first = np.minimum.reduceat(np.where(number, index, len(pieces) - 1), edge)
    last = np.maximum.reduceat(np.where(number, index, 0), edge)
    found["first"] = np.where(none, np.nan, pieces["first"][first])
    found["last"] = np.where(none, np.nan, pieces["last"][last])
    return found


def buckets(point: str, pieces: Parts, width: int, before: float = np.nan) -> Buckets:
    """Return buckets of parts in order of time; `before` is what held when the first of them began."""
    whole = merged(pieces, width)
    starts = whole["start"]
    tails = whole["tail"]
    heads = np.empty(len(whole))
    heads[:1] = before
    heads[1:] = tails[:-1]
    lead = np.where(np.isnan(heads), 0, whole["first_time"] - starts)
    rest = np.where(np.isnan(tails), 0, starts + width - whole["last_time"])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        area = whole["area"] + np.where(lead > 0, heads * lead, 0.0) + np.where(rest > 0, tails * rest, 0.0)
        averages = area / (whole["cover"] + lead + rest)
    return Buckets(
        point,
        starts.copy(),
        whole["count"].copy(),
        whole["low"].copy(),
        whole["high"].copy(),
        whole["total"].copy(),
        whole["first"].copy(),
        whole["last"].copy(),
        averages,
        whole["worst"].astype(np.uint32),
    )


def sliced(pieces: Sequence[Parts]) -> Parts:
    """Return parts of several pieces of bytes in order of time."""
    if not pieces:
        return np.zeros(0, dtype=PART)
    whole = np.concatenate(list(pieces)) if len(pieces) > 1 else pieces[0]
    return whole[np.argsort(whole["first_time"], kind="stable")]
