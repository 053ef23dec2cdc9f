"""Group commit: one thread writes; all that wait share one transaction and one fsync."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Generic, TypeVar

from sitewarden.domain.errors import Unreachable
from sitewarden.store.sqlite.checkpoint import Checkpointer, lay_out
from sitewarden.store.sqlite.connection import refusing, transaction

J = TypeVar("J")
R = TypeVar("R")
T = TypeVar("T")

_CALL = 200
"""Pages that a maintenance transaction is counted as."""


class GroupWriter(Generic[J, R]):
    """The one writer of a file.

    `write` runs in the writer thread inside a transaction with the jobs of a group and returns one result a job;
    `settled` runs there after the commit (True) or the rollback (False).
    The WAL is laid out ahead and begun anew at `wal_pages` pages of 4096 bytes; a unit of weight takes about `unit` of them.
    Bound: every producer waits for its own commit, so the queue is as long as there are producers; past `capacity` units
    of weight `submit` refuses with Unreachable, and nothing that was taken is dropped.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        write: Callable[[sqlite3.Connection, Sequence[J]], Sequence[R]],
        *,
        settled: Callable[[bool], None] = lambda committed: None,
        capacity: int = 1_000_000,
        group: int = 8_192,
        wal_pages: int = 4096,
        unit: float = 2.0,
    ) -> None:
        self._path = path
        self._connection = connection
        self._write = write
        self._settled = settled
        self._capacity = capacity
        self._group = group
        self._unit = unit
        self._jobs: deque[tuple[J, int, asyncio.Future[R]]] = deque()
        self._calls: deque[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]] = deque()
        self._weight = 0
        self._running: asyncio.Future[Any] | None = None
        self._idle: asyncio.Future[None] | None = None
        self._turn_of_call = False
        self._closed = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"write-{path.stem}")
        with refusing(path):
            lay_out(connection, path, wal_pages)
        self.checkpointer = Checkpointer(path, wal_pages)

    def submit(self, job: J, weight: int = 1) -> asyncio.Future[R]:
        """Return what the job's result comes in once its transaction is durable. Raises Unreachable at once."""
        self._check_open()
        if self._weight and self._weight + weight > self._capacity:
            raise Unreachable(
                "More is waiting to be written than the disk can take.",
                where=str(self._path),
                remedy="Send less at once, or move the data directory to a faster disk.",
            )
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._jobs.append((job, weight, future))
        self._weight += weight
        if self._running is None:
            self._start(loop)
        return future

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a transaction of its own between two groups."""
        self._check_open()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._calls.append((work, future))
        if self._running is None:
            self._start(loop)
        return await future

    def _check_open(self) -> None:
        if self._closed:
            raise Unreachable("The store is closed.", where=str(self._path), remedy="Start the server again.")

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._calls and (self._turn_of_call or not self._jobs):
            self._turn_of_call = False
            work, future = self._calls.popleft()
            self._running = running = loop.run_in_executor(self._executor, self._run_call, work)
            running.add_done_callback(lambda done: self._done(loop, done, [future], call=True))
        elif self._jobs:
            self._turn_of_call = True
            taken, weight = self._next_group()
            jobs, futures = [job for job, _, _ in taken], [future for _, _, future in taken]
            self._running = running = loop.run_in_executor(self._executor, self._run_group, jobs, weight)
            running.add_done_callback(lambda done: self._done(loop, done, futures, call=False))
        else:
            self._running = None
            if self._idle is not None and not self._idle.done():
                self._idle.set_result(None)

    def _next_group(self) -> tuple[Sequence[tuple[J, int, asyncio.Future[R]]], int]:
        """Take the jobs of a group, and say what they weigh together."""
        if self._weight <= self._group:
            taken, weight = list(self._jobs), self._weight
            self._jobs.clear()
        else:
            taken, weight = [], 0
            while self._jobs and (not taken or weight + self._jobs[0][1] <= self._group):
                taken.append(self._jobs.popleft())
                weight += taken[-1][1]
        self._weight -= weight
        return taken, weight

    def _run_group(self, jobs: list[J], weight: int) -> Sequence[R]:
        committed = False
        try:
            with refusing(self._path), self.checkpointer.writing(), transaction(self._connection):
                results = self._write(self._connection, jobs)
            committed = True
        finally:
            self._settled(committed)
            if not committed:
                self.checkpointer.ask()
        self.checkpointer.wrote(4 + int(self._unit * weight))
        return results

    def _run_call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with refusing(self._path), self.checkpointer.writing(), transaction(self._connection):
            result = work(self._connection)
        self.checkpointer.wrote(_CALL)
        return result

    def _done(
        self, loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any], futures: list[asyncio.Future[Any]], *, call: bool
    ) -> None:
        # Those who wait for this group go first, so that what they send next is of one group, not of two that take turns.
        loop.call_soon(loop.call_soon, self._start, loop)
        error = None if done.cancelled() else done.exception()
        if done.cancelled() or error is not None:
            for future in futures:
                if not future.done():
                    future.set_exception(error or Unreachable("The store was stopped.", where=str(self._path)))
            return
        results = [done.result()] if call else done.result()
        for future, result in zip(futures, results, strict=True):
            if not future.done():
                future.set_result(result)

    async def close(self) -> None:
        """Write what waits, then stop the threads and close the connection."""
        if self._closed:
            return
        self._closed = True
        if self._running is not None:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle
        self._executor.shutdown(wait=True)
        self.checkpointer.close()
        self._connection.close()
