"""From a tree and the samples that it needs to its result, for all steps at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sitewarden.domain.promql import binary, instant, over_time
from sitewarden.domain.promql.aggregation import aggregate, count_values
from sitewarden.domain.promql.checking import type_of
from sitewarden.domain.promql.errors import QueryFailed
from sitewarden.domain.promql.pieces import Folded, Pieced
from sitewarden.domain.promql.planning import ALIKE, Frame, inner_grid, moment
from sitewarden.domain.promql.tree import (
    Aggregation,
    Binary,
    Call,
    Node,
    Number,
    Parens,
    Range,
    Selector,
    Start,
    Subquery,
    Text,
    Unary,
    bare,
)
from sitewarden.domain.promql.vectors import Floats, Grid, Ints, Labels, Mask, Vector, nameless, thinned, united
from sitewarden.domain.promql.windows import Windows, windows_of, windows_over


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A series as it is stored; a sample that is stale ends it until the next one."""

    labels: Labels
    times: Ints
    values: Floats
    stale: Mask


OVERLAP: Final = 50
"""So many times the bound on samples may windows look at them, as each sample is in many windows."""
Find = Callable[[Selector], Sequence[Stored | Pieced]]
"""Gives the series of a selector, with all samples that the plan says it needs, and maybe more; in pieces where that may be."""
Value = Vector | Floats | str


class Evaluator:
    """Evaluates one query."""

    def __init__(self, find: Find, frame: Frame, *, max_samples: int, deadline: float = float("inf")) -> None:
        """`max_samples` bounds what is held at once, `deadline` is of time.monotonic()."""
        self._find = find
        self._frame = frame
        self._max = max_samples
        self._deadline = deadline

    def value(self, node: Node, grid: Grid) -> Value:
        """Return a tree's value over the steps: a vector, a number a step, or a string. Raises QueryFailed."""
        with np.errstate(all="ignore"):
            return self._value(node, grid)

    def matrix(self, node: Range | Subquery, grid: Grid) -> Windows:
        """Return the samples of a range vector by step. Raises QueryFailed."""
        with np.errstate(all="ignore"):
            return self._windows(node, grid)

    def _value(self, node: Node, grid: Grid) -> Value:
        self._tick()
        match node:
            case Number():
                return np.full(len(grid), node.value)
            case Text():
                return node.value
            case Parens():
                return self._value(node.inner, grid)
            case Selector():
                return self._instant(node, grid)[0]
            case Unary():
                return self._signed(node, grid)
            case Binary():
                return self._binary(node, grid)
            case Aggregation():
                return self._aggregated(node, grid)
            case Call():
                return self._call(node, grid)
            case Range() | Subquery():
                raise QueryFailed("a range vector has no value of its own")

    def _vector(self, node: Node, grid: Grid) -> Vector:
        found = self._value(node, grid)
        assert isinstance(found, Vector)
        self._bound(found.values.size)
        return found

    def _scalar(self, node: Node, grid: Grid) -> Floats:
        found = self._value(node, grid)
        assert isinstance(found, np.ndarray)
        return found

    def _text(self, node: Node, grid: Grid) -> str:
        found = self._value(node, grid)
        assert isinstance(found, str)
        return found

    def _tick(self) -> None:
        if time.monotonic() > self._deadline:
            raise QueryFailed("query timed out in expression evaluation", remedy="Ask for less at once.")

    def _bound(self, count: int) -> None:
        if count > self._max:
            raise QueryFailed(
                "query processing would load too many samples into memory in query execution",
                remedy=f"{count} are more than {self._max}: take a longer step, a shorter range or fewer series.",
            )

    def _reference(self, grid: Grid, at: Start, offset: int) -> Ints:
        """Return the moment that each step looks at from."""
        fixed = moment(at, self._frame)
        return (grid.times if fixed is None else np.full(len(grid), fixed, dtype=np.int64)) - offset

    def _instant(self, node: Selector, grid: Grid) -> tuple[Vector, Floats]:
        """Return the latest samples within the lookback, and their times in seconds."""
        reference = self._reference(grid, node.at, node.offset)
        series = self._find(node)
        shape = (len(series), len(grid))
        self._bound(shape[0] * shape[1])
        values, present, stamps = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape)
        for row, one in enumerate(series):
            if isinstance(one, Pieced):
                if len(one.pieces):
                    values[row], present[row], moments = one.latest(reference, self._frame.lookback)
                    stamps[row] = moments / 1e6
                continue
            if not len(one.times):
                continue
            place = np.searchsorted(one.times, reference, "right") - 1
            found = np.maximum(place, 0)
            moments = one.times[found]
            present[row] = (place >= 0) & (moments >= reference - self._frame.lookback) & ~one.stale[found]
            values[row] = one.values[found]
            stamps[row] = moments / 1e6
        held = Vector([one.labels for one in series], values, present)
        some = present.any(axis=1)
        return thinned(held), stamps[some]

    def _windows(self, node: Node, grid: Grid) -> Windows:
        node = bare(node)
        windows = replace(self._unchecked(node, grid), tick=self._tick)
        self._windowed(int(windows.counts.sum()))
        return windows

    def _windowed(self, looked: int) -> None:
        if looked > self._max * OVERLAP:
            raise QueryFailed(
                "query processing would load too many samples into memory in query execution",
                remedy=f"Its windows hold {looked} samples, each in many of them: take a longer step or a shorter window.",
            )

    def _unchecked(self, node: Node, grid: Grid) -> Windows:
        match node:
            case Range():
                selector = node.selector
                ends = self._reference(grid, selector.at, selector.offset)
                series = [one for one in self._find(selector) if isinstance(one, Stored)]
                alive = [~one.stale for one in series]
                times = [one.times[kept] for one, kept in zip(series, alive, strict=True)]
                values = [one.values[kept] for one, kept in zip(series, alive, strict=True)]
                self._bound(sum(map(len, times)) + len(series) * len(grid))
                return windows_of([one.labels for one in series], times, values, ends - node.span, ends, node.span)
            case Subquery():
                inner = inner_grid(node, grid, self._frame)
                found = self._value(node.inner, inner)
                assert isinstance(found, Vector)
                self._bound(found.values.size)
                ends = self._reference(grid, node.at, node.offset)
                return windows_over(found, inner, ends - node.span, ends, node.span)
            case _:
                raise QueryFailed("this is no range vector")

    def _signed(self, node: Unary, grid: Grid) -> Value:
        found = self._value(node.inner, grid)
        if node.sign == "+" or isinstance(found, str):
            return found
        if isinstance(found, Vector):
            return nameless(found, -found.values)
        return -found

    def _binary(self, node: Binary, grid: Grid) -> Value:
        left, right = self._value(node.left, grid), self._value(node.right, grid)
        if isinstance(left, Vector) and isinstance(right, Vector):
            return binary.vectors(node, left, right)
        if isinstance(left, Vector):
            assert isinstance(right, np.ndarray)
            return binary.with_scalar(node, left, right, swapped=False)
        assert isinstance(left, np.ndarray)
        if isinstance(right, Vector):
            return binary.with_scalar(node, right, left, swapped=True)
        assert isinstance(right, np.ndarray)
        return binary.scalars(node.op, left, right)

    def _aggregated(self, node: Aggregation, grid: Grid) -> Vector:
        vector = self._vector(node.inner, grid)
        if node.op == "count_values":
            assert node.parameter is not None
            return count_values(self._text(node.parameter, grid), vector, node.labels, node.without)
        parameter = self._scalar(node.parameter, grid) if node.parameter is not None else None
        return aggregate(node.op, vector, node.labels, node.without, parameter)

    def _call(self, node: Call, grid: Grid) -> Value:
        name, args = node.name, node.args
        if (args and type_of(args[-1]) == "matrix") or name == "predict_linear":
            return self._over_time(node, grid)
        if name in instant.MATHS:
            vector = self._vector(args[0], grid)
            return nameless(vector, instant.MATHS[name](vector.values))
        match name:
            case "time":
                return grid.times / 1e6
            case "pi":
                return np.full(len(grid), np.pi)
            case "vector":
                numbers = self._scalar(args[0], grid)[None, :]
                return Vector([{}], numbers, np.ones(numbers.shape, dtype=bool))
            case "scalar":
                return instant.single(self._vector(args[0], grid))
            case "timestamp":
                return self._timestamp(args[0], grid)
            case "clamp" | "clamp_min" | "clamp_max":
                return self._clamped(node, grid)
            case "round":
                vector = self._vector(args[0], grid)
                to = self._scalar(args[1], grid) if len(args) > 1 else np.ones(len(grid))
                return nameless(vector, instant.rounded(vector.values, to))
            case "absent":
                inner = bare(args[0])
                labels = instant.labels_of_absent(inner.all_matchers()) if isinstance(inner, Selector) else {}
                return instant.absence(labels, self._vector(inner, grid).present)
            case "sort" | "sort_desc":
                return instant.ordered(self._vector(args[0], grid), descending=name == "sort_desc")
            case "label_replace":
                return instant.replaced(self._vector(args[0], grid), *(self._text(arg, grid) for arg in args[1:]))
            case "label_join":
                target, separator, *sources = (self._text(arg, grid) for arg in args[1:])
                return instant.joined(self._vector(args[0], grid), target, separator, sources)
            case _:
                return self._date(node, grid)

    def _clamped(self, node: Call, grid: Grid) -> Vector:
        vector = self._vector(node.args[0], grid)
        numbers = [self._scalar(arg, grid) for arg in node.args[1:]]
        none = np.full(len(grid), np.inf)
        low = numbers[0] if node.name != "clamp_max" else -none
        high = numbers[-1] if node.name != "clamp_min" else none
        return instant.clamped(vector, low, high)

    def _date(self, node: Call, grid: Grid) -> Vector:
        if node.args:
            vector = self._vector(node.args[0], grid)
            return nameless(vector, instant.date_part(node.name, vector.values))
        values = instant.date_part(node.name, np.floor(grid.times / 1e6))[None, :]
        return Vector([{}], values, np.ones(values.shape, dtype=bool))

    def _timestamp(self, node: Node, grid: Grid) -> Vector:
        node = bare(node)
        if isinstance(node, Selector):
            vector, stamps = self._instant(node, grid)
            return nameless(vector, stamps)
        vector = self._vector(node, grid)
        return nameless(vector, np.broadcast_to(grid.times / 1e6, vector.values.shape))

    def _over_time(self, node: Call, grid: Grid) -> Vector:
        last = node.args[0] if node.name == "predict_linear" else node.args[-1]
        ranged = bare(last)
        if (
            node.name in ALIKE
            and isinstance(ranged, Range)
            and any(isinstance(one, Pieced) for one in self._find(ranged.selector))
        ):
            return self._folded(node.name, ranged, grid)
        windows = self._windows(last, grid)
        if node.name == "absent_over_time":
            labels = instant.labels_of_absent(ranged.selector.all_matchers()) if isinstance(ranged, Range) else {}
            present = windows.counts > 0
            return instant.absence(labels, present if len(present) else np.zeros((1, len(grid)), dtype=bool))
        if node.name == "quantile_over_time":
            values, present = over_time.quantile(windows, self._scalar(node.args[0], grid))
        elif node.name == "predict_linear":
            values, present = over_time.predicted(windows, grid.times, self._scalar(node.args[1], grid))
        else:
            values, present = over_time.FUNCTIONS[node.name](windows)
        found = Vector(windows.labels, values, present)
        if node.name == "last_over_time":
            return united(thinned(found))
        return nameless(found, values)

    def _folded(self, name: str, node: Range, grid: Grid) -> Vector:
        """Return what a function of `planning.ALIKE` says over series in pieces."""
        ends = self._reference(grid, node.selector.at, node.selector.offset)
        series = [one for one in self._find(node.selector) if isinstance(one, Pieced)]
        shape = (len(series), len(grid))
        self._bound(shape[0] * shape[1] + sum(len(one.pieces) for one in series))
        values, present = np.zeros(shape), np.zeros(shape, dtype=bool)
        looked = 0
        for row, one in enumerate(series):
            self._tick()
            folded = Folded(one, ends - node.span, ends)
            looked += len(folded)
            self._windowed(looked)
            present[row] = folded.counts > 0
            values[row] = folded.of(name)
        if name == "absent_over_time":
            return instant.absence(instant.labels_of_absent(node.selector.all_matchers()), present)
        found = Vector([one.labels for one in series], values, present)
        return united(thinned(found)) if name == "last_over_time" else nameless(found, values)
