"""A stream of pictures to H.264, masked and marked where that is wanted, with PyAV."""

from __future__ import annotations

from fractions import Fraction

from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from sitewarden.codec.decoding import Decoder
from sitewarden.codec.drawing import Drawing
from sitewarden.codec.encoding import Encoder
from sitewarden.codec.messages import Begin, Coded, Shot, Unit
from sitewarden.wire.formats import VideoFormat

HELD = 64
"""Pictures that a decoder may hold back to put them in order; H.265 has 16."""


class Converter:
    """One stream. Its methods raise ValueError and FFmpegError."""

    def __init__(self, asked: Begin) -> None:
        self._asked = asked
        self._drawing = Drawing(asked.masks, asked.mark) if asked.masks or asked.mark else None
        self._decoder: Decoder | None = None
        self._encoder: Encoder | None = None
        self._size = (0, 0)
        self._told: VideoFormat | None = None
        self._shown: dict[int, tuple[int, bool]] = {}

    def take(self, shot: Shot) -> Coded:
        """Convert one picture; what the decoder cannot take is left out."""
        units: list[Unit] = []
        if shot.video is not None:
            units = self._drain()
            self._decoder = Decoder(shot.video)
        if self._decoder is None:
            raise ValueError("a picture before its format")
        while len(self._shown) >= HELD:
            del self._shown[next(iter(self._shown))]
        self._shown[shot.time] = (shot.wall, shot.key)
        for frame in self._decoder.decode(shot.data, shot.time, key=shot.key):
            units += self._frame(frame)
        return self._coded(units)

    def finish(self) -> Coded:
        """Return what decoder and encoder still hold."""
        units = self._drain()
        if self._encoder is not None:
            units += self._encoder.finish()
        return self._coded(units)

    def _drain(self) -> list[Unit]:
        if self._decoder is None:
            return []
        return [unit for frame in self._decoder.finish() for unit in self._frame(frame)]

    def _coded(self, units: list[Unit]) -> Coded:
        video = self._encoder.video if self._encoder is not None else None
        fresh = video if video != self._told else None
        self._told = video
        return Coded(units=tuple(units), video=fresh)

    def _frame(self, frame: VideoFrame) -> list[Unit]:
        assert self._decoder is not None
        time = frame.pts if frame.pts is not None else 0
        wall, key = self._shown.pop(time, (0, False))
        # A file has one size: what changes on the way is fitted to the first.
        kept = self._encoder is not None and not self._asked.live
        width, height = self._size if kept else _even(frame.width, frame.height, self._asked.width)
        units: list[Unit] = []
        if (width, height) != self._size:
            if self._encoder is not None:
                units = self._encoder.finish()
            shape = Fraction(self._decoder.shape).limit_denominator(256)
            self._encoder, self._size, key = Encoder(width, height, shape, live=self._asked.live), (width, height), True
        assert self._encoder is not None
        plain = frame.reformat(width=width, height=height, format="yuv420p", dst_color_range=ColorRange.MPEG)
        if self._drawing is not None:
            plain = self._drawing.draw(plain, wall)
        return units + self._encoder.encode(plain, time, wall, key=key)


def _even(width: int, height: int, most: int) -> tuple[int, int]:
    """Return the size that is encoded, `most` wide at most (0: any); H.264 of 4:2:0 has even sides."""
    if most and width > most:
        width, height = most, round(height * most / width)
    return max(16, width & ~1), max(16, height & ~1)
