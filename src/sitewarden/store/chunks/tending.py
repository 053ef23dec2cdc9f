"""What is done to chunks later: small ones become large ones, rollups are made and joined, old samples are deleted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import numpy as np

from sitewarden.domain.clock import DAY, HOUR
from sitewarden.store.chunks import rollups
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, joined
from sitewarden.store.chunks.integers import THOROUGH, USUAL
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import CHUNK, Chunk, Home, Roll, Work, chunks_of, cut, nothing, rolls_of
from sitewarden.store.chunks.parts import decode_parts, encode_parts

LARGE: Final = CHUNK // 2
"""Samples from which a chunk stays as it is."""
MANY: Final = 8
"""Small chunks, or rollups, in a row that are worth joining."""
PARTS_MOST: Final = 4096
"""Parts of a rollup, at most."""
STEP: Final = 64
"""Chunks of a point that one step joins, at most."""
SLACK: Final = DAY
"""A chunk is cut only once so much of it is too old; until then its oldest samples stay."""


class Bodies(Home, Protocol):
    """A home that gives the bodies of chunks."""

    def bodies(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        """Return chunks with their bodies."""
        ...


def compact(packer: Packer, home: Bodies, point: int, *, everything: bool = False) -> Work | None:
    """Return the next step for a point: what joins its small chunks, makes rollups of large ones, and joins rollups.

    None where there is none. `everything` joins also where few small chunks lie in a row, and rolls up small ones.
    """
    chunks = home.chunks(point)
    work = nothing()
    groups = list(_groups(chunks, everything))
    if groups:
        for group in groups[: STEP // MANY]:
            _join(packer, home.bodies(chunks[group]), work)
        return work
    rolls = home.rolls(point)
    bare = [chunk for chunk in _bare(chunks, rolls) if everything or chunk.count >= LARGE]
    if bare:
        roll_up(packer, home.bodies(bare[:STEP]), rolls, work)
        return work if work.rolls or work.damaged else None
    for width in rollups.LEVELS:
        level = [roll for roll in rolls if roll.width == width]
        for which in _rows(chunks, level, everything):
            _join_rolls(packer, home, level[which], work)
            return work
    return None


def _groups(chunks: Sequence[Chunk], everything: bool) -> Iterator[slice]:
    """Yield runs of small chunks that become large ones."""
    start, count = 0, 0
    for index in range(len(chunks) + 1):
        small = index < len(chunks) and chunks[index].count < LARGE
        full = count >= CHUNK or index - start >= STEP
        if not small or full:
            if index - start >= (2 if everything or count >= LARGE else MANY):
                yield slice(start, index)
            start, count = (index if small else index + 1), 0
        if small:
            count += chunks[index].count


def _join(packer: Packer, chunks: Sequence[Chunk], work: Work) -> None:
    held: list[Columns] = []
    for chunk in chunks:
        try:
            held.append(packer.decode(chunk.body, chunk.point))
            work.gone.append((chunk.point, chunk.start))
        except Corrupt:
            work.damaged.append((chunk.point, chunk.start))
    whole = joined(held)
    if not len(whole):
        return
    starts = cut(whole)
    work.chunks += chunks_of(packer, whole, starts, THOROUGH)
    work.spoilt.append((int(whole.points[0]), int(whole.times[0]), int(whole.times[-1])))
    for width in rollups.LEVELS:
        work.rolls += rolls_of(packer, whole, starts, width, THOROUGH)


def _bare(chunks: Sequence[Chunk], rolls: Sequence[Roll]) -> list[Chunk]:
    """Return the chunks that are in no rollup of hours."""
    hours = [roll for roll in rolls if roll.width == HOUR]
    stops = [roll.stop for roll in hours]
    found = []
    for chunk in chunks:
        index = bisect_left(stops, chunk.start)
        if index == len(hours) or hours[index].start > chunk.stop:
            found.append(chunk)
    return found


def roll_up(packer: Packer, chunks: Sequence[Chunk], rolls: Sequence[Roll], work: Work) -> None:
    """Make the rollups that chunks lack; they are given with their bodies."""
    held = {(roll.width, roll.start) for roll in rolls}
    for chunk in chunks:
        try:
            columns = packer.decode(chunk.body, chunk.point)
        except Corrupt:
            work.damaged.append((chunk.point, chunk.start))
            continue
        starts = np.zeros(1, dtype=np.int64)
        for width in rollups.LEVELS:
            over = any(roll.width == width and roll.start <= chunk.stop and roll.stop >= chunk.start for roll in rolls)
            if (width, chunk.start) not in held and not over:
                work.rolls += rolls_of(packer, columns, starts, width, USUAL)


def _rows(chunks: Sequence[Chunk], level: Sequence[Roll], everything: bool) -> Iterator[slice]:
    """Yield runs of rollups of one level between which no samples lie."""
    starts, stops = [chunk.start for chunk in chunks], [chunk.stop for chunk in chunks]
    begin, parts, expected = 0, 0, -1
    for index in range(len(level) + 1):
        fits = False
        first = last = -1
        if index < len(level):
            roll = level[index]
            first, last = bisect_left(starts, roll.start), bisect_left(stops, roll.stop)
            known = roll.backed and first < len(starts) and last < len(stops)
            known = known and starts[first] == roll.start and stops[last] == roll.stop
            fits = known and index > begin and first == expected and parts + roll.count <= PARTS_MOST
            if not known:
                first, last = -1, -2
        if not fits:
            if index - begin >= (2 if everything else MANY):
                yield slice(begin, index)
            begin, parts = index, 0
        if index < len(level):
            parts += level[index].count
            expected = last + 1


def _join_rolls(packer: Packer, home: Home, rolls: Sequence[Roll], work: Work) -> None:
    work.gone_rolls += [(roll.width, roll.point, roll.start) for roll in rolls]
    try:
        pieces = [decode_parts(packer, body) for body in home.roll_bodies(rolls)]
    except Corrupt:
        return
    width = rolls[0].width
    parts = rollups.merged(np.concatenate(pieces), width)
    body = encode_parts(packer, parts, THOROUGH)
    work.rolls.append(Roll(width, rolls[0].point, rolls[0].start, rolls[-1].stop, len(parts), body))


def expire(packer: Packer, home: Bodies, point: int, before: int, rolls_before: int | None, *, alone: bool) -> tuple[Work, int]:
    """Return what deletes a point's samples before a moment, and how many those are.

    `alone` says that no sample of the point is in the head: its last one then stays. Rollups of what goes are made where they
    lack; those that end before `rolls_before` go.
    """
    work = nothing()
    chunks = home.chunks(point)
    rolls = home.rolls(point)
    count = 0
    due = [chunk for chunk in chunks if chunk.stop < before or chunk.start < before - SLACK]
    last = chunks[-1] if chunks and alone else None
    due = [
        chunk for chunk in due if chunk is not last or (chunk.count > 1 and (chunk.start < before - SLACK or chunk.stop < before))
    ]
    bare = {chunk.start for chunk in _bare(chunks, rolls)}
    for chunk in home.bodies(due):
        if chunk.start in bare:
            roll_up(packer, [chunk], rolls, work)
        work.gone.append((point, chunk.start))
        ends_last = last is not None and chunk.start == last.start
        if chunk.stop >= before or ends_last:
            try:
                columns = packer.decode(chunk.body, point)
            except Corrupt:
                work.gone.pop()
                work.damaged.append((point, chunk.start))
                continue
            keep = int(np.searchsorted(columns.times, before))
            keep = min(keep, len(columns) - 1) if ends_last else keep
            rest = columns.take(slice(keep, None))
            if len(rest):
                work.chunks += chunks_of(packer, rest, np.zeros(1, dtype=np.int64), THOROUGH)
            count += keep
            work.unbacked.append((point, chunk.start, int(columns.times[max(keep - 1, 0)])))
        else:
            count += chunk.count
            work.unbacked.append((point, chunk.start, chunk.stop))
    if rolls_before is not None:
        work.gone_rolls += [(roll.width, point, roll.start) for roll in rolls if roll.stop < rolls_before]
        work.rolls = [roll for roll in work.rolls if roll.stop >= rolls_before]
    return work, count
