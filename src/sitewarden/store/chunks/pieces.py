"""From parts of rollups to pieces: a part that says all of its samples stands for them; those of others stand for themselves."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sitewarden.domain.points.series import Pieces
from sitewarden.store.chunks.columns import Columns, numbers
from sitewarden.store.chunks.rollups import Parts

Span = tuple[int, int]
NEAR: Final = 4_096
"""Samples between two spans up to which both are read as one: another chunk unpacked would cost more."""
_BAD: Final = 1 << 31


def unclear(parts: Parts) -> NDArray[np.bool_]:
    """Return which parts are to be read as samples: those with one of Bad quality, or without a number."""
    whole = parts["cover"] == parts["last_time"] - parts["first_time"]
    marked: NDArray[np.bool_] = (parts["worst"] >= _BAD) | ~whole | np.isnan(parts["tail"])
    places = np.flatnonzero(marked)
    if len(places) > 1:
        total = np.cumsum(parts["count"])
        near = np.flatnonzero(total[places[1:] - 1] - total[places[:-1]] <= NEAR)
        # From the first of those near each other to the last, what lies between them too.
        change = np.zeros(len(parts) + 1, dtype=np.int64)
        np.add.at(change, places[near], 1)
        np.add.at(change, places[near + 1], -1)
        marked |= np.cumsum(change)[:-1] > 0
    return marked


def spans_of(parts: Parts, which: NDArray[np.bool_]) -> list[Span]:
    """Return from and up to when the chosen parts have samples; neighbours are one span."""
    edges = np.flatnonzero(np.diff(which, prepend=False, append=False))
    firsts, lasts = edges[0::2], edges[1::2] - 1
    return list(zip(parts["first_time"][firsts].tolist(), (parts["last_time"][lasts] + 1).tolist(), strict=True))


def pieces(name: str, parts: Parts, which: NDArray[np.bool_], samples: Columns) -> Pieces:
    """Return a point's pieces in order of time: parts but the chosen ones, and the samples that were read for those.

    A chosen part whose samples retention has deleted stands as far as it knows.
    """
    if which.any():
        times = samples.times
        low, high = np.searchsorted(times, parts["first_time"]), np.searchsorted(times, parts["last_time"], "right")
        parts = parts.take(np.flatnonzero(~which | (low == high)))
    ends = parts["tail"]
    closed = np.isnan(ends)
    values = numbers(samples)
    stale = samples.qualities >= _BAD
    columns = [
        (parts["first_time"], samples.times),
        (parts["last_time"], samples.times),
        (parts["count"], (~stale).astype(np.int64)),
        (parts["low"], values),
        (parts["high"], values),
        (parts["total"], values),
        (parts["first"], values),
        (np.where(closed, parts["last"], ends), values),
        (closed, stale),
    ]
    whole = [np.concatenate(pair) for pair in columns]
    if len(parts) and len(samples):
        order = np.argsort(whole[0], kind="stable")
        whole = [column[order] for column in whole]
    return Pieces(name, *whole)
