"""Calculated points as a table: which inputs move which points, and their samples. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sitewarden.domain.points.expression.evaluating import WRONG, Read, Result, evaluate
from sitewarden.domain.points.expression.parsing import inputs
from sitewarden.domain.points.expression.tree import Input, Node
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Samples
from sitewarden.kit.values import taker

UNKNOWN = Result(None, int(Quality.BAD_NO_COMMUNICATION))


class Sheet:
    """The points with their expressions, and the inputs as they are now."""

    def __init__(self, points: Iterable[tuple[Point, Node]]) -> None:
        self._points = [(point.id, tree, taker(point), inputs(tree)) for point, tree in points]
        self._now: dict[Input, Result] = {}
        self._times: dict[Input, int] = {}
        self._moved: dict[Input, list[int]] = defaultdict(list)
        for index, (_, _, _, needed) in enumerate(self._points):
            for one in needed:
                self._moved[one].append(index)

    @property
    def inputs(self) -> list[Input]:
        """All inputs, each once."""
        return list(self._moved)

    def put(self, news: Iterable[tuple[Input, Result, int]], now: int) -> Samples:
        """Take inputs with their source times, and return the points that they move."""
        moved: dict[int, None] = {}
        for one, result, time in news:
            self._now[one], self._times[one] = result, time
            moved.update(dict.fromkeys(self._moved.get(one, ())))
        return self.samples(moved, now)

    def samples(self, which: Iterable[int], now: int) -> Samples:
        """Return these points as they are now; the source time is that of the newest input, `now` where there is none."""
        read: Read = lambda one: self._now.get(one, UNKNOWN)  # noqa: E731
        made = Samples([], [], [], [], [])
        for index in which:
            id_, tree, take, needed = self._points[index]
            value, quality = evaluate(tree, read)
            if value is not None:
                value = take(value)
                quality = WRONG if value is None else quality
            made.points.append(id_)
            made.source_times.append(max((self._times.get(one, 0) for one in needed), default=0) or now)
            made.server_times.append(now)
            made.values.append(value)
            made.qualities.append(quality)
        return made

    def constant(self) -> list[int]:
        """Return the points without an input, which nothing ever moves."""
        return [index for index, (_, _, _, needed) in enumerate(self._points) if not needed]
