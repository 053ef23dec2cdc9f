"""Frames to H.264, with PyAV: no picture refers to a later one, so that each comes out as it goes in."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from sitewarden.codec.messages import Unit
from sitewarden.wire.fmp4 import TIMESCALE, sample
from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.h264 import AUD, FILLER, IDR, PPS, SEI, SPS, video_format
from sitewarden.wire.nal import split_annex_b

ENCODER: Final = "libx264"
RATE: Final = 25
"""Frames a second that the encoder reckons with; each has its own time."""
_LEFT_OUT: Final = frozenset((SPS, PPS, AUD, SEI, FILLER))
_LIVE: Final = {
    "preset": "superfast",
    "tune": "zerolatency",
    "profile": "baseline",
    "crf": "26",
    "x264-params": "keyint=100:scenecut=0:threads=1:vbv-maxrate=4000:vbv-bufsize=4000",
}
_FILE: Final = {
    "preset": "veryfast",
    "profile": "high",
    "crf": "21",
    "x264-params": "keyint=100:bframes=0:threads=2:rc-lookahead=10",
}


class Encoder:
    """One encoder of pictures of one size, both sides even. Its methods raise ValueError and FFmpegError."""

    def __init__(self, width: int, height: int, shape: Fraction, *, live: bool) -> None:
        if ENCODER not in av.codecs_available:
            raise ValueError(f"PyAV has no encoder of H.264 here ({ENCODER})")
        made = av.CodecContext.create(ENCODER, "w")
        assert isinstance(made, VideoCodecContext)
        made.width, made.height, made.pix_fmt = width, height, "yuv420p"
        made.sample_aspect_ratio = shape
        made.time_base = Fraction(1, TIMESCALE)
        made.framerate = Fraction(RATE, 1)
        made.max_b_frames = 0
        made.options = _LIVE if live else _FILE
        self._codec = made
        self._walls: dict[int, int] = {}
        self._last = -1
        self.video: VideoFormat | None = None
        """What comes out, from the first unit on."""

    def encode(self, frame: VideoFrame, time: int, wall: int, *, key: bool) -> list[Unit]:
        """Take a frame that is shown at `time`; what is not after the one before is let go."""
        if time <= self._last:
            return []
        self._last = time
        frame.pts, frame.time_base = time, Fraction(1, TIMESCALE)
        frame.pict_type = PictureType.I if key else PictureType.NONE
        self._walls[time] = wall
        return self._units(self._codec.encode(frame))

    def finish(self) -> list[Unit]:
        """Return what it still holds."""
        return self._units(self._codec.encode(None))

    def _units(self, packets: Iterable[Packet[Any]]) -> list[Unit]:
        found = []
        for packet in packets:
            nals = split_annex_b(bytes(packet))
            sets = tuple(nal for nal in nals if nal[0] & 0x1F in (SPS, PPS))
            if sets and (self.video is None or sets != self.video.parameter_sets):
                self.video = video_format(sets)
            time = packet.pts or 0
            pictures = [nal for nal in nals if nal[0] & 0x1F not in _LEFT_OUT]
            key = any(nal[0] & 0x1F == IDR for nal in pictures)
            found.append(Unit(time, self._walls.pop(time, 0), key, sample(pictures)))
        return found
