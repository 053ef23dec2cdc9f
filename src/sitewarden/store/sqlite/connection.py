"""Connections with the house's pragmas, and SQLite's errors as refusals."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sitewarden.domain.errors import Refusal, StorageFull, TimedOut, Unreachable

T = TypeVar("T")

_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file `path` into refusals that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: sqlite3.Error) -> Refusal:
    """Return the refusal that tells what `error` means for the file `path`."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _FULL:
        return StorageFull(
            "There is no room on the disk; nothing was written and what is stored is whole.",
            where=str(path),
            remedy="Free space on this disk or shorten the retention; writing goes on by itself.",
        )
    if code & 0xFF in _CORRUPT:
        return Unreachable(
            f"The database file is damaged: {error}.",
            where=str(path),
            remedy="Stop the server, run `sitewarden fsck`, and put back the last backup of this file.",
        )
    if code == sqlite3.SQLITE_INTERRUPT:
        return TimedOut("Reading took too long.", where=str(path), remedy="Ask for a shorter span of time or fewer filters.")
    return Unreachable(
        f"The database file cannot be used: {error}.",
        where=str(path),
        remedy="Check the disk and the rights on this file and its folder; `sitewarden fsck` checks its content.",
    )


def connect_writer(path: Path, *, page_limit: int | None = None) -> sqlite3.Connection:
    """Open the one writing connection: WAL, synchronous=FULL, no checkpoint of its own.

    `page_limit` bounds the file in pages of 4096 bytes; past it SQLite answers as for a full disk.
    """
    make_private(path)
    with refusing(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10.0, cached_statements=256)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute("PRAGMA temp_store = MEMORY")
        if page_limit is not None:
            connection.execute(f"PRAGMA max_page_count = {int(page_limit)}")
    return connection


def make_private(path: Path) -> None:
    """Make the file, readable by this user alone, where it does not exist; SQLite gives its WAL the same rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise Unreachable(
            f"The file cannot be opened: {error.strerror}.",
            where=str(path),
            remedy="Check that the data directory exists, belongs to this user and is not read-only.",
        ) from error


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that cannot write."""
    with refusing(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10.0)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA cache_size = -8192")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit at the end or roll all back; the write lock is taken at the beginning."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class Readers:
    """A few threads, each with its own reading connection; a read that passes its deadline is interrupted."""

    def __init__(self, path: Path, *, threads: int = 2, deadline: float = 5.0) -> None:
        self._path = path
        self._deadline = deadline
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"read-{path.stem}")

    async def run(self, work: Callable[[sqlite3.Connection], T], *, deadline: float | None = None) -> T:
        """Return what `work` makes of a reading connection, in a thread; `deadline` in seconds."""
        seconds = self._deadline if deadline is None else deadline
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._work, work, seconds)

    def _work(self, work: Callable[[sqlite3.Connection], T], seconds: float) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect_reader(self._path)
            self._open.append(connection)
        end = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > end, 20_000)
        try:
            with refusing(self._path):
                return work(connection)
        finally:
            connection.set_progress_handler(None, 0)

    def close(self) -> None:
        """Wait for running reads and close the connections."""
        self._executor.shutdown(wait=True)
        for connection in self._open:
            connection.close()
