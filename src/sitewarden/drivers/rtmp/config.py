"""Settings of one camera that publishes."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config, load
from sitewarden.kit.errors import Misconfigured

LEAST_KEY: Final = 8
"""Characters of a stream key."""


class CameraConfig(Config, frozen=True, kw_only=True):
    """How a camera's publisher proves itself."""

    key: Annotated[str, Meta(max_length=500)] = ""
    """The stream key."""
    audio: bool = False
    """Takes the sound, too, where the encoder sends any; it is recorded and heard live."""
    stall_seconds: Annotated[float, Meta(ge=1, le=60)] = 5.0
    """Without a picture for so long the connection is closed, and the encoder dials again."""

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that this camera needs; where its publisher stands is not known."""
        return (PortUse(row="rtmp", way="in"),)


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": CameraConfig}


def read(config: dict[str, Any], where: str) -> CameraConfig:
    """Check a camera's settings; raise Misconfigured with what, where and what to do."""
    found = load(CameraConfig, config, where)
    if len(found.key) < LEAST_KEY:
        what = f"a stream key of fewer than {LEAST_KEY} characters" if found.key else "no stream key"
        raise Misconfigured(f"the camera has {what}; make a new one on its page, or by `sitewarden camera key`")
    return found
