"""The functions: what each takes and gives."""

from __future__ import annotations

from typing import Final, NamedTuple

from sitewarden.domain.promql.tree import ValueType


class Signature(NamedTuple):
    """Types of the arguments; `optional` of them, counted from the end, may be left out, `more` of the last may follow."""

    args: tuple[ValueType, ...]
    result: ValueType = "vector"
    optional: int = 0
    more: bool = False


_RANGE: Final = Signature(("matrix",))
_VECTOR: Final = Signature(("vector",))
_DATE: Final = Signature(("vector",), optional=1)

OVER_TIME: Final = ("avg", "min", "max", "sum", "count", "stddev", "stdvar", "last", "present", "absent")
MATHS: Final = (
    "abs", "ceil", "floor", "sqrt", "exp", "ln", "log2", "log10", "sgn", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
    "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad",
)  # fmt: skip
DATES: Final = ("minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year")
RATES: Final = ("rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets")

FUNCTIONS: Final[dict[str, Signature]] = {
    **{f"{name}_over_time": _RANGE for name in OVER_TIME},
    **dict.fromkeys(RATES, _RANGE),
    **dict.fromkeys(MATHS, _VECTOR),
    **dict.fromkeys(DATES, _DATE),
    "quantile_over_time": Signature(("scalar", "matrix")),
    "predict_linear": Signature(("matrix", "scalar")),
    "clamp": Signature(("vector", "scalar", "scalar")),
    "clamp_min": Signature(("vector", "scalar")),
    "clamp_max": Signature(("vector", "scalar")),
    "round": Signature(("vector", "scalar"), optional=1),
    "absent": _VECTOR,
    "sort": _VECTOR,
    "sort_desc": _VECTOR,
    "timestamp": _VECTOR,
    "label_replace": Signature(("vector", "string", "string", "string", "string")),
    "label_join": Signature(("vector", "string", "string", "string"), optional=1, more=True),
    "vector": Signature(("scalar",)),
    "scalar": Signature(("vector",), "scalar"),
    "time": Signature((), "scalar"),
    "pi": Signature((), "scalar"),
}
