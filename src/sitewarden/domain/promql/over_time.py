"""Functions of range vectors, each over all windows at once. The formulas are those of Prometheus' promql/functions.go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from sitewarden.domain.promql.sorting import quantiles, sorted_groups
from sitewarden.domain.promql.vectors import Floats, Mask
from sitewarden.domain.promql.windows import Windows

_SECOND: Final = 1e6
Result = tuple[Floats, Mask]


def _some(windows: Windows, least: int = 1) -> Mask:
    return windows.counts >= least


def _average(windows: Windows) -> Result:
    return windows.reduced(np.add) / windows.counts, _some(windows)


def _spread(windows: Windows) -> Floats:
    """Return the variance of each window, in two passes as the mean of squared distances from the mean."""
    result = np.zeros(windows.lows.size)
    for some, sizes, begins, column in windows.expanded():
        values = windows.values[column]
        # From the first value on: the mean of equal values is then exact, and their variance none.
        values = values - np.repeat(values[begins], sizes)
        means = np.add.reduceat(values, begins) / sizes
        away = values - np.repeat(means, sizes)
        result[some] = np.add.reduceat(away * away, begins) / sizes
    return result.reshape(windows.lows.shape)


def _quantile(windows: Windows, wanted: Floats) -> Result:
    result = np.zeros(windows.lows.size)
    steps = windows.lows.shape[1]
    for some, sizes, begins, column in windows.expanded():
        values = sorted_groups(windows.values[column], begins, sizes)
        result[some] = quantiles(values, begins, sizes, wanted[some % steps])
    return result.reshape(windows.lows.shape), _some(windows)


def _changes(windows: Windows) -> Result:
    values = windows.values
    before = values[:-1]
    return _steps(windows, (values[1:] != before) & ~(np.isnan(values[1:]) & np.isnan(before)))


def _resets(windows: Windows) -> Result:
    return _steps(windows, windows.values[1:] < windows.values[:-1])


def _steps(windows: Windows, marks: Mask) -> Result:
    """Return how many marks lie between each window's samples; mark i is that from sample i to the next."""
    total = np.concatenate(([0], np.cumsum(marks)))
    counted = total[windows.lasts()] - total[windows.firsts()]
    return counted.astype(np.float64), _some(windows)


def _extrapolated(windows: Windows, *, counter: bool, per_second: bool) -> Result:
    present = _some(windows, 2)
    times, values = windows.times, windows.values
    if not len(values):
        return np.zeros(present.shape), present
    first, last = windows.firsts(), windows.lasts()
    result = values[last] - values[first]
    if counter:
        lost = np.concatenate(([0.0], np.where(values[1:] < values[:-1], values[:-1], 0.0)))
        corrections = np.where(windows.counts > 1, windows.reduced(np.add, lost, skip=1), 0.0)
        result = result + corrections
    to_start = (times[first] - windows.starts) / _SECOND
    to_end = (windows.ends - times[last]) / _SECOND
    sampled = (times[last] - times[first]) / _SECOND
    between = sampled / (windows.counts - 1)
    if counter:
        rising = (result > 0) & (values[first] >= 0)
        to_zero = sampled * (values[first] / result)
        to_start = np.where(rising & (to_zero < to_start), to_zero, to_start)
    threshold = between * 1.1
    stretched = sampled + np.where(to_start < threshold, to_start, between / 2)
    stretched = stretched + np.where(to_end < threshold, to_end, between / 2)
    factor = stretched / sampled
    if per_second:
        factor = factor / (windows.span / _SECOND)
    return result * factor, present


def _instant(windows: Windows, *, counter: bool) -> Result:
    times, values = windows.times, windows.values
    present = _some(windows, 2)
    if not len(values):
        return np.zeros(present.shape), present
    last, before = windows.lasts(), windows.lasts(1)
    passed = times[last] - times[before]
    result = values[last] - values[before]
    if counter:
        result = np.where(values[last] < values[before], values[last], result) / (passed / _SECOND)
    return result, present & (passed != 0)


def _line(windows: Windows, origins: np.ndarray) -> tuple[Floats, Floats]:
    """Return slope and value at the origin of the line of least squares through each window; origins by window."""
    slopes, values_at = np.zeros(windows.lows.size), np.zeros(windows.lows.size)
    origins = np.broadcast_to(origins, windows.lows.shape).ravel()
    for some, sizes, begins, column in windows.expanded():
        values = windows.values[column]
        x = (windows.times[column] - np.repeat(origins[some], sizes)) / _SECOND
        firsts = values[begins]
        level = np.logical_and.reduceat(values == np.repeat(firsts, sizes), begins)
        sum_x, sum_y = np.add.reduceat(x, begins), np.add.reduceat(values, begins)
        # About the means, which is the same line with less cancelling.
        mean_x, mean_y = sum_x / sizes, sum_y / sizes
        away = x - np.repeat(mean_x, sizes)
        slope = np.add.reduceat(away * (values - np.repeat(mean_y, sizes)), begins) / np.add.reduceat(away * away, begins)
        flat = np.where(np.isinf(firsts), np.nan, firsts)
        slopes[some] = np.where(level, np.where(np.isinf(firsts), np.nan, 0.0), slope)
        values_at[some] = np.where(level, flat, mean_y - slope * mean_x)
    return slopes.reshape(windows.lows.shape), values_at.reshape(windows.lows.shape)


def _derivative(windows: Windows) -> Result:
    firsts = windows.times[windows.firsts()] if len(windows.times) else np.zeros(windows.lows.shape, dtype=np.int64)
    return _line(windows, firsts)[0], _some(windows, 2)


def predicted(windows: Windows, now: np.ndarray, ahead: Floats) -> Result:
    """Return where the line through each window is `ahead` seconds after each step."""
    slopes, values = _line(windows, now)
    return slopes * ahead + values, _some(windows, 2)


def _last(windows: Windows) -> Result:
    return (windows.values[windows.lasts()] if len(windows.values) else np.zeros(windows.lows.shape)), _some(windows)


FUNCTIONS: Final[dict[str, Callable[[Windows], Result]]] = {
    "sum_over_time": lambda windows: (windows.reduced(np.add), _some(windows)),
    "count_over_time": lambda windows: (windows.counts.astype(np.float64), _some(windows)),
    "avg_over_time": _average,
    "min_over_time": lambda windows: (windows.reduced(np.fmin), _some(windows)),
    "max_over_time": lambda windows: (windows.reduced(np.fmax), _some(windows)),
    "last_over_time": _last,
    "present_over_time": lambda windows: (np.ones(windows.lows.shape), _some(windows)),
    "stdvar_over_time": lambda windows: (_spread(windows), _some(windows)),
    "stddev_over_time": lambda windows: (np.sqrt(_spread(windows)), _some(windows)),
    "changes": _changes,
    "resets": _resets,
    "rate": lambda windows: _extrapolated(windows, counter=True, per_second=True),
    "increase": lambda windows: _extrapolated(windows, counter=True, per_second=False),
    "delta": lambda windows: _extrapolated(windows, counter=False, per_second=False),
    "irate": lambda windows: _instant(windows, counter=True),
    "idelta": lambda windows: _instant(windows, counter=False),
    "deriv": _derivative,
}
"""Those of one range vector; each gives values and where there are any."""

quantile = _quantile
