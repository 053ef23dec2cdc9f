"""Checks of packed samples: each chunk, rollup and journal row is read, and held against what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

import numpy as np

from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, joined
from sitewarden.store.chunks.columns import numbers as numbers_of
from sitewarden.store.chunks.known import Known
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Chunk, Roll, chunks_of
from sitewarden.store.chunks.parts import decode_parts
from sitewarden.store.chunks.rollups import FIELDS, merged, parts
from sitewarden.store.chunks.tender import Kept
from sitewarden.store.interfaces import Finding

RESTORE: Final = "Stop the server and put back the last backup of it."
ISOLATED: Final = "Only these samples are lost, all others are read; put back the last backup to have them again."
_SEALED: Final = "Nothing is lost, the ids are read one by one; the next seal that brings a new point writes it anew."
_REMADE: Final = "Curves over long times may differ from the samples; report it, with a copy of it."
Progress = Callable[[str, int, int], None]


class Checked(Kept, Protocol):
    """A home as a check reads it."""

    def journal(self, after: int) -> list[tuple[int, bytes]]:
        """Return the journal's rows after one."""
        ...

    def names_block(self, packer: Packer) -> Known | None:
        """Return the block of the ids of points, where there is one; raises Corrupt."""
        ...

    def packed(self) -> list[int]:
        """Return the numbers of the points that have chunks or rollups."""
        ...

    def damaged(self) -> list[tuple[int, int, int, int]]:
        """Return point, start, stop and count of the chunks that were put aside."""
        ...


def check(name: str, home: Checked, progress: Progress) -> Iterator[Finding]:
    """Yield what is wrong with the home of this name."""
    names = dict(home.names(0))
    packer = Packer()
    for row, body in home.journal(0):
        try:
            columns = packer.decode(body)
        except Corrupt as error:
            yield Finding(where=f"{name}: journal {row}", what=f"It cannot be read: {error}.", remedy=ISOLATED)
            continue
        for point in sorted(set(np.unique(columns.points).tolist()) - names.keys()):
            yield Finding(where=f"{name}: point {point}", what="Its samples in the journal have no point id.", remedy=RESTORE)
    points = home.packed()
    last: dict[int, int] = {}
    for done, point in enumerate(points):
        progress(name, done, len(points))
        if point not in names:
            yield Finding(where=f"{name}: point {point}", what="Its samples have no point id.", remedy=RESTORE)
        place = f"{name}: point {names.get(point, point)}"
        stop = home.stops([point]).get(point)
        if stop is not None:
            last[point] = stop
        yield from _point(place, packer, home, point)
    yield from _lasts(name, packer, home, last)
    yield from _names(name, packer, home, names)
    for point, start, stop, count in home.damaged():
        yield Finding(
            where=f"{name}: point {names.get(point, point)}, {start} to {stop}",
            what=f"A chunk of {count} samples could not be read and was put aside.",
            remedy=ISOLATED,
        )
    progress(name, len(points), len(points))


def _point(place: str, packer: Packer, home: Checked, point: int) -> Iterator[Finding]:
    rolls = home.rolls(point)
    before: int | None = None
    held: list[Columns] = []
    """Samples of chunks that a rollup may still cover."""
    waiting = sorted(rolls, key=lambda roll: roll.stop)
    for chunk in home.chunks(point):
        where = f"{place}, chunk at {chunk.start}"
        if before is not None and chunk.start <= before:
            yield Finding(where=where, what="It overlaps the one before it.", remedy=RESTORE)
        before = chunk.stop
        [whole] = home.bodies([chunk])
        try:
            columns = packer.decode(whole.body, point)
        except Corrupt as error:
            yield Finding(where=where, what=f"It cannot be read: {error}.", remedy=ISOLATED)
            waiting = [roll for roll in waiting if roll.start > chunk.stop or roll.stop < chunk.start]
            continue
        yield from _chunk(where, packer, whole, columns)
        held.append(columns)
        while waiting and waiting[0].stop <= chunk.stop:
            yield from _roll(place, packer, home, waiting.pop(0), held)
        oldest = min((roll.start for roll in waiting), default=1 << 62)
        held = [one for one in held if int(one.times[-1]) >= oldest]
    for roll in waiting:
        yield from _roll(place, packer, home, roll, held)


def _chunk(where: str, packer: Packer, chunk: Chunk, columns: Columns) -> Iterator[Finding]:
    if len(columns) != chunk.count or not len(columns):
        yield Finding(where=where, what=f"It holds {len(columns)} samples, its row says {chunk.count}.", remedy=RESTORE)
        return
    if not bool((columns.times[1:] > columns.times[:-1]).all()):
        yield Finding(where=where, what="Its samples are not in order of time.", remedy=RESTORE)
    [made] = chunks_of(packer, columns, np.zeros(1, dtype=np.int64))
    for field in Chunk.__struct_fields__[:-1]:
        said, true = getattr(chunk, field), getattr(made, field)
        close = said == true or (said is not None and true is not None and np.isclose(said, true, rtol=1e-9, equal_nan=True))
        if not close:
            yield Finding(where=where, what=f"Its row says {field} {said}, its samples {true}.", remedy=RESTORE)


def _roll(place: str, packer: Packer, home: Checked, roll: Roll, held: list[Columns]) -> Iterator[Finding]:
    where = f"{place}, rollup of {roll.width // 1_000_000} s at {roll.start}"
    try:
        found = decode_parts(packer, home.roll_bodies([roll])[0])
    except Corrupt as error:
        yield Finding(where=where, what=f"It cannot be read: {error}.", remedy=_REMADE)
        return
    if len(found) != roll.count:
        yield Finding(where=where, what=f"It holds {len(found)} parts, its row says {roll.count}.", remedy=_REMADE)
        return
    if not roll.backed:
        return
    whole = joined(held)
    low, high = np.searchsorted(whole.times, (roll.start, roll.stop + 1)).tolist()
    columns = whole.take(slice(low, high))
    true = merged(parts(columns.times, numbers_of(columns), columns.qualities, roll.width)[0], roll.width)
    # A sum of very large and very small numbers depends on the order in which they are added.
    if len(true) != len(found) or not all(
        np.allclose(found[field], true[field], rtol=1e-6, atol=1e-9, equal_nan=True) for field in FIELDS
    ):
        yield Finding(where=where, what="It differs from the samples that it was made of.", remedy=_REMADE)


def _lasts(name: str, packer: Packer, home: Checked, last: dict[int, int]) -> Iterator[Finding]:
    body = home.lasts()
    try:
        columns = packer.decode(body) if body is not None else joined([])
    except Corrupt as error:
        yield Finding(where=f"{name}: last values", what=f"They cannot be read: {error}.", remedy=RESTORE)
        return
    held = dict(zip(columns.points.tolist(), columns.times.tolist(), strict=True))
    for point, stop in last.items():
        if held.get(point, -1) < stop:
            yield Finding(where=f"{name}: point {point}", what="Its last value is not the newest one.", remedy=RESTORE)


def _names(name: str, packer: Packer, home: Checked, names: dict[int, str]) -> Iterator[Finding]:
    try:
        block = home.names_block(packer)
    except Corrupt as error:
        yield Finding(where=f"{name}: ids of points", what=f"Their block cannot be read: {error}.", remedy=_SEALED)
        return
    for point in range(1, block.last + 1 if block is not None else 1):
        if block is not None and block.name(point) != names.get(point, ""):
            what = f"It is {names.get(point)!r}, the block of all ids says {block.name(point)!r}."
            yield Finding(where=f"{name}: point {point}", what=what, remedy=RESTORE)
