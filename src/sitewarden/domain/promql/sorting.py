"""Groups of values side by side: sorted, and their quantiles."""

from __future__ import annotations

import numpy as np

from sitewarden.domain.promql.vectors import Floats, Ints


def quantiles(values: Floats, begins: Ints, sizes: Ints, wanted: Floats) -> Floats:
    """Return a quantile of each group, between two values in proportion; -Inf below 0, +Inf above 1, as Prometheus.

    Group i is values[begins[i]] and the sizes[i] - 1 after it, ascending, NaN first.
    """
    rank = np.nan_to_num(np.clip(wanted, 0.0, 1.0)) * (sizes - 1)
    lower = np.floor(rank).astype(np.int64)
    upper = np.minimum(lower + 1, sizes - 1)
    weight = rank - lower
    found = values[begins + lower] * (1 - weight) + values[begins + upper] * weight
    found = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, found))
    return np.where(np.isnan(wanted), np.nan, found)


def sorted_groups(values: Floats, begins: Ints, sizes: Ints) -> Floats:
    """Return the values with each group sorted, NaN first. The groups lie side by side, without gaps."""
    nans = np.isnan(values)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    if sizes.max(initial=0) * len(sizes) > 4 * len(values):
        order = np.lexsort((np.where(nans, -np.inf, values), ~nans, owners))
        result: Floats = values[order]
        return result
    # Groups of much the same size are rows of a table, which sorts several times as fast.
    places = np.arange(len(values)) - np.repeat(begins, sizes)
    table = np.full((len(sizes), int(sizes.max(initial=0))), np.inf)
    table[owners, places] = np.where(nans, -np.inf, values)
    table.sort(axis=1)
    found: Floats = table[owners, places]
    if nans.any():
        found[places < np.repeat(np.add.reduceat(nans.astype(np.int64), begins), sizes)] = np.nan
    return found
