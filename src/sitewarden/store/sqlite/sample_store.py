"""Points' history in a SQLite file."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, joined
from sitewarden.store.chunks.head import Head
from sitewarden.store.chunks.incoming import MAX_BATCH, Batch
from sitewarden.store.chunks.integers import QUICK
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Work
from sitewarden.store.chunks.tender import Made
from sitewarden.store.packed_samples import Limits, PackedSampleStore, numbered
from sitewarden.store.sqlite.connection import connect_reader, connect_writer, refusing
from sitewarden.store.sqlite.migrations import migrate
from sitewarden.store.sqlite.names import Names
from sitewarden.store.sqlite.sample_file import SCHEMA, STORE, SampleFile, apply, has_rows, meta, put_lasts, put_meta, put_names
from sitewarden.store.sqlite.sample_reader import SqliteSampleReader
from sitewarden.store.sqlite.sample_tending import SqliteTender
from sitewarden.store.sqlite.writer import GroupWriter

log = logging.getLogger(__name__)
T = TypeVar("T")

WAL_PAGES: Final = 1024
"""Less than other stores have: on a disk that was full, the copy of the WAL must fit into little room."""
_PAGES: Final = 0.004
"""Pages of the WAL that a sample takes, about; texts count by their length."""


class SqliteSampleStore(PackedSampleStore):
    """`SampleStore` in a file of its own; this process is its one writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection, limits: Limits) -> None:
        self.path = path
        head = Head()
        self._tender_of = SqliteTender(connect_reader(path))
        super().__init__(str(path), head, SqliteSampleReader(path, head), self._tender_of, limits)
        self._names = Names(connection)
        self._packer = Packer()
        self._row = meta(connection, "sealed")
        self._written: tuple[int, Columns] | None = None
        self._replay(connection)
        self._writer: GroupWriter[Batch, None] = GroupWriter(
            path, connection, self._write, settled=self._settled, group=MAX_BATCH, unit=_PAGES, wal_pages=WAL_PAGES
        )

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

    async def _submit(self, batch: Batch, weight: int) -> None:
        await self._writer.submit(batch, weight)

    def _numbers(self) -> Mapping[str, int]:
        return self._names.by_name

    def _durable(self) -> Mapping[str, int]:
        return self._names.durable

    def _write(self, connection: sqlite3.Connection, batches: Sequence[Batch]) -> list[None]:
        number = self._names.number
        parts = []
        for batch in batches:
            numbers = np.array([number(name) for name in batch.names], dtype=np.int32)
            if batch.columns is not None:
                parts.append(batch.columns if not batch.names else numbered(batch.columns, numbers))
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

    async def _write_seal(self, begun: Any, made: Made, row: int) -> None:
        generation = self.head.generation + 1

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

        await self._writer.call(write)
        self.head.replace(generation, row, made.carry)

    async def _change(self, begun: Any, work: Work) -> None:
        await self._writer.call(lambda connection: apply(connection, work))

    async def _convert(self) -> bool:
        step = await self._aside(self._tender_of.convert)
        if step is not None:
            await self._writer.call(step)
        return step is not None

    async def _give_back(self) -> None:
        while await self._writer.call(self._tender_of.give_back):
            pass

    def _refusing(self, work: Callable[[], T]) -> T:
        with refusing(self.path):
            return work()

    async def close(self) -> None:
        """Write what waits and close the file; what is not sealed is in the journal."""
        await self._rest()
        async with self._turn:
            await self._writer.close()
            await asyncio.to_thread(self._worker.shutdown)
            self._tender_of.close()
            await self.reader.close()
