"""Licence plates as keys: what is written or read of one, without the spaces and marks that are put in differently."""

from __future__ import annotations

from sitewarden.domain.errors import Invalid

MAX_LETTERS = 16


def plate_key(text: str) -> str:
    """Return the key of a plate, "licence-plate:BAB123"; raises Invalid where nothing of it is a letter or digit."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    if not 1 <= len(letters) <= MAX_LETTERS:
        raise Invalid(
            f"{text[:40]!r} is no licence plate", where="value", remedy=f"Write its 1 to {MAX_LETTERS} letters and digits."
        )
    return f"licence-plate:{letters}"
