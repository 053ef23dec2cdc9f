"""The media process's own part: hub, recorder, live socket, and the answers to `video.find` and `video.live`.

The app gives `hub` to the drivers as `Context.media`, calls `configure` with the cameras of this process, and serves the
handlers on the bus.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from sitewarden.config import MulticastSettings
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Invalid, NotFound
from sitewarden.domain.status import Status
from sitewarden.domain.video.fill import filled
from sitewarden.domain.video.model import Camera
from sitewarden.domain.video.volumes import VolumeSpec
from sitewarden.media.backfill import Backfill
from sitewarden.media.desk import Desk
from sitewarden.media.diary import Emit
from sitewarden.media.duty import Plan
from sitewarden.media.hub import Hub
from sitewarden.media.live_server import LiveServer
from sitewarden.media.multicast import CODECS, Cast, Form, Multicast, Which, channel
from sitewarden.media.plan import Plan as Playing
from sitewarden.media.recorder import Recorder, RecorderSettings
from sitewarden.media.second import Seconds
from sitewarden.media.vitals import Vitals
from sitewarden.net import Network
from sitewarden.store.interfaces import SegmentIndex

T = TypeVar("T")


class Find(Struct, frozen=True, kw_only=True):
    """Body of the request `video.find/<camera>`: which recordings of a camera overlap [start, end)."""

    camera: str
    start: int
    end: int
    gaps: bool = False
    """Tell of gaps and locks too."""


class FillAsk(Struct, frozen=True, kw_only=True):
    """Body of the request `video.fill/<camera>`: fill what is missing of [start, end) from the camera's own recording."""

    camera: str
    start: int
    end: int
    reason: str = ""
    by: str = ""


class Watch(Struct, frozen=True, kw_only=True):
    """Body of the requests `video.live/<camera>` and `video.health/<camera>`."""

    camera: str


class LivePlace(Struct, frozen=True, kw_only=True):
    """Answer to `video.live`: where a web worker dials."""

    socket: str
    camera: str
    online: bool


class Hold(Struct, frozen=True, kw_only=True):
    """Body of the request `video.multicast/<camera>`: have it sent for `seconds` more; 0 gives the hold up."""

    camera: str
    stream: Which = "main"
    form: Form
    holder: str
    seconds: float
    begin: bool = True
    """False: refuse where nothing is sent."""


class Group(Struct, frozen=True, kw_only=True):
    """Where live video is multicast to."""

    group: str = "225.5.10.1"
    ports: tuple[int, int] = (1025, 65534)
    settings: MulticastSettings = MulticastSettings()


class MediaWorker:
    """One media process. `async with` is not needed: `run` starts and, when cancelled, closes everything."""

    def __init__(
        self,
        net: Network,
        clock: Clock,
        index: SegmentIndex,
        volumes: Sequence[VolumeSpec],
        emit: Emit,
        *,
        socket: Path,
        multicast: Group | None = None,
        settings: RecorderSettings | None = None,
    ) -> None:
        """`socket` is the live socket, `<data>/run/media-N.sock`."""
        self._net = net
        self._clock = clock
        self._index = index
        self._socket = socket
        self.hub = Hub(clock)
        self.recorder = Recorder(self.hub, index, volumes, clock, emit, settings)
        self.desk = Desk(self.recorder)
        self.seconds = Seconds(self.hub, clock)
        self._live = LiveServer(self.hub, lambda channel: channel.partition("/")[0] in self._cameras, self.seconds.subscribe)
        place = multicast or Group()
        self.multicast = Multicast(self.hub, net, clock, place.group, place.settings, place.ports)
        self.backfill: Backfill | None = None
        """Fills gaps from what cameras recorded themselves; set before `run`."""
        self._cameras: dict[str, Camera] = {}
        self._vitals = Vitals(clock, self.recorder.tell)
        self._private: dict[str, int] = {}
        self.started = asyncio.Event()

    def configure(self, cameras: Sequence[Camera], plans: Mapping[str, Plan] | None = None) -> None:
        """Serve exactly these cameras; those that stay are not disturbed. `plans` are the schedules that they name, by id."""
        gone = self._cameras.keys() - {camera.id for camera in cameras}
        self._cameras = {camera.id: camera for camera in cameras}
        self.recorder.configure(cameras, plans)
        for camera in gone:
            self.multicast.drop(camera)
            self.hub.drop(camera)
            self.hub.drop(f"{camera}/sub")
        self._vitals.configure(cameras)
        self.seconds.configure(cameras)

    def decorate(self, status: Status) -> Status:
        """Add to a camera's status whether it is recorded and where it is multicast to; other statuses come back as they are.

        What a stream's status says is kept for an hour.
        """
        self._vitals.note(status)
        self.seconds.hear(status)
        kind, _, camera = status.ref.partition(":")
        if kind != "camera" or status.state != "online":
            return status
        data = {**status.data, "recording": self.recorder.recording(camera)}
        if poor := self._vitals.poor(camera):
            data["poor"] = poor
        if until := self.recorder.ordered(camera):
            data["ordered"] = until
        if casts := self.multicast.casts(camera):
            data["multicast"] = msgspec.to_builtins(casts)
        return msgspec.structs.replace(status, data=data)

    async def run(self) -> None:
        """Recover, record, serve live viewers, until cancelled."""
        await self.recorder.start()
        await self._live.start(self._net, str(self._socket))
        self.started.set()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.recorder.run(), name="recorder")
                group.create_task(self.recorder.upkeep.mover.run(), name="mover")
                group.create_task(self.multicast.run(), name="multicast")
                if self.backfill is not None:
                    group.create_task(self.backfill.run(), name="backfill")
        finally:
            await self._live.close()
            await self.recorder.stop()

    async def find(self, body: bytes) -> bytes:
        """Answer `video.find` (a msgpack `Find`) with a msgpack `playback.Plan`; the open segment is in it, unsealed."""
        asked = _decode(body, Find)
        if asked.camera not in self._cameras and not await self._index.oldest(1, asked.camera):
            raise NotFound(f'there is no camera "{asked.camera}" here', where="camera")
        if asked.end <= asked.start:
            raise Invalid("the end is not after the start", where="end", remedy="Give a later end.")
        found = await self.recorder.find(asked.camera, asked.start, asked.end)
        volumes = self.recorder.volumes
        readable, unreadable = volumes.readable(found)
        plan = Playing(
            roots=volumes.roots(), remotes=volumes.remotes(), start=asked.start, end=asked.end, segments=tuple(readable)
        )
        if asked.gaps:
            gaps = [*await self.recorder.gaps(asked.camera, asked.start, asked.end, found), *unreadable]
            fills = await self.backfill.fills(asked.camera, asked.start, asked.end) if self.backfill is not None else []
            plan = msgspec.structs.replace(
                plan,
                gaps=tuple(sorted(gaps, key=lambda one: one.start)),
                locks=tuple(
                    one
                    for one in self.recorder.locks
                    if one.camera == asked.camera and one.start < asked.end and one.end > asked.start
                ),
                filled=tuple(filled(found, fills)),
                fills=tuple(fills),
            )
        return msgspec.msgpack.encode(plan)

    def private(self) -> list[Status]:
        """Return the statuses of the cameras in privacy mode, which no driver tells of."""
        now = self._clock.now()
        found = []
        for camera in self._cameras.values():
            if camera.privacy:
                since = self._private.setdefault(camera.id, now)
                detail = f"privacy mode: {camera.privacy_reason}"
                found.append(
                    Status(ref=f"camera:{camera.id}", state="disabled", detail=detail, since=since, data={"privacy": True})
                )
            else:
                self._private.pop(camera.id, None)
        return found

    async def fill(self, body: bytes) -> bytes:
        """Answer `video.fill` (a msgpack `FillAsk`) with what is tried, a list of `Fill`."""
        asked = _decode(body, FillAsk)
        if self.backfill is None:
            raise Invalid("this process fills no gaps", where="camera")
        return msgspec.msgpack.encode(await self.backfill.ask(asked.camera, asked.start, asked.end, asked.reason, asked.by))

    async def live(self, body: bytes) -> bytes:
        """Answer `video.live` (a msgpack `Watch`) with a msgpack `LivePlace`."""
        asked = _decode(body, Watch)
        if asked.camera not in self._cameras:
            raise NotFound(f'there is no camera "{asked.camera}" here', where="camera")
        online = bool(self.hub.channel(asked.camera).gop)
        return msgspec.msgpack.encode(LivePlace(socket=str(self._socket), camera=asked.camera, online=online))

    async def health(self, body: bytes) -> bytes:
        """Answer `video.health` (a msgpack `Watch`) with a msgpack `domain.video.health.CameraHealth`."""
        asked = _decode(body, Watch)
        if asked.camera not in self._cameras:
            raise NotFound(f'there is no camera "{asked.camera}" here', where="camera")
        told = self._vitals.tell(asked.camera)
        if (instead := self.seconds.instead(asked.camera)) is not None:
            streams = [
                msgspec.structs.replace(one, instead_until=instead.until, instead_reason=instead.reason)
                if one.stream == "sub"
                else one
                for one in told.streams
            ]
            told = msgspec.structs.replace(told, streams=streams)
        return msgspec.msgpack.encode(told)

    async def cast(self, body: bytes) -> bytes:
        """Answer `video.multicast` (a msgpack `Hold`) with a msgpack `Cast`; port 0 where nothing is sent."""
        asked = _decode(body, Hold)
        if asked.camera not in self._cameras:
            raise NotFound(f'there is no camera "{asked.camera}" here', where="camera")
        track = self.hub.channel(channel(asked.camera, asked.stream)).track
        if asked.seconds > 0 and track is not None and track.video.encoding not in CODECS:
            raise Invalid(
                f"a transport stream carries no {track.video.encoding}",
                where="camera",
                remedy="Set it to H.264 or H.265.",
            )
        cast: Cast = self.multicast.hold(
            asked.camera, asked.form, asked.holder, asked.seconds, which=asked.stream, begin=asked.begin
        )
        return msgspec.msgpack.encode(cast)


def _decode(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(body, type=type_)
    except msgspec.MsgspecError as error:
        raise Invalid(str(error)) from None
