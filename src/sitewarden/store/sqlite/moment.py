"""Copies of several databases as of one moment, while others write to them. Blocking file I/O.

A read transaction is begun on each, one right after the other, senders before receivers; then each is copied page by page inside
its transaction, so that unchanged pages stay where they are and the next backup stores little.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sitewarden.domain.errors import Unreachable
from sitewarden.store.prepared import decode_body
from sitewarden.store.sqlite.connection import connect_reader, refusing

TRIES: Final = 5
_PAGES: Final = 4096
_AT_STARTS: Final = (
    "SELECT body FROM events WHERE type = (SELECT id FROM names WHERE name = 'system.started') ORDER BY seq DESC LIMIT 1"
)


def in_order(paths: Sequence[Path]) -> list[Path]:
    """Sort databases so that who hands over stands before who receives: outboxes, the state, the rest, the events last.

    What is handed over between two of these transactions then stands in both, and is dropped as a repeat; never in none. How far
    samples were sent stands before the samples: what is sent meanwhile is sent again.
    """
    rank = {"sends.db": 0, "state.db": 1, "events.db": 3}
    return sorted(paths, key=lambda path: (0 if path.name.startswith("outbox-") else rank.get(path.name, 2), path.name))


class Moment:
    """Databases with a read transaction open on each. `events` and `audit` are the last event and audit entry that they show."""

    def __init__(self, open_: dict[Path, sqlite3.Connection], events: int, audit: int) -> None:
        self._open = open_
        self.events = events
        self.audit = audit

    def sizes(self) -> int:
        """Return the bytes that the copies will have together."""
        total = 0
        for path, connection in self._open.items():
            with refusing(path):
                pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
            total += int(pages) * int(size)
        return total

    def copy(self, path: Path, target: Path, told: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Write one database to `target`, and let go of it."""
        source = self._open.pop(path)
        with closing(source), refusing(path), closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA journal_mode = OFF")
            copy.execute("PRAGMA synchronous = OFF")
            source.backup(copy, pages=_PAGES, progress=lambda status, left, total: told(total - left, total))

    def close(self) -> None:
        """Let go of what was not copied."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()


@contextmanager
def moment(paths: Sequence[Path]) -> Iterator[Moment]:
    """Hold databases at one moment. Tries again where the events tell of an audit entry that the state does not have yet."""
    for _ in range(TRIES):
        held = _begin(in_order(paths))
        if held is not None:
            try:
                yield held
            finally:
                held.close()
            return
    raise Unreachable("The server starts again and again; its stores do not stand still for a copy.", remedy="Look at its log.")


def _begin(paths: Sequence[Path]) -> Moment | None:
    open_: dict[Path, sqlite3.Connection] = {}
    kept = False
    try:
        for path in paths:
            connection = open_[path] = connect_reader(path)
            with refusing(path):
                connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        events, audit, told = 0, 0, 0
        for path, connection in open_.items():
            with refusing(path):
                if path.name == "events.db":
                    events = int(connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])
                    row = connection.execute(_AT_STARTS).fetchone()
                    number = str(decode_body(row[0]).data.get("audit", "")).partition(" ")[0] if row else ""
                    told = int(number) if number.isdecimal() else 0
                elif path.name == "state.db":
                    audit = int(connection.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()[0])
        kept = told <= audit
        return Moment(open_, events, audit) if kept else None
    finally:
        if not kept:
            for connection in open_.values():
                connection.close()
