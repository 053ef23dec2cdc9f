"""What a reader makes of rows and the head: samples of a span, and buckets. What cannot be decoded is left out and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.domain.points.series import Series
from sitewarden.store.chunks import rollups
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, joined, numbers, ordered, to_values
from sitewarden.store.chunks.known import Known
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Chunk, Roll
from sitewarden.store.chunks.parts import decode_parts

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


def pieces_of(
    packer: Packer,
    chosen: Sequence[Roll],
    between: Sequence[Columns],
    span: Span,
    width: int,
    before: float,
    damaged: Damaged,
) -> tuple[rollups.Parts, float]:
    """Return a point's parts of `span`, which is whole buckets, and what held at its start.

    They are of rollups, and of the samples of each hole between them.

    `before` is what held at the span's start, where no rollup reaches over it.
    """
    low, high = span
    pieces = []
    for roll in chosen:
        try:
            parts = decode_parts(packer, roll.body)
        except Corrupt as error:
            damaged(roll.point, roll.start, str(error))
            continue
        if roll.start < low or roll.stop >= high:
            first, last = np.searchsorted(parts["start"], (low, high)).tolist()
            if first:
                before = float(parts["tail"][first - 1])
            parts = parts[first:last]
        pieces.append(parts)
    raw = [columns for columns in between if len(columns)]
    if raw:
        lengths = np.cumsum([0, *(len(columns) for columns in raw)])[:-1]
        whole = joined(raw)
        pieces.append(rollups.parts(whole.times, numbers(whole), whole.qualities, width, lengths)[0])
    return rollups.sliced(pieces), before


def last_number(columns: Columns) -> float:
    """Return what the last sample says; NaN where it is no number or there is none."""
    return float(numbers(columns.take(slice(-1, None)))[0]) if len(columns) else float("nan")
