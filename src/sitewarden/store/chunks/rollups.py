"""Rollups: what is known of a point's samples in each minute, hour or day, such that parts of one span can be put together.

A part knows the samples between its own first and last one only. What a value held for between two parts, and to the end of a
span, is added when parts are put together: so a part never depends on samples that other bytes hold, and a late sample spoils no
other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sitewarden.domain.clock import DAY, HOUR, MINUTE
from sitewarden.domain.points.series import Buckets

LEVELS: Final = (MINUTE, HOUR, DAY)
DENSE: Final = {MINUTE: 30, HOUR: 8, DAY: 0}
"""Samples in a span of a level from which it is rolled up; below it reading the samples themselves costs little more."""
WHOLE: Final = ("start", "first_time", "last_time", "count", "cover", "worst")
REAL: Final = ("low", "high", "total", "first", "last", "tail", "area")
FIELDS: Final = WHOLE + REAL
_ROWS: Final = {name: (at < len(WHOLE), at if at < len(WHOLE) else at - len(WHOLE)) for at, name in enumerate(FIELDS)}


class Parts(Struct, frozen=True, eq=False):
    """Parts in columns. A part is the span's start, times of its first and last sample, count of numbers, microseconds between
    those times in which a number held, worst StatusCode; least, greatest, sum, first and last number, what the last sample says
    (NaN: no number), and the sum of value x microseconds over `cover`.
    """

    whole: NDArray[np.int64]
    """A row for each of `WHOLE`."""
    real: NDArray[np.float64]
    """A row for each of `REAL`."""

    def __len__(self) -> int:
        return int(self.whole.shape[1])

    def __getitem__(self, name: str) -> NDArray[Any]:
        is_whole, row = _ROWS[name]
        found: NDArray[Any] = self.whole[row] if is_whole else self.real[row]
        return found

    def take(self, which: Any) -> Parts:
        """Return the parts of an index or slice; a slice shares the memory."""
        return Parts(self.whole[:, which], self.real[:, which])


def blank(count: int) -> Parts:
    """Return parts whose numbers are still to be put in."""
    return Parts(np.empty((len(WHOLE), count), dtype=np.int64), np.empty((len(REAL), count)))


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
        return blank(0), np.zeros(0, dtype=np.int64)
    spans = times // width
    edge = np.empty(len(times), dtype=bool)
    edge[0] = True
    np.not_equal(spans[1:], spans[:-1], out=edge[1:])
    if breaks is not None:
        edge[breaks] = True
    starts = np.flatnonzero(edge)
    ends = np.append(starts[1:], len(times)) - 1
    found = blank(len(starts))
    found["start"][:] = spans[starts] * width
    found["first_time"][:] = times[starts]
    found["last_time"][:] = times[ends]
    found["worst"][:] = np.maximum.reduceat(qualities, starts)
    held = np.empty(len(times), dtype=np.int64)
    np.subtract(times[1:], times[:-1], out=held[:-1])
    held[ends] = 0
    found["tail"][:] = values[ends]
    missing = np.isnan(values)
    with np.errstate(invalid="ignore", over="ignore"):
        if not missing.any():
            found["count"][:] = np.diff(starts, append=len(times))
            found["cover"][:] = np.add.reduceat(held, starts)
            found["low"][:] = np.minimum.reduceat(values, starts)
            found["high"][:] = np.maximum.reduceat(values, starts)
            found["total"][:] = np.add.reduceat(values, starts)
            found["first"][:] = values[starts]
            found["last"][:] = values[ends]
            found["area"][:] = np.add.reduceat(np.where(held, values * held, 0.0), starts)
            return found, starts
        number = ~missing
        held[missing] = 0
        plain = np.where(missing, 0.0, values)
        counts = np.add.reduceat(number.astype(np.int64), starts)
        none = counts == 0
        found["count"][:] = counts
        found["cover"][:] = np.add.reduceat(held, starts)
        found["low"][:] = np.fmin.reduceat(values, starts)
        found["high"][:] = np.fmax.reduceat(values, starts)
        found["total"][:] = np.where(none, np.nan, np.add.reduceat(plain, starts))
        found["area"][:] = np.add.reduceat(np.where(held, plain * held, 0.0), starts)
    index = np.arange(len(times))
    first = np.minimum.reduceat(np.where(number, index, len(times) - 1), starts)
    last = np.maximum.reduceat(np.where(number, index, 0), starts)
    found["first"][:] = np.where(none, np.nan, values[first])
    found["last"][:] = np.where(none, np.nan, values[last])
    return found, starts


def merged(pieces: Parts, width: int, breaks: NDArray[np.int64] | None = None) -> Parts:
    """Return parts of spans of `width`, from parts in order of time whose own width divides it.

    `breaks` are indexes of parts at which another point begins.
    """
    return grouped(pieces, width, breaks)[0]


def grouped(pieces: Parts, width: int, breaks: NDArray[np.int64] | None) -> tuple[Parts, NDArray[np.int64]]:
    """Return what `merged` does, in memory of its own, and the index of the first part of each."""
    if not len(pieces):
        return pieces, np.zeros(0, dtype=np.int64)
    starts = pieces["start"] // width * width
    edges = np.ones(len(starts), dtype=bool)
    np.not_equal(starts[1:], starts[:-1], out=edges[1:])
    if breaks is not None:
        edges[breaks] = True
    edge = np.flatnonzero(edges)
    if len(edge) == len(pieces):
        return Parts(np.concatenate((starts[None, :], pieces.whole[1:])), pieces.real.copy()), edge
    ends = np.append(edge[1:], len(pieces)) - 1
    found = blank(len(edge))
    found["start"][:] = starts[edge]
    found["first_time"][:] = pieces["first_time"][edge]
    found["last_time"][:] = pieces["last_time"][ends]
    found["tail"][:] = pieces["tail"][ends]
    found["worst"][:] = np.maximum.reduceat(pieces["worst"], edge)
    counts = np.add.reduceat(pieces["count"], edge)
    found["count"][:] = counts
    tails = pieces["tail"]
    gaps = np.zeros(len(pieces), dtype=np.int64)
    gaps[:-1] = pieces["first_time"][1:] - pieces["last_time"][:-1]
    gaps[ends] = 0
    gaps[np.isnan(tails)] = 0
    number = pieces["count"] > 0
    with np.errstate(invalid="ignore", over="ignore"):
        found["cover"][:] = np.add.reduceat(pieces["cover"] + gaps, edge)
        found["area"][:] = np.add.reduceat(pieces["area"] + np.where(gaps, tails * gaps, 0.0), edge)
        if bool(number.all()):
            found["low"][:] = np.minimum.reduceat(pieces["low"], edge)
            found["high"][:] = np.maximum.reduceat(pieces["high"], edge)
            found["total"][:] = np.add.reduceat(pieces["total"], edge)
            found["first"][:] = pieces["first"][edge]
            found["last"][:] = pieces["last"][ends]
            return found, edge
        none = counts == 0
        found["low"][:] = np.fmin.reduceat(pieces["low"], edge)
        found["high"][:] = np.fmax.reduceat(pieces["high"], edge)
        found["total"][:] = np.where(none, np.nan, np.add.reduceat(np.where(number, pieces["total"], 0.0), edge))
    index = np.arange(len(pieces))
    first = np.minimum.reduceat(np.where(number, index, len(pieces) - 1), edge)
    last = np.maximum.reduceat(np.where(number, index, 0), edge)
    found["first"][:] = np.where(none, np.nan, pieces["first"][first])
    found["last"][:] = np.where(none, np.nan, pieces["last"][last])
    return found, edge


def buckets(names: Sequence[str], pieces: Sequence[Parts], width: int, before: Sequence[float]) -> list[Buckets]:
    """Return buckets of each point's parts, which are in order of time; `before` is what held when the first of them began.

    Points without parts are left out. All are worked out together: a call costs more than the numbers of one point.
    """
    which = [index for index, one in enumerate(pieces) if len(one)]
    if not which:
        return []
    lengths = np.array([len(pieces[index]) for index in which])
    breaks = np.cumsum(lengths) - lengths
    whole, edge = grouped(together([pieces[index] for index in which]), width, breaks)
    begins = np.searchsorted(edge, breaks)
    starts = whole["start"]
    tails = whole["tail"]
    heads = np.empty(len(whole))
    heads[1:] = tails[:-1]
    heads[begins] = [before[index] for index in which]
    lead = np.where(np.isnan(heads), 0, whole["first_time"] - starts)
    rest = np.where(np.isnan(tails), 0, starts + width - whole["last_time"])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        area = whole["area"] + np.where(lead > 0, heads * lead, 0.0) + np.where(rest > 0, tails * rest, 0.0)
        averages = area / (whole["cover"] + lead + rest)
    columns = [starts, *(whole[name] for name in ("count", "low", "high", "total", "first", "last")), averages]
    columns.append(whole["worst"].astype(np.uint32))
    edges = [*begins.tolist(), len(whole)]
    return [
        Buckets(names[index], *(column[low:high] for column in columns))
        for index, (low, high) in zip(which, pairwise(edges), strict=True)
    ]


def together(pieces: Sequence[Parts]) -> Parts:
    """Return the parts one after the other."""
    if len(pieces) == 1:
        return pieces[0]
    return Parts(np.concatenate([one.whole for one in pieces], axis=1), np.concatenate([one.real for one in pieces], axis=1))


def sliced(pieces: Sequence[Parts]) -> Parts:
    """Return parts of several pieces of bytes in order of time."""
    if len(pieces) < 2:
        return pieces[0] if pieces else blank(0)
    whole = together(pieces)
    times = whole["first_time"]
    return whole if bool((times[1:] >= times[:-1]).all()) else whole.take(np.argsort(times, kind="stable"))
