"""What a picture says of itself: JPEG (ITU-T T.81) or PNG (ISO/IEC 15948), and how large it is. Pure; nothing is decoded.

Browsers decode what was stored, so what could make them labour is refused here: the size in pixels stands in the header.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from sitewarden.domain.errors import Invalid

PictureType = Literal["image/jpeg", "image/png"]

MAX_PICTURE: Final = 256 * 1024
"""Bytes of a person's picture."""
MAX_SIDE: Final = 4096
"""Pixels of its longer side."""
MIN_SIDE: Final = 16
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a frame's header, SOF0 to SOF15."""
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers with no length."""


class PictureFacts(Struct, frozen=True, kw_only=True):
    """Type of a picture, and its sides in pixels."""

    media_type: PictureType
    width: int
    height: int


def look_at(content: bytes) -> PictureFacts:
    """Return what a picture is; raises Invalid where it is none that is taken."""
    if not content or len(content) > MAX_PICTURE:
        raise Invalid(
            f"The picture has {len(content)} bytes; {MAX_PICTURE} are the limit.", where="content", remedy="Send a smaller one."
        )
    media_type: PictureType
    if content.startswith(_PNG):
        media_type, sides = PNG, _png(content)
    elif content.startswith(b"\xff\xd8\xff"):
        media_type, sides = JPEG, _jpeg(content)
    else:
        raise Invalid("This is no JPEG and no PNG.", where="content", remedy="Send a picture in one of these formats.")
    if sides is None:
        raise Invalid("The picture is damaged: its header does not tell its size.", where="content", remedy="Save it again.")
    if not (min(sides) >= MIN_SIDE and max(sides) <= MAX_SIDE):
        raise Invalid(
            f"The picture has {sides[0]} × {sides[1]} pixels; each side has {MIN_SIDE} to {MAX_SIDE}.",
            where="content",
            remedy="Scale it; 600 × 800 pixels are enough.",
        )
    return PictureFacts(media_type=media_type, width=sides[0], height=sides[1])


def _png(content: bytes) -> tuple[int, int] | None:
    """Return width and height of the header chunk, which stands first (ISO/IEC 15948, 11.2.2)."""
    if content[8:16] != b"\x00\x00\x00\rIHDR" or len(content) < 33:
        return None
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """Return width and height of the first frame (T.81, B.2.2); markers before it are stepped over by their lengths."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        length = int.from_bytes(content[at + 2 : at + 4])
        if marker in _FRAMES:
            if length < 8 or at + 2 + length > len(content):
                return None
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        if length < 2 or marker in (0xD8, 0xD9, 0xDA):
            return None
        at += 2 + length
    return None
