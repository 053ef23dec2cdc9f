"""What a seal writes: which samples go into chunks, how late ones go into those that are there, what stays in the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from sitewarden.domain.clock import HOUR, MINUTE
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, joined, ordered
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Chunk, Work, chunks_of, cut, nothing, rolls_of

SEAL_AT: Final = 2_000_000
"""Samples in the head that make a seal due."""
SEAL_BYTES: Final = 96 << 20
"""Bytes of the head that make a seal due."""
HEAD_MOST: Final = 4_000_000
HEAD_BYTES: Final = 256 << 20
"""Past either, who appends waits until a seal has made room. Nothing is dropped here."""
AGE: Final = HOUR
"""Age of the oldest sample that makes a seal due."""
FEW: Final = 200
"""A point with fewer samples stays in the journal, so that slow points do not become many small chunks..."""
CARRY_MOST: Final = 500_000
"""...unless this many samples would stay..."""
CARRY_AGE: Final = 24 * HOUR
"""...or they are older than this against the newest."""


def split(columns: Columns, *, everything: bool = False) -> tuple[Columns, Columns]:
    """Return the sorted samples that are to be sealed, and those that stay in the journal."""
    if everything or not len(columns):
        return columns, columns.take(slice(0, 0))
    starts = cut(columns, len(columns))
    lengths = np.diff(starts, append=len(columns))
    newest = int((columns.times + columns.lags).max())
    old = np.minimum.reduceat(columns.times + columns.lags, starts) < newest - CARRY_AGE
    due = (lengths >= FEW) | old
    if int(lengths[~due].sum()) > CARRY_MOST:
        return columns, columns.take(slice(0, 0))
    which = np.repeat(due, lengths)
    return columns.take(np.flatnonzero(which)), columns.take(np.flatnonzero(~which))


def spans(columns: Columns) -> tuple[list[int], list[int], list[int]]:
    """Return point, first and last moment of each point of sorted samples."""
    starts = cut(columns, max(len(columns), 1))
    ends = np.append(starts[1:], len(columns)) - 1 if len(starts) else starts
    return columns.points[starts].tolist(), columns.times[starts].tolist(), columns.times[ends].tolist()


def seal(packer: Packer, columns: Columns, late: Mapping[int, Sequence[Chunk]], *, older: bool = False) -> Work:
    """Return what makes chunks of sorted samples.

    `late` are the chunks that overlap what comes of a point. Of two samples of one time the one that comes replaces the one
    that is there; `older` lets the one that is there stay.
    """
    work = nothing()
    lates = [point for point, chunks in late.items() if chunks]
    usual = columns
    if lates:
        is_late = np.isin(columns.points, np.array(lates, dtype=np.int32))
        usual = columns.take(np.flatnonzero(~is_late))
        rest = columns.take(np.flatnonzero(is_late))
        pieces: list[Columns] = []
        lengths: list[int] = []
        for point in sorted(lates):
            low, high = np.searchsorted(rest.points, (point, point + 1)).tolist()
            for piece in _woven(packer, rest.take(slice(low, high)), late[point], work, older=older):
                edges = [*cut(piece).tolist(), len(piece)]
                lengths += [after - before for before, after in pairwise(edges)]
                pieces.append(piece)
        starts = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(lengths)))[:-1].astype(np.int64)
        work.chunks += chunks_of(packer, joined(pieces), starts)
        work.spoilt += [(chunk.point, chunk.start, chunk.stop) for chunk in work.chunks]
    starts = cut(usual)
    work.chunks += chunks_of(packer, usual, starts)
    work.rolls += rolls_of(packer, usual, starts, MINUTE)
    return work


def _woven(packer: Packer, columns: Columns, chunks: Sequence[Chunk], work: Work, *, older: bool) -> list[Columns]:
    """Return a point's samples as pieces between which the chunks lie that stay; those that do not go into `work.gone`."""
    starts = np.array([chunk.start for chunk in chunks], dtype=np.int64)
    stops = np.array([chunk.stop for chunk in chunks], dtype=np.int64)
    index = np.searchsorted(starts, columns.times, "right") - 1
    within = (index >= 0) & (columns.times <= stops[np.maximum(index, 0)])
    # Even numbers are the gaps before, between and behind the chunks, odd ones the chunks.
    places = np.where(within, 2 * index + 1, 2 * index + 2)
    found: list[Columns] = []
    for place in np.unique(places).tolist():
        piece = columns.take(np.flatnonzero(places == place))
        if place % 2:
            chunk = chunks[place // 2]
            try:
                held = packer.decode(chunk.body, chunk.point)
            except Corrupt:
                work.damaged.append((chunk.point, chunk.start))
            else:
                piece = ordered(joined([piece, held] if older else [held, piece]))
                work.gone.append((chunk.point, chunk.start))
        found.append(piece)
    return found


def tops(columns: Columns) -> dict[int, int]:
    """Return the last moment of each point of sorted samples."""
    points, _, last = spans(columns)
    return dict(zip(points, last, strict=True))
