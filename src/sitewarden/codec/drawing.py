"""Masks and a mark, drawn into frames of 4:2:0 with NumPy and Pillow."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw, ImageFont

from sitewarden.codec.messages import Mark

BLACK: Final = 16
"""Of the luminance of 4:2:0 as it is broadcast; 128 is no colour."""
WHITE: Final = 235
FONTS: Final = ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf")
"""Tried first, since Pillow's own font has Latin letters alone."""


class Drawing:
    """What is drawn into every picture of a stream."""

    def __init__(self, masks: tuple[tuple[float, float, float, float], ...], mark: Mark | None) -> None:
        self._masks, self._mark = masks, mark
        self._zone = ZoneInfo(mark.zone) if mark else UTC
        self._strip: tuple[tuple[int, int, int], Any] | None = None

    def draw(self, frame: VideoFrame, wall: int) -> VideoFrame:
        """Return a copy of the frame (yuv420p, even sides) with the masks and the mark."""
        width, height = frame.width, frame.height
        planes: Any = frame.to_ndarray()
        luma = planes[:height]
        # Rows of both colours' planes are half as wide, two of them side by side.
        colours = planes[height:].reshape(2, height // 2, width // 2)
        for mask in self._masks:
            left, top, right, bottom = box(mask, width, height)
            luma[top:bottom, left:right] = BLACK
            colours[:, top // 2 : bottom // 2, left // 2 : right // 2] = 128
        if self._mark is not None:
            strip = self._text(width, height, wall)
            tall = strip.shape[0]
            below = luma[height - tall :]
            below[:] = np.where(strip > 0, strip, (below >> 1) + BLACK // 2)
            colours[:, (height - tall) // 2 :] = 128
        return VideoFrame.from_ndarray(planes, format="yuv420p")

    def _text(self, width: int, height: int, wall: int) -> Any:
        """Return the strip's luminance, 0 where there is no letter; made anew each second."""
        assert self._mark is not None
        key = (width, height, wall // 1_000_000)
        if self._strip is not None and self._strip[0] == key:
            return self._strip[1]
        moment = datetime.fromtimestamp(wall // 1_000_000, UTC).astimezone(self._zone)
        left = f"{self._mark.left}  {moment:%Y-%m-%d %H:%M:%S %Z}"
        largest = max(8, height // 32)
        tall = (largest * 3 // 2 + 1) & ~1
        image = Image.new("L", (width, tall))
        pen = ImageDraw.Draw(image)
        # Both texts stay whole: where they are wider than the picture, the letters get smaller.
        for size in range(largest, 5, -1):
            font = _font(size)
            wide = pen.textlength(left, font), pen.textlength(self._mark.right, font)
            if sum(wide) + 3 * size <= width:
                break
        pen.text((size // 2, tall // 2), left, WHITE, font, "lm")
        pen.text((width - size // 2, tall // 2), self._mark.right, WHITE, font, "rm")
        strip = np.asarray(image)
        self._strip = (key, strip)
        return strip


def box(mask: tuple[float, float, float, float], width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom in pixels of a mask in percent: even, and nothing of it left out."""
    left, top, wide, high = mask
    right, bottom = math.ceil((left + wide) * width / 100), math.ceil((top + high) * height / 100)
    first = max(0, math.floor(left * width / 100) & ~1), max(0, math.floor(top * height / 100) & ~1)
    return *first, min(width, right + (right & 1)), min(height, bottom + (bottom & 1))


@lru_cache(maxsize=64)
def _font(size: int) -> Any:
    for path in FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)
