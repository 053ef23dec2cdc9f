"""What a reader makes of rows and the head: samples of a span, and buckets. What cannot be decoded is left out and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise

import numpy as np

from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.domain.points.series import Series
from sitewarden.store.chunks import rollups
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, joined, numbers, ordered, to_values
from sitewarden.store.chunks.known import Known
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Chunk, Roll
from sitewarden.store.chunks.parts import slabs

Span = tuple[int, int]
"""From and up to, without the end."""

Damaged = Callable[[int, int, str], None]
"""Told of point, start and reason of what cannot be decoded."""


def decoded(packer: Packer, chunks: Iterable[Chunk], damaged: Damaged) -> list[Columns]:
    """Return the samples of chunks, without those that cannot be decoded."""
    found = []
    for chunk in chunks:
        try:
            found.append(packer.decode(chunk.body, chunk.point))
        except Corrupt as error:
            damaged(chunk.point, chunk.start, str(error))
    return found


def within(columns: Columns, start: int, end: int) -> Columns:
    """Return the samples of [start, end) of one point's, which are in order."""
    low, high = np.searchsorted(columns.times, (start, end)).tolist()
    return columns if low == 0 and high == len(columns) else columns.take(slice(low, high))


def samples_of(
    packer: Packer, chunks: Sequence[Chunk], rows: Columns, head: Columns | None, start: int, end: int, damaged: Damaged
) -> Columns:
    """Return a point's samples of [start, end): of rows of an older schema, of chunks and of the head, later ones first."""
    parts = [within(part, start, end) for part in decoded(packer, chunks, damaged)]
    whole = joined(parts)
    if len(rows):
        whole = ordered(joined([rows, whole]))
    if head is not None:
        late = within(head, start, end)
        if len(late):
            apart = not len(whole) or int(late.times[0]) > int(whole.times[-1])
            whole = joined([whole, late])
            whole = whole if apart else ordered(whole)
    return whole


def series(name: str, columns: Columns) -> Series:
    """Return samples as numbers."""
    return Series(name, columns.times, numbers(columns), columns.qualities)


def samples(name: str, columns: Columns) -> Samples:
    """Return samples with values of their own types."""
    return Samples(
        [name] * len(columns),
        columns.times.tolist(),
        (columns.times + columns.lags).tolist(),
        to_values(columns),
        columns.qualities.tolist(),
    )


def latest(known: Known, columns: Columns) -> list[Latest]:
    """Return samples, one a point, as the last ones; points without a name are left out."""
    columns = known.only(columns)
    servers = columns.times + columns.lags
    return list(
        map(
            Latest,
            known.of(columns),
            to_values(columns),
            columns.qualities.tolist(),
            columns.times.tolist(),
            servers.tolist(),
        )
    )


def usable(rolls: Sequence[Roll], chosen: Sequence[Roll], head: Columns | None) -> list[Roll]:
    """Return rollups in order: those chosen before, and of `rolls` those that are over none of them.

    One into which a sample of the head falls is no use. One whose samples are gone takes no more samples.
    """
    found = list(chosen)
    for roll in rolls:
        if roll.backed and head is not None:
            first, last = np.searchsorted(head.times, (roll.start, roll.stop + 1)).tolist()
            if first < last:
                continue
        if not any(other.stop >= roll.start and other.start <= roll.stop for other in chosen):
            found.append(roll)
    found.sort(key=lambda roll: roll.start)
    return found


def holes(chosen: Sequence[Roll], low: int, high: int) -> list[Span]:
    """Return the spans of [low, high) for which no rollup stands."""
    found = []
    at = low
    for roll in chosen:
        if roll.start > at:
            found.append((at, min(roll.start, high)))
        at = max(at, roll.stop + 1)
    if at < high:
        found.append((at, high))
    return found


def rolled(
    packer: Packer, chosen: Sequence[Sequence[Roll]], span: Span, width: int, damaged: Damaged
) -> tuple[list[list[rollups.Parts]], list[float | None]]:
    """Return each point's parts of `span`, which is whole buckets, of its rollups, already put together by bucket.

    With them what held at the span's start, where a rollup reaches over it.
    """
    low, high = span
    owners = [(index, roll) for index, rolls in enumerate(chosen) for roll in rolls]
    found: list[list[rollups.Parts]] = [[] for _ in chosen]
    before: list[float | None] = [None] * len(chosen)

    def told(number: int, reason: str) -> None:
        roll = owners[number][1]
        damaged(roll.point, roll.start, reason)

    for number, edges, parts in slabs(packer, [roll.body for _, roll in owners], told):
        some = owners[number : number + len(edges) - 1]
        lows, highs = edges[:-1], edges[1:]
        for place, (index, roll) in enumerate(some):
            if roll.start < low or roll.stop >= high:
                begin = lows[place]
                first, last = np.searchsorted(parts["start"][begin : highs[place]], (low, high)).tolist()
                if first:
                    before[index] = float(parts["tail"][begin + first - 1])
                lows[place], highs[place] = begin + first, begin + last
        if (lows, highs) != (edges[:-1], edges[1:]):
            if highs[:-1] == lows[1:]:
                parts = parts.take(slice(lows[0], highs[-1]))
            else:
                parts = parts.take(np.concatenate([np.arange(*pair) for pair in zip(lows, highs, strict=True)]))
            edges = [0, *accumulate(end - begin for begin, end in zip(lows, highs, strict=True))]
        breaks = np.array(edges[:-1], dtype=np.int64)
        whole, edge = rollups.grouped(parts, width, breaks[breaks < len(parts)])
        cuts = np.searchsorted(edge, edges).tolist()
        for (index, _), (begin, end) in zip(some, pairwise(cuts), strict=True):
            if begin < end:
                found[index].append(whole.take(slice(begin, end)))
    return found, before


def counted(between: Sequence[Columns], width: int) -> list[rollups.Parts]:
    """Return the parts of each of these samples, all worked out together."""
    if not between:
        return []
    whole = joined(between)
    edges = [0, *accumulate(len(columns) for columns in between)]
    parts, at = rollups.parts(whole.times, numbers(whole), whole.qualities, width, np.array(edges[:-1]))
    cuts = np.searchsorted(at, edges).tolist()
    return [parts.take(slice(*pair)) for pair in pairwise(cuts)]


def last_number(columns: Columns) -> float:
    """Return what the last sample says; NaN where it is no number or there is none."""
    return float(numbers(columns.take(slice(-1, None)))[0]) if len(columns) else float("nan")
