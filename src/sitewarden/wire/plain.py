"""Text of strangers as one harmless line. Pure."""

from __future__ import annotations

import unicodedata

_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
"""Unicode categories of what controls a terminal, turns the direction of writing or cannot be shown."""


def plain(text: str, longest: int = 120) -> str:
    """Return `text` on one line, without control and direction characters, at most `longest` characters long."""
    cut = text[: longest * 8]
    shown = "".join(" " if character in "\t\r\n" or _harmful(character) else character for character in cut)
    return " ".join(shown.split())[:longest].rstrip()


def _harmful(character: str) -> bool:
    return (not character.isascii() and unicodedata.category(character) in _HARMFUL) or character < " " or character == "\x7f"
