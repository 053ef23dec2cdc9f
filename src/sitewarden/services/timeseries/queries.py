"""Queries over the samples, in the process that asks: read what a query needs, then evaluate in a thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np

from sitewarden.config import TimeSeriesSettings
from sitewarden.domain.errors import TimedOut, TooLarge, TooMany
from sitewarden.domain.points.series import Pieces, Series
from sitewarden.domain.promql.errors import QueryFailed
from sitewarden.domain.promql.evaluator import Stored
from sitewarden.domain.promql.matchers import Matcher
from sitewarden.domain.promql.pieces import Pieced
from sitewarden.domain.promql.planning import Need
from sitewarden.domain.promql.query import Plan, Result, run
from sitewarden.services.surface.timeseries import ReadablePoint

SERIES: Final = 10_000
"""Series that one selector may find."""
WHOLE: Final = 1_000_000
"""Samples up to which a range is read whole although its steps look at little of it."""
WAITING: Final = 64
"""Queries that wait for their turn; further ones are refused."""
PIECE: Final = 4
"""A piece takes as much memory as so many samples."""

T = TypeVar("T")


class SeriesReader(Protocol):
    """What of `SampleReader` is needed here."""

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]: ...

    async def pieces(self, points: Sequence[str], start: int, end: int, width: int, *, limit: int) -> list[Pieces]: ...


class Queries:
    """Runs queries, a few at once."""

    def __init__(self, reader: SeriesReader, settings: TimeSeriesSettings) -> None:
        self._reader = reader
        self._settings = settings
        self._turns = asyncio.Semaphore(settings.queries)
        self._waiting = 0

    @property
    def lookback(self) -> int:
        """Return how old a latest value may be, in microseconds."""
        return round(self._settings.lookback_seconds * 1e6)

    async def run(
        self, plan: Plan, points: Sequence[ReadablePoint], finish: Callable[[Result], T], seconds: float | None = None
    ) -> T:
        """Return what `finish` makes of the result, in the thread that evaluates; it sees only `points`.

        Raises BadQuery, QueryFailed, TooMany, TimedOut and what the store refuses. `seconds` shortens the time limit.
        """
        longest = self._settings.seconds
        allowed = min(seconds, longest) if seconds is not None and seconds > 0 else longest
        deadline = time.monotonic() + allowed
        if self._waiting >= WAITING:
            raise TooMany(f"{WAITING} queries wait already.", remedy="Try again in a moment, or ask for less at once.")
        self._waiting += 1
        try:
            async with asyncio.timeout(allowed):
                await self._turns.acquire()
        except TimeoutError:
            raise TimedOut("query timed out in query queue", remedy="Try again in a moment.") from None
        finally:
            self._waiting -= 1
        found: list[list[Stored | Pieced]] | None = None
        try:
            async with asyncio.timeout(max(deadline - time.monotonic(), 0.001)):
                found = await self._read(plan, points)
        except TimeoutError:
            raise TimedOut("query timed out in reading samples", remedy="Ask for a shorter range or fewer series.") from None
        finally:
            if found is None:
                self._turns.release()
        work = asyncio.ensure_future(asyncio.to_thread(self._evaluate, plan, found, deadline, finish))
        # A thread cannot be cancelled and ends by itself at the deadline: its turn is held until then, whoever went away.
        work.add_done_callback(self._ended)
        return await asyncio.shield(work)

    def _ended(self, work: asyncio.Future[T]) -> None:
        self._turns.release()
        if not work.cancelled():
            work.exception()

    def _evaluate(self, plan: Plan, found: list[list[Stored | Pieced]], deadline: float, finish: Callable[[Result], T]) -> T:
        return finish(run(plan, dict(enumerate(found)), max_samples=self._settings.samples, deadline=deadline))

    async def _read(self, plan: Plan, points: Sequence[ReadablePoint]) -> list[list[Stored | Pieced]]:
        """Return the series of each need; what several ask for alike is read once."""
        read: dict[tuple[object, ...], list[Stored | Pieced]] = {}
        left = self._settings.samples
        for need in plan.needs:
            if (key := _key(need)) in read:
                continue
            chosen = selected(points, need.selector.all_matchers())
            if len(chosen) > SERIES:
                raise QueryFailed(
                    f"a selector finds {len(chosen)} series, {SERIES} can be",
                    remedy="Narrow it with labels, such as area or device.",
                )
            labels = {one.id: one.labels for one in chosen}
            some = await self._pieces(list(labels), need, left // PIECE) if need.piece else None
            if some is not None:
                left = max(left - PIECE * sum(map(len, some)), 1)
                read[key] = [Pieced(labels[one.point], one) for one in some]
                continue
            try:
                series = await self._series(list(labels), need, left)
            except TooLarge:
                raise QueryFailed(
                    "query processing would load too many samples into memory in query execution",
                    remedy=f"At most {self._settings.samples}: ask for a shorter range or fewer series.",
                ) from None
            left = max(left - sum(map(len, series)), 1)
            read[key] = [_stored(one, labels[one.point]) for one in series]
        return [read[_key(need)] for need in plan.needs]

    async def _pieces(self, points: list[str], need: Need, limit: int) -> list[Pieces] | None:
        """Return what a need looks at in pieces; None where they would take more memory than the samples may."""
        try:
            return await self._reader.pieces(points, need.start, need.end, need.piece, limit=limit)
        except TooLarge:
            return None

    async def _series(self, points: list[str], need: Need, limit: int) -> list[Series]:
        """Return what a need looks at; raise TooLarge. A year that is looked at every few hours is read in pieces."""
        windows = need.windows()
        if len(windows) == 1:
            return await self._reader.series(points, need.start, need.end + 1, limit=limit)
        try:
            return await self._reader.series(points, need.start, need.end + 1, limit=min(limit, WHOLE))
        except TooLarge:
            pieces: dict[str, list[Series]] = {}
            for start, end in windows:
                found = await self._reader.series(points, start, end + 1, limit=limit)
                limit = max(limit - sum(map(len, found)), 1)
                for one in found:
                    pieces.setdefault(one.point, []).append(one)
            return [_joined(some) for some in pieces.values()]


def _key(need: Need) -> tuple[object, ...]:
    return need.selector.all_matchers(), need.start, need.end, need.width, need.every, need.piece


def _joined(pieces: list[Series]) -> Series:
    columns = [np.concatenate([getattr(one, name) for one in pieces]) for name in ("times", "values", "qualities")]
    return Series(pieces[0].point, *columns)


def selected(points: Sequence[ReadablePoint], matchers: Sequence[Matcher]) -> list[ReadablePoint]:
    """Return the points that meet all matchers; what is equal is tried first, since it costs least."""
    ordered = sorted(matchers, key=lambda matcher: (matcher.op != "=", "~" in matcher.op))
    found = list(points)
    for matcher in ordered:
        # Many points share a value: each is tried against a pattern once.
        fits = {value: matcher.fits(value) for value in {one.labels.get(matcher.name, "") for one in found}}
        found = [one for one in found if fits[one.labels.get(matcher.name, "")]]
    return found


def _stored(series: Series, labels: dict[str, str]) -> Stored:
    # A Bad quality ends a series until the next sample, as a stale marker does.
    return Stored(labels, series.times, series.values, (series.qualities >> np.uint32(31)) == 1)
