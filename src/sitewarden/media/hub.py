"""The hub: takes access units from the drivers, keeps each camera's current group of pictures, hands frames on.

Everything here is synchronous and runs in the loop's thread; nothing blocks. Bounds: a group of pictures of more than
MAX_GOP_BYTES or MAX_GOP_FRAMES is not kept whole, so a late viewer of such a camera waits for its next key frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from msgspec import Struct

from sitewarden.domain.clock import Clock
from sitewarden.media.timeline import Timeline
from sitewarden.wire.fmp4 import frame_header, init_segment, sample
from sitewarden.wire.h264 import SPS, H264Error, parse_sps

MAX_GOP_BYTES: Final = 16 * 1024 * 1024
MAX_GOP_FRAMES: Final = 1200


class Track(Struct, frozen=True, kw_only=True):
    """What a camera sends now."""

    codec: str
    """RFC 6381: "avc1.64001f"."""
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    width: int
    height: int
    init: bytes
    """The init segment for live viewing."""


class Frame:
    """One access unit on its way to recorder and viewers."""

    __slots__ = ("_fragment", "data", "decode_time", "duration", "jumped", "key", "offset", "sequence", "wall")

    def __init__(
        self, data: bytes, sequence: int, decode_time: int, offset: int, duration: int, wall: int, key: bool, jumped: bool
    ) -> None:
        self.data = data
        """NAL units with 4-byte lengths."""
        self.sequence = sequence
        self.decode_time = decode_time
        self.offset = offset
        self.duration = duration
        """Of the frame before, 1/90,000 s: its own is not known yet."""
        self.wall = wall
        self.key = key
        self.jumped = jumped
        """True where the camera began a new timeline here."""
        self._fragment: bytes | None = None

    @property
    def fragment(self) -> bytes:
        """The frame as a fragment of its own; made once, at the first viewer's wish."""
        if self._fragment is None:
            head = frame_header(self.sequence, self.decode_time, self.duration, self.offset, self.key, len(self.data))
            self._fragment = head + self.data
        return self._fragment


class Subscriber(Protocol):
    """Who takes a camera's frames; its methods must not block and must not raise."""

    def on_track(self, track: Track) -> None: ...

    def on_frame(self, frame: Frame) -> None: ...

    def on_lost(self, reason: str) -> None: ...


class Channel:
    """One camera in the hub."""

    def __init__(self, camera: str) -> None:
        self.camera = camera
        self.track: Track | None = None
        self.gop: list[Frame] = []
        self.subscribers: list[Subscriber] = []
        self.timeline = Timeline()
        self.sequence = 0
        self.frames = 0
        self.bytes = 0
        self.last = 0
        """Wall time of the last frame, microseconds since 1970 UTC; 0 before the first."""
        self._gop_bytes = 0

    def take(self, frame: Frame) -> None:
        """Keep the frame and hand it on."""
        size = len(frame.data)
        if frame.key:
            self.gop = [frame]
            self._gop_bytes = size
        elif self.gop:
            self.gop.append(frame)
            self._gop_bytes += size
            if self._gop_bytes > MAX_GOP_BYTES or len(self.gop) > MAX_GOP_FRAMES:
                self.gop = []
        self.frames += 1
        self.bytes += size
        self.last = frame.wall
        for subscriber in tuple(self.subscribers):
            subscriber.on_frame(frame)


class Hub:
    """Implements `kit.context.MediaSink` for the cameras of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._channels: dict[str, Channel] = {}

    def channel(self, camera: str) -> Channel:
        """Return the camera's channel; it is made at its first use."""
        found = self._channels.get(camera)
        if found is None:
            found = self._channels[camera] = Channel(camera)
        return found

    def drop(self, camera: str) -> None:
        """Forget a camera that is configured no more; its subscribers are told."""
        channel = self._channels.pop(camera, None)
        if channel is not None:
            for subscriber in tuple(channel.subscribers):
                subscriber.on_lost("the camera was removed")

    def subscribe(self, camera: str, subscriber: Subscriber) -> Callable[[], None]:
        """Give `subscriber` the track and the current group of pictures at once, then every frame; return what ends it."""
        channel = self.channel(camera)
        if channel.track is not None:
            subscriber.on_track(channel.track)
            for frame in channel.gop:
                subscriber.on_frame(frame)
        channel.subscribers.append(subscriber)

        def end() -> None:
            if subscriber in channel.subscribers:
                channel.subscribers.remove(subscriber)

        return end

    def track(self, camera: str, codec: str, parameter_sets: Sequence[bytes], width: int, height: int) -> None:
        """Announce or change the video track; one that cannot be understood is taken as lost."""
        sps = tuple(nal for nal in parameter_sets if nal[0] & 0x1F == SPS)
        pps = tuple(nal for nal in parameter_sets if nal[0] & 0x1F != SPS)
        channel = self.channel(camera)
        if codec != "h264" or not sps or not pps:
            self.lost(camera, f"a track of {codec} without its parameter sets")
            return
        try:
            track = Track(
                codec=parse_sps(sps[0]).codec, sps=sps, pps=pps, width=width, height=height, init=init_segment(sps, pps)
            )
        except H264Error as error:
            self.lost(camera, str(error))
            return
        if track == channel.track:
            return
        channel.track = track
        channel.gop = []
        for subscriber in tuple(channel.subscribers):
            subscriber.on_track(track)

    def access_unit(self, camera: str, data: Sequence[memoryview | bytes], rtp_time: int, wall: int, key: bool) -> None:
        """Take one access unit."""
        channel = self.channel(camera)
        if channel.track is None:
            return
        timeline = channel.timeline
        decode_time, offset, jumped = timeline.push(rtp_time, key)
        channel.sequence += 1
        channel.take(Frame(sample(data), channel.sequence, decode_time, offset, timeline.interval, wall, key, jumped))

    def lost(self, camera: str, reason: str) -> None:
        """The stream ended: the group of pictures is let go, since nobody shall see it as live."""
        channel = self._channels.get(camera)
        if channel is None:
            return
        channel.gop = []
        for subscriber in tuple(channel.subscribers):
            subscriber.on_lost(reason)
