"""Checkpoints in a thread: PASSIVE moves most of the WAL beside the writer, then RESTART between two transactions.

PASSIVE alone never comes to the end of the WAL under load, and it grows without bound; RESTART alone stops the writer for as
long as the whole copy takes. The file keeps its size: overwriting it needs no change of the file system's own records, which
makes each fsync several times faster than in a file that grows (TRUNCATE would let it grow anew each time).
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LAID_OUT = 1024
"""Pages of WAL that are written ahead at most: more would lengthen the start, and the WAL grows past them only once."""
_TRIES = 3
_PATIENCE = 250
"""Milliseconds that the writer waits for a reader that kept the WAL from beginning anew `_TRIES` times."""


class Checkpointer:
    """The checkpoint thread of one file; `pages` of WAL (4096 bytes each) make a checkpoint due.

    The writer wraps each transaction in `writing` and tells its size with `wrote`. While a reader is in the WAL it cannot begin
    anew: it is asked again after a quarter of `pages`, and the fourth time in a row the writer waits for the reader.
    """

    def __init__(self, path: Path, pages: int) -> None:
        self._path = path
        self.pages = pages
        self._estimate = 0
        self._due = threading.Event()
        self._gate = threading.Lock()
        self._free = threading.Event()
        self._free.set()
        self._closing = False
        self._asked = False
        self._busy = 0
        self.restarted = 0
        """How many times the WAL was begun anew."""
        self._thread = threading.Thread(target=self._run, name=f"checkpoint-{path.stem}", daemon=True)
        self._thread.start()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the gate for one transaction; a waiting RESTART goes first."""
        self._free.wait()
        with self._gate:
            yield

    def wrote(self, pages: int) -> None:
        """Count about how many pages a transaction wrote; too many is harmless, a checkpoint tells the true number."""
        self._estimate += pages
        if self._estimate > self.pages:
            self._due.set()

    def ask(self) -> None:
        """Ask for a checkpoint at once, since the disk is full and pages of the WAL may fit into the file."""
        self._asked = True
        self._due.set()

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=0.0, check_same_thread=False)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            while True:
                self._due.wait()
                if self._closing:
                    return
                self._due.clear()
                try:
                    _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                    if self._asked or pages >= self.pages * 3 // 4:
                        # What came meanwhile is copied too, so that the writer waits for the last few pages alone.
                        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                        self._asked = False
                        self._restart(connection)
                    else:
                        self._estimate = pages
                except sqlite3.Error:
                    # A full disk or a busy reader: the WAL keeps everything, and a later commit asks again.
                    self._estimate = self.pages * 3 // 4
        finally:
            connection.close()

    def _restart(self, connection: sqlite3.Connection) -> None:
        self._free.clear()
        try:
            with self._gate:
                connection.execute(f"PRAGMA busy_timeout = {_PATIENCE if self._busy >= _TRIES else 0}")
                busy, _, _ = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
                self._busy = self._busy + 1 if busy else 0
                self._estimate = self.pages * 3 // 4 if busy else 0
                self.restarted += not busy
        finally:
            self._free.set()

    def close(self) -> None:
        """Stop the thread."""
        self._closing = True
        self._due.set()
        self._thread.join()


def lay_out(connection: sqlite3.Connection, path: Path, pages: int) -> None:
    """Write `pages` pages of WAL ahead, `LAID_OUT` at most, in a transaction that is rolled back; later commits overwrite them.

    Pages that do not fit into a small cache spill into the WAL; the rollback leaves them there, without meaning. Where there is
    no room for them, nothing is laid out and the WAL grows as it must.
    """
    cache = connection.execute("PRAGMA cache_size").fetchone()[0]
    connection.execute("PRAGMA cache_size = 20")
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE laid_out (content BLOB)")
        for _ in range(min(pages, LAID_OUT) // 256):
            connection.execute("INSERT INTO laid_out VALUES (zeroblob(1044480))")
    except sqlite3.OperationalError:
        pass
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute(f"PRAGMA cache_size = {cache}")
    wal = os.open(path.with_name(path.name + "-wal"), os.O_RDONLY)
    try:
        os.fsync(wal)
    finally:
        os.close(wal)
