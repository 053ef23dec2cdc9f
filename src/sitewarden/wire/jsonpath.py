"""Where a value stands in a JSON document: a JSON pointer (RFC 6901, "/a/0/b") or the like of a JSONPath ("$.a[0].b").

Of JSONPath (RFC 9535) names, quoted names and indexes are taken, and "[name='x']" for the member of an array whose `name` is "x".
A path gives one value at most.
"""

from __future__ import annotations

import re
from typing import Any, Final

DEEPEST: Final = 32
"""Steps of a path."""
LONGEST: Final = 500
"""Characters of a path."""
ABSENT: Final = object()
"""What a path finds where the document has nothing there."""

Step = str | int | tuple[str, str]

_STEP: Final = re.compile(
    r"\.(?P<name>[^.\[\]'\"]+)"
    r"|\[(?P<index>-?\d{1,6})\]"
    r"|\['(?P<single>[^']*)'\]"
    r'|\["(?P<double>[^"]*)"\]'
    r"|\[(?P<key>[A-Za-z_][\w-]*)=(?:'(?P<equals>[^']*)'|(?P<number>-?[\w.]+))\]"
)
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,5}")


class Path:
    """A parsed path."""

    __slots__ = ("_steps", "text")

    def __init__(self, text: str) -> None:
        """Raise ValueError where it is no path. An empty one is the whole document."""
        if len(text) > LONGEST:
            raise ValueError(f"the path has more than {LONGEST} characters")
        self.text = text
        self._steps = _pointer(text) if text.startswith("/") else _dotted(text)
        if len(self._steps) > DEEPEST:
            raise ValueError(f"the path {text!r} has more than {DEEPEST} steps")

    def find(self, document: Any) -> Any:
        """Return what stands there, or ABSENT."""
        for step in self._steps:
            if isinstance(document, dict):
                if type(step) is tuple:
                    return ABSENT
                document = document.get(step if type(step) is str else str(step), ABSENT)
                if document is ABSENT:
                    return ABSENT
            elif isinstance(document, list):
                document = _member(document, step)
                if document is ABSENT:
                    return ABSENT
            else:
                return ABSENT
        return document


def _pointer(text: str) -> list[Step]:
    if re.search(r"~(?![01])", text):
        raise ValueError(f'the path {text!r} has a "~" that is neither "~0" nor "~1"')
    return [part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/")]


def _dotted(text: str) -> list[Step]:
    rest = text.removeprefix("$")
    if rest and rest[0] not in ".[":
        rest = "." + rest
    steps: list[Step] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        if found is None:
            raise ValueError(f"the path {text!r} cannot be read from {rest[at : at + 20]!r} on; such as $.a[0].b or /a/0/b is")
        at = found.end()
        if found["index"] is not None:
            steps.append(int(found["index"]))
        elif found["key"] is not None:
            steps.append((found["key"], found["equals"] if found["equals"] is not None else found["number"]))
        else:
            steps.append(next(name for name in (found["name"], found["single"], found["double"]) if name is not None))
    return steps


def _member(array: list[Any], step: Step) -> Any:
    if isinstance(step, tuple):
        key, wanted = step
        for member in array:
            if isinstance(member, dict) and _said(member.get(key)) == wanted:
                return member
        return ABSENT
    if isinstance(step, str):
        if not _INDEX.fullmatch(step):
            return ABSENT
        step = int(step)
    return array[step] if -len(array) <= step < len(array) else ABSENT


def _said(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else None
