"""Values as SQLite keeps them: what it would change on the way stands as a tagged blob.

SQLite has no boolean, no integer past 64 bits, and turns NaN into NULL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.samples import Value

MAX_TEXT: Final = 8_192
_FALSE, _TRUE, _NAN, _LONG = b"\0", b"\1", b"\2", b"\3"
_PLAIN: Final = {float, int, type(None)}


def pack(values: Sequence[Value]) -> list[Any]:
    """Return `values` as SQLite stores them.

    Raises Invalid for another type, TooLarge for a text or number past the limit.
    """
    types = set(map(type, values))
    if types <= _PLAIN and not any(value != value for value in values):
        numbers = [value for value in values if type(value) is int] if int in types else []
        if not numbers or (min(numbers) >= -(1 << 63) and max(numbers) < 1 << 63):
            return list(values)
    return [_pack(value) for value in values]


def _pack(value: Value) -> Any:
    if value is None:
        return None
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, float):
        return _NAN if value != value else value
    if isinstance(value, int):
        if -(1 << 63) <= value < 1 << 63:
            return value
        if value.bit_length() > 256:
            raise TooLarge("An integer has more than 256 bits.", where="samples", remedy="Send it as text.")
        return _LONG + str(value).encode()
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise TooLarge(f"A text has {len(value)} characters.", where="samples", remedy=f"At most {MAX_TEXT}.")
        return value
    raise Invalid(f"A value is a {type(value).__name__}.", where="samples", remedy="Send numbers, booleans, texts or nothing.")


def unpack(values: Sequence[Any]) -> list[Value]:
    """Return what `pack` was given."""
    if bytes not in set(map(type, values)):
        return list(values)
    return [_unpack(value) if type(value) is bytes else value for value in values]


def _unpack(blob: bytes) -> Value:
    if blob == _NAN:
        return float("nan")
    return int(blob[1:]) if blob[:1] == _LONG else blob == _TRUE
