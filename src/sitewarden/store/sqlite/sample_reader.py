"""Points' history read from the file; in the writer's process or in another one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sitewarden.store.chunks.head import Head
from sitewarden.store.chunks.view import View
from sitewarden.store.packed_reader import PackedReader
from sitewarden.store.sqlite.connection import Readers
from sitewarden.store.sqlite.sample_file import SampleFile, has_rows
from sitewarden.store.sqlite.sample_rows import OlderRows

T = TypeVar("T")


class SqliteSampleReader(PackedReader):
    """`SampleReader` of the file at `path`, which need not be there yet. `head` is the writer's own; None reads the journal."""

    def __init__(self, path: Path, head: Head | None = None) -> None:
        super().__init__(str(path), head)
        self._path = path
        self._readers = Readers(path)
        self._rows: bool | None = None

    async def close(self) -> None:
        """Wait for running reads and close the connections."""
        self._readers.close()

    async def _run(self, work: Callable[[View], T], nothing: T, *, deadline: float | None = None) -> T:
        if not self._path.exists():
            return nothing

        def fetch(connection: sqlite3.Connection) -> T:
            def attempt() -> tuple[T] | None:
                connection.execute("BEGIN")
                try:
                    if self._rows is not False:
                        self._rows = has_rows(connection)
                    view = self._view(SampleFile(connection), OlderRows(connection) if self._rows else None)
                    return None if view is None else (work(view),)
                finally:
                    connection.execute("ROLLBACK")

            return self._patiently(attempt)[0]

        return await self._readers.run(fetch, deadline=deadline)
