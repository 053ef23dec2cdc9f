"""Settings of one camera over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config, load
from sitewarden.wire.httpplace import HttpPlace, read_place


class CameraConfig(Config, frozen=True, kw_only=True):
    """Where a camera serves multipart/x-mixed-replace."""

    url: Annotated[str, Meta(max_length=500)]
    """http:// or https://, host, path; user and password stand beside it, never in it."""
    username: Annotated[str, Meta(max_length=120)] = ""
    password: Annotated[str, Meta(max_length=500)] = ""
    stall_seconds: Annotated[float, Meta(ge=1, le=60)] = 5.0
    """Without a picture for so long the connection is dropped and opened anew."""

    def __post_init__(self) -> None:
        _ = self.place

    @property
    def place(self) -> HttpPlace:
        return read_place(self.url)

    @property
    def row(self) -> str:
        return "camera-https" if self.place.secure else "camera-http"

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that this camera needs."""
        return (PortUse(row=self.row, way="out", host=self.place.host, number=self.place.port),)


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": CameraConfig}


def read(config: dict[str, Any], where: str) -> CameraConfig:
    """Check a camera's settings; raise Misconfigured with what, where and what to do."""
    return load(CameraConfig, config, where)
