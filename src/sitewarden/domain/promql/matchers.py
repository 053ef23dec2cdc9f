"""Matchers of labels. Patterns are RE2's, as Prometheus' own, so that none takes more than linear time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal

import re2
from msgspec import Struct

MEMORY: Final = 1 << 20
"""Bytes that a compiled pattern may take; one that would take more is refused."""
LONGEST: Final = 4096
"""Characters of a pattern."""

Operator = Literal["=", "!=", "=~", "!~"]


def _options() -> Any:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    return options


@lru_cache(maxsize=256)
def pattern(text: str) -> Any:
    """Return the compiled pattern, which is matched against the whole of a value; raise ValueError."""
    if len(text) > LONGEST:
        raise ValueError(f"the pattern has more than {LONGEST} characters")
    try:
        return re2.compile(f"(?:{text})", _options())
    except re2.error as error:
        said = error.args[0]
        raise ValueError(f"error parsing regexp: {said.decode() if isinstance(said, bytes) else said}") from None


class Matcher(Struct, frozen=True):
    """One condition on a label; a label that is not there counts as empty."""

    name: str
    op: Operator
    value: str

    def fits(self, value: str) -> bool:
        """Tell whether a label's value meets it."""
        if self.op == "=":
            return value == self.value
        if self.op == "!=":
            return value != self.value
        found = pattern(self.value).fullmatch(value) is not None
        return found == (self.op == "=~")
