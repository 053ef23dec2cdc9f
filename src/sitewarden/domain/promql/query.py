"""A query from its text to its result: what is needed first (`plan`), then with it the numbers (`run`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sitewarden.domain.promql.checking import type_of
from sitewarden.domain.promql.errors import BadQuery
from sitewarden.domain.promql.evaluator import Evaluator, Stored
from sitewarden.domain.promql.parser import parse
from sitewarden.domain.promql.pieces import Pieced
from sitewarden.domain.promql.planning import Frame, Need, needs
from sitewarden.domain.promql.tree import Node, Range, Subquery, bare
from sitewarden.domain.promql.vectors import Floats, Grid, Ints, Labels, Vector

LOOKBACK: Final = 300_000_000
"""How old the latest sample of a series may be, as Prometheus has it."""
RESOLUTION: Final = 11_000
"""Steps of a query, as Prometheus' API bounds them."""

Kind = Literal["matrix", "vector", "scalar", "string"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A query that is read: evaluated at each step of `grid`; at one moment where it is `instant`."""

    tree: Node
    grid: Grid
    frame: Frame
    instant: bool
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One series of a result: its labels, and its points in order of time."""

    labels: Labels
    times: Ints
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What a query gave; a vector, scalar or string has one point a line, a string its text."""

    kind: Kind
    lines: list[Line]
    text: str = ""
    time: int = 0


def plan_instant(text: str, time: int, lookback: int = LOOKBACK) -> Plan:
    """Return the plan of a query at one moment; raise BadQuery or QueryFailed."""
    return _plan(parse(text), Grid.over(time, time, 1), Frame(time, time, lookback), instant=True)


def plan_range(text: str, start: int, end: int, step: int, lookback: int = LOOKBACK) -> Plan:
    """Return the plan of a query over steps; raise BadQuery or QueryFailed."""
    tree = parse(text)
    found = type_of(tree)
    if found not in ("scalar", "vector"):
        said = "range vector" if found == "matrix" else found
        raise BadQuery(f'invalid expression type "{said}" for range query, must be Scalar or instant Vector', where="query")
    return _plan(tree, Grid.over(start, end, step), Frame(start, end, lookback), instant=False)


def _plan(tree: Node, grid: Grid, frame: Frame, *, instant: bool) -> Plan:
    return Plan(tree, grid, frame, instant, tuple(needs(tree, grid, frame)))


def run(
    plan: Plan, found: Mapping[int, Sequence[Stored | Pieced]], *, max_samples: int, deadline: float = float("inf")
) -> Result:
    """Evaluate a plan. `found` has the series of each need, by the need's place in `plan.needs`. Raises QueryFailed."""
    by_selector = {id(need.selector): found[place] for place, need in enumerate(plan.needs)}
    evaluator = Evaluator(lambda selector: by_selector[id(selector)], plan.frame, max_samples=max_samples, deadline=deadline)
    tree = bare(plan.tree)
    now = int(plan.grid.times[0])
    if isinstance(tree, (Range, Subquery)):
        windows = evaluator.matrix(tree, plan.grid)
        lines = [
            Line(labels, windows.times[low:high], windows.values[low:high])
            for labels, low, high in zip(windows.labels, windows.lows[:, 0], windows.highs[:, 0], strict=True)
            if high > low
        ]
        return Result("matrix", lines, time=now)
    value = evaluator.value(tree, plan.grid)
    if isinstance(value, str):
        return Result("string", [], value, now)
    if isinstance(value, np.ndarray):
        return Result("scalar" if plan.instant else "matrix", [Line({}, plan.grid.times, value)], time=now)
    return Result("vector" if plan.instant else "matrix", _lines(value, plan.grid), time=now)


def _lines(vector: Vector, grid: Grid) -> list[Line]:
    return [
        Line(labels, grid.times[present], values[present])
        for labels, values, present in zip(vector.labels, vector.values, vector.present, strict=True)
        if present.any()
    ]
