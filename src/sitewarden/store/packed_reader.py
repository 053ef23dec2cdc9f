"""Points' history read from a home: chunks, rollups, and the head; in the writer's process or in another one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import numpy as np

from sitewarden.domain.errors import Invalid, TooLarge, Unreachable
from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.domain.points.series import Buckets, Pieces, Series
from sitewarden.store.chunks import reading, rollups
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import empty
from sitewarden.store.chunks.head import Head
from sitewarden.store.chunks.known import Known
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.view import Older, Seen, View
from sitewarden.store.limits import check_limit

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_LIMIT: Final = 200_000
MAX_POINTS: Final = 100_000
MAX_BUCKETS: Final = 5_000_000
LATEST_SECONDS: Final = 60.0
PATIENCE: Final = 10.0
"""Seconds that a read waits for the head to follow a seal."""


class PackedReader:
    """`SampleReader` over what a home shows. `head` is the writer's own; None reads the journal."""

    def __init__(self, where: str, head: Head | None) -> None:
        self._where = where
        self._own = head is None
        self._head = head or Head()
        self._loading = threading.Lock()
        self._local = threading.local()
        self._known = Known()
        self._told: set[tuple[int, int]] = set()

    async def _run(self, work: Callable[[View], T], nothing: T, *, deadline: float | None = None) -> T:
        """Return what `work` makes of a view, in a thread; `nothing` where there is no home yet."""
        raise NotImplementedError

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]:
        """Return samples as `SampleReader` says."""
        _check_points(points)

        def work(view: View) -> list[Series]:
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

        def work(view: View) -> list[Buckets]:
            if low >= high:
                return []
            wanted = view.wanted(points)
            parts, before = view.parts([(point, head) for point, _, head in wanted], low, high, width)
            return rollups.buckets([name for _, name, _ in wanted], parts, width, before)

        return await self._run(work, [])

    async def pieces(self, points: Sequence[str], start: int, end: int, width: int, *, limit: int) -> list[Pieces]:
        """Return pieces as `SampleReader` says."""
        _check_points(points)
        return await self._run(lambda view: view.pieces(view.wanted(points), start, end, width, limit), [])

    async def points(self) -> list[str]:
        """Return the ids of all points that have samples, in order."""

        def work(view: View) -> list[str]:
            return sorted(view.known.of(view.known.only(view.lasts())))

        return await self._run(work, [])

    async def raw(self, point: str, start: int, end: int, limit: int) -> Samples:
        """Return at most `limit` samples of [start, end) by source time, ascending."""
        check_limit(limit, MAX_LIMIT, "limit")

        def work(view: View) -> Samples:
            for number, name, head in view.wanted([point]):
                return reading.samples(name, view.samples(number, head, start, end, limit).take(slice(0, limit)))
            return Samples([], [], [], [], [])

        return await self._run(work, Samples([], [], [], [], []))

    async def latest(self, points: Sequence[str] | None = None) -> list[Latest]:
        """Return the last sample of these points, or of all."""

        def work(view: View) -> list[Latest]:
            found = view.lasts()
            if points is not None:
                wanted = np.array([number for number, _, _ in view.wanted(points)], dtype=np.int32)
                found = found.take(np.flatnonzero(np.isin(found.points, wanted)))
            return reading.latest(view.known, found)

        return await self._run(work, [], deadline=LATEST_SECONDS)

    def _patiently(self, attempt: Callable[[], T | None]) -> T:
        """Return what an attempt finds; one that finds None came while rows were sealed, and is repeated."""
        end = time.monotonic() + PATIENCE
        while (found := attempt()) is None:
            if time.monotonic() > end:
                raise Unreachable("The samples are being sealed.", where=self._where, remedy="Try again.")
            time.sleep(0.001)
        return found

    def _view(self, seen: Seen, older: Older | None = None) -> View | None:
        """Return what a transaction sees; None where the head is not of the same generation as the home, for a moment."""
        generation = seen.generation()
        if self._own:
            self._load(seen, generation)
        known, runs = self._head.runs()
        if known != generation:
            return None
        packer = getattr(self._local, "packer", None)
        if packer is None:
            packer = self._local.packer = Packer()
        with self._loading:
            names = self._known = seen.known(packer, self._known)
        return View(seen, packer, runs, names, older, self._damaged)

    def _load(self, seen: Seen, generation: int) -> None:
        """Bring the head of this process up to the journal as the transaction sees it."""
        with self._loading:
            if self._head.generation > generation:
                return
            if self._head.generation != generation:
                self._head.clear(generation)
            packer = Packer()
            for row, body in seen.journal(self._head.last):
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
            log.error("%s: samples of point %r from %d on cannot be read and are left out: %s", self._where, name, start, reason)


def _check_points(points: Sequence[str]) -> None:
    if len(points) > MAX_POINTS:
        raise TooLarge(f"{len(points)} points are too many.", where="points", remedy=f"Ask for at most {MAX_POINTS} at a time.")
