"""Tokens to a tree; precedence, keywords as names and errors as Prometheus' grammar has them."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Final, NoReturn

from sitewarden.domain.promql.checking import check
from sitewarden.domain.promql.durations import parse_duration
from sitewarden.domain.promql.errors import at
from sitewarden.domain.promql.lexer import AGGREGATORS, KEYWORDS, WORD_OPERATORS, Token, tokens
from sitewarden.domain.promql.matchers import Matcher, Operator, pattern
from sitewarden.domain.promql.tree import (
    Aggregation,
    Binary,
    Call,
    Matching,
    Node,
    Number,
    Parens,
    Range,
    Selector,
    Start,
    Subquery,
    Text,
    Unary,
    children,
)

NESTED: Final = 80
"""Expressions that are written within each other, in parentheses and the like."""
DEEPEST: Final = 150
"""Expressions that are evaluated within each other: a chain of operators is as deep as it is long."""
PRECEDENCE: Final = {
    "or": 1, "and": 2, "unless": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "atan2": 5, "^": 6,
}  # fmt: skip
COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_WITH_PARAMETER: Final = frozenset({"topk", "bottomk", "quantile", "count_values"})
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NOT_NAMES: Final = frozenset({"bool", "on", "ignoring", "group_left", "group_right", "atan2"})
_SAID: Final = {
    "(": "left parenthesis '('", ")": "right parenthesis ')'", "{": "left brace '{'", "}": "right brace '}'",
    "[": "left bracket '['", "]": "right bracket ']'", ",": "comma ','", ":": "colon ':'", "end": "end of input",
}  # fmt: skip


def parse(text: str) -> Node:
    """Return the tree of a query, its types checked; raise BadQuery."""
    parser = _Parser(text)
    tree = parser.whole()
    check(text, tree)
    return tree


def parse_selector(text: str) -> tuple[Matcher, ...]:
    """Return the matchers of a selector alone, as `match[]` takes it; raise BadQuery."""
    parser = _Parser(text)
    tree = parser.whole()
    check(text, tree)
    if not isinstance(tree, Selector) or tree.offset or tree.at is not None:
        raise at(text, 0, "expected a series selector")
    return tree.all_matchers()


def said(token: Token) -> str:
    """Return a token as errors name it."""
    if token.kind in _SAID:
        return _SAID[token.kind]
    if token.kind == "word":
        word = token.text.lower()
        if word in KEYWORDS:
            return f"<{word}>"
        if word in WORD_OPERATORS:
            return f"<op:{word}>"
        if word in AGGREGATORS:
            return f"<aggr:{word}>"
        return f'identifier "{token.text}"'
    if token.kind in ("number", "duration"):
        return f'{token.kind} "{token.text}"'
    if token.kind == "string":
        return f'string "{token.text}"'
    return f"<op:{token.kind}>"


class _Parser:
    """One query. Each method takes what it names from the tokens, and leaves the rest."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._peek().kind == "end":
            self._fail("no expression found in input", self._peek())
        tree = self._expression(1)
        if self._peek().kind != "end":
            self._unexpected(self._peek())
        level, depth = children(tree), 1
        while level:
            level, depth = tuple(below for node in level for below in children(node)), depth + 1
        if depth > DEEPEST:
            self._fail(f"{depth} expressions are evaluated within each other, {DEEPEST} can be", self._peek())
        return tree

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def _word(self) -> str:
        token = self._peek()
        return token.text.lower() if token.kind == "word" else ""

    def _expect(self, kind: str, context: str) -> Token:
        token = self._take()
        if token.kind != kind:
            self._unexpected(token, context, kind)
        return token

    def _unexpected(self, token: Token, context: str = "", expected: str = "") -> NoReturn:
        within = f" in {context}" if context else ""
        wanted = f", expected {_SAID.get(expected, expected)}" if expected else ""
        if token.kind == "end" and expected == ")":
            self._fail("unclosed left parenthesis", token)
        self._fail(f"unexpected {said(token)}{within}{wanted}", token)

    def _fail(self, what: str, token: Token) -> NoReturn:
        raise at(self._text, token.start, what)

    def _expression(self, lowest: int) -> Node:
        self._depth += 1
        if self._depth > NESTED:
            self._fail(f"more than {NESTED} expressions within each other", self._peek())
        tree = self._unary()
        while True:
            token = self._peek()
            op = token.text.lower() if token.kind == "word" else token.kind
            precedence = PRECEDENCE.get(op, 0)
            if precedence < lowest:
                break
            self._take()
            as_bool, matching = self._modifiers()
            right = self._expression(precedence if op == "^" else precedence + 1)
            tree = Binary(op, tree, right, as_bool, matching, position=tree.position)
        self._depth -= 1
        return tree

    def _modifiers(self) -> tuple[bool, Matching]:
        as_bool = self._word() == "bool"
        if as_bool:
            self._take()
        if self._word() not in ("on", "ignoring"):
            return as_bool, Matching()
        on = self._take().text.lower() == "on"
        matching = Matching(on, self._labels(), given=True)
        if self._word() in ("group_left", "group_right"):
            side = self._take().text.lower()
            include = self._labels() if self._peek().kind == "(" else ()
            matching = replace(matching, group="left" if side == "group_left" else "right", include=include)
        return as_bool, matching

    def _labels(self) -> tuple[str, ...]:
        self._expect("(", "grouping opts")
        found: list[str] = []
        while self._peek().kind != ")":
            token = self._take()
            if token.kind != "word" or not _LABEL.fullmatch(token.text):
                self._unexpected(token, "grouping opts", "label")
            found.append(token.text)
            if self._peek().kind != ",":
                break
            self._take()
        self._expect(")", "grouping opts")
        return tuple(found)

    def _unary(self) -> Node:
        token = self._peek()
        if token.kind not in ("+", "-"):
            return self._postfix(self._primary())
        self._take()
        # A sign binds as "*" does, weaker than "^".
        inner = self._expression(PRECEDENCE["^"])
        if isinstance(inner, Number):
            return Number(-inner.value if token.kind == "-" else inner.value, position=token.start)
        return Unary("-" if token.kind == "-" else "+", inner, position=token.start)

    def _primary(self) -> Node:
        token = self._take()
        match token.kind:
            case "number":
                return Number(self._number(token), position=token.start)
            case "string":
                return Text(token.text, position=token.start)
            case "(":
                inner = self._expression(1)
                self._expect(")", "")
                return Parens(inner, position=token.start)
            case "{":
                return self._selector("", token)
            case "word":
                return self._named(token)
            case _:
                self._unexpected(token)

    def _named(self, token: Token) -> Node:
        word, following = token.text.lower(), self._peek()
        if word in ("inf", "nan") and following.kind != "{":
            return Number(math.inf if word == "inf" else math.nan, position=token.start)
        if word in AGGREGATORS and (following.kind == "(" or self._word() in ("by", "without")):
            return self._aggregation(word, token)
        if following.kind == "(" and word not in _NOT_NAMES:
            return Call(token.text, self._arguments(), position=token.start)
        if word in _NOT_NAMES:
            self._unexpected(token)
        if following.kind == "{":
            return self._selector(token.text, self._take())
        return Selector(token.text, position=token.start)

    def _arguments(self) -> tuple[Node, ...]:
        self._expect("(", "")
        found: list[Node] = []
        while self._peek().kind != ")":
            found.append(self._expression(1))
            if self._peek().kind != ",":
                break
            self._take()
            if self._peek().kind == ")":
                self._fail("trailing commas not allowed in function call args", self._peek())
        self._expect(")", "")
        return tuple(found)

    def _aggregation(self, op: str, token: Token) -> Node:
        labels: tuple[str, ...] | None = None
        without = False
        if self._word() in ("by", "without"):
            without = self._take().text.lower() == "without"
            labels = self._labels()
        arguments = self._arguments()
        if labels is None and self._word() in ("by", "without"):
            without = self._take().text.lower() == "without"
            labels = self._labels()
        wanted = 2 if op in _WITH_PARAMETER else 1
        if len(arguments) != wanted:
            self._fail(
                f"wrong number of arguments for aggregate expression provided, expected {wanted}, got {len(arguments)}", token
            )
        parameter = arguments[0] if wanted == 2 else None
        return Aggregation(op, arguments[-1], parameter, labels or (), without, labels is not None, position=token.start)

    def _selector(self, name: str, token: Token) -> Node:
        matchers: list[Matcher] = []
        start = token.start - len(name) if name else token.start
        while self._peek().kind != "}":
            label = self._take()
            if label.kind != "word" or not _LABEL.fullmatch(label.text):
                self._unexpected(label, "label matching", 'identifier or "}"')
            operator = self._take()
            if operator.kind not in ("=", "!=", "=~", "!~"):
                self._unexpected(operator, "label matching", "label matching operator")
            value = self._expect("string", "label matching")
            op: Operator = operator.kind  # type: ignore[assignment]
            if "~" in op:
                try:
                    pattern(value.text)
                except ValueError as error:
                    self._fail(str(error), value)
            if label.text == "__name__" and name and op == "=":
                self._fail(f'metric name must not be set twice: "{name}" or "{value.text}"', label)
            matchers.append(Matcher(label.text, op, value.text))
            if self._peek().kind != ",":
                break
            self._take()
        self._expect("}", "label matching")
        if not name and all(matcher.fits("") for matcher in matchers):
            raise at(self._text, start, "vector selector must contain at least one non-empty matcher")
        return Selector(name, tuple(matchers), position=start)

    def _postfix(self, tree: Node) -> Node:
        while True:
            token = self._peek()
            if token.kind == "[":
                tree = self._range(tree)
            elif token.kind == "@":
                self._take()
                tree = self._moved(tree, None, self._moment())
            elif self._word() == "offset":
                self._take()
                negative = self._peek().kind == "-"
                if self._peek().kind in ("-", "+"):
                    self._take()
                span = self._duration("offset")
                tree = self._moved(tree, -span if negative else span, None)
            else:
                return tree

    def _range(self, tree: Node) -> Node:
        bracket = self._take()
        span = self._duration("range")
        if span <= 0:
            self._fail("duration must be greater than 0", bracket)
        if self._peek().kind == ":":
            self._take()
            step = 0
            if self._peek().kind != "]":
                step = self._duration("subquery selector")
                if step <= 0:
                    self._fail("duration must be greater than 0", bracket)
            self._expect("]", "subquery selector")
            return Subquery(tree, span, step, position=tree.position)
        self._expect("]", "matrix selector")
        if not isinstance(tree, Selector):
            self._fail("ranges only allowed for vector selectors", bracket)
        if tree.offset:
            self._fail("no offset modifiers allowed before range", bracket)
        if tree.at is not None:
            self._fail("no @ modifiers allowed before range", bracket)
        return Range(tree, span, position=tree.position)

    def _duration(self, context: str) -> int:
        token = self._take()
        if token.kind != "duration":
            self._unexpected(token, context, "duration")
        try:
            return parse_duration(token.text)
        except ValueError as error:
            self._fail(str(error), token)

    def _number(self, token: Token) -> float:
        try:
            return float(int(token.text, 16)) if token.text[:2].lower() == "0x" else float(token.text)
        except OverflowError:
            self._fail(f'error parsing number: "{token.text}" is out of range', token)

    def _moment(self) -> Start:
        token = self._take()
        if token.kind == "word" and token.text.lower() in ("start", "end"):
            self._expect("(", "@")
            self._expect(")", "@")
            return "start" if token.text.lower() == "start" else "end"
        negative = token.kind == "-"
        if token.kind in ("+", "-"):
            token = self._take()
        if token.kind == "word" and token.text.lower() in ("inf", "nan"):
            self._fail("timestamp out of bounds for @ modifier: " + token.text, token)
        if token.kind != "number":
            self._unexpected(token, "@", "timestamp")
        seconds = self._number(token)
        if seconds > 1e11:
            self._fail(f"timestamp out of bounds for @ modifier: {seconds:f}", token)
        return (-1 if negative else 1) * round(seconds * 1000) * 1000

    def _moved(self, tree: Node, offset: int | None, moment: Start) -> Node:
        """Return the tree with its offset or @ set, where it can have one."""
        what = "@ modifier" if offset is None else "offset modifier"
        held = tree.selector if isinstance(tree, Range) else tree
        if not isinstance(held, (Selector, Subquery)):
            raise at(
                self._text,
                tree.position,
                f"{what} must be preceded by an instant vector selector or range vector selector or a subquery",
            )
        if offset is None:
            if held.at is not None:
                raise at(self._text, tree.position, "@ <timestamp> may not be set multiple times")
            moved: Selector | Subquery = replace(held, at=moment)
        else:
            if held.offset:
                raise at(self._text, tree.position, "offset may not be set multiple times")
            moved = replace(held, offset=offset)
        return replace(tree, selector=moved) if isinstance(tree, Range) and isinstance(moved, Selector) else moved
