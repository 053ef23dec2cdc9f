"""Which samples a query needs: for each of its selectors the span of time that any of its steps can look at."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

import numpy as np

from sitewarden.domain.clock import DAY, HOUR, MINUTE
from sitewarden.domain.promql.errors import QueryFailed
from sitewarden.domain.promql.tree import Call, Node, Range, Selector, Start, Subquery, bare, children
from sitewarden.domain.promql.vectors import Grid

DEFAULT_STEP: Final = 60_000_000
"""Step of a subquery that names none, as Prometheus' evaluation interval."""
STEPS: Final = 1_000_000
"""Steps of a subquery over the whole of the query."""
WINDOWS: Final = 3_000
"""Steps whose samples are read one by one."""
LONG: Final = 6 * HOUR
"""Span of a selector from which on pieces are read where they say as much; below it its samples are as quick."""
ALIKE: Final = frozenset(
    {f"{name}_over_time" for name in ("min", "max", "sum", "count", "avg", "last", "present", "absent")},
)
"""Functions that say the same of pieces as of the samples in them."""


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
    width: int = 0
    """How far back each step looks."""
    every: int = 0
    """From one step to the next; 0 where there is one step."""
    piece: int = 0
    """Samples between two multiples of it may be put together, as no step tells them apart; 0 where all have to be apart."""

    def windows(self) -> list[tuple[int, int]]:
        """Return what the steps look at, one by one, where that is less than half of the whole; the whole otherwise."""
        if self.every <= 2 * self.width or (self.end - self.start - self.width) // self.every >= WINDOWS:
            return [(self.start, self.end)]
        return [(end - self.width, end) for end in range(self.start + self.width, self.end + 1, self.every)]


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
            return [_need(node, frame.lookback, grid, frame, alike=True, latest=True)]
        case Range():
            return [_need(node.selector, node.span, grid, frame, alike=False)]
        case Call(name=name, args=(argument,)) if name in ALIKE and isinstance(ranged := bare(argument), Range):
            return [_need(ranged.selector, ranged.span, grid, frame, alike=True)]
        case Subquery():
            inner = inner_grid(node, grid, frame)
            if not len(inner):
                inner = Grid(np.array([bounds(grid, node.at, node.offset, frame)[1]], dtype=np.int64))
            return needs(node.inner, inner, frame)
        case _:
            return [need for child in children(node) for need in needs(child, grid, frame)]


def _need(selector: Selector, width: int, grid: Grid, frame: Frame, *, alike: bool, latest: bool = False) -> Need:
    first, last = bounds(grid, selector.at, selector.offset, frame)
    every = int(grid.times[1] - grid.times[0]) if len(grid) > 1 and first != last else 0
    start, piece = first - width, 0
    if alike and last - start >= LONG:
        # A lone window may cut through pieces, whose samples are then read; those of many steps would cut through most of them.
        piece = _piece(gcd(first, every, 0 if latest else width)) if every else HOUR
        if piece and latest:
            start = start // piece * piece
    return Need(selector, start, last, width, every, piece)


def _piece(common: int) -> int:
    """Return how long pieces may be whose edges are multiples of a common divisor; 0 where that is not minutes."""
    if common % MINUTE:
        return 0
    return DAY if common % DAY == 0 else gcd(common, HOUR)
