"""What a home keeps: chunks and rollups as rows, each with what can be known of it without unpacking it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sitewarden.store.chunks import rollups
from sitewarden.store.chunks.batch import encode_groups
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, numbers
from sitewarden.store.chunks.integers import USUAL
from sitewarden.store.chunks.parts import encode_parts

CHUNK: Final = 16_384
"""Samples of a chunk, at most."""


class Chunk(Struct, frozen=True):
    """Samples of one point; no two chunks of a point overlap in time. Numbers are None where there is none."""

    point: int
    start: int
    stop: int
    """Source times of its first and last sample."""
    count: int
    numbers: int
    """Samples that have a number; what follows is of those."""
    low: float | None
    high: float | None
    total: float | None
    opening: float | None
    closing: float | None
    worst: int
    body: bytes = b""


class Roll(Struct, frozen=True):
    """Parts of one point, of all its samples from `start` to `stop`; no two of a level overlap."""

    width: int
    point: int
    start: int
    stop: int
    count: int
    """Parts."""
    body: bytes = b""
    backed: bool = True
    """Whether the samples that it was made of are still there."""


class Home(Protocol):
    """Keeps rows. `apply` is one transaction; the rest is read. Methods block, and are called in threads."""

    def overlapping(self, point: int, first: int, last: int) -> list[Chunk]:
        """Return the chunks of a point that have a moment of [first, last], in order, with their bodies."""
        ...

    def chunks(self, point: int) -> list[Chunk]:
        """Return all chunks of a point in order, without their bodies."""
        ...

    def rolls(self, point: int) -> list[Roll]:
        """Return all rollups of a point by level and time, without their bodies."""
        ...

    def roll_bodies(self, rolls: Sequence[Roll]) -> list[bytes]:
        """Return the bodies of rollups."""
        ...


class Work(Struct):
    """What one transaction changes; what goes is deleted before what comes is inserted."""

    chunks: list[Chunk]
    rolls: list[Roll]
    gone: list[tuple[int, int]]
    """Chunks that go: point and start."""
    gone_rolls: list[tuple[int, int, int]]
    """Rollups that go: width, point and start."""
    spoilt: list[tuple[int, int, int]]
    """Point, first and last moment: all backed rollups that have one of these moments go."""
    damaged: list[tuple[int, int]]
    """Chunks that cannot be read, by point and start: they are put aside."""
    unbacked: list[tuple[int, int, int]]
    """Point, first and last moment of samples that retention deletes: rollups of them stand for themselves from now on."""


def nothing() -> Work:
    """Return work that changes nothing."""
    return Work([], [], [], [], [], [], [])


def _number(value: float) -> float | None:
    return None if value != value else value


def chunks_of(packer: Packer, columns: Columns, starts: NDArray[np.int64], effort: int = USUAL) -> list[Chunk]:
    """Return a chunk for each group of sorted samples that begins at an index of `starts`; none spans two points."""
    if not len(columns):
        return []
    bodies = encode_groups(packer, columns, starts, effort)
    ends = np.append(starts[1:], len(columns)) - 1
    values = numbers(columns)
    number = ~np.isnan(values)
    counts = np.add.reduceat(number.astype(np.int64), starts)
    index = np.arange(len(values))
    first = np.minimum.reduceat(np.where(number, index, len(values) - 1), starts)
    last = np.maximum.reduceat(np.where(number, index, 0), starts)
    with np.errstate(invalid="ignore", over="ignore"):
        totals = np.add.reduceat(np.where(number, values, 0.0), starts)
        lows, highs = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    found = zip(
        columns.points[starts].tolist(),
        columns.times[starts].tolist(),
        columns.times[ends].tolist(),
        (ends - starts + 1).tolist(),
        counts.tolist(),
        lows.tolist(),
        highs.tolist(),
        totals.tolist(),
        values[first].tolist(),
        values[last].tolist(),
        np.maximum.reduceat(columns.qualities, starts).tolist(),
        bodies,
        strict=True,
    )
    return [
        Chunk(
            point,
            start,
            stop,
            count,
            have,
            _number(low),
            _number(high),
            _number(total),
            _number(one),
            _number(other),
            worst,
            body,
        )
        if have
        else Chunk(point, start, stop, count, 0, None, None, None, None, None, worst, body)
        for point, start, stop, count, have, low, high, total, one, other, worst, body in found
    ]


def cut(columns: Columns, most: int = CHUNK) -> NDArray[np.int64]:
    """Return where groups of sorted samples begin: at each point, and within one such that none has more than `most`."""
    points = columns.points
    starts = np.flatnonzero(np.append(True, points[1:] != points[:-1])) if len(points) else np.zeros(0, dtype=np.int64)
    lengths = np.diff(starts, append=len(points))
    if not len(starts) or int(lengths.max()) <= most:
        return starts
    pieces = []
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        count = -(-length // most)
        pieces.append(start + np.arange(count, dtype=np.int64) * length // count)
    return np.concatenate(pieces)


def rolls_of(
    packer: Packer, columns: Columns, starts: NDArray[np.int64], width: int, effort: int = USUAL, *, least: int = 1
) -> list[Roll]:
    """Return the rollups of one level for each group of `least` samples that is dense enough."""
    if not len(columns):
        return []
    ends = np.append(starts[1:], len(columns)) - 1
    long = ends - starts + 1 >= least
    spans = np.maximum((columns.times[ends] - columns.times[starts]) // width, 1)
    long &= ends - starts + 1 >= rollups.DENSE[width] * spans
    dense = np.flatnonzero(long)
    found: list[Roll] = []
    if not len(dense):
        return found
    pieces, at = rollups.parts(columns.times, numbers(columns), columns.qualities, width, starts)
    lows, highs = np.searchsorted(at, starts), np.searchsorted(at, ends, "right")
    for index in dense.tolist():
        part = pieces.take(slice(lows[index], highs[index]))
        start, end = int(starts[index]), int(ends[index])
        found.append(
            Roll(
                width,
                int(columns.points[start]),
                int(columns.times[start]),
                int(columns.times[end]),
                len(part),
                encode_parts(packer, part, effort),
            )
        )
    return found
