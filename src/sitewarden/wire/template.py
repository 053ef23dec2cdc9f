"""Short texts with places for values: what a device is sent. "SET {value:.1f}" has one place; "{{" is a brace. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_PLACE: Final = re.compile(r"\{\{|\}\}|\{([a-z_][a-z0-9_]*)(?::([^{}]*))?\}|[{}]")
_FORMAT: Final = re.compile(r"[+ ]?0?\d{0,2}(\.\d{1,2})?[bdeEfgGoxX]?")
"""Sign, zeros, width, digits, kind: what of Python's format language is taken."""

Filling = str | int | float | bool


class Template:
    """A parsed template; `names` are its places."""

    def __init__(self, text: str) -> None:
        """Raise ValueError where a brace does not fit."""
        self._parts: list[tuple[str, str, str]] = []
        at, names, literal = 0, set(), ""
        for found in _PLACE.finditer(text):
            literal += text[at : found.start()]
            at = found.end()
            name, form = found[1], found[2] or ""
            if name is None:
                if found[0] not in ("{{", "}}"):
                    raise ValueError(f'"{found[0]}" stands alone; write it twice where it is meant')
                literal += found[0][0]
                continue
            if not _FORMAT.fullmatch(form):
                raise ValueError(f'"{form}" is no format of a number, such as .1f or 05d')
            self._parts.append((literal, name, form))
            names.add(name)
            literal = ""
        self._tail = literal + text[at:]
        self.names = frozenset(names)

    def fill(self, values: Mapping[str, Filling]) -> str:
        """Return the text; a Boolean without a format is 1 or 0. Raises ValueError where a format does not fit its value."""
        made: list[str] = []
        for literal, name, form in self._parts:
            value = values[name]
            if isinstance(value, bool):
                value = int(value)
            if isinstance(value, float) and form[-1:] in tuple("bdoxX") and value.is_integer():
                value = int(value)
            made += [literal, format(value, form)]
        return "".join(made) + self._tail
