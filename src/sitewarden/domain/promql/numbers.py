"""Numbers as Prometheus writes them."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_EXPONENT = re.compile(r"e([+-])0*(\d+)$")


def show(value: float) -> str:
    """Return a value: the shortest text that reads back, with an exponent below 1e-6 and from 1e21."""
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    if text.endswith(".0"):
        return text[:-2]
    if "e" not in text:
        return text
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(text), "f")
    return text


def show_plain(value: float) -> str:
    """Return a value without any exponent, as `count_values` makes a label of it."""
    text = show(value)
    return format(Decimal(text), "f") if "e" in text else text


def show_time(moment: int) -> str:
    """Return a moment in seconds, with milliseconds where it has some."""
    seconds, rest = divmod(moment // 1000, 1000)
    return f"{seconds}.{rest:03d}" if rest else str(seconds)
