"""Coded pictures to frames, with PyAV: one decoder a stream, bounded in what it takes on."""

from __future__ import annotations

from typing import Final, cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from sitewarden.wire.formats import VideoFormat
from sitewarden.wire.mpegts import annex_b
from sitewarden.wire.nal import MAX_SIDE

CODECS: Final = {"H264": "h264", "H265": "hevc", "JPEG": "mjpeg"}
MAX_PIXELS: Final = 36_000_000
"""Of one picture: 8K has 33 million."""


class Decoder:
    """Decodes one format's pictures. Its methods raise ValueError and FFmpegError."""

    def __init__(self, video: VideoFormat) -> None:
        if not (0 <= video.width <= MAX_SIDE and 0 <= video.height <= MAX_SIDE and video.width * video.height <= MAX_PIXELS):
            raise ValueError(f"a picture of {video.width}×{video.height}")
        made = cast(VideoCodecContext, av.CodecContext.create(CODECS[video.encoding], "r"))
        made.thread_count = 1
        made.options = {"max_pixels": str(MAX_PIXELS)}
        self._codec = made
        self._plain = video.encoding == "JPEG"
        self._sets = b"".join(b"\x00\x00\x00\x01" + nal for nal in video.parameter_sets)

    @property
    def shape(self) -> float:
        """Width by height of a pixel; 1 where the stream says nothing, or nonsense."""
        ratio = self._codec.sample_aspect_ratio
        return float(ratio) if ratio and 0.25 <= ratio <= 4 else 1.0

    def decode(self, data: bytes, time: int = 0, *, key: bool = True) -> list[VideoFrame]:
        """Take an access unit as the hub has it; return the frames that come of it, in the order in which they are shown."""
        if not self._plain:
            data = (self._sets if key else b"") + annex_b(data)
        packet = av.Packet(data)
        packet.pts = packet.dts = time
        return self._codec.decode(packet)

    def finish(self) -> list[VideoFrame]:
        """Return the frames that it still holds."""
        return self._codec.decode(None)
