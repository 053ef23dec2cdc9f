"""The latest value of every point, what of it is told to the screens, and what of it is kept. Pure; nothing is awaited here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sitewarden.domain.clock import MINUTE, SECOND
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality, is_bad
from sitewarden.domain.points.samples import Latest, Samples, Value

REFRESH: Final = 5 * SECOND
"""An unchanged value that is still read is told again after this long, so that screens know that it is fresh."""
KEEP_ALIVE: Final = 10 * MINUTE
"""An unchanged value that is still read is kept again after this long, so that history shows that it was read."""
WAITING: Final = 500_000
"""Samples that wait for the store; beyond it the oldest are dropped and counted in `dropped`."""

GROUPED: Final = 1_000_000
"""Points in the lists whose rows are remembered, beyond which all are forgotten; a list is never changed after it was given."""


class _Row:
    __slots__ = (
        "deadband",
        "kept",
        "kept_quality",
        "kept_server",
        "kept_source",
        "point",
        "quality",
        "server",
        "source",
        "told",
        "value",
    )

    def __init__(self, point: str) -> None:
        self.point = point
        self.deadband = 0.0
        self.value: Value = None
        self.quality = -1
        self.source = self.server = self.told = 0
        self.kept: Value = None
        self.kept_quality = -1
        self.kept_source = self.kept_server = 0


class PointTable:
    """Takes samples of the configured points in columns; those of other points are counted in `unknown`."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._changed: dict[_Row, None] = {}
        self._groups: dict[int, tuple[list[str], list[_Row | None]]] = {}
        self._grouped = 0
        self._keep = _columns()
        self.taken = 0
        """Samples that were taken in all."""
        self.unknown = 0
        self.dropped = 0

    def configure(self, points: Iterable[Point]) -> None:
        """Hold these points from now on; the values of those that stay are kept."""
        before, self._rows = self._rows, {}
        self._groups.clear()
        self._grouped = 0
        for point in points:
            row = self._rows[point.id] = before.get(point.id) or _Row(point.id)
            row.deadband = point.deadband if point.type in ("number", "integer") else 0.0
        self._changed = {row: None for row in self._changed if row.point in self._rows}

    def restore(self, latest: Iterable[Latest]) -> None:
        """Begin with what was stored last, as Uncertain (last known value); what was read meanwhile stays."""
        for one in latest:
            row = self._rows.get(one.point)
            if row is None:
                continue
            row.kept_source = max(row.kept_source, one.source_time)
            if row.quality != -1:
                continue
            row.value, row.source, row.server = one.value, one.source_time, one.server_time
            unknown = one.value is None or is_bad(one.quality)
            row.quality = one.quality if unknown else Quality.UNCERTAIN_LAST_KNOWN_VALUE
            self._changed[row] = None

    def take(self, samples: Samples) -> None:
        """Take a batch: update the latest values, and note what is to be told and kept."""
        changed = self._changed
        points, sources, servers, values, qualities = self._keep
        self.taken += len(samples)
        for row, source, server, value, quality in zip(
            self._group(samples.points),
            samples.source_times,
            samples.server_times,
            samples.values,
            samples.qualities,
            strict=True,
        ):
            if row is None:
                self.unknown += 1
                continue
            if value != row.value or quality != row.quality or server - row.told >= REFRESH:
                row.told = server
                changed[row] = None
            row.value, row.quality, row.source, row.server = value, quality, source, server
            if quality == row.kept_quality and server - row.kept_server < KEEP_ALIVE:
                if value == row.kept:
                    continue
                if row.deadband and abs(value - row.kept) < row.deadband:  # type: ignore[operator]
                    continue
            if source <= row.kept_source:
                # One row a point and source time: a change of quality alone gets the time at which it was found out.
                source = max(server, row.kept_source + 1)
            row.kept, row.kept_quality, row.kept_source, row.kept_server = value, quality, source, server
            points.append(row.point)
            sources.append(source)
            servers.append(server)
            values.append(value)
            qualities.append(quality)
        self._bound()

    def changed(self, most: int) -> Samples | None:
        """Return up to `most` points that changed since they were last returned, as they are now; None when there are none."""
        if not self._changed:
            return None
        if len(self._changed) <= most:
            rows = list(self._changed)
            self._changed.clear()
        else:
            rows = [row for row, _ in zip(self._changed, range(most), strict=False)]
            for row in rows:
                del self._changed[row]
        return Samples(
            [row.point for row in rows],
            [row.source for row in rows],
            [row.server for row in rows],
            [row.value for row in rows],
            [row.quality for row in rows],
        )

    def to_keep(self) -> Samples | None:
        """Return, and forget, what waits for the store; None when nothing does."""
        if not self._keep[0]:
            return None
        kept, self._keep = self._keep, _columns()
        return Samples(*kept)

    def put_back(self, samples: Samples) -> None:
        """Let samples that could not be stored wait again, before the newer ones."""
        points, sources, servers, values, qualities = self._keep
        points[:0] = samples.points
        sources[:0] = samples.source_times
        servers[:0] = samples.server_times
        values[:0] = samples.values
        qualities[:0] = samples.qualities
        self._bound()

    def latest(self, points: Sequence[str] = ()) -> list[Latest]:
        """Return the latest values of `points`, or of all; a point without a value yet is left out."""
        rows = (self._rows.get(point) for point in points) if points else self._rows.values()
        return [
            Latest(row.point, row.value, row.quality, row.source, row.server)
            for row in rows
            if row is not None and row.quality != -1
        ]

    def _group(self, points: list[str]) -> list[_Row | None]:
        """Return the rows of a batch's points; a driver that gives the same list each time has them looked up once."""
        known = self._groups.get(id(points))
        if known is not None and known[0] is points:
            return known[1]
        rows = [self._rows.get(point) for point in points]
        self._grouped += len(points)
        if self._grouped > GROUPED:
            self._groups.clear()
            self._grouped = len(points)
        self._groups[id(points)] = (points, rows)
        return rows

    def _bound(self) -> None:
        surplus = len(self._keep[0]) - WAITING
        if surplus > 0:
            self.dropped += surplus
            for column in self._keep:
                del column[:surplus]


def _columns() -> tuple[list[str], list[int], list[int], list[Value], list[int]]:
    # Columns rather than tuples: what waits is then nothing that the garbage collector walks through.
    return [], [], [], [], []
