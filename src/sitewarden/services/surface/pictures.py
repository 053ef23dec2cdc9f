"""Messages of people's pictures."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sitewarden.domain.access.pictures import MAX_PICTURE, PictureType
from sitewarden.domain.entity import Id


class PictureRef(Struct, frozen=True, kw_only=True):
    """Whose picture."""

    id: Id


class SetPicture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new picture of somebody, JPEG or PNG; base64 in JSON."""

    id: Id
    content: Annotated[bytes, Meta(min_length=16, max_length=MAX_PICTURE)]


class Picture(Struct, frozen=True, kw_only=True):
    """A picture; base64 in JSON."""

    media_type: PictureType
    width: int
    height: int
    content: bytes
