"""The media process's own part: hub, recorder, live socket, and the answers to `video.find` and `video.live`.

The app gives `hub` to the drivers as `Context.media`, calls `configure` with the cameras of this process, and serves the
handlers on the bus.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Invalid, NotFound
from sitewarden.domain.status import Status
from sitewarden.domain.video.model import Camera, Segment
from sitewarden.media.hub import Hub
from sitewarden.media.live_server import LiveServer
from sitewarden.media.playback import Plan
from sitewarden.media.recorder import Emit, Recorder, RecorderSettings
from sitewarden.net import Network
from sitewarden.store.interfaces import SegmentIndex

T = TypeVar("T")


class Find(Struct, frozen=True, kw_only=True):
    """Body of the request `video.find/<camera>`: which recordings of a camera overlap [start, end)."""

    camera: str
    start: int
    end: int


class Watch(Struct, frozen=True, kw_only=True):
    """Body of the request `video.live/<camera>`."""

    camera: str


class LivePlace(Struct, frozen=True, kw_only=True):
    """Answer to `video.live`: where a web worker dials."""

    socket: str
    camera: str
    online: bool


class MediaWorker:
    """One media process. `async with` is not needed: `run` starts and, when cancelled, closes everything."""

    def __init__(
        self,
        net: Network,
        clock: Clock,
        index: SegmentIndex,
        media_dir: Path,
        emit: Emit,
        *,
        socket: Path,
        settings: RecorderSettings | None = None,
    ) -> None:
        """`socket` is the live socket, `<data>/run/media-N.sock`."""
        self._net = net
        self._clock = clock
        self._index = index
        self._media_dir = media_dir
        self._socket = socket
        self.hub = Hub(clock)
        self.recorder = Recorder(self.hub, index, media_dir, clock, emit, settings)
        self._live = LiveServer(self.hub, lambda camera: camera in self._cameras)
        self._cameras: dict[str, Camera] = {}
        self.started = asyncio.Event()

    def configure(self, cameras: Sequence[Camera]) -> None:
        """Serve exactly these cameras; those that stay are not disturbed."""
        gone = self._cameras.keys() - {camera.id for camera in cameras}
        self._cameras = {camera.id: camera for camera in cameras}
        self.recorder.configure(cameras)
        for camera in gone:
            self.hub.drop(camera)

    def decorate(self, status: Status) -> Status:
        """Add to a camera's status whether it is recorded now; other statuses come back as they are."""
        kind, _, camera = status.ref.partition(":")
        if kind != "camera" or status.state != "online":
            return status
        return msgspec.structs.replace(status, data={**status.data, "recording": self.recorder.recording(camera)})

    async def run(self) -> None:
        """Recover, record, serve live viewers, until cancelled."""
        await self.recorder.start()
        await self._live.start(self._net, str(self._socket))
        self.started.set()
        try:
            await self.recorder.run()
        finally:
            await self._live.close()
            await self.recorder.stop()

    async def find(self, body: bytes) -> bytes:
        """Answer `video.find` (a msgpack `Find`) with a msgpack `Plan`; the open segment is in it, unsealed."""
        asked = _decode(body, Find)
        if asked.camera not in self._cameras and not (self._media_dir / asked.camera).is_dir():
            raise NotFound(f'there is no camera "{asked.camera}" here', where="camera")
        if asked.end <= asked.start:
            raise Invalid("the end is not after the start", where="end", remedy="Give a later end.")
        found: list[Segment] = list(await self._index.find(asked.camera, asked.start, asked.end))
        current = self.recorder.current(asked.camera)
        if current is not None and current.start < asked.end and current.end > asked.start:
            found = [one for one in found if one.id != current.id]
            found.append(current)
        return msgspec.msgpack.encode(Plan(root=str(self._media_dir), start=asked.start, end=asked.end, segments=tuple(found)))

    async def live(self, body: bytes) -> bytes:
        """Answer `video.live` (a msgpack `Watch`) with a msgpack `LivePlace`."""
        asked = _decode(body, Watch)
        if asked.camera not in self._cameras:
            raise NotFound(f'there is no camera "{asked.camera}" here', where="camera")
        online = bool(self.hub.channel(asked.camera).gop)
        return msgspec.msgpack.encode(LivePlace(socket=str(self._socket), camera=asked.camera, online=online))


def _decode(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(body, type=type_)
    except msgspec.MsgspecError as error:
        raise Invalid(str(error)) from None
