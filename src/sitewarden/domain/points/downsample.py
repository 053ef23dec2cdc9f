"""Fewer samples that draw the same line: largest triangle, three buckets (Steinarsson, 2013). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def lttb(times: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the indices, ascending, of at most `count` samples that keep the line's shape; the first and last always stay.

    `times` ascend and `values` are finite. `count` is at least 3.
    """
    size = len(times)
    if count < 3:
        raise ValueError("a line takes three samples")
    if size <= count:
        return np.arange(size, dtype=np.int64)
    x = (times - times[0]).astype(np.float64)
    # A triangle's area is a product of both axes: each is brought to [0, 1] so that none overflows.
    x /= max(float(x[-1]), 1.0)
    low, high = float(values.min()), float(values.max())
    half = high / 2 - low / 2
    y = (values / 2 - low / 2) / half if half > 0 else np.zeros(size)
    edges = np.linspace(1, size - 1, count - 1).astype(np.int64)
    starts, lengths = edges[:-1], np.diff(edges)
    # Each bucket is followed by the mean of the next one, the last by the last sample.
    next_x = np.append((np.add.reduceat(x[: size - 1], starts) / lengths)[1:], x[-1])
    next_y = np.append((np.add.reduceat(y[: size - 1], starts) / lengths)[1:], y[-1])
    chosen = np.empty(count, dtype=np.int64)
    chosen[0], chosen[-1] = 0, size - 1
    at = 0
    for bucket in range(count - 2):
        begin, end = int(edges[bucket]), int(edges[bucket + 1])
        area = np.abs((x[at] - next_x[bucket]) * (y[begin:end] - y[at]) - (x[at] - x[begin:end]) * (next_y[bucket] - y[at]))
        at = begin + int(area.argmax())
        chosen[bucket + 1] = at
    return chosen


def shape(times: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the indices, ascending, of at most `count` samples that draw the line, and of the first of each break in it.

    A break is a run of values that are not finite; of more than `count` breaks the first ones stay.
    """
    finite = np.isfinite(values)
    good = np.flatnonzero(finite)
    kept = good[lttb(times[good], values[good], count)]
    begins = np.flatnonzero(~finite & np.append(True, finite[:-1]))[:count] if len(values) else good
    return np.union1d(kept, begins)
