"""Samples of many points as columns of numbers, whatever type their values are of."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import compress
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.samples import Value

NONE, FLOAT, INTEGER, BOOLEAN, TEXT, LONG = range(6)
"""Kinds of value. What `bits` holds of each: nothing, the float's bits, the integer, 0 or 1, an index into `texts` twice."""
MAX_TEXT: Final = 8_192
MAX_BITS: Final = 256
_KINDS: Final[dict[type, int]] = {type(None): NONE, float: FLOAT, int: INTEGER, bool: BOOLEAN, str: TEXT}
SAMPLE_BYTES: Final = 33
"""Bytes of memory that a sample takes, without texts."""


class Columns(Struct, frozen=True, eq=False):
    """Samples; index i of each array belongs together. Arrays are never changed after they were put in here."""

    points: NDArray[np.int32]
    """Numbers of points, as the home gives them out."""
    times: NDArray[np.int64]
    """Source times in microseconds since 1970 UTC."""
    lags: NDArray[np.int64]
    """Server time less source time."""
    kinds: NDArray[np.uint8]
    bits: NDArray[np.int64]
    qualities: NDArray[np.uint32]
    texts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.times)

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return SAMPLE_BYTES * len(self.times) + sum(len(text) + 60 for text in self.texts)

    def take(self, which: Any) -> Columns:
        """Return the samples of an index or slice; a slice shares the memory."""
        return Columns(
            self.points[which],
            self.times[which],
            self.lags[which],
            self.kinds[which],
            self.bits[which],
            self.qualities[which],
            self.texts,
        )


def empty() -> Columns:
    """Return no samples."""
    none = np.zeros(0, dtype=np.int64)
    return Columns(none.astype(np.int32), none, none, none.astype(np.uint8), none, none.astype(np.uint32))


def joined(parts: Sequence[Columns]) -> Columns:
    """Return the samples of all parts, one part after the other."""
    parts = [part for part in parts if len(part)]
    if len(parts) <= 1:
        return parts[0] if parts else empty()
    texts: tuple[str, ...] = ()
    bits = [part.bits for part in parts]
    if any(part.texts for part in parts):
        table: dict[str, int] = {}
        for number, part in enumerate(parts):
            if part.texts:
                moved = np.array([table.setdefault(text, len(table)) for text in part.texts], dtype=np.int64)
                index = np.flatnonzero(part.kinds >= TEXT)
                bits[number] = part.bits.copy()
                bits[number][index] = moved[part.bits[index]]
        texts = tuple(table)
    return Columns(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.lags for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        np.concatenate(bits),
        np.concatenate([part.qualities for part in parts]),
        texts,
    )


def ordered(columns: Columns) -> Columns:
    """Return the samples by point and source time; of those that have both in common the last one stays."""
    if len(columns) < 2:
        return columns
    points, times = columns.points, columns.times
    turn = points[1:] != points[:-1]
    if not bool((points[1:] >= points[:-1]).all()):
        # Sixteen bits are sorted by radix, in a tenth of the time; so are what batches in order of time bring.
        narrow = points.astype(np.uint16) if int(points.max()) < 1 << 16 else points
        columns = columns.take(np.argsort(narrow, kind="stable"))
        points, times = columns.points, columns.times
        turn = points[1:] != points[:-1]
    if not bool(((times[1:] > times[:-1]) | turn).all()):
        if not bool(((times[1:] >= times[:-1]) | turn).all()):
            columns = columns.take(np.lexsort((times, points)))
            points, times = columns.points, columns.times
        last = np.ones(len(times), dtype=bool)
        last[:-1] = (points[1:] != points[:-1]) | (times[1:] != times[:-1])
        if not bool(last.all()):
            columns = columns.take(np.flatnonzero(last))
    return columns


def numbers(columns: Columns) -> NDArray[np.float64]:
    """Return the values as floats; NaN where there is no number."""
    kinds, bits = columns.kinds, columns.bits
    if not len(kinds):
        return np.zeros(0)
    first = int(kinds[0])
    if first == FLOAT and not np.count_nonzero(kinds != FLOAT):
        return bits.view(np.float64)
    found = np.full(len(kinds), np.nan)
    float_ = kinds == FLOAT
    found[float_] = bits[float_].view(np.float64)
    whole = (kinds == INTEGER) | (kinds == BOOLEAN)
    found[whole] = bits[whole]
    for index in np.flatnonzero(kinds == LONG):
        found[index] = float(int(columns.texts[bits[index]]))
    return found


def from_values(values: Sequence[Value]) -> tuple[NDArray[np.uint8], NDArray[np.int64], tuple[str, ...]]:
    """Return kinds, bits and texts of values.

    Raises Invalid for another type or half a character, TooLarge for a text or number past the limit.
    """
    types = set(map(type, values))
    count = len(values)
    if types == {float}:
        return np.full(count, FLOAT, dtype=np.uint8), np.array(values, dtype=np.float64).view(np.int64), ()
    if types == {bool}:
        return np.full(count, BOOLEAN, dtype=np.uint8), np.array(values, dtype=np.int64), ()
    if types == {int}:
        with suppress(OverflowError):
            return np.full(count, INTEGER, dtype=np.uint8), np.array(values, dtype=np.int64), ()
    if not types <= _KINDS.keys():
        values = [_plain(value) for value in values]
    kinds = np.frombuffer(bytearray(map(_KINDS.__getitem__, map(type, values))), dtype=np.uint8)
    bits = np.zeros(count, dtype=np.int64)
    texts: dict[str, int] = {}
    float_ = kinds == FLOAT
    bits[float_] = np.array(list(compress(values, float_.tolist())), dtype=np.float64).view(np.int64)
    for index in np.flatnonzero(kinds == TEXT).tolist():
        bits[index] = texts.setdefault(_text(values[index]), len(texts))
    whole = np.flatnonzero((kinds == INTEGER) | (kinds == BOOLEAN))
    found: list[Any] = [values[index] for index in whole.tolist()]
    try:
        bits[whole] = np.array(found, dtype=np.int64)
    except OverflowError:
        for index, number in zip(whole.tolist(), found, strict=True):
            if -(1 << 63) <= number < 1 << 63:
                bits[index] = number
                continue
            if number.bit_length() > MAX_BITS:
                raise TooLarge(f"An integer has more than {MAX_BITS} bits.", where="samples", remedy="Send it as text.") from None
            kinds[index] = LONG
            bits[index] = texts.setdefault(str(number), len(texts))
    return kinds, bits, tuple(texts)


def _plain(value: Any) -> Value:
    for type_ in (bool, int, float, str):
        if isinstance(value, type_):
            return type_(value)
    if value is None:
        return None
    raise Invalid(f"A value is a {type(value).__name__}.", where="samples", remedy="Send numbers, booleans, texts or nothing.")


def _text(value: Any) -> str:
    text: str = value
    if len(text) > MAX_TEXT:
        raise TooLarge(f"A text has {len(text)} characters.", where="samples", remedy=f"At most {MAX_TEXT}.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid("A text holds half a character.", where="samples", remedy="Send valid Unicode.") from error
    return text


def to_values(columns: Columns) -> list[Value]:
    """Return the values with the types that they had."""
    kinds, bits, texts = columns.kinds, columns.bits, columns.texts
    present = set(np.flatnonzero(np.bincount(kinds)).tolist())
    if present == {FLOAT}:
        return bits.view(np.float64).tolist()  # type: ignore[no-any-return]
    if present == {INTEGER}:
        return bits.tolist()  # type: ignore[no-any-return]
    found: list[Value] = [None] * len(kinds)
    floats, plain = bits.view(np.float64).tolist(), bits.tolist()
    for index, kind in enumerate(kinds.tolist()):
        if kind == FLOAT:
            found[index] = floats[index]
        elif kind == INTEGER:
            found[index] = plain[index]
        elif kind == BOOLEAN:
            found[index] = bool(plain[index])
        elif kind == TEXT:
            found[index] = texts[plain[index]]
        elif kind == LONG:
            found[index] = int(texts[plain[index]])
    return found
