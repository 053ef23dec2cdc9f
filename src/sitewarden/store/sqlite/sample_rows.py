"""Rows of samples as an older schema kept them: a row a sample, until they are converted into chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sitewarden.domain.points.samples import Value
from sitewarden.store.chunks.columns import Columns, empty, from_values

_TRUE, _NAN, _LONG = b"\1", b"\2", b"\3"


def columns_of(point: int, rows: Sequence[tuple[int, int, int, Any]]) -> Columns:
    """Return (time, lag, quality, value) of one point as columns."""
    if not rows:
        return empty()
    times, lags, qualities, values = zip(*rows, strict=True)
    kinds, bits, texts = from_values([_unpack(value) if type(value) is bytes else value for value in values])
    return Columns(
        np.full(len(rows), point, dtype=np.int32),
        np.array(times, dtype=np.int64),
        np.array(lags, dtype=np.int64),
        kinds,
        bits,
        np.array(qualities, dtype=np.uint32),
        texts,
    )


def _unpack(blob: bytes) -> Value:
    """Return what stood as a tagged blob: SQLite has no boolean, no integer past 64 bits, and makes NULL of NaN."""
    if blob == _NAN:
        return float("nan")
    return int(blob[1:]) if blob[:1] == _LONG else blob == _TRUE
