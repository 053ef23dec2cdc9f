"""Points' history packed into chunks, whatever the home: durable in a journal at once, sealed into chunks by and by."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import numpy as np
from msgspec import Struct

from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.store.chunks import seal as seals
from sitewarden.store.chunks.columns import SAMPLE_BYTES, Columns
from sitewarden.store.chunks.head import Head
from sitewarden.store.chunks.incoming import Batch, of_columns, of_samples
from sitewarden.store.chunks.packed import Work
from sitewarden.store.chunks.tender import Made, Tender
from sitewarden.store.interfaces import SampleReader

log = logging.getLogger(__name__)
T = TypeVar("T")

INLINE: Final = 2_000
"""Samples of a batch that are made into columns on the loop; more are in a thread."""


class Limits(Struct, frozen=True):
    """When the head is sealed, and where who appends waits; see `chunks.seal`."""

    seal_at: int = seals.SEAL_AT
    seal_bytes: int = seals.SEAL_BYTES
    most: int = seals.HEAD_MOST
    most_bytes: int = seals.HEAD_BYTES
    age: int = seals.AGE


class PackedSampleStore:
    """`SampleStore` over a home that writes; this process is its one writer.

    Memory is bounded by `Limits`: past `most`, `append` waits for the seal that is under way, and refuses as the seal did where
    that failed. Nothing is dropped here.
    """

    def __init__(self, where: str, head: Head, reader: SampleReader, tender: Tender, limits: Limits) -> None:
        self.where = where
        self.limits = limits
        self.head = head
        self.reader = reader
        self._tender = tender
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="seal")
        self._turn = asyncio.Lock()
        self._sealing: asyncio.Task[None] | None = None
        self._failed: Refusal | None = None

    # -- what a home does -------------------------------------------------------------------------------------------

    async def _submit(self, batch: Batch, weight: int) -> None:
        """Return once a batch is durable, its new points have numbers, and the head has it."""
        raise NotImplementedError

    def _numbers(self) -> Mapping[str, int]:
        """Return the numbers of the points that are known."""
        raise NotImplementedError

    def _durable(self) -> Mapping[str, int]:
        """Return the numbers that are committed and stay, which any thread may read; none where a batch keeps its names."""
        return {}

    def _begin(self) -> Any:
        """Begin to plan a change of what is stored, which is given what this returns. Raises where none can be made."""
        return None

    async def _write_seal(self, begun: Any, made: Made, row: int) -> None:
        """Write a seal of the journal up to a row in one transaction, and put what it left into the head."""
        raise NotImplementedError

    async def _change(self, begun: Any, work: Work) -> None:
        """Make a change in one transaction."""
        raise NotImplementedError

    async def _convert(self) -> bool:
        """Convert some of what an older version wrote; False where there is none."""
        return False

    async def _give_back(self) -> None:
        """Give room back that retention freed."""

    def _refusing(self, work: Callable[[], T]) -> T:
        """Run work, with the home's errors as refusals."""
        return work()

    # -- what all do ------------------------------------------------------------------------------------------------

    async def append(self, samples: Samples) -> None:
        """Return once the batch is durable.

        Raises Invalid or TooLarge where columns differ in length, a time is impossible, or the batch has more than
        `MAX_BATCH` samples; StorageFull for a full disk. Then nothing of the batch is stored.
        """
        if not samples.points:
            return
        if len(samples.points) <= INLINE:
            batch = of_samples(samples, self._durable())
        else:
            batch = await asyncio.get_running_loop().run_in_executor(None, of_samples, samples, self._durable())
        await self._append(batch)

    async def number(self, points: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """Return the numbers of points for `append_columns`, durable; new points get one."""
        await self._submit(Batch(tuple(points), None), 1)
        known = self._numbers()
        return np.array([known[point] for point in points], dtype=np.int32)

    async def append_columns(self, columns: Columns) -> None:
        """Return once samples in columns, by the numbers that `number` gave, are durable; raises as `append` does."""
        if len(columns):
            await self._append(of_columns(columns, len(self._numbers())))

    async def _append(self, batch: Batch) -> None:
        assert batch.columns is not None
        await self._room(len(batch.columns))
        await self._submit(batch, max(batch.columns.size // SAMPLE_BYTES, 1))
        if self._due():
            self._seal_soon()

    def _due(self) -> bool:
        return self.head.count >= self.limits.seal_at or self.head.size >= self.limits.seal_bytes

    def _full(self, count: int) -> bool:
        """Tell whether so many samples more are too many for the head."""
        over = self.head.count + count > self.limits.most or self.head.size > self.limits.most_bytes
        return bool(self.head.count) and over

    async def _room(self, count: int) -> None:
        """Wait until the head has room; raise what the seal failed with where it has none."""
        while self._full(count):
            await asyncio.shield(self._seal_soon())
            if self._failed is not None:
                raise self._failed

    def _seal_soon(self) -> asyncio.Task[None]:
        if self._sealing is None:
            self._sealing = asyncio.get_running_loop().create_task(self._seal_behind(), name="seal")
        return self._sealing

    async def _seal_behind(self) -> None:
        try:
            await self.seal()
            self._failed = None
        except Refusal as refusal:
            if self._failed is None:
                log.error("samples stay in the journal, sealing failed: %s", refusal)
            self._failed = refusal
        finally:
            self._sealing = None

    async def seal(self, *, everything: bool = False) -> None:
        """Make chunks of the head; points with few samples wait on unless `everything` is sealed."""
        async with self._turn:
            begun = self._begin()
            runs = await self._aside(self.head.freeze)
            sealed = False
            try:
                if runs:
                    made = await self._aside(lambda: self._tender.seal(runs, everything=everything))
                    await asyncio.shield(self._write_seal(begun, made, runs[-1].last))
                    sealed = True
                    self._tender.sealed(made)
            finally:
                if not sealed:
                    self.head.thaw()

    async def tend(self, now: int, *, seconds: float = 1.0) -> bool:
        """Seal what is old, convert rows of an older version, join small chunks; True where `seconds` did not do for all."""
        began = self.head.began()
        if self._due() or (began is not None and now - began > self.limits.age):
            await self.seal()
        return await self.compact(seconds=seconds)

    async def compact(self, *, seconds: float = 3600.0, everything: bool = False) -> bool:
        """Convert rows of an older version and join small chunks for some time; True where more is left."""
        end = time.monotonic() + seconds
        async with self._turn:
            while time.monotonic() < end:
                if await self._convert():
                    continue
                begun = self._begin()
                work = await self._aside(lambda: self._tender.step(everything=everything))
                if work is None:
                    return False
                await self._change(begun, work)
        return True

    async def range(self, point: str, start: int, end: int, limit: int) -> Samples:
        """Return at most `limit` samples of [start, end) by source time, ascending."""
        return await self.reader.raw(point, start, end, limit)

    async def latest(self) -> list[Latest]:
        """Return the last sample of every point."""
        return await self.reader.latest()

    async def retain(
        self,
        *,
        before: int | None = None,
        of: Mapping[str, int] | None = None,
        rolls_before: int | None = None,
        max_bytes: int | None = None,
    ) -> int:
        """Delete the oldest samples, as `SampleStore.retain` says."""
        known = self._numbers()
        numbered = {known[name]: moment for name, moment in (of or {}).items() if name in known}
        async with self._turn:
            sweep = await self._aside(lambda: self._tender.sweep(before, numbered, rolls_before, max_bytes))
            while not sweep.finished:
                begun = self._begin()
                heads = {run_point for run in self.head.runs()[1] for run_point in np.unique(run.columns.points).tolist()}
                work = await self._aside(lambda: sweep.step(heads))  # noqa: B023 - it ends before the next
                if work is not None:
                    await self._change(begun, work)
            await self._give_back()
            return sweep.deleted

    async def _aside(self, work: Callable[[], T]) -> T:
        """Run work of the one who seals in its thread."""
        try:
            running = asyncio.get_running_loop().run_in_executor(self._worker, lambda: self._refusing(work))
        except RuntimeError as error:
            raise Unreachable("The store is closed.", where=self.where, remedy="Start the server again.") from error
        return await asyncio.shield(running)

    async def _rest(self) -> None:
        """Wait for a seal that is under way."""
        if self._sealing is not None:
            await asyncio.wait([self._sealing])

    async def close(self) -> None:
        """Write what waits and close the home; what is not sealed is in the journal."""
        raise NotImplementedError


def numbered(columns: Columns, numbers: np.ndarray[Any, np.dtype[np.int32]]) -> Columns:
    """Return columns whose points are indexes into `numbers` with these numbers."""
    return renumbered(columns, numbers[columns.points])


def renumbered(columns: Columns, points: np.ndarray[Any, np.dtype[np.int32]]) -> Columns:
    """Return columns with other points."""
    return Columns(points, columns.times, columns.lags, columns.kinds, columns.bits, columns.qualities, columns.texts)
