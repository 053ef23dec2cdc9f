"""State on SQLite: the state file, read and written in two threads of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from sitewarden.domain.clock import Clock
from sitewarden.domain.events import Event
from sitewarden.store.held_state import Emit, HeldStateStore
from sitewarden.store.interfaces import AuditRecord, Finding
from sitewarden.store.sqlite.state_file import StateFile
from sitewarden.store.state_work import Staged

P = ParamSpec("P")
T = TypeVar("T")


class SqliteStateHome:
    """`StateHome` in a file; this process is its one writer."""

    patience: float | None = None

    def __init__(self, file: StateFile) -> None:
        self.where = str(file.path)
        self._file = file
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="write-state")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="read-state")

    def check(self) -> None:
        """A file is there, or the write says what is wrong."""

    async def write(self, parts: Sequence[Staged], version: int, head: tuple[int, bytes]) -> tuple[int, bytes]:
        """Write a group in one transaction; return the new head of the audit chain."""
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._file.write, parts, version, head)

    async def outbox(self, limit: int) -> list[tuple[int, Event]]:
        """Return the oldest events that wait for the event log."""
        return await self._read(self._file.outbox, limit)

    async def clear_outbox(self, up_to: int) -> None:
        """Forget the events up to an id."""
        await asyncio.get_running_loop().run_in_executor(self._writing, self._file.clear_outbox, up_to)

    async def waiting(self) -> int:
        """Return how many events wait for the event log."""
        return await self._read(self._file.waiting)

    async def audit_page(self, before: int | None, limit: int) -> list[AuditRecord]:
        """Return audit entries from the newest down."""
        return await self._read(self._file.audit_page, before, limit)

    async def verify_chain(self) -> list[Finding]:
        """Check the audit chain from its first entry."""
        return await self._read(self._file.verify_chain)

    async def _read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reading, partial(work, *args, **kwargs))

    async def close(self) -> None:
        """Close the file."""
        self._writing.shutdown(wait=True)
        self._reading.shutdown(wait=True)
        self._file.close()


class SqliteStateStore(HeldStateStore):
    """`StateStore` in a file of its own; this process is its one writer."""

    def __init__(self, file: StateFile, clock: Clock, emit: Emit | None) -> None:
        super().__init__(SqliteStateHome(file), file.load(), clock, emit)
        self.path = file.path
        self._file = file

    @classmethod
    def open(
        cls, path: Path | str, clock: Clock, relay: Emit | None = None, *, page_limit: int | None = None
    ) -> SqliteStateStore:
        """Open or make the file and load it whole. `relay` takes the outbox's events; it must drop repeats of a key.

        Raises StorageFull or Unreachable.
        """
        return cls(StateFile(Path(path), page_limit=page_limit), clock, relay)
