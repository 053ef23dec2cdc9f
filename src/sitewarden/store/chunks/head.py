"""The head: samples that are durable in the journal and in no chunk yet, in memory by journal row.

The writer's head grows with each row that it commits; another process reads the rows that it does not have. Both are told by the
generation, which grows with each seal, that rows were taken out.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from sitewarden.store.chunks.columns import Columns, empty, joined, ordered

RUNS: Final = 8
"""Sorted runs that a lookup goes through at most; past it they are merged."""


class Run(Struct, frozen=True, eq=False):
    """Samples by point and time, of all journal rows up to `last` that the run before does not hold."""

    last: int
    columns: Columns


class Head:
    """Holds what the journal holds. May be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._merging = threading.Lock()
        self._fresh: list[tuple[int, Columns]] = []
        self._runs: list[Run] = []
        self._frozen: list[Run] = []
        self._began: int | None = None
        self.generation = 0
        self.last = 0
        """Greatest journal row that is held, or was."""
        self.count = 0
        self.size = 0
        """Bytes of memory, about."""

    def began(self) -> int | None:
        """Server time of the first sample of what is held; None where nothing is."""
        return self._began

    def add(self, row: int, columns: Columns) -> None:
        """Take a journal row; rows come in their order."""
        with self._lock:
            self._hold(row, columns)

    def _hold(self, row: int, columns: Columns) -> None:
        self._fresh.append((row, columns))
        self.last = row
        self.count += len(columns)
        self.size += columns.size
        if len(columns):
            first = int(columns.times[0] + columns.lags[0])
            self._began = first if self._began is None else min(self._began, first)

    def freeze(self) -> list[Run]:
        """Begin a seal: return what is held, to which no later row is merged from now on."""
        runs = self.runs()[1]
        with self._merging:
            self._frozen, self._runs = runs, []
        return runs

    def thaw(self) -> None:
        """End a seal that did not come about."""
        with self._merging:
            self._runs, self._frozen = self._frozen + self._runs, []

    def replace(self, generation: int, row: int, columns: Columns) -> None:
        """End a seal: in the place of what was frozen stands one row, which holds what went into no chunk."""
        with self._merging, self._lock:
            fresh, runs = self._fresh, self._runs
            self._fresh, self._runs, self._frozen, self._began = [], [], [], None
            self.count = self.size = 0
            self.generation = generation
            last = self.last
            for number, held in ((row, columns), *((run.last, run.columns) for run in runs), *fresh):
                self._hold(number, held)
            self.last = max(last, row)

    def clear(self, generation: int) -> None:
        """Forget all, since the journal was sealed by another process."""
        with self._merging, self._lock:
            self._fresh, self._runs, self._frozen, self._began = [], [], [], None
            self.count = self.size = self.last = 0
            self.generation = generation

    def load(self, generation: int, rows: Sequence[tuple[int, Columns]]) -> None:
        """Hold these journal rows in place of what is held, at once; a seal that was under way ends."""
        with self._merging, self._lock:
            self._fresh, self._runs, self._frozen, self._began = [], [], [], None
            self.count = self.size = self.last = 0
            self.generation = generation
            for row, columns in rows:
                self._hold(row, columns)

    def runs(self) -> tuple[int, list[Run]]:
        """Return the generation and what is held, oldest first and each run sorted; merges where they are many."""
        with self._merging:
            with self._lock:
                fresh, self._fresh = self._fresh, []
            runs = self._runs
            if fresh:
                runs.append(Run(fresh[-1][0], ordered(joined([columns for _, columns in fresh]))))
            while len(runs) > RUNS or (len(runs) > 1 and len(runs[-1].columns) * 2 > len(runs[-2].columns)):
                after, before = runs.pop(), runs.pop()
                runs.append(Run(after.last, ordered(joined([before.columns, after.columns]))))
            return self.generation, self._frozen + runs


def find(runs: Sequence[Run], points: Sequence[int]) -> dict[int, Columns]:
    """Return the samples of these points, by time; the later one of two of the same time."""
    found: dict[int, list[Columns]] = {}
    wanted = np.array(points, dtype=np.int32)
    for run in runs:
        lows = np.searchsorted(run.columns.points, wanted, "left").tolist()
        highs = np.searchsorted(run.columns.points, wanted, "right").tolist()
        for point, low, high in zip(points, lows, highs, strict=True):
            if low < high:
                found.setdefault(point, []).append(run.columns.take(slice(low, high)))
    return {point: parts[0] if len(parts) == 1 else ordered(joined(parts)) for point, parts in found.items()}


def whole(runs: Sequence[Run]) -> Columns:
    """Return all samples of runs, sorted."""
    return ordered(joined([run.columns for run in runs])) if runs else empty()


def lasts(columns: Columns) -> Columns:
    """Return the last sample of each point of sorted columns."""
    if not len(columns):
        return columns
    last = np.ones(len(columns), dtype=bool)
    last[:-1] = columns.points[1:] != columns.points[:-1]
    return columns.take(np.flatnonzero(last))
