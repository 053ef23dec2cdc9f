"""Text to tokens. Each has its kind, its text and where it begins; a string's text is what it means."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sitewarden.domain.promql.errors import at

AGGREGATORS: Final = frozenset(
    {"sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "topk", "bottomk", "count_values", "quantile"}
)
KEYWORDS: Final = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset"})
WORD_OPERATORS: Final = frozenset({"and", "or", "unless", "atan2"})
LONGEST: Final = 32_768
"""Characters of a query."""

_SPACE: Final = re.compile(r"(?:\s+|#[^\n]*)*")
_WORD: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DURATION: Final = re.compile(r"(?:[0-9]+(?:ms|[ywdhms]))+(?![0-9a-zA-Z_])")
_OPERATOR: Final = re.compile(r"==|!=|=~|!~|>=|<=|[-+*/%^<>=(){}\[\],:@]")
_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


class Token(NamedTuple):
    """`kind` is "word", "number", "duration", "string", "end", or the operator itself."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Return the tokens with one "end" after them; raise BadQuery."""
    if len(text) > LONGEST:
        raise at(text, LONGEST, f"the query has more than {LONGEST} characters")
    found: list[Token] = []
    place = 0
    while True:
        place = _skip(text, place)
        if place == len(text):
            found.append(Token("end", "", place, place))
            return found
        token = _token(text, place, found)
        found.append(token)
        place = token.end


def _skip(text: str, place: int) -> int:
    matched = _SPACE.match(text, place)
    return matched.end() if matched else place


def _token(text: str, place: int, before: list[Token]) -> Token:
    char = text[place]
    if char in "'\"`":
        return _string(text, place)
    # After "[" or inside "[5m:" a colon stands alone; a word may begin with one otherwise.
    if char == ":" and _within_brackets(before):
        return Token(":", ":", place, place + 1)
    for kind, form in (("duration", _DURATION), ("number", _NUMBER), ("word", _WORD)):
        matched = form.match(text, place)
        if matched is None:
            continue
        if kind == "number" and matched.end() < len(text) and (text[matched.end()].isalnum() or text[matched.end()] == "_"):
            wrong = re.compile(r"[\w.]+").match(text, place)
            raise at(text, place, f'bad number or duration syntax: "{wrong[0] if wrong else char}"')
        return Token(kind, matched[0], place, matched.end())
    matched = _OPERATOR.match(text, place)
    if matched is None:
        raise at(text, place, f"unexpected character: {char!r}")
    return Token(matched[0], matched[0], place, matched.end())


def _within_brackets(before: list[Token]) -> bool:
    return any(token.kind == "[" for token in before[-3:])


def _string(text: str, start: int) -> Token:
    quote, place = text[start], start + 1
    parts: list[str] = []
    while True:
        if place >= len(text) or (text[place] == "\n" and quote != "`"):
            raise at(text, start, "unterminated raw string" if quote == "`" else "unterminated quoted string")
        char = text[place]
        if char == quote:
            return Token("string", "".join(parts), start, place + 1)
        if char == "\\" and quote != "`":
            read, place = _escape(text, place + 1, quote)
            parts.append(read)
        else:
            parts.append(char)
            place += 1


def _escape(text: str, place: int, quote: str) -> tuple[str, int]:
    """Return what an escape means and where it ends, as Go's strconv.Unquote reads it."""
    char = text[place : place + 1]
    if char in _ESCAPES or char == quote:
        return _ESCAPES.get(char, char), place + 1
    for mark, digits, base in (("x", 2, 16), ("u", 4, 16), ("U", 8, 16), ("", 3, 8)):
        if char == mark or (not mark and char and char in "01234567"):
            begin = place + len(mark)
            body = text[begin : begin + digits]
            allowed = "0123456789abcdefABCDEF"[: 8 if base == 8 else None]
            if len(body) == digits and all(digit in allowed for digit in body):
                number = int(body, base)
                if number < 0x110000 and not 0xD800 <= number < 0xE000 and (base == 16 or number < 256):
                    return chr(number), begin + digits
            break
    raise at(text, place, f"unknown escape sequence U+{ord(char):04X} {char!r}" if char else "escape sequence not terminated")
