"""Quantiles of groups that lie sorted side by side."""

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
