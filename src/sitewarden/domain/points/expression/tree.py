"""The tree of an expression: all that it can be. Pure."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct


class Constant(Struct, frozen=True):
    """A value that is written out."""

    value: float | bool | str


class Input(Struct, frozen=True):
    """A value of the site: of a point ("point:supply"), or the state, or a member of the status, of another entity."""

    ref: str
    member: str = ""


class Not(Struct, frozen=True):
    """True for what is not true."""

    of: Node


class Negative(Struct, frozen=True):
    """A number below zero."""

    of: Node


class Binary(Struct, frozen=True):
    """Two operands."""

    operator: Literal["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or"]
    left: Node
    right: Node


class Call(Struct, frozen=True):
    """A function, with as many arguments as it takes."""

    name: str
    arguments: tuple[Node, ...]


class Converted(Struct, frozen=True):
    """A number from one unit to another of its kind: value * factor + offset."""

    of: Node
    factor: float
    offset: float


Node = Constant | Input | Not | Negative | Binary | Call | Converted

FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    "abs": (1, 1),
    "avg": (1, 50),
    "clamp": (3, 3),
    "count": (1, 50),
    "first": (1, 50),
    "if": (3, 3),
    "max": (1, 50),
    "min": (1, 50),
    "round": (1, 2),
    "sqrt": (1, 1),
    "sum": (1, 50),
}
"""Name to least and most arguments; `convert(value, "from", "to")` is none of them, since its units are no values."""
