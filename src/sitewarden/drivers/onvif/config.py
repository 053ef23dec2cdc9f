"""Settings of one camera's ONVIF services."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config, load
from sitewarden.wire.httpplace import HttpPlace, PlaceError, read_place

DEVICE_SERVICE: Final = "/onvif/device_service"
"""Where the device service answers (ONVIF Core Specification, clause 5.1.1)."""


class CameraConfig(Config, frozen=True, kw_only=True):
    """Where a camera's ONVIF services answer, and as whom they are asked."""

    address: Annotated[str, Meta(max_length=500)]
    """http:// or https://, host, path of the device service; a path that is left out is /onvif/device_service."""
    username: Annotated[str, Meta(max_length=120)] = ""
    password: Annotated[str, Meta(max_length=500)] = ""
    fingerprint: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """SHA-256 of the certificate that the camera shows, where no authority that this computer trusts signed it."""

    def __post_init__(self) -> None:
        try:
            read_place(self.address)
        except PlaceError as error:
            raise ValueError(f"{error}; write http://host/onvif/device_service") from None
        if not (self.username.isprintable() and self.password.isprintable()):
            raise ValueError("user or password have control characters, which no camera takes")

    @property
    def place(self) -> HttpPlace:
        """Return where the device service answers."""
        place = read_place(self.address)
        return place if place.target != "/" else HttpPlace(place.secure, place.host, place.port, DEVICE_SERVICE)

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that this camera needs."""
        place = self.place
        return (PortUse(row=row_of(place), way="out", host=place.host, number=place.port),)


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": CameraConfig}


def row_of(place: HttpPlace) -> str:
    """Return the row of the port manifest that a place is reached by."""
    return "onvif-tls" if place.secure else "onvif"


def read(config: dict[str, Any], where: str) -> CameraConfig:
    """Check a camera's settings; raise Misconfigured with what, where and what to do."""
    return load(CameraConfig, config, where)
