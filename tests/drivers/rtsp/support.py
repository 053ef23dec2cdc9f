"""A media sink that collects, and a context around it."""

from __future__ import annotations

import asyncio
from typing import Any

from sitewarden.domain.status import Status
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.context import Context


class Sink:
    """Collects what the driver hands to the media room."""

    def __init__(self) -> None:
        self.tracks: list[tuple[str, str, list[bytes], int, int]] = []
        self.units: list[tuple[list[bytes], int, int, bool]] = []
        self.losses: list[str] = []
        self.arrived = asyncio.Event()

    def track(self, camera: str, codec: str, parameter_sets: Any, width: int, height: int) -> None:
        self.tracks.append((camera, codec, list(parameter_sets), width, height))

    def access_unit(self, camera: str, data: Any, rtp_time: int, wall: int, key: bool) -> None:
        self.units.append((list(data), rtp_time, wall, key))
        self.arrived.set()

    def lost(self, camera: str, reason: str) -> None:
        self.losses.append(reason)

    async def count(self, wanted: int) -> None:
        while len(self.units) < wanted:
            self.arrived.clear()
            await self.arrived.wait()


def context(network: Any, media: Any, statuses: list[Status], events: list[Any] | None = None) -> Context:
    async def emit(found: Any, confirm: Any = None) -> None:
        if events is not None:
            events.extend(found)

    return Context(net=network, clock=SystemClock(), emit=emit, samples=lambda samples: None, status=statuses.append, media=media)
