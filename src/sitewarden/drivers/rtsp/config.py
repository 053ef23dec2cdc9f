"""Settings of one camera session."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config, load

DEFAULT_PORTS: Final = {"rtsp": 554, "rtsps": 322}


class CameraConfig(Config, frozen=True, kw_only=True):
    """How a camera's stream is reached."""

    url: Annotated[str, Meta(max_length=500)]
    """rtsp:// or rtsps://, host, path; user and password stand beside it, never in it."""
    username: Annotated[str, Meta(max_length=120)] = ""
    password: Annotated[str, Meta(max_length=500)] = ""
    transport: Literal["tcp", "udp", "multicast"] = "tcp"
    """"tcp": RTP inside the RTSP connection; "udp": to a pair of media-input ports; "multicast": to the camera's own group."""
    audio: bool = False
    """Takes the sound, too, where the camera sends any; it is recorded and heard live."""
    on_demand: bool = False
    """Opens the session only while somebody looks at it."""
    stall_seconds: Annotated[float, Meta(ge=1, le=60)] = 5.0
    """Without a picture for so long the session is dropped and opened anew."""

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable or any(character in self.url for character in "\r\n \t"):
            raise ValueError("the URL is no stream address; write rtsp://host:port/path")
        if "@" in parts.netloc:
            raise ValueError("the URL carries a user; set username and password in their own fields")

    @property
    def secure(self) -> bool:
        return urlsplit(self.url).scheme == "rtsps"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def number(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or DEFAULT_PORTS[parts.scheme]

    def uses(self) -> tuple[PortUse, ...]:
        """Return the ports that this camera needs."""
        session = PortUse(row="rtsps" if self.secure else "rtsp", way="out", host=self.host, number=self.number)
        rows = {"tcp": (), "udp": ("media-input",), "multicast": ("camera-multicast",)}[self.transport]
        return (session, *(PortUse(row=row, way="in", host=self.host) for row in rows))


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": CameraConfig}


def read(config: dict[str, Any], where: str) -> CameraConfig:
    """Check a camera's settings; raise Misconfigured with what, where and what to do."""
    return load(CameraConfig, config, where)
