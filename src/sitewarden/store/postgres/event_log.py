"""The event log on PostgreSQL: one grouped writer, and a journal on local disk that takes over while the database is away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg
from msgspec.structs import replace

from sitewarden.domain.errors import Invalid, Refusal, Unreachable
from sitewarden.domain.events import Confirm, Event, StoredEvent
from sitewarden.domain.retention import Class
from sitewarden.store.interfaces import Counted, EventFilter, Found
from sitewarden.store.limits import check_limit
from sitewarden.store.matching import select
from sitewarden.store.plain import ReadingLog
from sitewarden.store.postgres import event_retention
from sitewarden.store.postgres.event_query import Query
from sitewarden.store.postgres.event_search import Search
from sitewarden.store.postgres.event_writer import EventWriter, Job, Placed, as_stored
from sitewarden.store.postgres.journal import MAX_BYTES, Journal, keys_of, repeated
from sitewarden.store.postgres.link import Link
from sitewarden.store.postgres.readers import Readers
from sitewarden.store.postgres.schema import EVENTS
from sitewarden.store.postgres.server import Away, Server, refusing
from sitewarden.store.prepared import prepare
from sitewarden.store.sqlite.event_log import wall

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_LIMIT: Final = 10_000
GROUP: Final = 2048
"""Events of one statement; encoding them holds the loop for some milliseconds."""
CAPACITY: Final = 1_000_000
"""Events that may wait; past it `append` refuses. Each producer waits for its own, so this bounds producers, not a queue."""
TAIL: Final = 5000
"""Newest events that are kept in memory, so that reads of them go on while the database is away."""
LEAVE_SECONDS: Final = 5.0

Waiting = tuple[Job, int, "asyncio.Future[list[StoredEvent]]"]
Call = tuple[Callable[[asyncpg.Connection], Awaitable[Any]], "asyncio.Future[Any]"]


class PostgresEventLog(ReadingLog):
    """`EventLog` in a database; this process is its one writer, by the lock that its writing connection holds."""

    def __init__(self, server: Server, journal: Path, now: Callable[[], int], max_bytes: int) -> None:
        self.where = server.where
        self._path = journal
        self._now = now
        self._max_bytes = max_bytes
        self._writer = EventWriter()
        self._link = Link(server, EVENTS, self._back)
        self._readers = Readers(server)
        self._journal: Journal | None = None
        self._emptied: Journal | None = None
        self._taken = 0
        """Seq up to which the database has the journal's events."""
        self._confirms: dict[str, tuple[int, int]] = {}
        self._tail: deque[StoredEvent] = deque(maxlen=TAIL)
        self._jobs: deque[Waiting] = deque()
        self._calls: deque[Call] = deque()
        self._weight = 0
        self._stored = 0
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(
        cls, server: Server, journal: Path, *, now: Callable[[], int] = wall, max_bytes: int = MAX_BYTES
    ) -> PostgresEventLog:
        """Connect, and give the database what a journal holds since the last time. The tables are there (`schema.prepare`).

        Raises Conflict where another process writes to the log, Unreachable where the database does not answer.
        """
        made = cls(server, journal, now, max_bytes)
        whole = False
        try:
            await made._link.open()
            if await asyncio.to_thread(journal.exists):
                made._journal = await Journal.open(journal, now, made._writer.head, max_bytes)
                await made._check_journal(made._link.connection)
            made._confirms |= made._writer.confirms | (made._journal.confirms if made._journal is not None else {})
            made._tail.extend((await made.read(EventFilter(limit=TAIL // 5)))[::-1])
            whole = True
        finally:
            if not whole:
                await made.close()
        made._start()
        return made

    @property
    def away(self) -> str:
        """Why the database is not in use now; empty while it is."""
        return "" if self._link.connected else self._link.reason.what

    async def append(self, events: Sequence[Event], confirm: Confirm | None = None) -> list[StoredEvent]:
        """Return the newly stored events once they are durable, in the database or in the journal; repeats of a key are dropped.

        Raises Invalid or TooLarge for an event past the limits, StorageFull where neither has room; then nothing of this call
        is stored.
        """
        if not events and confirm is None:
            return []
        self._check_open()
        if self._weight and self._weight + len(events) > CAPACITY:
            raise Unreachable("More is waiting to be written than the database can take.", where=self.where, remedy="Send less.")
        job = Job([prepare(event) for event in events], confirm)
        future: asyncio.Future[list[StoredEvent]] = asyncio.get_running_loop().create_future()
        self._jobs.append((job, len(events) or 1, future))
        self._weight += len(events) or 1
        self._start()
        return await future

    async def read(self, which: EventFilter) -> list[StoredEvent]:
        """Return at most `which.limit` events: ascending after a cursor, descending without one.

        Raises Invalid for an impossible limit, TimedOut where the search passes its time limit, Away where the answer lies in
        a database that does not answer.
        """
        check_limit(which.limit, MAX_LIMIT, "limit")
        journal = self._journal
        if journal is None:
            return await self._read_database(which)
        # The journal's events are the newest; those that the database took meanwhile are read here all the same.
        if which.after is not None:
            old: list[StoredEvent] = []
            if which.after < journal.base:
                before = journal.base + 1 if which.before is None else min(which.before, journal.base + 1)
                old = await self._read_database(replace(which, before=before))
            left = which.limit - len(old)
            return old + (await journal.read(replace(which, limit=left)) if left else [])
        new = await journal.read(which)
        left = which.limit - len(new)
        if left:
            before = journal.base + 1 if which.before is None else min(which.before, journal.base + 1)
            new += await self._read_database(replace(which, before=before, limit=left))
        return new

    async def search(self, which: EventFilter, seconds: float = 1.0) -> Found:
        """Read as far as `limit` events or `seconds` go; page by page where part of the log lies in the journal."""
        check_limit(which.limit, MAX_LIMIT, "limit")
        if self._journal is None:
            search = Search(which, self._writer.names)
            with contextlib.suppress(Away):
                return await self._readers.run(lambda connection: search.search(connection, seconds))
        return await super().search(which, seconds)

    async def count(self, which: EventFilter, step: int, seconds: float = 1.0) -> Counted:
        """Count as `EventLog.count` says; page by page where part of the log lies in the journal."""
        if which.start is None or which.end is None or not which.start < which.end or step <= 0:
            raise Invalid("Counts need a beginning, a later end and a step.", where="start", remedy="Give all three.")
        if self._journal is None:
            search = Search(replace(which, after=None, before=None), self._writer.names)
            with contextlib.suppress(Away):
                return await self._readers.run(lambda connection: search.count(connection, step, seconds))
        return await super().count(which, step, seconds)

    async def _read_database(self, which: EventFilter) -> list[StoredEvent]:
        query = Query(which, self._writer.names)
        try:
            return [] if query.empty else await self._readers.run(query.fetch)
        except Away:
            found = self._read_tail(which)
            if found is None:
                raise
            return found

    def _read_tail(self, which: EventFilter) -> list[StoredEvent] | None:
        """Return what the newest events answer for sure; None where older ones may belong to the answer."""
        tail = list(self._tail)
        if not tail:
            return None
        found = select(which, tail)
        if which.after is not None:
            return found if which.after >= tail[0].seq - 1 else None
        return found if len(found) == which.limit or tail[0].seq == 1 else None

    def head(self) -> int:
        """Greatest durable seq; 0 when the log is empty."""
        return self._journal.head if self._journal is not None else self._writer.head

    def confirmed(self, device: str) -> tuple[int, int] | None:
        """(epoch, index) stored for a device."""
        return self._confirms.get(device)

    async def retain(
        self,
        *,
        before: int | None = None,
        max_bytes: int | None = None,
        keep_from: int | None = None,
        classes: Mapping[Class, int] | None = None,
        archive: event_retention.Archive | None = None,
    ) -> int:
        """Delete the oldest events, as `EventLog.retain` says; a month that is due as a whole is dropped at once."""
        sweep = event_retention.Sweep(
            self._writer.names, before=before, max_bytes=max_bytes, keep_from=keep_from, classes=classes, archive=archive
        )
        while not sweep.finished:
            await self._call(sweep.step)
            self._writer.forget_months(sweep.dropped)
        return sweep.deleted

    async def _call(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Run `work` on the writing connection between two groups."""
        self._check_open()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._calls.append((work, future))
        self._start()
        return await future

    def _check_open(self) -> None:
        if self._closed:
            raise Unreachable("The store is closed.", where=self.where, remedy="Start the server again.")

    async def close(self) -> None:
        """Write what waits, give the database what the journal holds where that is quick, and close both."""
        if self._closed:
            return
        self._closed = True
        if self._running is not None:
            await asyncio.wait([self._running], timeout=None if self._jobs else LEAVE_SECONDS)
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._link.close()
        await self._readers.close()
        for journal in (self._journal, self._emptied):
            if journal is not None:
                await journal.close()

    # -- the one task that writes -----------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run(), name="event log")

    async def _run(self) -> None:
        turn_of_call = False
        while True:
            if self._calls and (turn_of_call or not self._jobs):
                turn_of_call = False
                await self._do_call(*self._calls.popleft())
            elif self._jobs:
                turn_of_call = True
                await self._store(*self._group())
                # Those who waited go first: what they send next is of one group then, not of two that take turns.
                await asyncio.sleep(0)
            elif self._journal is None or not self._link.connected:
                return
            if self._journal is not None and self._link.connected:
                await self._follow(self._journal)

    def _group(self) -> tuple[list[Job], list[asyncio.Future[list[StoredEvent]]]]:
        jobs: list[Job] = []
        futures: list[asyncio.Future[list[StoredEvent]]] = []
        weight = 0
        while self._jobs and (not jobs or weight + self._jobs[0][1] <= GROUP):
            job, size, future = self._jobs.popleft()
            jobs.append(job)
            futures.append(future)
            weight += size
        self._weight -= weight
        return jobs, futures

    async def _store(self, jobs: Sequence[Job], futures: Sequence[asyncio.Future[list[StoredEvent]]]) -> None:
        self._stored = max(self._stored, self._now())
        results: list[list[StoredEvent] | Refusal] | None = None
        if self._journal is None:
            try:
                results = await self._write(jobs)
            except Away as away:
                self._link.lost(away)
            except Refusal as refusal:
                if len(jobs) > 1:
                    # What one of them brought must not keep the others out.
                    for job, future in zip(jobs, futures, strict=True):
                        await self._store([job], [future])
                    return
                results = [refusal]
        if results is None:
            results = await self._keep(jobs)
        for result, future in zip(results, futures, strict=True):
            if not isinstance(result, Refusal):
                self._tail.extend(result)
            if future.done():
                continue
            if isinstance(result, Refusal):
                future.set_exception(result)
            else:
                future.set_result(result)

    async def _write(self, jobs: Sequence[Job]) -> list[list[StoredEvent] | Refusal]:
        connection = self._link.connection
        with refusing(self.where):
            results = await self._writer.new_of(connection, jobs)
        placed = self._writer.place(results, self._stored)
        confirms = self._confirmed_by(job.confirm for job in jobs)
        if placed.seqs or confirms:
            try:
                with refusing(self.where):
                    await self._writer.write(connection, placed, confirms)
            except Away as away:
                # Whether it was done is seen when the lock is ours again. At the same places it is the same either way.
                self._link.lost(away)
                return await self._keep([Job(new, job.confirm) for new, job in zip(results, jobs, strict=True)])
        self._confirms.update(confirms)
        stored = iter(as_stored(placed))
        return [list(islice(stored, len(result))) for result in results]

    async def _keep(self, jobs: Sequence[Job]) -> list[list[StoredEvent] | Refusal]:
        """Store a group in the journal on local disk."""
        known = {one.event.key for one in self._tail}
        results: list[list[StoredEvent] | Refusal] = []
        try:
            if self._journal is None:
                self._journal = await Journal.open(self._path, lambda: self._stored, self._writer.head, self._max_bytes)
                self._taken = self._journal.base
            journal = self._journal
        except Refusal as refusal:
            return [refusal] * len(jobs)
        wanted = [[one.event for one in job.events if one.event.key not in known] for job in jobs]
        # Side by side they share transactions; the journal takes them in this order.
        appends = (journal.append(events, job.confirm) for events, job in zip(wanted, jobs, strict=True))
        for job, stored in zip(jobs, await asyncio.gather(*appends, return_exceptions=True), strict=True):
            if isinstance(stored, Refusal):
                results.append(stored)
            elif isinstance(stored, BaseException):
                raise stored
            else:
                self._confirms.update(self._confirmed_by([job.confirm]))
                results.append(stored)
        return results

    def _confirmed_by(self, confirms: Iterable[Confirm | None]) -> dict[str, tuple[int, int]]:
        """Return what confirms change; one never goes back within an epoch."""
        changed: dict[str, tuple[int, int]] = {}
        for one in confirms:
            if one is None:
                continue
            known = changed.get(one.device) or self._confirms.get(one.device)
            if known is None or known[0] != one.epoch or known[1] < one.index:
                changed[one.device] = (one.epoch, one.index)
        return changed

    async def _do_call(self, work: Callable[[asyncpg.Connection], Awaitable[Any]], future: asyncio.Future[Any]) -> None:
        try:
            connection = self._link.connection
            with refusing(self.where):
                result = await work(connection)
        except Refusal as refusal:
            if isinstance(refusal, Away):
                self._link.lost(refusal)
            if not future.done():
                future.set_exception(refusal)
            return
        if not future.done():
            future.set_result(result)

    # -- back at the database ---------------------------------------------------------------------------------------

    async def _back(self, connection: asyncpg.Connection) -> None:
        """Take up a new connection: see what the database has, and let the journal's events follow."""
        with refusing(self.where):
            await self._writer.load(connection)
        if self._journal is not None:
            await self._check_journal(connection)
        if not self._closed:
            asyncio.get_running_loop().call_soon(self._start)

    async def _check_journal(self, connection: asyncpg.Connection) -> None:
        """See how far the database has the journal's events; raise Unreachable where it has others at their places."""
        journal = self._journal
        assert journal is not None
        head = self._writer.head
        if head < journal.base:
            log.error("%s: the events %d to %d were confirmed by the database and are gone", self.where, head + 1, journal.base)
        cursor = journal.base
        while cursor < head:
            page = await journal.batch(cursor)
            if not page:
                break
            with refusing(self.where):
                rows = await connection.fetch(
                    "SELECT e.seq, n.name, e.epoch, e.idx FROM events e JOIN event_names n ON n.id = e.origin"
                    " WHERE e.seq = ANY($1::bigint[])",
                    [one.seq for one in page],
                )
            held = {row[0]: (row[1], row[2], row[3]) for row in rows}
            for one in page:
                there = held.get(one.seq)
                if there is not None and there not in keys_of(one):
                    raise Unreachable(
                        f"Another server wrote event {one.seq} while the database was out of this one's reach.",
                        where=self.where,
                        remedy=f"Let one server write to it. This one's events of that time are in {self._path}.",
                    )
            cursor = page[-1].seq
        self._taken = max(journal.base, min(head, journal.head))

    async def _follow(self, journal: Journal) -> None:
        """Give the database the journal's next events; with the last of them, the journal is done."""
        try:
            connection = self._link.connection
            page = await journal.batch(self._taken)
            confirms = journal.confirms if not page or page[-1].seq == journal.head else {}
            with refusing(self.where):
                jobs = [Job([prepare(one.event) for one in page], None)]
                new = {one.event.key for one in (await self._writer.new_of(connection, jobs))[0]}
                events = [one.event if one.event.key in new else repeated(one) for one in page]
                seqs, stored = [one.seq for one in page], [one.stored for one in page]
                placed = Placed(seqs, stored, [prepare(event) for event in events])
                if seqs or confirms:
                    await self._writer.write(connection, placed, confirms)
            self._taken = max(self._taken, page[-1].seq if page else 0)
        except Away as away:
            self._link.lost(away)
            return
        except Refusal as refusal:
            log.warning("the journal stays for now: %s", refusal)
            self._link.lost(refusal)
            return
        if self._taken >= journal.head:
            self._journal = None
            await self._finish(journal)

    async def _finish(self, journal: Journal) -> None:
        journal.forget()
        self._writer.head = max(self._writer.head, journal.head)
        log.warning("%s: the database has all events of the journal", self.where)
        # Reads that began on it end within their time limit; the one before it has long none.
        before, self._emptied = self._emptied, journal
        if before is not None:
            await before.close()
