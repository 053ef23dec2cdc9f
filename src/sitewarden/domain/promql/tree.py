"""The tree of a query. Positions are characters of its text and do not count when two trees are compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from sitewarden.domain.promql.matchers import Matcher

ValueType = Literal["scalar", "string", "vector", "matrix"]
Start = int | Literal["start", "end"] | None
"""What @ names: a moment, the start or end of the query, or nothing."""


@dataclass(frozen=True, slots=True)
class _Node:
    position: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Number(_Node):
    """A number."""

    value: float

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Number):
            return False
        return self.value == other.value or (math.isnan(self.value) and math.isnan(other.value))

    def __hash__(self) -> int:
        return hash(self.value)


@dataclass(frozen=True, slots=True)
class Text(_Node):
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Selector(_Node):
    """An instant vector of stored series. The name is a matcher of "__name__" too."""

    name: str
    matchers: tuple[Matcher, ...] = ()
    offset: int = 0
    at: Start = None

    def all_matchers(self) -> tuple[Matcher, ...]:
        """Return the matchers with that of the name."""
        return (*self.matchers, Matcher("__name__", "=", self.name)) if self.name else self.matchers


@dataclass(frozen=True, slots=True)
class Range(_Node):
    """The samples of a selector within a span; offset and @ stand at the selector."""

    selector: Selector
    span: int


@dataclass(frozen=True, slots=True)
class Subquery(_Node):
    """An expression evaluated again and again over a span. `step` 0 is the default."""

    inner: Node
    span: int
    step: int = 0
    offset: int = 0
    at: Start = None


@dataclass(frozen=True, slots=True)
class Parens(_Node):
    """An expression in parentheses."""

    inner: Node


@dataclass(frozen=True, slots=True)
class Unary(_Node):
    """A sign before an expression."""

    sign: Literal["+", "-"]
    inner: Node


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of two sides find each other. `group`: the side with many, and the labels taken from the other."""

    on: bool = False
    labels: tuple[str, ...] = ()
    group: Literal["", "left", "right"] = ""
    include: tuple[str, ...] = ()
    given: bool = False
    """True where on or ignoring was written."""


@dataclass(frozen=True, slots=True)
class Binary(_Node):
    """Two expressions and an operator."""

    op: str
    left: Node
    right: Node
    as_bool: bool = False
    matching: Matching = Matching()


@dataclass(frozen=True, slots=True)
class Call(_Node):
    """A function of expressions."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregation(_Node):
    """Series made fewer. `without` turns the meaning of `labels` around."""

    op: str
    inner: Node
    parameter: Node | None = None
    labels: tuple[str, ...] = ()
    without: bool = False
    grouped: bool = False
    """True where by or without was written."""


Node = Number | Text | Selector | Range | Subquery | Parens | Unary | Binary | Call | Aggregation


def children(node: Node) -> tuple[Node, ...]:
    """Return the expressions within an expression."""
    match node:
        case Range():
            return (node.selector,)
        case Subquery() | Parens() | Unary():
            return (node.inner,)
        case Binary():
            return (node.left, node.right)
        case Call():
            return node.args
        case Aggregation():
            return (node.inner,) if node.parameter is None else (node.parameter, node.inner)
        case _:
            return ()


def bare(node: Node) -> Node:
    """Return what stands in parentheses."""
    while isinstance(node, Parens):
        node = node.inner
    return node
