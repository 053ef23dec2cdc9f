"""Points' history on SQLite: durable in a journal at once, sealed into chunks of one point by and by."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from msgspec import Struct

from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.domain.points.samples import Latest, Samples
from sitewarden.store.chunks import seal as seals
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import SAMPLE_BYTES, Columns, joined
from sitewarden.store.chunks.head import Head
from sitewarden.store.chunks.incoming import MAX_BATCH, Batch, of_columns, of_samples
from sitewarden.store.chunks.integers import QUICK
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.sqlite.connection import connect_reader, connect_writer, refusing
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.names import Names
from sitewarden.store.sqlite.sample_file import SCHEMA, STORE, SampleFile, apply, has_rows, meta, put_lasts, put_meta, put_names
from sitewarden.store.sqlite.sample_reader import SqliteSampleReader
from sitewarden.store.sqlite.sample_tending import Tender
from sitewarden.store.sqlite.writer import GroupWriter

log = logging.getLogger(__name__)
T = TypeVar("T")

INLINE: Final = 2_000
"""Samples of a batch that are made into columns on the loop; more are in a thread."""
WAL_PAGES: Final = 1024
"""Less than other stores have: on a disk that was full, the copy of the WAL must fit into little room."""
_PAGES: Final = 0.004
"""Pages of the WAL that a sample takes, about; texts count by their length."""


class Limits(Struct, frozen=True):
    """When the head is sealed, and where who appends waits; see `chunks.seal`."""

    seal_at: int = seals.SEAL_AT
    seal_bytes: int = seals.SEAL_BYTES
    most: int = seals.HEAD_MOST
    most_bytes: int = seals.HEAD_BYTES
    age: int = seals.AGE


class SqliteSampleStore:
    """`SampleStore` in a file of its own; this process is its one writer.

    Memory is bounded by `Limits`: past `most`, `append` waits for the seal that is under way, and refuses as the seal did where
    that failed. Nothing is dropped here.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.head = Head()
        self.reader = SqliteSampleReader(path, self.head)
        self._names = Names(connection)
        self._packer = Packer()
        self._row = meta(connection, "sealed")
        self._written: tuple[int, Columns] | None = None
        self._replay(connection)
        self._writer: GroupWriter[Batch, None] = GroupWriter(
            path, connection, self._write, settled=self._settled, group=MAX_BATCH, unit=_PAGES, wal_pages=WAL_PAGES
        )
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"seal-{path.stem}")
        self._tender = Tender(connect_reader(path))
        self._turn = asyncio.Lock()
        self._sealing: asyncio.Task[None] | None = None
        self._failed: Refusal | None = None

    @classmethod
    def open(cls, path: Path | str, *, page_limit: int | None = None, limits: Limits | None = None) -> SqliteSampleStore:
        """Open or make the file; `page_limit` bounds it in pages of 4096 bytes.

        Raises StorageFull or Unreachable. What an older version wrote is converted later, by `tend`.
        """
        path = Path(path)
        connection = connect_writer(path, page_limit=page_limit)
        migrate(connection, path, STORE, SCHEMA)
        with refusing(path):
            if has_rows(connection) and not connection.execute("SELECT 1 FROM samples LIMIT 1").fetchone():
                connection.execute("DROP TABLE samples")
            return cls(path, connection, limits or Limits())

    def _replay(self, connection: sqlite3.Connection) -> None:
        self.head.generation = meta(connection, "generation")
        for row, body in SampleFile(connection).journal(0):
            self._row = max(self._row, row)
            try:
                self.head.add(row, self._packer.decode(body))
            except Corrupt as error:
                log.error("%s: journal row %d cannot be read, its samples are lost: %s", self.path, row, error)

    async def append(self, samples: Samples) -> None:
        """Return once the batch is durable.

        Raises Invalid or TooLarge where columns differ in length, a time is impossible, or the batch has more than
        `MAX_BATCH` samples; StorageFull for a full disk. Then nothing of the batch is stored.
        """
        if not samples.points:
            return
        if len(samples.points) <= INLINE:
            batch = of_samples(samples, self._names.durable)
        else:
            batch = await asyncio.get_running_loop().run_in_executor(None, of_samples, samples, self._names.durable)
        await self._append(batch)

    async def number(self, points: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """Return the numbers of points for `append_columns`, durable; new points get one."""
        await self._writer.submit(Batch(tuple(points), None), 1)
        return np.array([self._names.by_name[point] for point in points], dtype=np.int32)

    async def append_columns(self, columns: Columns) -> None:
        """Return once samples in columns, by the numbers that `number` gave, are durable; raises as `append` does."""
        if len(columns):
            await self._append(of_columns(columns, len(self._names.by_name)))

    async def _append(self, batch: Batch) -> None:
        assert batch.columns is not None
        await self._room(len(batch.columns))
        await self._writer.submit(batch, max(batch.columns.size // SAMPLE_BYTES, 1))
        if self._due() and self._sealing is None:
            self._sealing = asyncio.create_task(self._seal_behind(), name="seal")

    def _due(self) -> bool:
        return self.head.count >= self.limits.seal_at or self.head.size >= self.limits.seal_bytes

    async def _room(self, count: int) -> None:
        """Wait until the head has room; raise what the seal failed with where it has none."""
        while self.head.count and (self.head.count + count > self.limits.most or self.head.size > self.limits.most_bytes):
            if self._sealing is None:
                self._sealing = asyncio.create_task(self._seal_behind(), name="seal")
            await asyncio.shield(self._sealing)
            if self._failed is not None:
                raise self._failed

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

    def _write(self, connection: sqlite3.Connection, batches: Sequence[Batch]) -> list[None]:
        number = self._names.number
        parts = []
        for batch in batches:
            numbers = np.array([number(name) for name in batch.names], dtype=np.int32)
            if batch.columns is not None:
                parts.append(batch.columns if not batch.names else _numbered(batch.columns, numbers))
        if parts:
            columns = joined(parts)
            body = self._packer.encode(columns, QUICK, points=True)
            connection.execute("INSERT INTO journal VALUES (?, ?, ?)", (self._row + 1, len(columns), body))
            self._written = self._row + 1, columns
        self._names.write(connection)
        return [None] * len(batches)

    def _settled(self, committed: bool) -> None:
        self._names.settle(committed)
        if committed and self._written is not None:
            self._row = self._written[0]
            self.head.add(*self._written)
        self._written = None

    async def seal(self, *, everything: bool = False) -> None:
        """Make chunks of the head; points with few samples wait on unless `everything` is sealed."""
        async with self._turn:
            runs = await self._aside(self.head.freeze)
            sealed = False
            try:
                if runs:
                    made = await self._aside(lambda: self._tender.seal(runs, everything=everything))
                    generation = self.head.generation + 1
                    row = runs[-1].last

                    def write(connection: sqlite3.Connection) -> None:
                        apply(connection, made.work)
                        connection.execute("DELETE FROM journal WHERE id <= ?", (row,))
                        if len(made.carry):
                            connection.execute("INSERT INTO journal VALUES (?, ?, ?)", (row, len(made.carry), made.body))
                        put_lasts(connection, made.lasts)
                        if made.names:
                            put_names(connection, made.names)
                        put_meta(connection, "generation", generation)
                        put_meta(connection, "sealed", row)

                    await asyncio.shield(self._sealed(write, generation, row, made.carry))
                    sealed = True
                    self._tender.sealed(made)
            finally:
                if not sealed:
                    self.head.thaw()

    async def _sealed(self, write: Callable[[sqlite3.Connection], None], generation: int, row: int, carry: Columns) -> None:
        await self._writer.call(write)
        self.head.replace(generation, row, carry)

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
                step = await self._aside(lambda: self._tender.step(everything=everything))
                if step is None:
                    return False
                await self._writer.call(step)
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
        numbered = {self._names.find(name): moment for name, moment in (of or {}).items()}
        async with self._turn:
            sweep = self._tender.sweep(
                before, {n: moment for n, moment in numbered.items() if n is not None}, rolls_before, max_bytes
            )
            while not sweep.finished:
                heads = {run_point for run in self.head.runs()[1] for run_point in np.unique(run.columns.points).tolist()}
                step = await self._aside(lambda: sweep.step(heads))  # noqa: B023 - it ends before the next
                if step is not None:
                    await self._writer.call(step)
            while await self._writer.call(self._tender.give_back):
                pass
            return sweep.deleted

    async def close(self) -> None:
        """Write what waits and close the file; what is not sealed is in the journal."""
        if self._sealing is not None:
            await asyncio.wait([self._sealing])
        async with self._turn:
            await self._writer.close()
            self._worker.shutdown(wait=True)
            self._tender.close()
            await self.reader.close()

    async def _aside(self, work: Callable[[], T]) -> T:
        """Run work of the one who seals in its thread."""
        try:
            running = asyncio.get_running_loop().run_in_executor(self._worker, self._refusing, work)
        except RuntimeError as error:
            raise Unreachable("The store is closed.", where=str(self.path), remedy="Start the server again.") from error
        return await asyncio.shield(running)

    def _refusing(self, work: Callable[[], Any]) -> Any:
        with refusing(self.path):
            return work()


def _numbered(columns: Columns, numbers: np.ndarray[Any, np.dtype[np.int32]]) -> Columns:
    return Columns(
        numbers[columns.points],
        columns.times,
        columns.lags,
        columns.kinds,
        columns.bits,
        columns.qualities,
        columns.texts,
    )
