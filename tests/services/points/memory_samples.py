"""A sample reader over samples in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sitewarden.domain.errors import TooLarge
from sitewarden.domain.points.samples import Latest, Samples, Value
from sitewarden.domain.points.series import Buckets, Series

Row = tuple[int, Value, int]
"""Source time, value, quality."""


class MemorySamples:
    """`SampleReader`; `put` replaces what is known of a point."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}
        self.reads = 0

    def put(self, point: str, rows: Sequence[Row]) -> None:
        self._rows[point] = sorted(rows, key=lambda row: row[0])

    def _of(self, point: str, start: int, end: int) -> list[Row]:
        self.reads += 1
        return [row for row in self._rows.get(point, ()) if start <= row[0] < end]

    async def series(self, points: Sequence[str], start: int, end: int, *, limit: int) -> list[Series]:
        found = [(point, self._of(point, start, end)) for point in points if point in self._rows]
        if sum(len(rows) for _, rows in found) > limit:
            raise TooLarge("more", where="end")
        return [_series(point, rows) for point, rows in found]

    async def buckets(self, points: Sequence[str], start: int, end: int, width: int) -> list[Buckets]:
        made = []
        for point in points:
            if point not in self._rows:
                continue
            one = _series(point, self._of(point, start, end))
            keys = one.times // width * width
            starts = np.unique(keys)
            spans = [(one.values[keys == key], one.qualities[keys == key]) for key in starts]
            good = [values[np.isfinite(values)] for values, _ in spans]

            def column(pick, good=good):  # type: ignore[no-untyped-def]
                return np.array([pick(values) if len(values) else np.nan for values in good], dtype=np.float64)

            made.append(
                Buckets(
                    point,
                    starts,
                    np.array([len(values) for values in good], np.int64),
                    column(np.min),
                    column(np.max),
                    column(np.sum),
                    column(lambda values: values[0]),
                    column(lambda values: values[-1]),
                    column(np.mean),
                    np.array([qualities.max() for _, qualities in spans], np.uint32),
                )
            )
        return made

    async def points(self) -> list[str]:
        return sorted(self._rows)

    async def raw(self, point: str, start: int, end: int, limit: int) -> Samples:
        rows = self._of(point, start, end)[:limit]
        times, values, qualities = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
        return Samples([point] * len(rows), times, [time + 1000 for time in times], values, qualities)  # type: ignore[arg-type]

    async def latest(self, points: Sequence[str] | None = None) -> list[Latest]:
        return [
            Latest(point, rows[-1][1], rows[-1][2], rows[-1][0], rows[-1][0] + 1000)
            for point, rows in self._rows.items()
            if points is None or point in points
        ]

    async def close(self) -> None:
        return None


def _series(point: str, rows: Sequence[Row]) -> Series:
    values = [float(value) if isinstance(value, (int, float)) else np.nan for _, value, _ in rows]
    return Series(
        point,
        np.array([time for time, _, _ in rows], np.int64),
        np.array(values, np.float64),
        np.array([quality for _, _, quality in rows], np.uint32),
    )
