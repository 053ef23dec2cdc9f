"""Messages of recordings of the server's disk that cameras may play."""

from __future__ import annotations

from msgspec import Struct

from sitewarden.kit.footage import FootageFile


class FootageAsk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lies in the server's folder of recordings."""


class Footage(Struct, frozen=True, kw_only=True):
    """Recordings that a camera may play: its address is "file:" and one of the names."""

    allowed: bool
    """False where the server's settings name no folder: nothing is played."""
    items: tuple[FootageFile, ...] = ()
    more: bool = False
    """True where there are more than a list has."""
