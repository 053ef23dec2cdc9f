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
from sitewarden.store.chunks.columns import empty
from sitewarden.store.chunks.head import Head
from sitewarden.store.chunks.known import Known
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.limits import check_limit
from sitewarden.store.sqlite.connection import Readers
from sitewarden.store.sqlite.sample_file import SampleFile, has_rows, meta
from sitewarden.store.sqlite.sample_view import SampleView

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_LIMIT: Final = 200_000
MAX_POINTS: Final = 100_000
MAX_BUCKETS: Final = 5_000_000
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

        def work(view: SampleView) -> list[Series]:
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

        def work(view: SampleView) -> list[Buckets]:
            if low >= high:
                return []
            wanted = view.wanted(points)
            parts, before = view.parts([(point, head) for point, _, head in wanted], low, high, width)
            return rollups.buckets([name for _, name, _ in wanted], parts, width, before)

        return await self._run(work, [])

    async def points(self) -> list[str]:
        """Return the ids of all points that have samples, in order."""

        def work(view: SampleView) -> list[str]:
            return sorted(view.known.of(view.known.only(view.lasts())))

        return await self._run(work, [])

    async def raw(self, point: str, start: int, end: int, limit: int) -> Samples:
        """Return at most `limit` samples of [start, end) by source time, ascending."""
        check_limit(limit, MAX_LIMIT, "limit")

        def work(view: SampleView) -> Samples:
            for number, name, head in view.wanted([point]):
                return reading.samples(name, view.samples(number, head, start, end, limit).take(slice(0, limit)))
            return Samples([], [], [], [], [])

        return await self._run(work, Samples([], [], [], [], []))

    async def latest(self, points: Sequence[str] | None = None) -> list[Latest]:
        """Return the last sample of these points, or of all."""

        def work(view: SampleView) -> list[Latest]:
            found = view.lasts()
            if points is not None:
                wanted = np.array([number for number, _, _ in view.wanted(points)], dtype=np.int32)
                found = found.take(np.flatnonzero(np.isin(found.points, wanted)))
            return reading.latest(view.known, found)

        return await self._run(work, [], deadline=60.0)

    async def close(self) -> None:
        """Wait for running reads and close the connections."""
        self._readers.close()

    async def _run(self, work: Callable[[SampleView], T], nothing: T, *, deadline: float | None = None) -> T:
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

    def _view(self, connection: sqlite3.Connection) -> SampleView | None:
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
        return SampleView(file, packer, runs, known, self._rows, self._damaged)

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


def _check_points(points: Sequence[str]) -> None:
    if len(points) > MAX_POINTS:
        raise TooLarge(f"{len(points)} points are too many.", where="points", remedy=f"Ask for at most {MAX_POINTS} at a time.")
