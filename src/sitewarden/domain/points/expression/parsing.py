"""From the text of an expression to its tree. Raises ValueError with the place, counted from 1, and what is expected. Pure.

    or · and · not · == != < <= > >= · + - · * / % · unary - · values

A value is a number, a text in quotes, true, false, [point], [kind:id], [kind:id.member], a call, or an expression in brackets.
"""

from __future__ import annotations

import difflib
import re
from typing import Final, NamedTuple, NoReturn

from sitewarden.domain.points.expression.tree import (
    FUNCTIONS,
    Binary,
    Call,
    Constant,
    Converted,
    Input,
    Negative,
    Node,
    Not,
)
from sitewarden.domain.points.expression.units import between
from sitewarden.domain.refs import is_id

LONGEST: Final = 1000
"""Characters of an expression."""
DEEPEST: Final = 30
"""Brackets, calls and signs within each other."""
MOST: Final = 50
"""Different inputs of an expression."""

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)|(?P<text>"[^"]*"|'[^']*')|\[(?P<input>[^\]]*)\]"""
    r"""|(?P<name>[A-Za-z_]+)|(?P<sign>==|!=|<=|>=|[-+*/%<>(),]))"""
)
_COMPARISONS: Final = ("==", "!=", "<=", ">=", "<", ">")
_KIND: Final = re.compile(r"[a-z-]+").fullmatch
_MEMBER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}").fullmatch


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """Return the tree of an expression."""
    if len(text) > LONGEST:
        raise ValueError(f"the expression has {len(text)} characters, at most {LONGEST} are taken")
    parser = _Parser(text)
    node = parser.disjunction()
    parser.end()
    if len(parser.inputs) > MOST:
        raise ValueError(f"the expression has {len(parser.inputs)} inputs, at most {MOST} are taken")
    return node


def inputs(node: Node) -> frozenset[Input]:
    """Return the inputs of an expression."""
    match node:
        case Input():
            return frozenset((node,))
        case Constant():
            return frozenset()
        case Binary(left=left, right=right):
            return inputs(left) | inputs(right)
        case Call(arguments=arguments):
            return frozenset().union(*map(inputs, arguments))
        case Not(of=of) | Negative(of=of) | Converted(of=of):
            return inputs(of)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0
        self.inputs: set[Input] = set()

    def disjunction(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            self._wrong(f"at most {DEEPEST} brackets and calls within each other are taken")
        node = self._conjunction()
        while self._takes("or"):
            node = Binary("or", node, self._conjunction())
        self._depth -= 1
        return node

    def end(self) -> None:
        if self._now.kind != "end":
            self._wrong("an operator is expected")

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _takes(self, *texts: str) -> str:
        token = self._now
        if token.kind in ("sign", "name") and token.text in texts:
            self._at += 1
            return token.text
        return ""

    def _expects(self, text: str) -> None:
        if not self._takes(text):
            self._wrong(f"{text!r} is expected")

    def _conjunction(self) -> Node:
        node = self._negation()
        while self._takes("and"):
            node = Binary("and", node, self._negation())
        return node

    def _negation(self) -> Node:
        if not self._takes("not"):
            return self._comparison()
        self._deeper()
        node = Not(self._negation())
        self._depth -= 1
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        operator = self._takes(*_COMPARISONS)
        if not operator:
            return node
        node = Binary(operator, node, self._sum())  # type: ignore[arg-type]
        if self._now.text in _COMPARISONS:
            self._wrong('one comparison follows another: write "a < b and b < c"')
        return node

    def _sum(self) -> Node:
        node = self._product()
        while operator := self._takes("+", "-"):
            node = Binary(operator, node, self._product())  # type: ignore[arg-type]
        return node

    def _product(self) -> Node:
        node = self._signed()
        while operator := self._takes("*", "/", "%"):
            node = Binary(operator, node, self._signed())  # type: ignore[arg-type]
        return node

    def _signed(self) -> Node:
        if not self._takes("-"):
            return self._value()
        self._deeper()
        node = Negative(self._signed())
        self._depth -= 1
        return node

    def _value(self) -> Node:
        token = self._now
        self._at += token.kind != "end"
        match token.kind:
            case "number":
                return Constant(float(token.text))
            case "text":
                return Constant(token.text[1:-1])
            case "input":
                return self._input(token)
            case "name" if token.text in ("true", "false"):
                return Constant(token.text == "true")
            case "name" if self._now.text == "(" and token.text not in ("and", "or", "not"):
                return self._call(token)
            case "sign" if token.text == "(":
                node = self.disjunction()
                self._expects(")")
                return node
        self._at = max(0, self._tokens.index(token))
        if token.kind == "name":
            self._wrong(f"{token.text!r} is no value: a point stands in square brackets, [{token.text}]")
        self._wrong("a value is expected")

    def _input(self, token: _Token) -> Node:
        name = token.text.strip()
        kind, colon, rest = name.partition(":")
        if not colon:
            kind, rest = "point", name
        id_, dot, member = rest.partition(".")
        if not _KIND(kind) or not is_id(id_) or (dot and not _MEMBER(member)) or (kind == "point" and dot):
            self._wrong(f"[{name}] names nothing: write [supply], [door:main] or [door:main.lock]", token)
        found = Input(f"{kind}:{id_}", member)
        self.inputs.add(found)
        return found

    def _call(self, token: _Token) -> Node:
        name = token.text
        if name != "convert" and name not in FUNCTIONS:
            near = difflib.get_close_matches(name, (*FUNCTIONS, "convert"), 1)
            known = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted((*FUNCTIONS, 'convert')))}"
            self._wrong(f"there is no function {name!r}; {known}", token)
        self._expects("(")
        arguments = [self.disjunction()]
        while self._takes(","):
            arguments.append(self.disjunction())
        self._expects(")")
        if name == "convert":
            return self._converted(token, arguments)
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            takes = str(least) if least == most else f"{least} to {most}"
            self._wrong(f"{name} takes {takes} values, not {len(arguments)}", token)
        return Call(name, tuple(arguments))

    def _converted(self, token: _Token, arguments: list[Node]) -> Node:
        match arguments:
            case [of, Constant(value=str(given)), Constant(value=str(wanted))]:
                try:
                    factor, offset = between(given, wanted)
                except ValueError as error:
                    self._wrong(str(error), token)
                return Converted(of, factor, offset)
        self._wrong('convert takes a value and two units in quotes: convert([supply], "°F", "°C")', token)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._wrong(f"at most {DEEPEST} signs within each other are taken")

    def _wrong(self, what: str, token: _Token | None = None) -> NoReturn:
        raise ValueError(f"at {(token or self._now).at}: {what}")


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None or match.lastgroup is None:
            begin = at + len(stripped[at:]) - len(stripped[at:].lstrip())
            raise ValueError(f"at {begin + 1}: {stripped[begin]!r} is nothing that an expression has")
        found.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1))
        at = match.end()
    found.append(_Token("end", "", len(stripped) + 1))
    return found
