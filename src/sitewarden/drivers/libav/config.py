"""Settings of one stream that FFmpeg fetches, or of a recording that it plays."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from msgspec import Meta, Struct

from sitewarden.domain.errors import Invalid
from sitewarden.domain.network.use import PortUse
from sitewarden.domain.video.model import FILE
from sitewarden.kit.config import Config, load
from sitewarden.kit.footage import name_of

PORTS: Final = {"rtmp": 1935, "rtmps": 443, "http": 80, "https": 443}
_WEB: Final = "http,https,httpproxy,tcp,tls,crypto"
PROTOCOLS: Final = {"rtmp": "rtmp,tcp", "rtmps": "rtmps,tls,tcp", "http": _WEB, "https": _WEB}
"""What FFmpeg may use for an address of each scheme: neither files nor pipes, whatever a playlist names."""


class CameraConfig(Config, frozen=True, kw_only=True):
    """Where a stream is fetched."""

    url: Annotated[str, Meta(max_length=500)]
    """rtmp://, rtmps://, http:// or https:// (HLS or a transport stream); user and password stand beside it, never in it. Or
    file: and the path of a recording within the folder that the server's settings allow."""
    username: Annotated[str, Meta(max_length=120)] = ""
    password: Annotated[str, Meta(max_length=500)] = ""
    audio: bool = False
    """Takes the sound, too, where the stream has any; it is recorded and heard live."""
    repeat: bool = True
    """A recording begins anew when it is over."""
    stall_seconds: Annotated[float, Meta(ge=1, le=60)] = 10.0
    """Without a picture for so long the child is killed, and the stream fetched anew."""

    def __post_init__(self) -> None:
        if self.file:
            try:
                name_of(self.url)
            except Invalid as error:
                raise ValueError(f"{error.what}; {error.remedy}") from None
            return
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable or not self.url.isprintable() or " " in self.url:
            raise ValueError("the URL is no stream address; write rtmp://host/app/stream or https://host/path.m3u8")
        if "@" in parts.netloc:
            raise ValueError("the URL carries a user; set username and password in their own fields")

    @property
    def file(self) -> str:
        """The recording's name in the folder; empty where the stream is fetched."""
        return self.url.removeprefix(FILE) if self.url.startswith(FILE) else ""

    @property
    def scheme(self) -> str:
        return urlsplit(self.url).scheme

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def number(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or PORTS[parts.scheme]

    @property
    def whole(self) -> str:
        """The address with user and password, for the child alone."""
        if not self.username:
            return self.url
        parts = urlsplit(self.url)
        return urlunsplit(
            parts._replace(netloc=f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@{parts.netloc}")
        )

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that this camera needs; a recording needs none."""
        if self.file:
            return ()
        return (PortUse(row="camera-stream", way="out", host=self.host, number=self.number),)


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": CameraConfig}


def read(config: dict[str, Any], where: str) -> CameraConfig:
    """Check a camera's settings; raise Misconfigured with what, where and what to do."""
    return load(CameraConfig, config, where)
