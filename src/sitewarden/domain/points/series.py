"""What is read of points' history, as columns: samples as numbers, and buckets of time. Times are microseconds since 1970 UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:  # Only who computes loads numpy: most processes pass these on, if at all.
    import numpy as np
    from numpy.typing import NDArray


class Series(Struct, frozen=True, eq=False):
    """Samples of one point as numbers; index i of each array belongs together."""

    point: str
    times: NDArray[np.int64]
    """Source times, ascending, none twice."""
    values: NDArray[np.float64]
    """Booleans are 0 and 1; NaN where there is no number (a failed read, a text, a NaN)."""
    qualities: NDArray[np.uint32]
    """OPC UA StatusCodes."""

    def __len__(self) -> int:
        return len(self.times)


class Buckets(Struct, frozen=True, eq=False):
    """Samples of one point by spans of equal width; a span in which there is no sample has no entry."""

    point: str
    starts: NDArray[np.int64]
    """Ascending multiples of the width since 1970."""
    counts: NDArray[np.int64]
    """Samples that have a number; 0 where the span has only samples without one, whose numbers are NaN below."""
    minima: NDArray[np.float64]
    maxima: NDArray[np.float64]
    sums: NDArray[np.float64]
    firsts: NDArray[np.float64]
    lasts: NDArray[np.float64]
    """The first and last number."""
    averages: NDArray[np.float64]
    """By time: a value holds until the next sample, the one before the span into it, the last one to its end.

    Time without a number does not count; NaN where the whole span is such.
    """
    worst: NDArray[np.uint32]
    """The worst StatusCode of the span's samples: the greatest."""

    def __len__(self) -> int:
        return len(self.starts)


class Pieces(Struct, frozen=True, eq=False):
    """Samples of one point, neighbours put together where all are numbers of Good or Uncertain quality; ascending and apart."""

    point: str
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    """Times of a piece's first and last sample: equal where it is one sample."""
    counts: NDArray[np.int64]
    """Its samples that are not of Bad quality."""
    minima: NDArray[np.float64]
    maxima: NDArray[np.float64]
    sums: NDArray[np.float64]
    firsts: NDArray[np.float64]
    lasts: NDArray[np.float64]
    closed: NDArray[np.bool_]
    """Whether its last sample is of Bad quality."""

    def __len__(self) -> int:
        return len(self.begins)
