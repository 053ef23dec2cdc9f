"""Selectors over pieces, samples that are put together where no step tells them apart: the same results from fewer numbers.

No edge of a window lies within a piece but at its first sample, which then is the one of it that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sitewarden.domain.points.series import Pieces
from sitewarden.domain.promql.vectors import Floats, Ints, Labels, Mask

N = TypeVar("N", np.int64, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Pieced:
    """A series in pieces."""

    labels: Labels
    pieces: Pieces

    def latest(self, reference: Ints, lookback: int) -> tuple[Floats, Mask, Ints]:
        """Return for each moment the last value within the lookback, whether there is one, and its time."""
        held = self.pieces
        place = np.searchsorted(held.begins, reference, "right") - 1
        found = np.maximum(place, 0)
        first = held.begins[found] == reference
        moments = np.where(first, reference, held.ends[found])
        alone = held.begins[found] == held.ends[found]
        over = held.closed[found] & (alone | ~first)
        present = (place >= 0) & (moments >= reference - lookback) & ~over
        return np.where(first, held.firsts[found], held.lasts[found]), present, moments


class Folded:
    """Windows [start, end] over a series in pieces, a number a step."""

    def __init__(self, series: Pieced, starts: Ints, ends: Ints) -> None:
        pieces = series.pieces
        some = np.flatnonzero(pieces.counts > 0)
        self._pieces = pieces
        self._some = some
        begins = pieces.begins[some]
        self._lows = np.searchsorted(begins, starts, "left")
        self._highs = np.searchsorted(begins, ends, "left")
        following = np.minimum(self._highs, max(len(some) - 1, 0))
        self._edge = (begins[following] == ends) if len(some) else np.zeros(len(ends), dtype=bool)
        """Where a sample stands at a window's very end: the first of a piece, of which nothing else counts."""
        self._at_edge = pieces.firsts[some][following] if len(some) else np.zeros(len(ends))

    def __len__(self) -> int:
        """Return how many pieces the windows look at, each as often as it is looked at."""
        return int((self._highs - self._lows).sum())

    @property
    def counts(self) -> Ints:
        """Return how many samples each window has."""
        return self._reduced(np.add, self._pieces.counts, 0) + self._edge.astype(np.int64)

    def sums(self) -> Floats:
        """Return the sum of each window."""
        return self._reduced(np.add, self._pieces.sums, 0.0) + np.where(self._edge, self._at_edge, 0.0)

    def least(self) -> Floats:
        """Return the least number of each window."""
        found: Floats = np.fmin(self._reduced(np.fmin, self._pieces.minima, np.nan), np.where(self._edge, self._at_edge, np.nan))
        return found

    def greatest(self) -> Floats:
        """Return the greatest number of each window."""
        found: Floats = np.fmax(self._reduced(np.fmax, self._pieces.maxima, np.nan), np.where(self._edge, self._at_edge, np.nan))
        return found

    def lasts(self) -> Floats:
        """Return the last number of each window."""
        if not len(self._some):
            return np.zeros(self._edge.shape)
        before = self._pieces.lasts[self._some][np.maximum(self._highs - 1, 0)]
        return np.where(self._edge, self._at_edge, before)

    def of(self, name: str) -> Floats:
        """Return what a function of `planning.ALIKE` says of each window that has samples."""
        match name:
            case "count_over_time":
                return self.counts.astype(np.float64)
            case "sum_over_time":
                return self.sums()
            case "avg_over_time":
                return self.sums() / self.counts
            case "min_over_time":
                return self.least()
            case "max_over_time":
                return self.greatest()
            case "last_over_time":
                return self.lasts()
            case _:
                return np.ones(self._edge.shape)

    def _reduced(self, how: np.ufunc, column: NDArray[N], nothing: float) -> NDArray[N]:
        """Return `how` over the pieces of each window that are whole in it."""
        result = np.full(self._lows.shape, nothing, dtype=column.dtype)
        filled = np.flatnonzero(self._lows < self._highs)
        if len(filled):
            padded = np.append(column[self._some], column.dtype.type(0))
            pairs = np.stack((self._lows[filled], self._highs[filled]), axis=1).ravel()
            result[filled] = how.reduceat(padded, pairs)[::2]
        return result
