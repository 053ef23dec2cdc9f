"""A tree as text; parsed again it is the same tree."""

from __future__ import annotations

import math
from typing import Final

from sitewarden.domain.promql.durations import show_duration
from sitewarden.domain.promql.numbers import show
from sitewarden.domain.promql.tree import (
    Aggregation,
    Binary,
    Call,
    Node,
    Number,
    Parens,
    Range,
    Selector,
    Start,
    Subquery,
    Text,
    Unary,
)

_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def quote(text: str) -> str:
    """Return a string as PromQL writes it."""
    return '"' + text.translate(_ESCAPES) + '"'


def render(node: Node) -> str:
    """Return the text of a tree."""
    match node:
        case Number():
            return _number(node.value)
        case Text():
            return quote(node.value)
        case Selector():
            return _selector(node) + _moved(node.offset, node.at)
        case Range():
            return f"{_selector(node.selector)}[{show_duration(node.span)}]{_moved(node.selector.offset, node.selector.at)}"
        case Subquery():
            step = show_duration(node.step) if node.step else ""
            return f"{render(node.inner)}[{show_duration(node.span)}:{step}]{_moved(node.offset, node.at)}"
        case Parens():
            return f"({render(node.inner)})"
        case Unary():
            return f"{node.sign}{render(node.inner)}"
        case Binary():
            return f"{render(node.left)} {node.op}{_modifiers(node)} {render(node.right)}"
        case Call():
            return f"{node.name}({', '.join(map(render, node.args))})"
        case Aggregation():
            grouped = f" {'without' if node.without else 'by'} ({', '.join(node.labels)}) " if node.grouped else ""
            parameter = f"{render(node.parameter)}, " if node.parameter is not None else ""
            return f"{node.op}{grouped}({parameter}{render(node.inner)})"


def _number(value: float) -> str:
    # "+Inf" would read as a sign before a number, which binds otherwise.
    return "Inf" if value == math.inf else show(value)


def _selector(node: Selector) -> str:
    inside = ", ".join(f"{matcher.name}{matcher.op}{quote(matcher.value)}" for matcher in node.matchers)
    return f"{node.name}{{{inside}}}" if inside or not node.name else node.name


def _moved(offset: int, moment: Start) -> str:
    shown = ""
    if isinstance(moment, str):
        shown = f" @ {moment}()"
    elif moment is not None:
        shown = f" @ {moment / 1e6:.3f}"
    return shown + (f" offset {show_duration(offset)}" if offset else "")


def _modifiers(node: Binary) -> str:
    shown = " bool" if node.as_bool else ""
    matching = node.matching
    if matching.given:
        shown += f" {'on' if matching.on else 'ignoring'} ({', '.join(matching.labels)})"
    if matching.group:
        shown += f" group_{matching.group} ({', '.join(matching.include)})"
    return shown
