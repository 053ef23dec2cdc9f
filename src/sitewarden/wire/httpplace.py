"""Where an http address leads: scheme, host, port and path, checked (RFC 3986, RFC 9110 clause 4.2). Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

LONGEST: Final = 500
"""Characters of an address."""
_TARGET = re.compile(r"/[!-~]*")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}")


class PlaceError(ValueError):
    """The text is no http address that may be asked."""


class HttpPlace(Struct, frozen=True):
    """What can be asked with a GET. `host` is an address, or a name in lower case; `target` begins with a slash."""

    secure: bool
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Return "host:port" as the Host field writes it; the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.target}"


def read_place(text: str, base: HttpPlace | None = None) -> HttpPlace:
    """Return where `text` leads, from `base` where it is relative; raise PlaceError.

    User names in an address, other schemes, white space and control characters are refused; a fragment is dropped.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST or any(not "!" <= character <= "~" for character in text):
        raise PlaceError("the address is empty, too long or has characters that an address cannot have")
    if base is not None and text.startswith("/") and not text.startswith("//"):
        return HttpPlace(base.secure, base.host, base.port, _target(text.partition("#")[0]))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise PlaceError("the address cannot be read") from None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise PlaceError("the address is not http://host/path")
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    secure = parts.scheme == "https"
    number = (443 if secure else 80) if port is None else port
    if number == 0:
        raise PlaceError("the address names port 0")
    return HttpPlace(secure, _host(host), number, _target(target))


def _host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    if not _HOST.fullmatch(text) or text.replace(".", "").isdigit():
        raise PlaceError("the address names no host")
    return text.lower()


def _target(text: str) -> str:
    if not _TARGET.fullmatch(text):
        raise PlaceError("the path of the address cannot be asked for")
    return text
