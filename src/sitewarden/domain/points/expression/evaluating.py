"""From the tree of an expression to its value. Never raises: what has no value is None with a Bad quality. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from math import fsum, isfinite, sqrt
from typing import Any, Final, NamedTuple

from sitewarden.domain.points.expression.tree import Binary, Call, Constant, Converted, Input, Negative, Node, Not
from sitewarden.domain.points.quality import Quality, is_bad
from sitewarden.domain.points.samples import Value

WRONG: Final = int(Quality.BAD_CONFIGURATION_ERROR)
"""Of a value that the expression cannot make of its inputs: a division by zero, a text among numbers."""


class Result(NamedTuple):
    """A value with the worst quality of what it was made of; None has a Bad one."""

    value: Value
    quality: int = int(Quality.GOOD)


NOTHING: Final = Result(None, WRONG)
Read = Callable[[Input], Result]


def evaluate(node: Node, read: Read) -> Result:
    """Return the value of an expression; `read` tells an input."""
    match node:
        case Constant(value=value):
            return Result(value)
        case Input():
            found = read(node)
            if found.value is None or is_bad(found.quality):
                return Result(None, found.quality if is_bad(found.quality) else int(Quality.BAD))
            return found
        case Negative(of=of):
            return _numbers([evaluate(of, read)], lambda values: -values[0])
        case Converted(of=of, factor=factor, offset=offset):
            return _numbers([evaluate(of, read)], lambda values: values[0] * factor + offset)
        case Not(of=of):
            return _truths([evaluate(of, read)], lambda values: not values[0])
        case Binary(operator=sign, left=left, right=right):
            return _binary(sign, evaluate(left, read), evaluate(right, read))
        case Call(name="if", arguments=(condition, then, otherwise)):
            return _chosen(evaluate(condition, read), then, otherwise, read)
        case Call(name="first", arguments=arguments):
            return _first([evaluate(one, read) for one in arguments])
        case Call(name=name, arguments=arguments):
            return _call(name, [evaluate(one, read) for one in arguments])


def _chosen(condition: Result, then: Node, otherwise: Node, read: Read) -> Result:
    truth = _truth(condition.value)
    if truth is None:
        return _bad([condition])
    taken = evaluate(then if truth else otherwise, read)
    return Result(taken.value, worst([condition, taken]))


def _first(found: Sequence[Result]) -> Result:
    return next((one for one in found if one.value is not None), _bad(found))


def _binary(sign: str, left: Result, right: Result) -> Result:
    both = [left, right]
    if sign in _ARITHMETIC:
        return _numbers(both, lambda values: _ARITHMETIC[sign](*values))
    if sign in ("and", "or"):
        # What one side makes certain is no worse for the other, whose value does not matter.
        certain = [one.quality for one in both if _truth(one.value) is (sign == "or")]
        if certain:
            return Result(sign == "or", min(certain, key=lambda code: code >> 30))
        return _truths(both, all if sign == "and" else any)
    if left.value is None or right.value is None:
        return _bad(both)
    texts = isinstance(left.value, str), isinstance(right.value, str)
    if sign in ("==", "!="):
        return Result((left.value == right.value) is (sign == "=="), worst(both))
    if texts[0] is not texts[1]:
        return NOTHING
    return Result(bool(_ORDER[sign](left.value, right.value)), worst(both))


def _call(name: str, found: Sequence[Result]) -> Result:
    if name == "count":
        return _truths(found, lambda values: float(sum(values)))
    return _numbers(found, _CALLS[name])


def _numbers(found: Sequence[Result], work: Callable[[list[float]], float]) -> Result:
    if any(one.value is None for one in found):
        return _bad(found)
    values = [one.value for one in found if isinstance(one.value, (bool, int, float))]
    if len(values) < len(found):
        return NOTHING
    try:
        made = work([float(value) for value in values])
    except (ArithmeticError, ValueError):
        return NOTHING
    return Result(made, worst(found)) if isfinite(made) else NOTHING


def _truths(found: Sequence[Result], work: Callable[[list[bool]], Value]) -> Result:
    truths = [_truth(one.value) for one in found]
    values = [one for one in truths if one is not None]
    return Result(work(values), worst(found)) if len(values) == len(found) else _bad(found)


def _truth(value: Value) -> bool | None:
    """Return whether a value is true; a number is where it is not 0, a text is neither."""
    return bool(value) if isinstance(value, (bool, int, float)) else None


def _bad(found: Sequence[Result]) -> Result:
    quality = worst(found)
    return Result(None, quality if is_bad(quality) else WRONG)


def worst(found: Sequence[Result]) -> int:
    """Return the worst quality: Bad before Uncertain before Good, of equal ones the first."""
    return max((one.quality for one in found), key=lambda code: code >> 30, default=int(Quality.GOOD))


def _round(values: list[float]) -> float:
    if len(values) == 1:
        return float(round(values[0]))
    return round(values[0], max(-9, min(9, int(values[1]))))


_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALLS: Final[dict[str, Callable[[list[float]], float]]] = {
    "abs": lambda values: abs(values[0]),
    "avg": lambda values: fsum(values) / len(values),
    "clamp": lambda values: min(max(values[0], values[1]), values[2]),
    "max": max,
    "min": min,
    "round": _round,
    "sqrt": lambda values: sqrt(values[0]),
    "sum": fsum,
}
