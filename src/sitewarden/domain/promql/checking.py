"""Whether the parts of a tree fit each other, refused in Prometheus' words."""

from __future__ import annotations

from typing import Final

from sitewarden.domain.promql.errors import at
from sitewarden.domain.promql.signatures import FUNCTIONS
from sitewarden.domain.promql.tree import (
    Aggregation,
    Binary,
    Call,
    Node,
    Number,
    Parens,
    Range,
    Selector,
    Subquery,
    Text,
    Unary,
    ValueType,
)

SETS: Final = frozenset({"and", "or", "unless"})
COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_SAID: Final[dict[ValueType, str]] = {
    "scalar": "scalar",
    "string": "string",
    "vector": "instant vector",
    "matrix": "range vector",
}


def type_of(node: Node) -> ValueType:
    """Return what an expression evaluates to."""
    match node:
        case Number():
            return "scalar"
        case Text():
            return "string"
        case Range() | Subquery():
            return "matrix"
        case Parens() | Unary():
            return type_of(node.inner)
        case Binary():
            return "scalar" if type_of(node.left) == type_of(node.right) == "scalar" else "vector"
        case Call():
            signature = FUNCTIONS.get(node.name)
            return signature.result if signature else "vector"
        case Selector() | Aggregation():
            return "vector"


def check(text: str, node: Node) -> ValueType:
    """Return the type of the tree; raise BadQuery where its parts do not fit."""
    match node:
        case Parens():
            return check(text, node.inner)
        case Unary():
            found = check(text, node.inner)
            if found not in ("scalar", "vector"):
                what = f'unary expression only allowed on expressions of type scalar or instant vector, got "{_SAID[found]}"'
                raise at(text, node.position, what)
            return found
        case Range():
            check(text, node.selector)
            return "matrix"
        case Subquery():
            found = check(text, node.inner)
            if found != "vector":
                what = f"subquery is only allowed on instant vector, got {_said_short(found)} instead"
                raise at(text, node.position, what)
            return "matrix"
        case Binary():
            return _binary(text, node)
        case Aggregation():
            _demand(text, node.inner, "vector", "aggregation expression")
            if node.parameter is not None:
                wanted: ValueType = "string" if node.op == "count_values" else "scalar"
                _demand(text, node.parameter, wanted, "aggregation parameter")
            return "vector"
        case Call():
            return _call(text, node)
        case _:
            return type_of(node)


def _said_short(found: ValueType) -> str:
    return found


def _demand(text: str, node: Node, wanted: ValueType, context: str) -> None:
    found = check(text, node)
    if found != wanted:
        raise at(text, node.position, f"expected type {_SAID[wanted]} in {context}, got {_SAID[found]}")


def _call(text: str, node: Call) -> ValueType:
    signature = FUNCTIONS.get(node.name)
    if signature is None:
        raise at(text, node.position, f'unknown function with name "{node.name}"')
    given, most = len(node.args), len(signature.args)
    least = most - signature.optional
    counted = f'in call to "{node.name}", got {given}'
    if given < least:
        kind = "at least " if signature.optional else ""
        raise at(text, node.position, f"expected {kind}{least} argument(s) {counted}")
    if given > most and not signature.more:
        kind = "at most " if signature.optional else ""
        raise at(text, node.position, f"expected {kind}{most} argument(s) {counted}")
    for place, argument in enumerate(node.args):
        _demand(text, argument, signature.args[min(place, most - 1)], f'call to function "{node.name}"')
    return signature.result


def _binary(text: str, node: Binary) -> ValueType:
    left, right = check(text, node.left), check(text, node.right)
    if node.as_bool and node.op not in COMPARISONS:
        raise at(text, node.position, "bool modifier can only be used on comparison operators")
    for side, found in ((node.left, left), (node.right, right)):
        if found not in ("scalar", "vector"):
            raise at(text, side.position, "binary expression must contain only scalar and instant vector types")
    scalars = (left, right).count("scalar")
    if node.op in COMPARISONS and scalars == 2 and not node.as_bool:
        raise at(text, node.position, "comparisons between scalars must use BOOL modifier")
    if node.matching.on:
        twice = next((label for label in node.matching.labels if label in node.matching.include), None)
        if twice is not None:
            raise at(text, node.position, f'label "{twice}" must not occur in ON and GROUP clause at once')
    if scalars:
        if node.matching.labels:
            raise at(text, node.position, "vector matching only allowed between instant vectors")
        if node.op in SETS:
            raise at(text, node.right.position, f'set operator "{node.op}" not allowed in binary scalar expression')
    elif node.op in SETS and node.matching.group:
        raise at(text, node.position, f'no grouping allowed for "{node.op}" operation')
    return "scalar" if scalars == 2 else "vector"
