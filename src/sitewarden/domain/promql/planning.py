"""Which samples a query needs: for each of its selectors the span of time that any of its steps can look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sitewarden.domain.promql.errors import QueryFailed
from sitewarden.domain.promql.tree import Node, Range, Selector, Start, Subquery, children
from sitewarden.domain.promql.vectors import Grid

DEFAULT_STEP: Final = 60_000_000
"""Step of a subquery that names none, as Prometheus' evaluation interval."""
STEPS: Final = 1_000_000
"""Steps of a subquery over the whole of the query."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The query as a whole: what @ start() and end() mean."""

    start: int
    end: int
    lookback: int


@dataclass(frozen=True, slots=True)
class Need:
    """A selector, and the span [start, end] of samples that it may look at."""

    selector: Selector
    start: int
    end: int


def moment(at: Start, frame: Frame) -> int | None:
    """Return the moment that @ names; None where there is no @."""
    if isinstance(at, str):
        return frame.start if at == "start" else frame.end
    return at


def bounds(grid: Grid, at: Start, offset: int, frame: Frame) -> tuple[int, int]:
    """Return the first and last moment that a selector or subquery looks at from."""
    fixed = moment(at, frame)
    if fixed is not None:
        return fixed - offset, fixed - offset
    return int(grid.times[0]) - offset, int(grid.times[-1]) - offset


def inner_grid(node: Subquery, grid: Grid, frame: Frame) -> Grid:
    """Return the steps of a subquery: multiples of its step since 1970."""
    first, last = bounds(grid, node.at, node.offset, frame)
    step = node.step or DEFAULT_STEP
    first -= node.span
    if (last - first) // step > STEPS:
        raise QueryFailed(
            f"the subquery has {(last - first) // step} steps, {STEPS} can be", remedy="Give it a longer step or a shorter range."
        )
    return Grid.over(-(-first // step) * step, last, step)


def needs(node: Node, grid: Grid, frame: Frame) -> list[Need]:
    """Return what each selector of a tree needs."""
    match node:
        case Selector():
            first, last = bounds(grid, node.at, node.offset, frame)
            return [Need(node, first - frame.lookback, last)]
        case Range():
            first, last = bounds(grid, node.selector.at, node.selector.offset, frame)
            return [Need(node.selector, first - node.span, last)]
        case Subquery():
            inner = inner_grid(node, grid, frame)
            if not len(inner):
                inner = Grid(np.array([bounds(grid, node.at, node.offset, frame)[1]], dtype=np.int64))
            return needs(node.inner, inner, frame)
        case _:
            return [need for child in children(node) for need in needs(child, grid, frame)]
