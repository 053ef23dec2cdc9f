"""Texts that repeat (types, references, point ids) as small integers, whole in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import chain
from typing import Final

from sitewarden.domain.events import Event

TABLE = "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"
INSERT: Final = "INSERT INTO names VALUES (?, ?)"
ROWS: Final = 1000
"""Names written by one statement."""


class Names:
    """Name to number and back; the writer alone adds, and calls `settle` after each transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.by_name: dict[str, int] = {}
        self.durable: dict[str, int] = {}
        """Those that are committed; other threads may read it."""
        self._fresh: list[tuple[int, str]] = []
        self._last = 0
        for number, name in connection.execute("SELECT id, name FROM names"):
            self.by_name[name] = number
            self._last = max(self._last, number)
        self.durable.update(self.by_name)

    def number(self, name: str) -> int:
        """Return the number of `name`, giving it the next one where it is new."""
        found = self.by_name.get(name)
        if found is None:
            self._last += 1
            found = self.by_name[name] = self._last
            self._fresh.append((found, name))
        return found

    def concerned(self, event: Event) -> tuple[int, set[int]]:
        """Return the number of an event's type, and those of the entities that it concerns."""
        known = self.by_name
        try:
            return known[event.type], {known[event.entity], *map(known.__getitem__, event.related)}
        except KeyError:
            return self.number(event.type), {self.number(event.entity), *map(self.number, event.related)}

    def write(self, connection: sqlite3.Connection) -> None:
        """Store the new names, inside the writer's transaction."""
        # Each step of a statement waits for the interpreter: on a busy event loop a row each would take minutes for a large site.
        for begin in range(0, len(self._fresh), ROWS):
            rows = self._fresh[begin : begin + ROWS]
            connection.execute(INSERT + ", (?, ?)" * (len(rows) - 1), [*chain.from_iterable(rows)])

    def settle(self, committed: bool) -> None:
        """Keep the new names after a commit, forget them after a rollback."""
        if committed:
            for number, name in self._fresh:
                self.durable[name] = number
        else:
            for number, name in self._fresh:
                del self.by_name[name]
                self._last = min(self._last, number - 1)
        self._fresh.clear()

    def find(self, name: str) -> int | None:
        """Return the number of `name`, or None."""
        return self.by_name.get(name)

    def by_number(self) -> dict[int, str]:
        """Return all names by their numbers."""
        return {number: name for name, number in self.by_name.copy().items()}

    def matching(self, test: Callable[[str], bool]) -> list[int]:
        """Return the numbers of all names that pass `test`."""
        return [number for name, number in self.by_name.copy().items() if test(name)]
