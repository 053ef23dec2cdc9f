"""A media sink that collects, and a context around it."""

from __future__ import annotations

import asyncio
from typing import Any

from sitewarden.domain.status import Status
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.context import Context
from sitewarden.wire.formats import AudioFormat, VideoFormat


class Sink:
    """Collects what the driver hands to the media room."""

    def __init__(self) -> None:
        self.tracks: list[VideoFormat] = []
        self.audio: AudioFormat | None = None
        self.units: list[tuple[list[bytes], int, int, bool]] = []
        self.sounds: list[tuple[bytes, int, int, int]] = []
        """(frame, duration, RTP time, wall) of each frame of sound."""
        self.losses: list[str] = []
        self.hungry: list[str] = []
        self.arrived = asyncio.Event()
        self.watched = asyncio.Event()
        """Set while somebody looks, for what is opened on demand."""

    def video_track(self, channel: str, video: VideoFormat) -> None:
        self.tracks.append(video)

    def audio_track(self, channel: str, audio: AudioFormat | None) -> None:
        self.audio = audio

    def access_unit(self, channel: str, data: Any, rtp_time: int, wall: int, key: bool) -> None:
        self.units.append((list(data), rtp_time, wall, key))
        self.arrived.set()

    def sound(self, channel: str, frames: Any, duration: int, rtp_time: int, wall: int) -> None:
        for number, frame in enumerate(frames):
            self.sounds.append((frame, duration, rtp_time + number * duration, wall))
        self.arrived.set()

    def wanted(self, channel: str) -> bool:
        return self.watched.is_set()

    async def demand(self, channel: str) -> None:
        await self.watched.wait()

    def starved(self, channel: str) -> None:
        self.hungry.append(channel)

    def lost(self, channel: str, reason: str) -> None:
        self.losses.append(reason)

    async def count(self, wanted: int) -> None:
        while len(self.units) < wanted:
            self.arrived.clear()
            await self.arrived.wait()

    async def hear(self, wanted: int) -> None:
        while len(self.sounds) < wanted:
            self.arrived.clear()
            await self.arrived.wait()


def context(network: Any, media: Any, statuses: list[Status], events: list[Any] | None = None) -> Context:
    async def emit(found: Any, confirm: Any = None) -> None:
        if events is not None:
            events.extend(found)

    return Context(net=network, clock=SystemClock(), emit=emit, samples=lambda samples: None, status=statuses.append, media=media)
