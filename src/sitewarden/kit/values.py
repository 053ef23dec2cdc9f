"""What a device says to a point's value, and a written value back. Pure."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Final

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Value

Take = Callable[[object], Value]

TRUE: Final = frozenset({"true", "on", "yes", "1", "active", "open"})
FALSE: Final = frozenset({"false", "off", "no", "0", "inactive", "closed"})
"""Words that devices say for a Boolean, in lower case."""
TEXT: Final = 4096
"""Most characters of a text that is kept."""


def taker(point: Point) -> Take:
    """Return what turns a decoded value (number, Boolean, text) into the point's, scaled; None where it is none of its type."""
    scale, offset = point.scale, point.offset
    if point.type == "string":
        return _text
    if point.type == "boolean":
        return _boolean
    whole = point.type == "integer"

    def number(raw: object) -> Value:
        found = _number(raw)
        if found is None:
            return None
        try:
            value = found * scale + offset if (scale, offset) != (1.0, 0.0) else found
            if not isfinite(value):
                return None
            return round(value) if whole else float(value)
        except OverflowError:
            return None

    return number


def raw(point: Point, value: Value) -> Value:
    """Return what a device is told for `value` of the point, unscaled; raises Invalid where it is none of its type."""
    where = f"point:{point.id}"
    if point.type == "string":
        if not isinstance(value, str):
            raise Invalid("a text is needed", where=where)
        return value
    if isinstance(value, str) or value is None:
        raise Invalid("a number or a Boolean is needed", where=where)
    if point.type == "boolean":
        if value not in (0, 1):
            raise Invalid(f"{value} is neither 0 nor 1", where=where)
        return bool(value)
    if point.scale == 0.0:
        raise Invalid("a point with scale 0 cannot be written", where=where, remedy="Give it a scale.")
    plain = (point.scale, point.offset) == (1.0, 0.0)
    found: float | int = value if plain else (value - point.offset) / point.scale
    if not isfinite(found):
        raise Invalid(f"{value} is no number that a device can be told", where=where)
    return round(found) if point.type == "integer" else float(found)


def _number(found: object) -> float | int | None:
    if isinstance(found, (bool, int, float)):
        return found
    if isinstance(found, (str, bytes)) and len(found) <= 64:
        try:
            return float(found)
        except ValueError:
            return None
    return None


def _boolean(found: object) -> Value:
    if isinstance(found, bytes):
        found = found.decode("utf-8", "replace")
    if isinstance(found, str):
        word = found.strip().lower()
        return True if word in TRUE else False if word in FALSE else None
    if isinstance(found, (bool, int, float)):
        return found != 0 if found == found else None
    return None


def _text(found: object) -> Value:
    if isinstance(found, bytes):
        found = found.decode("utf-8", "replace")
    if isinstance(found, (bool, int, float)):
        found = str(found).lower() if isinstance(found, bool) else str(found)
    if not isinstance(found, str):
        return None
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in found[:TEXT])
