"""A recording of this server's disk, taken apart in its own time, once or again and again. Nothing is decoded.

The file comes as a descriptor that the parent opened, and FFmpeg may open nothing else: no name, no protocol, and only the
containers that are meant, whatever a file says that it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import av
import av.error

from sitewarden.codec.demux_messages import Picture, Pictures, Source, Told
from sitewarden.codec.reel import Reel

CONTAINERS: Final = "mov,matroska,mpegts,avi"
OPTIONS: Final = {"format_whitelist": CONTAINERS, "protocol_whitelist": "none", "fflags": "+genpts"}
CODECS: Final = {"h264": "H264", "hevc": "H265"}
RATE: Final = 90000
FRAME: Final = 3600
"""How long a picture stands where its container does not say: 40 ms."""
ORDER: Final = (
    "its pictures are not in the order in which they are shown, and it does not say when each is (AVI cannot); "
    "encode it anew, as MP4 or MKV"
)


class WrongFile(ValueError):
    """What cannot be played, however often it is tried."""


class Pace(Protocol):
    """Lets pictures go in their own time."""

    def wait(self, shown: float) -> None: ...


class Ears(Protocol):
    """Tells frames of sound."""

    def begin(self, stream: Any) -> None: ...
    def take(self, shown: int, data: bytes) -> None: ...


class Film:
    """One recording."""

    def __init__(self, source: Source, tell: Callable[[Told], None], pace: Pace, ears: Ears) -> None:
        self._source, self._tell, self._pace, self._ears = source, tell, pace, ears
        self._reel = Reel()
        self._described = False

    def play(self, described: Callable[[Any, str], Pictures]) -> None:
        """Play it once, or until the parent is gone. Raises WrongFile, FFmpegError."""
        with open(self._source.file, "rb", buffering=0, closefd=False) as file:
            while True:
                file.seek(0)
                self._run(file, described)
                if not self._source.again:
                    return

    def _run(self, file: Any, described: Callable[[Any, str], Pictures]) -> None:
        with av.open(file, options=dict(OPTIONS)) as container:
            videos = [one for one in container.streams.video if one.codec_context.name in CODECS]
            if not videos:
                names = ", ".join(one.codec_context.name for one in container.streams.video) or "missing"
                raise WrongFile(f"its pictures are {names}; convert the file to H.264 or H.265")
            video = videos[0]
            form = container.format.name.split(",")[0]
            if form == "avi" and video.codec_context.has_b_frames:
                raise WrongFile(ORDER)
            taken: list[Any] = [video]
            if self._source.audio and container.streams.audio:
                taken.append(container.streams.audio[0])
            if not self._described:
                self._described = True
                self._tell(described(video, form))
                if len(taken) > 1:
                    self._ears.begin(taken[1])
            self._packets(container, taken)
        for heard, data in self._reel.rewind():
            self._ears.take(heard, data)

    def _packets(self, container: Any, taken: list[Any]) -> None:
        video, reel = taken[0], self._reel
        usual = round(RATE / video.average_rate) if video.average_rate else FRAME
        try:
            for packet in container.demux(*taken):
                if not packet.size:
                    continue
                scale = packet.time_base * RATE
                span = round((packet.duration or 0) * scale)
                if packet.stream is not video:
                    if packet.pts is not None:
                        reel.sound(round(packet.pts * scale), span, bytes(packet))
                    continue
                if packet.pts is None:
                    raise WrongFile(ORDER)
                time = reel.picture(round(packet.pts * scale), span or usual, key=packet.is_keyframe)
                if time is None:
                    continue
                due = packet.dts if packet.dts is not None else packet.pts
                self._pace.wait((round(due * scale) + reel.offset) / RATE)
                self._tell(Picture(time, bytes(packet)))
                for heard, data in reel.heard():
                    self._ears.take(heard, data)
        except av.error.FFmpegError:
            # A file that is damaged further on is played as far as it goes.
            if not reel.began:
                raise
        if not reel.began:
            raise WrongFile("it has no picture that can be shown")
