"""What the faces share: a caller's points, remembered while they stay the same, and the queries over them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from sitewarden.services.surface.timeseries import ReadablePoint, ReadablePoints, ReadableStamp

KEPT: Final = 16
"""Different sets of readable points that are remembered; the one that was asked for longest ago is forgotten."""

AskCore = Callable[[str], Awaitable[bytes]]
"""Runs an operation without parameters for the caller; returns its result as msgpack."""


class Desk:
    """Remembers which points stand behind a stamp. Core is asked for the stamp each time, so that no right outlives its end."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, list[ReadablePoint]] = OrderedDict()

    async def points(self, ask: AskCore, operation: str = "timeseries.stamp") -> list[ReadablePoint]:
        """Return the points that the caller may read; raise core's refusal. `operation` is what the caller asked for."""
        stamp = msgspec.msgpack.decode(await ask(operation), type=ReadableStamp).stamp
        held = self._kept.get(stamp)
        if held is not None:
            self._kept.move_to_end(stamp)
            return held
        fresh = msgspec.msgpack.decode(await ask("timeseries.points"), type=ReadablePoints)
        self._kept[fresh.stamp] = fresh.items
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return fresh.items
