"""Functions of instant vectors: mathematics, dates, labels."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from sitewarden.domain.promql.errors import QueryFailed
from sitewarden.domain.promql.matchers import Matcher, pattern
from sitewarden.domain.promql.vectors import NAME, Floats, Ints, Labels, Vector, nameless, united

_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_REFERENCE: Final = re.compile(r"\$(?:\$|([0-9A-Za-z_]+)|\{([0-9A-Za-z_]+)\})")

MATHS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "abs": np.abs, "ceil": np.ceil, "floor": np.floor, "sqrt": np.sqrt, "exp": np.exp, "ln": np.log, "log2": np.log2,
    "log10": np.log10, "sgn": np.sign, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh,
    "atanh": np.arctanh, "deg": np.rad2deg, "rad": np.deg2rad,
}  # fmt: skip


def rounded(values: Floats, to: Floats) -> Floats:
    """Return the nearest multiples, ties upwards."""
    inverse = 1.0 / to
    result: Floats = np.floor(values * inverse + 0.5) / inverse
    return result


def clamped(vector: Vector, low: Floats, high: Floats) -> Vector:
    """Return values held between two numbers a step; none where the lower is above the upper."""
    result = np.maximum(low, np.minimum(high, vector.values))
    return nameless(vector, result, vector.present & ~(low > high))


def date_part(name: str, seconds: Floats) -> Floats:
    """Return a part of the UTC date of each moment, as `hour` and its like."""
    fit = np.isfinite(seconds) & (np.abs(seconds) < 1e11)
    moments = np.where(fit, seconds, 0.0).astype(np.int64).astype("datetime64[s]")
    result = _PARTS[name](moments).astype(np.float64)
    return np.where(fit, result, np.nan)


def _days_in_month(moments: Any) -> Any:
    months = moments.astype("datetime64[M]")
    return ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)


_PARTS: Final[dict[str, Callable[[Any], Any]]] = {
    "minute": lambda at: at.astype("datetime64[m]").astype(np.int64) % 60,
    "hour": lambda at: at.astype("datetime64[h]").astype(np.int64) % 24,
    "day_of_week": lambda at: (at.astype("datetime64[D]").astype(np.int64) + 4) % 7,
    "day_of_month": lambda at: (at.astype("datetime64[D]") - at.astype("datetime64[M]")).astype(np.int64) + 1,
    "day_of_year": lambda at: (at.astype("datetime64[D]") - at.astype("datetime64[Y]")).astype(np.int64) + 1,
    "days_in_month": _days_in_month,
    "month": lambda at: at.astype("datetime64[M]").astype(np.int64) % 12 + 1,
    "year": lambda at: at.astype("datetime64[Y]").astype(np.int64) + 1970,
}


def replaced(vector: Vector, target: str, replacement: str, source: str, expression: str) -> Vector:
    """Return the vector with a label made from another by a pattern (`label_replace`)."""
    try:
        compiled = pattern(expression)
    except ValueError:
        raise QueryFailed(f"invalid regular expression in label_replace(): {expression}") from None
    if not _LABEL.fullmatch(target):
        raise QueryFailed(f"invalid destination label name in label_replace(): {target}")
    labels = []
    for held in vector.labels:
        found = compiled.fullmatch(held.get(source, ""))
        labels.append(held if found is None else _with(held, target, _expanded(found, replacement)))
    return united(Vector(labels, vector.values, vector.present))


def _expanded(found: Any, template: str) -> str:
    """Return a template with $1 and ${name} filled in, as Go's Regexp.Expand does."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if name.isdigit():
            number = int(name) if len(name) < 5 else 9999
            return (found.group(number) or "") if number <= found.re.groups else ""
        return (found.group(name) or "") if name in found.re.groupindex else ""

    return _REFERENCE.sub(group, template)


def joined(vector: Vector, target: str, separator: str, sources: list[str]) -> Vector:
    """Return the vector with a label made of others (`label_join`)."""
    for source in sources:
        if not _LABEL.fullmatch(source):
            raise QueryFailed(f"invalid source label name in label_join(): {source}")
    if not _LABEL.fullmatch(target):
        raise QueryFailed(f"invalid destination label name in label_join(): {target}")
    labels = [_with(held, target, separator.join(held.get(source, "") for source in sources)) for held in vector.labels]
    return united(Vector(labels, vector.values, vector.present))


def _with(labels: Labels, name: str, value: str) -> Labels:
    rest = {held: text for held, text in labels.items() if held != name}
    return {**rest, name: value} if value else rest


def labels_of_absent(matchers: tuple[Matcher, ...]) -> Labels:
    """Return the labels of what is absent: those that exactly one matcher names with "="."""
    found: Labels = {}
    seen: set[str] = set()
    for matcher in matchers:
        if matcher.name == NAME:
            continue
        if matcher.op == "=" and matcher.name not in seen:
            found[matcher.name] = matcher.value
            seen.add(matcher.name)
        else:
            found.pop(matcher.name, None)
    return {name: value for name, value in found.items() if value}


def absence(labels: Labels, present: Any) -> Vector:
    """Return 1 where no row of `present` has a value."""
    none = ~present.any(axis=0)
    if not none.any():
        return Vector([], np.zeros((0, len(none))), np.zeros((0, len(none)), dtype=bool))
    return Vector([labels], np.ones((1, len(none))), none[None, :])


def single(vector: Vector) -> Floats:
    """Return the value of the only series of each step; NaN where there is none or several."""
    alone = vector.present.sum(axis=0) == 1
    total = np.where(vector.present, vector.values, 0.0).sum(axis=0)
    return np.where(alone, total, np.nan)


def ordered(vector: Vector, *, descending: bool) -> Vector:
    """Return a vector of one step in order of value, NaN last; of several as it is."""
    if vector.values.shape[1] != 1:
        return vector
    values = vector.values[:, 0]
    order: Ints = np.lexsort((-values if descending else values, np.isnan(values)))
    return Vector([vector.labels[row] for row in order], vector.values[order], vector.present[order])
