"""Series of remote-write requests to the points that they are, remembered by their bytes. Pure."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from sitewarden.services.surface.timeseries import ReceivablePoint
from sitewarden.wire.remote_write import Malformed, labels

REMEMBERED: Final = 100_000
"""Series whose points are remembered; the one that came longest ago is forgotten, and looked up again when it comes."""
HOLD: Final = 300.0
"""Seconds for which a point belongs to the series that it last took; then another that fits may take its place."""


class Matcher:
    """The points of one caller. A series may be several points', a point is one series' at a time."""

    def __init__(self, points: Sequence[ReceivablePoint], monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._by_name: dict[str, list[ReceivablePoint]] = defaultdict(list)
        for point in points:
            self._by_name[point.labels["__name__"]].append(point)
        self._known: OrderedDict[bytes, list[ReceivablePoint]] = OrderedDict()
        self._holders: dict[str, tuple[bytes, float]] = {}

    def find(self, key: bytes, refused: Callable[[str], None]) -> list[ReceivablePoint]:
        """Return the points that a series is now; tell `refused` why it is not one's that it would fit. Raises Malformed."""
        found = self._known.get(key)
        if found is None:
            found = self._fitting(labels(key))
            self._known[key] = found
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        elif found:
            self._known.move_to_end(key)
        return [point for point in found if self._holds(point, key, refused)]

    def _fitting(self, series: dict[str, str]) -> list[ReceivablePoint]:
        return [
            point
            for point in self._by_name.get(series["__name__"], ())
            if all(series.get(name) == value for name, value in point.labels.items())
        ]

    def _holds(self, point: ReceivablePoint, key: bytes, refused: Callable[[str], None]) -> bool:
        now = self._monotonic()
        holder, until = self._holders.get(point.id, (key, 0.0))
        if holder != key and now < until:
            refused(f"two series are point {point.id}: {shown(key)} beside {shown(holder)}; give the point more labels")
            return False
        self._holders[point.id] = (key, now + HOLD)
        return True


def shown(key: bytes) -> str:
    """Return a series as PromQL writes it, at most 300 characters."""
    try:
        held = labels(key)
    except Malformed:
        return "a series without a name"
    name = held.pop("__name__")
    text = name + "{" + ", ".join(f'{label}="{value}"' for label, value in sorted(held.items())) + "}"
    return text if len(text) <= 300 else text[:297] + "..."
