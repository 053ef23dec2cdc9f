"""Batches as they come: checked, and made into columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from msgspec import Struct

from sitewarden.domain.errors import Invalid, TooLarge
from sitewarden.domain.points.samples import Samples
from sitewarden.store.chunks.columns import BOOLEAN, Columns, from_values

_NONE: Final[Mapping[str, int]] = {}
MAX_BATCH: Final = 100_000
MAX_POINT: Final = 140
_TIME_BITS: Final = 61
MAX_TIME: Final = 1 << _TIME_BITS
_TYPES: Final = (
    ("points", np.dtype(np.int32)),
    ("times", np.dtype(np.int64)),
    ("lags", np.dtype(np.int64)),
    ("kinds", np.dtype(np.uint8)),
    ("bits", np.dtype(np.int64)),
    ("qualities", np.dtype(np.uint32)),
)


class Batch(Struct, frozen=True, eq=False):
    """Samples whose `points` are indexes into `names`, or numbers of the home where there are no names."""

    names: tuple[str, ...]
    columns: Columns | None


def of_samples(samples: Samples, known: Mapping[str, int] = _NONE) -> Batch:
    """Return a batch in columns; without names where all points are `known` by the numbers that the home gave out.

    Raises Invalid or TooLarge where columns differ in length, hold impossible ids, times, qualities or values, or are too long.
    """
    count = len(samples.points)
    if count > MAX_BATCH:
        raise TooLarge(f"A batch of {count} samples is too large.", where="samples", remedy=f"Send at most {MAX_BATCH} at once.")
    for name in ("source_times", "server_times", "values", "qualities"):
        column = getattr(samples, name)
        if len(column) != count:
            raise Invalid(
                f"{name} has {len(column)} entries and points has {count}.", where="samples", remedy="Send equal columns."
            )
    names: dict[str, int] = {}
    numbers = list(map(known.get, samples.points))
    if None in numbers:
        numbers = [names.setdefault(point, len(names)) for point in samples.points]
        if not all(0 < len(point) <= MAX_POINT for point in names):
            raise Invalid("A point id is empty or too long.", where="samples", remedy=f"It takes 1 to {MAX_POINT} characters.")
    times = _whole("source_times", samples.source_times, MAX_TIME)
    servers = _whole("server_times", samples.server_times, MAX_TIME)
    qualities = _whole("qualities", samples.qualities, 1 << 32)
    kinds, bits, texts = from_values(samples.values)
    columns = Columns(np.array(numbers, dtype=np.int32), times, servers - times, kinds, bits, qualities.astype(np.uint32), texts)
    return Batch(tuple(names), columns)


def of_columns(columns: Columns, known: int) -> Batch:
    """Return columns of numbers as a batch; raises Invalid or TooLarge as `of_samples` does. Texts are not taken this way."""
    count = len(columns)
    if count > MAX_BATCH:
        raise TooLarge(f"A batch of {count} samples is too large.", where="samples", remedy=f"Send at most {MAX_BATCH} at once.")
    for name, type_ in _TYPES:
        column = getattr(columns, name)
        if len(column) != count or columns.texts:
            raise Invalid(
                "The columns differ in length, or hold texts.", where="samples", remedy="Send equal columns of numbers."
            )
        if column.dtype is not type_ and column.dtype != type_:
            raise Invalid("A column is of another type than `Columns` says.", where="samples")
    # A negative number and one past the limit each have a bit that no possible one has.
    if int(np.bitwise_or.reduce(columns.times | (columns.times + columns.lags))) >> _TIME_BITS:
        raise Invalid("A time is not possible.", where="samples", remedy=f"Each is 0 to {MAX_TIME - 1}.")
    if int(columns.points.min()) < 1 or int(columns.points.max()) > known:
        raise Invalid("A point has no number.", where="samples", remedy="Ask `number` for it first.")
    if int(columns.kinds.max()) > BOOLEAN:
        raise Invalid("A value is of no kind that is taken.", where="samples")
    return Batch((), columns)


def _whole(name: str, column: list[int], most: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    try:
        found = np.array(column, dtype=np.int64)
    except (OverflowError, TypeError, ValueError):
        found = np.array([-1], dtype=np.int64)
    if int(found.min()) < 0 or int(found.max()) >= most:
        raise Invalid(f"{name} holds a number that is not possible.", where="samples", remedy=f"Each is 0 to {most - 1}.")
    return found
