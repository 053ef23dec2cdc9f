"""Points' history in a database: one writer, and a journal on local disk that takes over while the database is away."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg
import numpy as np

from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns, joined
from sitewarden.store.chunks.head import Head
from sitewarden.store.chunks.incoming import MAX_BATCH, Batch
from sitewarden.store.chunks.integers import QUICK
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.packed import Work
from sitewarden.store.chunks.tender import Made, Tender
from sitewarden.store.packed_samples import INLINE, Limits, PackedSampleStore, numbered, renumbered
from sitewarden.store.postgres.event_rows import kept, told
from sitewarden.store.postgres.link import Link
from sitewarden.store.postgres.readers import Readers
from sitewarden.store.postgres.sample_journal import MAX_BYTES, SampleJournal
from sitewarden.store.postgres.sample_reader import PostgresSampleReader, blocking
from sitewarden.store.postgres.sample_rows import BLOCK, JOURNAL, LASTS_ROW, NAMES, NAMES_ROW, SampleRows, apply, clear_journal
from sitewarden.store.postgres.schema import SAMPLES
from sitewarden.store.postgres.server import Away, Server, refusing

log = logging.getLogger(__name__)
T = TypeVar("T")

CAPACITY: Final = 1_000_000
"""Samples that may wait; past it `append` refuses. Each producer waits for its own, so this bounds producers, not a queue."""
PAUSE: Final = 5.0
"""Seconds until the database is asked again to take what it refused of the local journal."""
AGAIN: Final = 1.0
"""Seconds until a seal that failed is tried again, where the local journal waits for it."""
PLAN_SECONDS: Final = 60.0
WRITE: Final = (
    "WITH fresh AS (INSERT INTO sample_names SELECT * FROM unnest($1::integer[], $2::text[]))"
    " INSERT INTO sample_journal SELECT $3::bigint, $4::integer, $5::bytea WHERE $4::integer > 0"
)
"""New names and a row of the journal, as one statement: one round trip."""

Waiting = tuple[Batch, int, "asyncio.Future[None]"]
Call = tuple[int, Callable[[asyncpg.Connection], Awaitable[None]], Callable[[], None], "asyncio.Future[None]"]


class PostgresSampleStore(PackedSampleStore):
    """`SampleStore` in a database; this process is its one writer, by the lock that its writing connection holds."""

    def __init__(self, server: Server, journal: Path, limits: Limits, max_bytes: int) -> None:
        self._plans = Readers(server, connections=1, deadline=PLAN_SECONDS, enable_seqscan="off")
        head = Head()
        tender = Tender(SampleRows(blocking(asyncio.get_running_loop(), self._planned)))
        super().__init__(server.where, head, PostgresSampleReader(server, head), tender, limits)
        self._path = journal
        self._max_bytes = max_bytes
        self._link = Link(server, SAMPLES, self._back)
        self._packer = Packer()
        self._by_name: dict[str, int] = {}
        self._top = 0
        """Greatest number of a point."""
        self._row = 0
        self._epoch = 0
        """Grows each time that the database comes back; what was planned before is not written after."""
        self._tended = 0
        self._local: SampleJournal | None = None
        self._jobs: deque[Waiting] = deque()
        self._calls: deque[Call] = deque()
        self._weight = 0
        self._not_before = 0.0
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(
        cls, server: Server, journal: Path, *, limits: Limits | None = None, max_bytes: int = MAX_BYTES
    ) -> PostgresSampleStore:
        """Connect; where that cannot be now, begin with the journal on local disk. The tables are made by core."""
        made = cls(server, journal, limits or Limits(), max_bytes)
        if await asyncio.to_thread(journal.exists):
            made._local = await SampleJournal.open(journal, max_bytes)
        try:
            await made._link.open()
        except Refusal as refusal:
            made._link.begin(refusal)
        made._start()
        return made

    @property
    def away(self) -> str:
        """Why the database is not in use now; empty while it is."""
        return "" if self._link.connected else self._link.reason.what

    @property
    def behind(self) -> bool:
        """True while there are samples on local disk that the database has not."""
        return self._local is not None

    async def _planned(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        return await self._plans.run(lambda connection: connection.fetch(statement, *values))

    async def _back(self, connection: asyncpg.Connection) -> None:
        """Learn what the database has: what was sent last is done, or never will be."""
        with refusing(self.where):
            names = await connection.fetch(NAMES, 0)
            meta = dict(map(tuple, await connection.fetch("SELECT name, value FROM sample_meta")))
            journal = await connection.fetch(JOURNAL, 0)
        rows = await asyncio.to_thread(self._decoded, journal)
        self._by_name = {told(name): number for number, name in names}
        self._top = max(self._by_name.values(), default=0)
        self._row = max(meta["sealed"], journal[-1]["id"] if journal else 0)
        self.head.load(meta["generation"], rows)
        self._epoch += 1
        self._start()

    def _decoded(self, journal: Sequence[asyncpg.Record]) -> list[tuple[int, Columns]]:
        packer = Packer()
        rows = []
        for row, body in journal:
            try:
                rows.append((row, packer.decode(body)))
            except Corrupt as error:
                log.error("%s: journal row %d cannot be read, its samples are lost: %s", self.where, row, error)
        return rows

    # -- what the base asks for -------------------------------------------------------------------------------------

    def _numbers(self) -> Mapping[str, int]:
        return self._by_name

    def _begin(self) -> int:
        if not self._link.connected:
            raise Away(self._link.reason.what, where=self.where, remedy=self._link.reason.remedy)
        if self._tended != self._epoch:
            self._tender.forget()
            self._tended = self._epoch
        return self._epoch

    def _due(self) -> bool:
        return self._link.connected and super()._due()

    async def _room(self, count: int) -> None:
        # What goes to the local disk takes no room of the head.
        if self._local is None and self._link.connected:
            await super()._room(count)

    async def tend(self, now: int, *, seconds: float = 1.0) -> bool:
        """Pack what was written, as `SampleStore.tend` says; nothing while the database is away."""
        return await super().tend(now, seconds=seconds) if self._link.connected else False

    async def _submit(self, batch: Batch, weight: int) -> None:
        self._check_open()
        if self._weight and self._weight + weight > CAPACITY:
            raise Unreachable("More is waiting to be written than the database can take.", where=self.where, remedy="Send less.")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._jobs.append((batch, weight, future))
        self._weight += weight
        self._start()
        await future

    async def _write_seal(self, begun: int, made: Made, row: int) -> None:
        generation = self.head.generation + 1

        async def work(connection: asyncpg.Connection) -> None:
            await apply(connection, made.work)
            await connection.execute(BLOCK, LASTS_ROW, made.lasts)
            if made.names:
                await connection.execute(BLOCK, NAMES_ROW, made.names)
            await connection.execute(
                "UPDATE sample_meta SET value = CASE name WHEN 'sealed' THEN $1::bigint ELSE $2::bigint END"
                " WHERE name IN ('sealed', 'generation')",
                row,
                generation,
            )
            await clear_journal(connection, row)
            if len(made.carry):
                await connection.execute("INSERT INTO sample_journal VALUES ($1, $2, $3)", row, len(made.carry), made.body)

        await self._call(begun, work, lambda: self.head.replace(generation, row, made.carry))

    async def _change(self, begun: int, work: Work) -> None:
        await self._call(begun, lambda connection: apply(connection, work), lambda: None)

    async def _call(self, begun: int, work: Callable[[asyncpg.Connection], Awaitable[None]], after: Callable[[], None]) -> None:
        """Run `work` in a transaction of the writing connection, and `after` at once when it is committed."""
        self._check_open()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._calls.append((begun, work, after, future))
        self._start()
        await future

    def _check_open(self) -> None:
        if self._closed:
            raise Unreachable("The store is closed.", where=self.where, remedy="Start the server again.")

    async def close(self) -> None:
        """Write what waits and close the connections; what is not sealed is in a journal."""
        if self._closed:
            return
        await self._rest()
        async with self._turn:
            self._closed = True
            if self._running is not None:
                while self._jobs or self._calls:
                    await asyncio.wait([self._running], timeout=1.0)
                self._not_before = float("inf")
                await asyncio.wait([self._running])
            # Its thread may still ask for what somebody who gave up wanted planned.
            await asyncio.to_thread(self._worker.shutdown)
            await self._link.close()
            await self._plans.close()
            await self.reader.close()
            if self._local is not None:
                await self._local.close()

    # -- the one task that writes -----------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run(), name="samples")

    def _start_later(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, lambda: None if self._closed else self._start())

    async def _run(self) -> None:
        turn_of_call = False
        while True:
            followed = False
            if self._calls and (turn_of_call or not self._jobs):
                turn_of_call = False
                await self._do_call(*self._calls.popleft())
            elif self._jobs:
                turn_of_call = True
                await self._store(self._group())
            if self._local is not None and self._link.connected and time.monotonic() >= self._not_before:
                followed = await self._follow(self._local)
            if not followed and not self._jobs and not self._calls:
                return

    def _group(self) -> list[Waiting]:
        group: list[Waiting] = []
        weight = 0
        while self._jobs and (not group or weight + self._jobs[0][1] <= MAX_BATCH):
            group.append(self._jobs.popleft())
            weight += group[-1][1]
        self._weight -= weight
        return group

    async def _store(self, group: Sequence[Waiting]) -> None:
        if self._local is None and self._link.connected:
            try:
                await self._write([batch for batch, _, _ in group])
            except Away as away:
                # Whether the database has them is seen when it is back; written twice, a sample replaces itself.
                self._link.lost(away)
            except Refusal as refusal:
                if len(group) > 1:
                    for one in group:
                        await self._store([one])
                else:
                    _answer(group, refusal)
                return
            else:
                _answer(group)
                return
        await self._keep(group)

    async def _write(self, batches: Sequence[Batch]) -> None:
        """Write batches as one row of the journal, durable on return."""
        fresh: dict[str, int] = {}
        parts: list[Columns] = []
        for batch in batches:
            for name in batch.names:
                if name not in self._by_name and name not in fresh:
                    fresh[name] = self._top + len(fresh) + 1
            if batch.columns is not None:
                numbers = [self._by_name.get(name) or fresh[name] for name in batch.names]
                parts.append(numbered(batch.columns, np.array(numbers, dtype=np.int32)) if numbers else batch.columns)
        columns = joined(parts)
        if len(columns) > INLINE:
            body = await asyncio.to_thread(self._packer.encode, columns, QUICK, points=True)
        else:
            body = self._packer.encode(columns, QUICK, points=True) if len(columns) else b""
        row = self._row + 1
        epoch = self._epoch
        with refusing(self.where):
            await self._link.connection.execute(
                WRITE, list(fresh.values()), [kept(name) for name in fresh], row, len(columns), body
            )
        if epoch != self._epoch:
            return
        self._by_name.update(fresh)
        self._top += len(fresh)
        if len(columns):
            self._row = row
            self.head.add(row, columns)

    async def _keep(self, group: Sequence[Waiting]) -> None:
        """Write batches to the local disk."""
        names = {number: name for name, number in self._by_name.items()}
        batches = []
        taken = []
        for one in group:
            batch = one[0]
            if batch.columns is None:
                _answer([one], Away(self._link.reason.what, where=self.where, remedy=self._link.reason.remedy))
                continue
            if not batch.names:
                points, local = np.unique(batch.columns.points, return_inverse=True)
                found = tuple(names[point] for point in points.tolist())
                batch = Batch(found, renumbered(batch.columns, local.astype(np.int32)))
            batches.append(batch)
            taken.append(one)
        if not taken:
            return
        try:
            if self._local is None:
                self._local = await SampleJournal.open(self._path, self._max_bytes)
            await self._local.append(batches)
        except Refusal as refusal:
            _answer(taken, refusal)
        else:
            _answer(taken)

    async def _follow(self, local: SampleJournal) -> bool:
        """Give the database the next of what the local journal has; False where that is not to be now."""
        if self._full(0):
            self._seal_soon().add_done_callback(lambda _: self._start_later(AGAIN if self._failed else 0.0))
            return False
        try:
            page = await local.page()
            if page is None:
                await local.forget()
                self._local = None
                log.warning("%s: the database has all samples of the time that it was away", self.where)
                return False
            row, batch = page
            if batch is not None:
                await self._write([batch])
            await local.done(row)
        except Away as away:
            self._link.lost(away)
            return False
        except Refusal as refusal:
            log.error("samples stay on the local disk: %s", refusal)
            self._not_before = time.monotonic() + PAUSE
            self._start_later(PAUSE)
            return False
        if self._due():
            self._seal_soon()
        return True

    async def _do_call(
        self,
        begun: int,
        work: Callable[[asyncpg.Connection], Awaitable[None]],
        after: Callable[[], None],
        future: asyncio.Future[None],
    ) -> None:
        try:
            if begun != self._epoch:
                raise Away("The database was away meanwhile.", where=self.where, remedy="It is tried again.")
            connection = self._link.connection
            with refusing(self.where):
                async with connection.transaction():
                    await work(connection)
        except Away as away:
            self._link.lost(away)
            if not future.done():
                future.set_exception(away)
        except Refusal as refusal:
            if not future.done():
                future.set_exception(refusal)
        else:
            if begun == self._epoch:
                after()
            if not future.done():
                future.set_result(None)


def _answer(group: Sequence[Waiting], refusal: Refusal | None = None) -> None:
    for _, _, future in group:
        if not future.done():
            if refusal is None:
                future.set_result(None)
            else:
                future.set_exception(refusal)
