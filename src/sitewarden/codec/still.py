"""One key frame as a JPEG file, with PyAV and Pillow."""

from __future__ import annotations

import io
from typing import Final

from av.video.frame import VideoFrame
from PIL.Image import Image

from sitewarden.codec.decoding import Decoder
from sitewarden.codec.messages import Jpeg, Still

QUALITY: Final = 82
WIDEST: Final = 8192


def jpeg(asked: Still) -> Jpeg:
    """Decode a key frame, no wider than asked; raises ValueError and FFmpegError."""
    decoder = Decoder(asked.video)
    frames = decoder.decode(asked.data)
    if not frames:
        frames = decoder.finish()
    if not frames:
        raise ValueError("no picture came of it")
    return encode(frames[0], asked.width, decoder.shape)


def encode(frame: VideoFrame, width: int, shape: float) -> Jpeg:
    """Return a frame as JPEG, `width` wide at most (0: as it is), with square pixels; `shape` is width by height of its own."""
    whole = min(WIDEST, max(1, round(frame.width * shape)))
    wide = min(whole, width) if width else whole
    high = max(1, round(wide * frame.height / (frame.width * shape)))
    image: Image = frame.to_image(width=wide, height=high)  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return Jpeg(data=out.getvalue(), width=wide, height=high)
