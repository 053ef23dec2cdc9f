"""The thread beside the writer of samples: makes what a seal writes, converts an older file, joins chunks, plans what goes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from msgspec import Struct

from sitewarden.domain.clock import HOUR
from sitewarden.store.chunks import seal as seals
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, joined, ordered
from sitewarden.store.chunks.head import Run, lasts, whole
from sitewarden.store.chunks.integers import USUAL
from sitewarden.store.chunks.known import Known
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import CHUNK, Work, nothing
from sitewarden.store.chunks.tending import compact, expire
from sitewarden.store.sqlite.sample_file import SampleFile, apply, has_rows, put_lasts
from sitewarden.store.sqlite.sample_rows import columns_of
from sitewarden.store.sqlite.space import give_back, used_bytes

Step = Callable[[sqlite3.Connection], None]
STEP_SECONDS: Final = 0.1
"""Time that one step takes, about; then the writer writes what it made."""
STEP_CHUNKS: Final = 200
"""Chunks that one transaction changes, about."""
_PASSES: Final = 64
"""Passes in which retention by size goes through the whole time that there is, at most."""


class Made(Struct, frozen=True, eq=False):
    """What a seal writes."""

    work: Work
    carry: Columns
    body: bytes
    """The carry as a journal row."""
    lasts: bytes
    known: Known
    names: bytes
    """The ids of points as a block; nothing where the file has it already."""
    last: Columns
    tops: dict[int, int]


class Tender:
    """Used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._file = SampleFile(connection)
        self._packer = Packer()
        self._tops: dict[int, int | None] = {}
        self._last: Columns | None = None
        self._known = Known()
        self._rows = has_rows(connection)
        self._dirty: dict[int, None] | None = None
        self.give_back = give_back

    def close(self) -> None:
        """Close the connection."""
        self._file.connection.close()

    def seal(self, runs: Sequence[Run], *, everything: bool) -> Made:
        """Return what makes chunks of runs of the head."""
        sealable, carry = seals.split(whole(runs), everything=everything)
        late = {}
        tops = {}
        for point, first, stop in zip(*seals.spans(sealable), strict=True):
            top = self._top(point)
            if top is not None and first <= top:
                late[point] = self._file.overlapping(point, first, stop)
            tops[point] = stop if top is None else max(top, stop)
        work = seals.seal(self._packer, sealable, late)
        last = self._with_lasts(lasts(sealable))
        body = self._packer.encode(carry, USUAL, points=True) if len(carry) else b""
        known = self._file.known(self._packer, self._known)
        names = known.block(self._packer) if known is not self._known else b""
        return Made(work, carry, body, self._packer.encode(last, USUAL, points=True), known, names, last, tops)

    def sealed(self, made: Made) -> None:
        """Note that it is written."""
        self._last = made.last
        self._known = made.known
        self._tops.update(made.tops)
        if self._dirty is not None:
            self._dirty.update(dict.fromkeys(made.tops))

    def _top(self, point: int) -> int | None:
        if point not in self._tops:
            self._tops[point] = self._file.stop(point)
        return self._tops[point]

    def _with_lasts(self, fresh: Columns, *, older: bool = False) -> Columns:
        if self._last is None:
            body = self._file.lasts()
            try:
                self._last = self._packer.decode(body) if body is not None else fresh.take(slice(0, 0))
            except Corrupt:
                self._last = fresh.take(slice(0, 0))
        return lasts(ordered(joined([fresh, self._last] if older else [self._last, fresh])))

    def step(self, *, everything: bool = False) -> Step | None:
        """Return the next change that makes the file smaller or quicker; None where there is none for now."""
        if self._rows:
            return self._convert()
        if self._dirty is None:
            self._dirty = dict.fromkeys(row[0] for row in self._file.connection.execute("SELECT id FROM names"))
        end = time.monotonic() + STEP_SECONDS
        work = nothing()
        again: dict[int, None] = {}
        while self._dirty and _size(work) < STEP_CHUNKS and not (_size(work) and time.monotonic() > end):
            point = next(iter(self._dirty))
            del self._dirty[point]
            one = compact(self._packer, self._file, point, everything=everything)
            if one is not None:
                # Its next step can be planned once this one is written.
                again[point] = None
                _add(work, one)
        self._dirty.update(again)
        return (lambda connection: apply(connection, work)) if again else None

    def _convert(self) -> Step:
        """Return what makes chunks of rows of the older schema, a point after the other."""
        connection = self._file.connection
        first = connection.execute("SELECT point FROM samples LIMIT 1").fetchone()
        if first is None:
            self._rows = False
            return _drop
        point = int(first[0])
        columns = columns_of(point, self._file.rows(point, -(1 << 62), 1 << 62, CHUNK))
        begin, end = int(columns.times[0]), int(columns.times[-1])
        work = seals.seal(self._packer, columns, {point: self._file.overlapping(point, begin, end)}, older=True)
        last = self._with_lasts(lasts(columns), older=True)
        body = self._packer.encode(last, USUAL, points=True)
        self._last = None
        self._tops.pop(point, None)

        def write(writer: sqlite3.Connection) -> None:
            apply(writer, work)
            put_lasts(writer, body)
            writer.execute("DELETE FROM samples WHERE point = ? AND time <= ?", (point, end))

        return write

    def sweep(self, before: int | None, of: Mapping[int, int], rolls_before: int | None, max_bytes: int | None) -> Sweep:
        """Return a pass over all points that deletes what is too old."""
        self._tops.clear()
        return Sweep(self._file, self._packer, before, of, rolls_before, max_bytes)


def _add(work: Work, more: Work) -> None:
    for name in Work.__struct_fields__:
        getattr(work, name).extend(getattr(more, name))


def _size(work: Work) -> int:
    return len(work.chunks) + len(work.gone) + len(work.rolls) + len(work.gone_rolls)


def _drop(writer: sqlite3.Connection) -> None:
    writer.execute("DROP TABLE samples")


class Sweep:
    """One pass over all points; by size, the horizon moves on until the file fits."""

    def __init__(
        self,
        file: SampleFile,
        packer: Packer,
        before: int | None,
        of: Mapping[int, int],
        rolls_before: int | None,
        max_bytes: int | None,
    ) -> None:
        self._file = file
        self._packer = packer
        self._horizon = before
        self._of = of
        self._rolls_before = rolls_before
        self._max_bytes = max_bytes
        self._points = [row[0] for row in file.connection.execute("SELECT id FROM names ORDER BY id")]
        self._next = 0
        self._passed = before is None and not of and rolls_before is None
        self.deleted = 0
        self.finished = False

    def step(self, heads: Collection[int]) -> Step | None:
        """Return the next change; None where this step has none. Sets `finished` when no more is due.

        `heads` are the points that have samples in the head.
        """
        if self._passed and not self._advance(heads):
            return None
        work = nothing()
        end = time.monotonic() + STEP_SECONDS
        while self._next < len(self._points):
            point = self._points[self._next]
            self._next += 1
            moment = self._of.get(point, self._horizon) if self._max_bytes is None or self._horizon is None else self._horizon
            if moment is not None or self._rolls_before is not None:
                one, count = expire(
                    self._packer,
                    self._file,
                    point,
                    -(1 << 62) if moment is None else moment,
                    self._rolls_before,
                    alone=point not in heads,
                )
                self.deleted += count
                _add(work, one)
            if len(work.gone) >= STEP_CHUNKS or time.monotonic() > end:
                break
        if self._next >= len(self._points):
            self._passed = True
            self.finished = self._max_bytes is None
        return None if work == nothing() else lambda connection: apply(connection, work)

    def _advance(self, heads: Collection[int]) -> bool:
        """Begin the next pass for the size limit; False, and finished, where the file fits or nothing more may go."""
        connection = self._file.connection
        self._next = 0
        if self._max_bytes is not None and used_bytes(connection) > self._max_bytes:
            firsts = [
                (row[0], row[1], row[2])
                for point in self._points
                if (
                    row := connection.execute(
                        "SELECT start, (SELECT max(start) FROM chunks WHERE point = ?1), count FROM chunks WHERE point = ?1"
                        " ORDER BY start LIMIT 1",
                        (point,),
                    ).fetchone()
                )
                and (point in heads or row[2] > 1 or row[0] != row[1])
            ]
            if firsts:
                oldest, newest = min(first for first, _, _ in firsts), max(last for _, last, _ in firsts)
                self._horizon = max(self._horizon or 0, oldest) + max(HOUR, (newest - oldest) // _PASSES)
                self._passed = False
                return True
        self.finished = True
        return False
