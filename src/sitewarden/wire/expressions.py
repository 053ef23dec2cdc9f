"""Regular expressions over bytes that strangers send. RE2's, so that none takes more than linear time, however it nests.

The compiled core is asked directly: the Python layer around it takes twice as long as the match itself.
"""

from __future__ import annotations

from typing import Any, Final

import re2
from re2 import _re2

MEMORY: Final = 1 << 20
"""Bytes that a compiled expression may take; one that would take more is refused."""
LONGEST: Final = 1000
"""Characters of an expression."""
ABSENT: Final = (-1, -1)
"""Span of a group that took no part in a match."""


class Expression:
    """A compiled expression; `.` and classes stand for bytes. `names` gives the number of each named group."""

    __slots__ = ("_core", "groups", "names", "text")

    def __init__(self, text: str) -> None:
        """Raise ValueError with what is wrong with it."""
        if len(text) > LONGEST:
            raise ValueError(f"the expression has more than {LONGEST} characters")
        options = re2.Options()
        options.max_mem = MEMORY
        options.log_errors = False
        options.encoding = re2.Options.Encoding.LATIN1
        options.dot_nl = True
        self.text = text
        self._core: Any = _re2.RE2(text.encode(), options)
        if not self._core.ok():
            said = self._core.error()
            what = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
            raise ValueError(
                f"the expression {text!r} cannot be read: {what} (RE2's syntax; it has no look-around and no back-reference)"
            )
        self.groups: int = self._core.NumberOfCapturingGroups()
        self.names: dict[str, int] = {name.decode(): number for name, number in self._core.NamedCapturingGroups()}

    def spans(self, data: bytes) -> list[tuple[int, int]] | None:
        """Return (start, end) of the first match and of each of its groups, ABSENT where one took no part; None for no match."""
        found: list[tuple[int, int]] = self._core.Match(_re2.RE2.Anchor.UNANCHORED, data, 0, len(data))
        return None if found[0] == ABSENT else found

    def number(self, group: int | str) -> int:
        """Return the number of a group given by number or name; raise ValueError where there is none."""
        if isinstance(group, str):
            if group not in self.names:
                raise ValueError(f'the expression {self.text!r} has no group "{group}"')
            return self.names[group]
        if not 0 <= group <= self.groups:
            raise ValueError(f"the expression {self.text!r} has {self.groups} groups, so there is no group {group}")
        return group
