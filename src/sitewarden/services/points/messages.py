"""What core asks the iot worker about points: requests on the bus, as msgpack."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

LATEST: Final = "points.latest"
"""LatestQuery -> list[Latest]."""
TOPIC: Final = "points"
"""Samples of the points that changed, coalesced; values that are still read come again every 5 s."""


class LatestQuery(Struct, frozen=True):
    """Which points; none means all."""

    points: tuple[str, ...] = ()
