"""The hub: takes access units and sound from the drivers, keeps each channel's current group of pictures, hands frames on.

Everything here is synchronous and runs in the loop's thread; nothing blocks. Bounds: a group of pictures of more than
MAX_GOP_BYTES or MAX_GOP_FRAMES is not kept whole, so a late viewer of such a camera waits for its next key frame; sound is kept
for RUN at most.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

from sitewarden.domain.clock import SECOND, Clock
from sitewarden.media.channel import Channel, Frame, Run, Subscriber, Track
from sitewarden.wire.fmp4 import sample
from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.nal import NalError


class Hub:
    """Implements `kit.context.MediaSink` for the cameras of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._channels: dict[str, Channel] = {}
        self._demands: dict[str, asyncio.Event] = {}
        self.on_starved: Callable[[str], None] = lambda channel: None
        """Called with a channel that only a key frame helps, where its own way takes no request for one."""

    def channel(self, name: str) -> Channel:
        """Return the channel; it is made at its first use."""
        found = self._channels.get(name)
        if found is None:
            found = self._channels[name] = Channel(name)
        return found

    def silent(self, name: str) -> float:
        """Return the seconds since a channel's last picture; infinite where none ever came."""
        channel = self._channels.get(name)
        return (self._clock.now() - channel.last) / SECOND if channel is not None and channel.last else math.inf

    def drop(self, name: str) -> None:
        """Forget a channel that is configured no more; its subscribers are told."""
        channel = self._channels.pop(name, None)
        if channel is not None:
            for subscriber in tuple(channel.subscribers):
                subscriber.on_lost("the camera was removed")

    def subscribe(self, name: str, subscriber: Subscriber) -> Callable[[], None]:
        """Give `subscriber` the track and the current group of pictures at once, then every frame; return what ends it."""
        channel = self.channel(name)
        if channel.track is not None:
            subscriber.on_track(channel.track)
            for frame in channel.gop:
                subscriber.on_frame(frame)
        channel.subscribers.append(subscriber)
        if (demand := self._demands.pop(name, None)) is not None:
            demand.set()

        def end() -> None:
            if subscriber in channel.subscribers:
                channel.subscribers.remove(subscriber)

        return end

    def wanted(self, name: str) -> bool:
        """Tell whether the channel has a subscriber."""
        channel = self._channels.get(name)
        return channel is not None and bool(channel.subscribers)

    async def demand(self, name: str) -> None:
        """Wait until the channel has a subscriber."""
        while not self.wanted(name):
            await self._demands.setdefault(name, asyncio.Event()).wait()

    def video_track(self, name: str, video: VideoFormat) -> None:
        """Announce or change the pictures; what cannot be understood is taken as lost."""
        self._announce(self.channel(name), video)

    def audio_track(self, name: str, audio: AudioFormat | None) -> None:
        """Announce or change the sound."""
        channel = self.channel(name)
        channel.silence(audio)
        if channel.track is not None and channel.track.audio != audio:
            self._announce(channel, channel.track.video)

    def _announce(self, channel: Channel, video: VideoFormat) -> None:
        try:
            track = Track.of(video, channel.audio)
        except (NalError, StopIteration, IndexError) as error:
            self.lost(channel.name, f"a track of {video.encoding} without its parameter sets: {error}")
            return
        if track == channel.track:
            return
        channel.track = track
        channel.plain = video.encoding == "JPEG"
        channel.gop = []
        for subscriber in tuple(channel.subscribers):
            subscriber.on_track(track)

    def access_unit(self, name: str, data: Sequence[memoryview | bytes], rtp_time: int, wall: int, key: bool) -> None:
        """Take one access unit."""
        channel = self.channel(name)
        if channel.track is None:
            return
        timeline = channel.timeline
        decode_time, offset, jumped = timeline.push(rtp_time, key)
        channel.sequence += 1
        body = b"".join(data) if channel.plain else sample(data)
        channel.take(Frame(body, channel.sequence, decode_time, offset, timeline.interval, wall, key, jumped))

    def sound(self, name: str, frames: Sequence[bytes], duration: int, rtp_time: int, wall: int) -> None:
        """Take frames of sound; before the first picture they are let go."""
        channel = self._channels.get(name)
        if channel is not None and channel.gop:
            channel.listen(frames, duration, rtp_time, wall)

    def starved(self, name: str) -> None:
        """Have the camera asked for a key frame on another way."""
        self.on_starved(name)

    def lost(self, name: str, reason: str) -> None:
        """The stream ended: the group of pictures is let go, since nobody shall see it as live."""
        channel = self._channels.get(name)
        if channel is None:
            return
        channel.flush_sound()
        channel.silence(channel.audio)
        channel.gop = []
        for subscriber in tuple(channel.subscribers):
            subscriber.on_lost(reason)


__all__ = ["Channel", "Frame", "Hub", "Run", "Subscriber", "Track"]
