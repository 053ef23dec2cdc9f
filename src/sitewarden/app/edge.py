"""What cameras recorded themselves, as the backfill asks for it: found over ONVIF, fetched over RTSP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from uuid import uuid4

from sitewarden.app.endpoints import Assignment
from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import BY_CODE, Refusal
from sitewarden.domain.refs import ref
from sitewarden.domain.status import Status
from sitewarden.drivers.rtsp.config import CameraConfig, read
from sitewarden.drivers.rtsp.replay import fetch
from sitewarden.kit.context import MediaSink
from sitewarden.media.edge import Pace, Stretch
from sitewarden.net import Network
from sitewarden.wire.formats import AudioFormat, VideoFormat

SECONDS: Final = 60.0
"""For a search: cameras look through a card."""
CONTROL: Final = "camera-control:"


class CameraEdge:
    """Implements `media.edge.Edge`. `execute` gives a command to the camera's ONVIF endpoint in this process."""

    def __init__(self, net: Network, clock: Clock, execute: Callable[[Command], Awaitable[Result]]) -> None:
        self._net, self._clock, self._execute = net, clock, execute
        self._able: set[str] = set()
        self._access: dict[str, dict[str, Any]] = {}

    def hear(self, status: Status) -> None:
        """Take how a camera's services are now."""
        if status.ref.startswith(CONTROL):
            camera = status.ref.removeprefix(CONTROL)
            if status.state == "online" and status.data.get("edge"):
                self._able.add(camera)
            else:
                self._able.discard(camera)

    def configure(self, assigned: Assignment) -> None:
        """Take the passwords, and which cameras there are."""
        sound = {camera.id: camera.audio for camera in assigned.cameras}
        self._access = {
            one.spec.id: {
                "username": one.spec.config.get("username", ""),
                "password": one.spec.config.get("password", ""),
                "audio": sound.get(one.spec.id, False),
            }
            for one in assigned.endpoints
            if one.driver == "onvif"
        }
        self._able &= self._access.keys()

    def able(self, camera: str) -> bool:
        """Tell whether a camera can be asked now, and records itself."""
        return camera in self._able

    async def find(self, camera: str, start: int, end: int) -> Sequence[Stretch]:
        """Return what the camera has of [start, end), in order."""
        result = await self._execute(
            Command(
                id=uuid4().hex,
                name="camera.edge.find",
                entity=ref("camera-control", camera),
                args={"start": start, "end": end},
                timeout=SECONDS,
            )
        )
        if not result.ok:
            raise BY_CODE.get(result.code, Refusal)(result.what, where=ref("camera", camera), remedy=result.remedy)
        offset = int(result.value["offset"])
        return [Stretch(url=one["url"], start=one["start"], end=one["end"], offset=offset) for one in result.value["recordings"]]

    async def fetch(
        self, camera: str, stretch: Stretch, start: int, end: int, media: MediaSink, pace: Pace, enough: Callable[[], bool]
    ) -> None:
        """Hand what it recorded in [start, end) to the channel `camera` of `media`."""
        config: CameraConfig = read({"url": stretch.url, **self._access.get(camera, {})}, ref("camera", camera))
        span = (start + stretch.offset, end + stretch.offset)
        await fetch(self._net, self._clock, config, camera, span, Shifted(media, stretch.offset), pace, enough)


class Shifted:
    """A media sink for times of a clock that is `offset` ahead."""

    def __init__(self, media: MediaSink, offset: int) -> None:
        self._media, self._offset = media, offset

    def video_track(self, channel: str, video: VideoFormat) -> None:
        self._media.video_track(channel, video)

    def audio_track(self, channel: str, audio: AudioFormat | None) -> None:
        self._media.audio_track(channel, audio)

    def access_unit(self, channel: str, data: Sequence[memoryview | bytes], rtp_time: int, wall: int, key: bool) -> None:
        self._media.access_unit(channel, data, rtp_time, wall - self._offset, key)

    def sound(self, channel: str, frames: Sequence[bytes], duration: int, rtp_time: int, wall: int) -> None:
        self._media.sound(channel, frames, duration, rtp_time, wall - self._offset)

    def wanted(self, channel: str) -> bool:
        return self._media.wanted(channel)

    async def demand(self, channel: str) -> None:
        await self._media.demand(channel)

    def starved(self, channel: str) -> None:
        """Nothing: a recording that is replayed has the key frames that it has."""

    def lost(self, channel: str, reason: str) -> None:
        self._media.lost(channel, reason)


__all__: Sequence[str] = ["CameraEdge"]
