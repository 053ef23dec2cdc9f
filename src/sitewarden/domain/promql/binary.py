"""Operators between scalars and vectors: arithmetic, comparisons, sets, and the matching of series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from sitewarden.domain.promql.checking import COMPARISONS
from sitewarden.domain.promql.errors import QueryFailed
from sitewarden.domain.promql.tree import Binary, Matching
from sitewarden.domain.promql.vectors import (
    Floats,
    Ints,
    Labels,
    Mask,
    Vector,
    counted,
    empty,
    grouped,
    picking,
    shown,
    thinned,
    united,
    without_name,
)

_PLAIN: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
PAIRS: Final = 5_000_000
"""Values that one operator between vectors may give."""


def scalars(op: str, left: Floats, right: Floats) -> Floats:
    """Return the numbers of an operator between two scalars."""
    result: Floats = np.asarray(_PLAIN[op](left, right), dtype=np.float64)
    return result


def with_scalar(node: Binary, vector: Vector, numbers: Floats, *, swapped: bool) -> Vector:
    """Return what an operator makes of a vector and a scalar; `swapped`: the scalar is on the left."""
    left, right = (numbers[None, :], vector.values) if swapped else (vector.values, numbers[None, :])
    result = _PLAIN[node.op](left, right)
    if node.op in COMPARISONS and not node.as_bool:
        return thinned(Vector(vector.labels, vector.values, vector.present & result))
    labels = [without_name(held) for held in vector.labels]
    return united(Vector(labels, np.asarray(result, dtype=np.float64), vector.present))


def vectors(node: Binary, left: Vector, right: Vector) -> Vector:
    """Return what an operator makes of two vectors; raise QueryFailed where the matching is ambiguous."""
    signature = picking(node.matching.labels, without=not node.matching.on)
    count = len(left.labels)
    index, groups = grouped([*left.labels, *right.labels], signature)
    if node.op in ("and", "or", "unless"):
        return _sets(node.op, left, right, index, len(groups))
    if not count or not right.labels:
        return empty(left.values.shape[1])
    if node.matching.group == "right":
        return _matched(node, right, left, index[count:], index[:count], groups, swapped=True)
    return _matched(node, left, right, index[:count], index[count:], groups, swapped=False)


def _sets(op: str, left: Vector, right: Vector, index: Ints, groups: int) -> Vector:
    ours, theirs = index[: len(left.labels)], index[len(left.labels) :]
    if op == "or":
        held = counted(ours, left.present, groups) > 0
        added = thinned(Vector(right.labels, right.values, right.present & ~held[theirs]))
        return united(
            Vector(
                [*left.labels, *added.labels],
                np.concatenate((left.values, added.values)),
                np.concatenate((left.present, added.present)),
            )
        )
    held = (counted(theirs, right.present, groups) > 0)[ours]
    return thinned(Vector(left.labels, left.values, left.present & (held if op == "and" else ~held)))


def _matched(node: Binary, many: Vector, one: Vector, ours: Ints, theirs: Ints, groups: list[Labels], *, swapped: bool) -> Vector:
    """Return the operator over matching series. `many` is the side that may have several series in a group."""
    _demand_one(one, theirs, groups, "left" if swapped else "right")
    matching = node.matching
    by_group: dict[int, list[int]] = {}
    for row, group in enumerate(theirs):
        by_group.setdefault(int(group), []).append(row)
    pairs = [(row, other) for row, group in enumerate(ours) for other in by_group.get(int(group), ())]
    steps = many.values.shape[1]
    if len(pairs) * steps > PAIRS:
        raise QueryFailed(f"the operator would give {len(pairs) * steps} values, {PAIRS} can be", remedy="Aggregate first.")
    if not pairs:
        return empty(steps)
    rows, others = (np.array(side) for side in zip(*pairs, strict=True))
    both = many.present[rows] & one.present[others]
    a, b = many.values[rows], one.values[others]
    left, right = (b, a) if swapped else (a, b)
    result = _PLAIN[node.op](left, right)
    if node.op in COMPARISONS and not node.as_bool:
        both &= result
        result = left
    labels = [_result_labels(node, many.labels[row], one.labels[other]) for row, other in pairs]
    if not matching.group:
        _demand_single(ours[rows], both, len(groups))
    found = Vector(labels, np.asarray(result, dtype=np.float64), both)
    if not matching.group:
        return united(thinned(found))
    try:
        return united(thinned(found))
    except QueryFailed:
        raise QueryFailed("multiple matches for labels: grouping labels must ensure unique matches") from None


def _result_labels(node: Binary, many: Labels, one: Labels) -> Labels:
    matching: Matching = node.matching
    found = dict(many)
    if node.op not in COMPARISONS or node.as_bool:
        found.pop("__name__", None)
    if not matching.group:
        keep = matching.labels
        if matching.on:
            return {name: value for name, value in found.items() if name in keep}
        return {name: value for name, value in found.items() if name not in keep}
    for name in matching.include:
        if one.get(name):
            found[name] = one[name]
        else:
            found.pop(name, None)
    return found


def _demand_one(one: Vector, index: Ints, groups: list[Labels], side: str) -> None:
    counts = counted(index, one.present, len(groups))
    several = np.argwhere(counts > 1)
    if not len(several):
        return
    group, step = several[0]
    first, second = (shown(one.labels[row]) for row in np.flatnonzero((index == group) & one.present[:, step])[:2])
    raise QueryFailed(
        f"found duplicate series for the match group {shown(groups[group])} on the {side} hand-side of the operation: "
        f"[{second}, {first}];many-to-many matching not allowed: matching labels must be unique on one side"
    )


def _demand_single(index: Ints, both: Mask, groups: int) -> None:
    if (counted(index, both, groups) > 1).any():
        raise QueryFailed("multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")
