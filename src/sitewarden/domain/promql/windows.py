"""Range vectors: all windows of all series over one flat column of samples, so that a function is a few array operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sitewarden.domain.promql.vectors import Floats, Grid, Ints, Labels, Vector

EXPANDED: Final = 2_000_000
"""Samples of windows that are laid side by side at once."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Window (i, j) holds samples lows[i, j] up to but not with highs[i, j], of series i, for step j."""

    labels: list[Labels]
    times: Ints
    values: Floats
    lows: Ints
    highs: Ints
    starts: Ints
    """Where each step's window begins and ends, in time."""
    ends: Ints
    span: int
    tick: Callable[[], object] = int
    """Called between pieces of long work; raises where its time is over."""

    @property
    def counts(self) -> Ints:
        """Return how many samples each window has."""
        return self.highs - self.lows

    def reduced(self, how: np.ufunc, values: Floats | None = None, skip: int = 0) -> Floats:
        """Return `how` over each window less its first `skip` samples; what stands for an empty one means nothing."""
        held = self.values if values is None else values
        if not len(held):
            return np.zeros(self.lows.shape)
        padded = np.append(held, 0.0)
        pairs = np.empty(2 * self.lows.size, dtype=np.int64)
        pairs[0::2] = np.minimum(self.lows + skip, self.highs).ravel()
        pairs[1::2] = self.highs.ravel()
        result: Floats = how.reduceat(padded, pairs)[0::2]
        return result.reshape(self.lows.shape)

    def firsts(self) -> Ints:
        """Return the index of each window's first sample, one that exists even where the window is empty."""
        return np.minimum(self.lows, max(len(self.values) - 1, 0))

    def lasts(self, back: int = 0) -> Ints:
        """Return the index of each window's last sample but `back`, likewise."""
        return np.maximum(self.highs - 1 - back, 0)

    def expanded(self) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
        """Yield (windows, their counts, where each begins in the column, indices of samples) of windows that have samples.

        The windows' samples lie side by side in the column; windows are numbered by row, then step.
        """
        counts = self.counts.ravel()
        lows = self.lows.ravel()
        filled = np.flatnonzero(counts > 0)
        totals = np.cumsum(counts[filled])
        first = 0
        while first < len(filled):
            self.tick()
            before = int(totals[first - 1]) if first else 0
            last = max(int(np.searchsorted(totals, before + EXPANDED, "right")), first + 1)
            some = filled[first:last]
            sizes = counts[some]
            begins = np.concatenate(([0], np.cumsum(sizes)[:-1]))
            column = np.arange(int(sizes.sum())) - np.repeat(begins - lows[some], sizes)
            yield some, sizes, begins, column
            first = last


def windows_of(labels: list[Labels], times: list[Ints], values: list[Floats], starts: Ints, ends: Ints, span: int) -> Windows:
    """Return the windows [start, end] over series of samples in order of time."""
    shape = (len(labels), len(ends))
    lows, highs = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    base = 0
    for row, column in enumerate(times):
        lows[row] = np.searchsorted(column, starts, "left") + base
        highs[row] = np.searchsorted(column, ends, "right") + base
        base += len(column)
    none: list[Any] = [np.zeros(0)]
    return Windows(
        labels,
        np.concatenate(times or none).astype(np.int64),
        np.concatenate(values or none),
        lows,
        highs,
        starts,
        ends,
        span,
    )


def windows_over(vector: Vector, grid: Grid, starts: Ints, ends: Ints, span: int) -> Windows:
    """Return the windows of a subquery over what its expression gave at its own steps."""
    times = [grid.times[present] for present in vector.present]
    values = [row[present] for row, present in zip(vector.values, vector.present, strict=True)]
    return windows_of(vector.labels, times, values, starts, ends, span)
