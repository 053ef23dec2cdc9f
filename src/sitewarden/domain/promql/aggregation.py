"""Aggregations over the series of each step, all steps at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np

from sitewarden.domain.promql.errors import QueryFailed
from sitewarden.domain.promql.numbers import show_plain
from sitewarden.domain.promql.sorting import quantiles
from sitewarden.domain.promql.vectors import Floats, Ints, Labels, Mask, Vector, empty, grouped, picking, thinned, united

VALUES: Final = 10_000
"""Different values that count_values makes series of."""
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def aggregate(op: str, vector: Vector, names: tuple[str, ...], without: bool, parameter: Floats | None) -> Vector:
    """Return the groups' series; `parameter` has one number a step, for topk, bottomk and quantile."""
    steps = vector.values.shape[1]
    if not vector.labels:
        return empty(steps)
    index, labels = grouped(vector.labels, picking(names, without))
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(len(labels)))
    if op in ("topk", "bottomk"):
        assert parameter is not None
        return _ranked(vector, order, starts, parameter, largest=op == "topk")
    values, present = vector.values[order], vector.present[order]
    counts = np.add.reduceat(present.astype(np.int64), starts, axis=0)
    if op == "quantile":
        assert parameter is not None
        result = _quantile(values, present, starts, counts, parameter)
    else:
        result = _SIMPLE[op](values, present, starts, counts)
    return thinned(Vector(labels, result, counts > 0))


def _sums(values: Floats, present: Mask, starts: Ints, counts: Ints) -> Floats:
    result: Floats = np.add.reduceat(np.where(present, values, 0.0), starts, axis=0)
    return result


def _variance(values: Floats, present: Mask, starts: Ints, counts: Ints) -> Floats:
    sizes = np.diff(np.append(starts, len(values)))
    # Below the greatest value: the mean of equal values is then exact, and their variance none.
    tops = np.fmax.reduceat(np.where(present, values, np.nan), starts, axis=0)
    values = values - np.repeat(tops, sizes, axis=0)
    means = _sums(values, present, starts, counts) / counts
    away = np.where(present, values - np.repeat(means, sizes, axis=0), 0.0)
    result: Floats = np.add.reduceat(away * away, starts, axis=0) / counts
    return result


def _extreme(how: np.ufunc) -> Callable[[Floats, Mask, Ints, Ints], Floats]:
    def reduced(values: Floats, present: Mask, starts: Ints, counts: Ints) -> Floats:
        result: Floats = how.reduceat(np.where(present, values, np.nan), starts, axis=0)
        return result

    return reduced


_SIMPLE: Final[dict[str, Callable[[Floats, Mask, Ints, Ints], Floats]]] = {
    "sum": _sums,
    "avg": lambda values, present, starts, counts: _sums(values, present, starts, counts) / counts,
    "count": lambda values, present, starts, counts: counts.astype(np.float64),
    "group": lambda values, present, starts, counts: np.ones(counts.shape),
    "min": _extreme(np.fmin),
    "max": _extreme(np.fmax),
    "stdvar": _variance,
    "stddev": lambda values, present, starts, counts: np.sqrt(_variance(values, present, starts, counts)),
}


def _quantile(values: Floats, present: Mask, starts: Ints, counts: Ints, wanted: Floats) -> Floats:
    groups, steps = counts.shape
    sizes = np.diff(np.append(starts, len(values)))
    owners = np.repeat(np.arange(groups), sizes)
    # A column a step, sorted by group, what is there first, NaN before numbers.
    nans = np.isnan(values)
    keys = (np.where(nans, -np.inf, values).T, (~nans).T, (~present).T, np.broadcast_to(owners, (steps, len(values))))
    order = np.lexsort(keys, axis=1)
    flat = np.take_along_axis(values.T, order, axis=1).ravel()
    begins = (np.arange(steps)[:, None] * len(values) + starts[None, :]).ravel()
    found = quantiles(flat, begins, np.maximum(counts.T.ravel(), 1), np.repeat(wanted, groups))
    return found.reshape(steps, groups).T


def _ranked(vector: Vector, order: Ints, starts: Ints, wanted: Floats, *, largest: bool) -> Vector:
    values, present = vector.values[order], vector.present[order]
    if not np.isfinite(wanted).all() or (np.abs(wanted) > 2**53).any():
        worst = wanted[~np.isfinite(wanted) | (np.abs(wanted) > 2**53)][0]
        raise QueryFailed(f"Scalar value {worst:g} overflows int64")
    most = wanted.astype(np.int64)
    kept = np.zeros(present.shape, dtype=bool)
    nans = np.isnan(values)
    weights = np.where(nans, 0.0, -values if largest else values)
    for start, end in zip(starts, np.append(starts[1:], len(values)), strict=True):
        part = slice(start, end)
        ranks = np.lexsort((weights[part], nans[part], ~present[part]), axis=0)
        places = np.empty_like(ranks)
        np.put_along_axis(places, ranks, np.arange(end - start)[:, None], axis=0)
        kept[part] = present[part] & (places < most)
    # What is shown of one moment is in order of rank.
    if values.shape[1] == 1:
        inside = np.lexsort(
            (weights[:, 0], nans[:, 0], np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(values)))))
        )
        order, values, kept = order[inside], values[inside], kept[inside]
    return thinned(Vector([vector.labels[row] for row in order], values, kept))


def count_values(label: str, vector: Vector, names: tuple[str, ...], without: bool) -> Vector:
    """Return how many series have which value, a series a value."""
    if not _LABEL.fullmatch(label):
        raise QueryFailed(f'invalid label name "{label}"')
    if not vector.labels:
        return vector
    index, labels = grouped(vector.labels, picking(set(names) - {label} if not without else {*names, label}, without))
    rows, columns = np.nonzero(vector.present)
    held = vector.values[rows, columns]
    distinct, which = np.unique(held, return_inverse=True)
    pairs, inverse = np.unique(index[rows] * len(distinct) + which, return_inverse=True)
    if len(pairs) > VALUES:
        raise QueryFailed(f"count_values would make {len(pairs)} series, {VALUES} can be", remedy="Round the values first.")
    counts = np.zeros((len(pairs), vector.values.shape[1]))
    np.add.at(counts, (inverse, columns), 1)
    found: list[Labels] = [
        {**labels[int(pair) // len(distinct)], label: show_plain(float(distinct[int(pair) % len(distinct)]))} for pair in pairs
    ]
    return united(Vector(found, counts, counts > 0))
