"""Instant vectors over all steps at once: a row a series, a column a step, and where there is a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sitewarden.domain.promql.errors import QueryFailed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Labels = dict[str, str]
NAME: Final = "__name__"


@dataclass(frozen=True, slots=True)
class Grid:
    """The moments that an expression is evaluated at: microseconds, ascending."""

    times: Ints

    @classmethod
    def over(cls, start: int, end: int, step: int) -> Grid:
        """Return start, start + step, … up to and with `end`."""
        return cls(np.arange(start, end + 1, max(step, 1), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, slots=True)
class Vector:
    """Series with values; a value counts where `present` is set. A row with none is left out."""

    labels: list[Labels]
    values: Floats
    present: Mask

    @property
    def whole(self) -> Floats:
        """Return the values with NaN where there is none."""
        return np.where(self.present, self.values, np.nan)


def empty(steps: int) -> Vector:
    """Return a vector of no series."""
    return Vector([], np.zeros((0, steps)), np.zeros((0, steps), dtype=bool))


def key(labels: Labels) -> tuple[tuple[str, str], ...]:
    """Return what is equal for equal labels."""
    return tuple(sorted(labels.items()))


def without_name(labels: Labels) -> Labels:
    """Return the labels but the metric's name."""
    return {name: value for name, value in labels.items() if name != NAME}


def shown(labels: Labels) -> str:
    """Return labels as errors show them."""
    return "{" + ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"


def thinned(vector: Vector) -> Vector:
    """Return the vector without the rows that have no value at all."""
    some = vector.present.any(axis=1)
    if some.all():
        return vector
    rows = np.flatnonzero(some)
    return Vector([vector.labels[row] for row in rows], vector.values[rows], vector.present[rows])


def united(vector: Vector) -> Vector:
    """Return the vector with rows of equal labels made one; raise QueryFailed where two of them have a value at one step."""
    places: dict[tuple[tuple[str, str], ...], int] = {}
    rows = [places.setdefault(key(labels), len(places)) for labels in vector.labels]
    if len(places) == len(rows):
        return vector
    index = np.array(rows)
    counts = counted(index, vector.present, len(places))
    if (counts > 1).any():
        raise QueryFailed("vector cannot contain metrics with the same labelset")
    values = np.zeros(counts.shape)
    np.add.at(values, index, np.where(vector.present, vector.values, 0.0))
    return Vector([dict(held) for held in places], values, counts > 0)


def nameless(vector: Vector, values: Floats, present: Mask | None = None) -> Vector:
    """Return new values for the series of a vector, which lose their names."""
    held = vector.present if present is None else present
    return united(thinned(Vector([without_name(labels) for labels in vector.labels], values, held)))


def counted(index: Ints, present: Mask, groups: int) -> Ints:
    """Return how many rows of each group have a value at each step; `index` is the group of each row."""
    found = np.zeros((groups, present.shape[1]), dtype=np.int64)
    if len(index):
        order = np.argsort(index, kind="stable")
        held, starts = np.unique(index[order], return_index=True)
        found[held] = np.add.reduceat(present[order].astype(np.int64), starts, axis=0)
    return found


def grouped(labels: Sequence[Labels], of: Callable[[Labels], Labels]) -> tuple[Ints, list[Labels]]:
    """Return the group of each series, and each group's labels; two series are in one where `of` gives the same."""
    places: dict[tuple[tuple[str, str], ...], int] = {}
    found: list[Labels] = []
    index = np.empty(len(labels), dtype=np.int64)
    for row, held in enumerate(labels):
        part = of(held)
        marked = key(part)
        place = places.get(marked)
        if place is None:
            place = places[marked] = len(found)
            found.append(part)
        index[row] = place
    return index, found


def picking(names: Iterable[str], without: bool) -> Callable[[Labels], Labels]:
    """Return what keeps of labels only these names, or all but these and the metric's name."""
    chosen = frozenset(names)
    if without:
        dropped = chosen | {NAME}
        return lambda labels: {name: value for name, value in labels.items() if name not in dropped}
    return lambda labels: {name: value for name, value in labels.items() if name in chosen}
