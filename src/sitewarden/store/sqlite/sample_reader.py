"""Points' history read from the file: chunks, rollups, and the head; in the writer's process or in another one."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from sitewarden.domain.errors import Invalid, TooLarge, Unreachable
from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.domain.points.series import Buckets, Series
from sitewarden.store.chunks import reading, rollups
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, empty, joined, ordered
from sitewarden.store.chunks.head import Head, Run, find, lasts, whole
from sitewarden.store.chunks.known import Known
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Chunk, Roll
from sitewarden.store.chunks.rollups import LEVELS, Parts
from sitewarden.store.limits import check_limit
from sitewarden.store.sqlite.connection import Readers
from sitewarden.store.sqlite.sample_file import SampleFile, has_rows, meta
from sitewarden.store.sqlite.sample_rows import columns_of

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_LIMIT: Final = 200_000
MAX_POINTS: Final = 100_000
MAX_BUCKETS: Final = 5_000_000
NOTHING: Final = empty()
_PATIENCE: Final = 10.0
"""Seconds that a read waits for the head to follow a seal."""


class SqliteSampleReader:
    """`SampleReader` of the file at `path`, which need not be there yet. `head` is the writer's own; None reads the journal."""

    def __init__(self, path: Path, head: Head | None = None) -> None:
        self._path = path
        self._readers = Readers(path)
        self._own = head is None
        self._head = head or Head()
        self._loading = threading.Lock()
        self._local = threading.local()
        self._known = Known()
        self._rows: bool | None = None
        self._told: set[tuple[int, int]] = set()

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]:
        """Return samples as `SampleReader` says."""
        _check_points(points)

        def work(view: _View) -> list[Series]:
            found: list[Series] = []
            room = limit
            for point, name, head in view.wanted(points):
                columns = view.samples(point, head, start, end, room + 1)
                room -= len(columns)
                if room < 0:
                    raise TooLarge(
                        f"The range holds more than {limit} samples.", where="limit", remedy="Ask for less time or fewer points."
                    )
                if len(columns):
                    found.append(reading.series(name, columns))
            return found

        return await self._run(work, [])

    async def buckets(self, points: Sequence[str], start: int, end: int, width: int) -> list[Buckets]:
        """Return buckets as `SampleReader` says."""
        _check_points(points)
        if width < 1 or (end - start) // width * max(len(points), 1) > MAX_BUCKETS:
            raise Invalid(
                f"A width of {width} makes too many buckets.", where="width", remedy="Ask for wider buckets or less time."
            )
        low, high = -(-start // width) * width, -(-end // width) * width

        def work(view: _View) -> list[Buckets]:
            if low >= high:
                return []
            wanted = view.wanted(points)
            made = [view.pieces(point, head, low, high, width) for point, _, head in wanted]
            names = [name for _, name, _ in wanted]
            return rollups.buckets(names, [one for one, _ in made], width, [before for _, before in made])

        return await self._run(work, [])

    async def points(self) -> list[str]:
        """Return the ids of all points that have samples, in order."""

        def work(view: _View) -> list[str]:
            return sorted(view.known.of(view.known.only(view.lasts())))

        return await self._run(work, [])

    async def raw(self, point: str, start: int, end: int, limit: int) -> Samples:
        """Return at most `limit` samples of [start, end) by source time, ascending."""
        check_limit(limit, MAX_LIMIT, "limit")

        def work(view: _View) -> Samples:
            for number, name, head in view.wanted([point]):
                return reading.samples(name, view.samples(number, head, start, end, limit).take(slice(0, limit)))
            return Samples([], [], [], [], [])

        return await self._run(work, Samples([], [], [], [], []))

    async def latest(self, points: Sequence[str] | None = None) -> list[Latest]:
        """Return the last sample of these points, or of all."""

        def work(view: _View) -> list[Latest]:
            found = view.lasts()
            if points is not None:
                wanted = np.array([number for number, _, _ in view.wanted(points)], dtype=np.int32)
                found = found.take(np.flatnonzero(np.isin(found.points, wanted)))
            return reading.latest(view.known, found)

        return await self._run(work, [], deadline=60.0)

    async def close(self) -> None:
        """Wait for running reads and close the connections."""
        self._readers.close()

    async def _run(self, work: Callable[[_View], T], nothing: T, *, deadline: float | None = None) -> T:
        if not self._path.exists():
            return nothing

        def fetch(connection: sqlite3.Connection) -> T:
            end = time.monotonic() + _PATIENCE
            while True:
                connection.execute("BEGIN")
                try:
                    view = self._view(connection)
                    if view is not None:
                        return work(view)
                finally:
                    connection.execute("ROLLBACK")
                if time.monotonic() > end:
                    raise Unreachable("The samples are being sealed.", where=str(self._path), remedy="Try again.")
                time.sleep(0.001)

        return await self._readers.run(fetch, deadline=deadline)

    def _view(self, connection: sqlite3.Connection) -> _View | None:
        """Return what a transaction sees; None where the head is not of the same generation as the file, for a moment."""
        generation = meta(connection, "generation")
        if self._own:
            self._load(connection, generation)
        seen, runs = self._head.runs()
        if seen != generation:
            return None
        if self._rows is not False:
            self._rows = has_rows(connection)
        packer = getattr(self._local, "packer", None)
        if packer is None:
            packer = self._local.packer = Packer()
        file = SampleFile(connection)
        with self._loading:
            known = self._known = file.known(packer, self._known)
        return _View(file, packer, runs, known, self._rows, self._damaged)

    def _load(self, connection: sqlite3.Connection, generation: int) -> None:
        """Bring the head of this process up to the journal as the transaction sees it."""
        with self._loading:
            if self._head.generation > generation:
                return
            if self._head.generation != generation:
                self._head.clear(generation)
            packer = Packer()
            for row, body in SampleFile(connection).journal(self._head.last):
                try:
                    columns = packer.decode(body)
                except Corrupt as error:
                    self._damaged(0, row, f"journal row {row}: {error}")
                    columns = empty()
                self._head.add(row, columns)

    def _damaged(self, point: int, start: int, reason: str) -> None:
        if (point, start) not in self._told and len(self._told) < 1000:
            self._told.add((point, start))
            name = self._known.name(point)
            log.error("%s: samples of point %r from %d on cannot be read and are left out: %s", self._path, name, start, reason)


class _View:
    """What one transaction sees of the file, with the head that belongs to it."""

    def __init__(
        self,
        file: SampleFile,
        packer: Packer,
        runs: list[Run],
        known: Known,
        rows: bool,
        damaged: reading.Damaged,
    ) -> None:
        self._file = file
        self._packer = packer
        self._runs = runs
        self.known = known
        self._rows = rows
        self._damaged = damaged

    def wanted(self, points: Sequence[str]) -> list[tuple[int, str, Columns | None]]:
        """Return number, name and head of the points that are known."""
        numbers = self.known.numbers
        known = [(numbers[name], name) for name in dict.fromkeys(points) if name in numbers]
        heads = find(self._runs, [number for number, _ in known])
        return [(number, name, heads.get(number)) for number, name in known]

    def samples(self, point: int, head: Columns | None, start: int, end: int, limit: int | None = None) -> Columns:
        """Return a point's samples of [start, end); with a limit only as many chunks are read as hold it."""
        chunks = self._file.overlapping(point, start, end - 1, limit)
        if not chunks and not self._rows and head is None:
            return NOTHING
        rows = columns_of(point, self._file.rows(point, start, end, -1 if limit is None else limit)) if self._rows else NOTHING
        return reading.samples_of(self._packer, chunks, rows, head, start, end, self._damaged)

    def pieces(self, point: int, head: Columns | None, low: int, high: int, width: int) -> tuple[Parts, float]:
        """Return a point's parts of [low, high), both multiples of the width, and what held before."""
        chosen: list[Roll] = []
        spans = [(low, high)]
        if not self._rows:
            for level in reversed(LEVELS):
                if width % level == 0 and spans:
                    rolls = self._file.rolls_of(point, level, spans[0][0], spans[-1][1])
                    chosen = reading.usable(rolls, chosen, head)
                    spans = reading.holes(chosen, low, high)
        between = [self.samples(point, head, first, last) for first, last in spans]
        before = float("nan")
        if not (chosen and chosen[0].start < low):
            before = self._before(point, head, low)
        return reading.pieces_of(self._packer, chosen, between, (low, high), width, before, self._damaged)

    def _before(self, point: int, head: Columns | None, moment: int) -> float:
        """Return what a point said last before a moment; NaN where it said no number."""
        late = reading.within(head, -(1 << 62), moment) if head is not None else NOTHING
        if self._rows:
            rows = self._file.connection.execute(
                "SELECT time, lag, quality, value FROM samples WHERE point = ? AND time < ? ORDER BY time DESC LIMIT 1",
                (point, moment),
            ).fetchall()
            late = ordered(joined([columns_of(point, rows), late.take(slice(-1, None))]))
        chunk: Chunk | None = self._file.before(point, moment)
        if chunk is None or (len(late) and int(late.times[-1]) >= min(chunk.stop, moment - 1)):
            return reading.last_number(late)
        if chunk.stop < moment and chunk.numbers == chunk.count and chunk.closing is not None:
            return chunk.closing
        sealed = joined(
            [reading.within(one, -(1 << 62), moment) for one in reading.decoded(self._packer, [chunk], self._damaged)]
        )
        return reading.last_number(ordered(joined([sealed.take(slice(-1, None)), late.take(slice(-1, None))])))

    def lasts(self) -> Columns:
        """Return the last sample of every point."""
        parts = []
        if self._rows:
            rows = self._file.connection.execute(
                "SELECT n.id, s.time, s.lag, s.quality, s.value FROM names n JOIN samples s"
                " ON s.point = n.id AND s.time = (SELECT max(time) FROM samples WHERE point = n.id)"
            ).fetchall()
            parts += [columns_of(row[0], [row[1:]]) for row in rows]
        body = self._file.lasts()
        if body is not None:
            try:
                parts.append(self._packer.decode(body))
            except Corrupt as error:
                self._damaged(0, 0, f"last values: {error}")
        parts.append(lasts(whole(self._runs)))
        return lasts(ordered(joined(parts)))


def _check_points(points: Sequence[str]) -> None:
    if len(points) > MAX_POINTS:
        raise TooLarge(f"{len(points)} points are too many.", where="points", remedy=f"Ask for at most {MAX_POINTS} at a time.")
