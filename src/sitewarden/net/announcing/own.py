"""What a node tells of itself, from its settings and the certificate that its first port presents."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitewarden import __version__, ports
from sitewarden.config import Settings

SERVED: Final = {"web": ("server", "http-api"), "analytics": ("analytics",), "lpr": ("lpr",)}
"""Role to the rows that are announced for it."""
_END: Final = "-----END CERTIFICATE-----\n"


class Own(Struct, frozen=True, kw_only=True):
    """What a node tells of itself, beside its addresses."""

    node: str
    name: str
    version: str
    roles: tuple[str, ...]
    ports: tuple[tuple[str, int], ...]
    """Rows and numbers that are served; the first one is what others check."""
    group: str
    """Multicast group of its live media; "" where it sends none."""
    tls: bytes
    """SHA-256 of the certificate of the first port; empty where it speaks no TLS."""
    site: bytes
    """SHA-256 of the site CA's certificate."""


def teller(
    settings: Settings, site: bytes, certificate: Path | None, name: Callable[[], str] | None = None
) -> Callable[[], Own | None]:
    """Return what gives a node's own announcement, asked anew each time.

    `site` is the SHA-256 of its CA's certificate, `certificate` the file of what its first port presents (None: it speaks no
    TLS). It gives None while that file is not there, since the web process makes it at the first start. `name` gives the name
    that people know it by; the settings' name otherwise.
    """
    rows = [row for role in settings.roles for row in SERVED.get(role, ())]
    served = tuple((row, number) for row in rows if isinstance(number := ports.number_of(row, settings.ports), int))
    presented = _Certificate(certificate) if certificate is not None and served else None

    def tell() -> Own | None:
        tls = presented.digest() if presented is not None else b""
        if presented is not None and not tls:
            return None
        return Own(
            node=settings.node,
            name=name() if name is not None else settings.name,
            version=__version__,
            roles=tuple(settings.roles),
            ports=served,
            group=settings.multicast_group if "media" in settings.roles else "",
            tls=tls,
            site=site,
        )

    return tell


class _Certificate:
    """The first certificate of a file; read again when the file was replaced."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._digest = b""

    def digest(self) -> bytes:
        """Return its SHA-256; empty where there is none that can be read."""
        try:
            stat = self._file.stat()
            if (stat.st_mtime_ns, stat.st_ino) != self._seen:
                first = self._file.read_text().partition(_END)[0] + _END
                self._digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first[first.index("-----BEGIN") :])).digest()
                self._seen = (stat.st_mtime_ns, stat.st_ino)
        except (OSError, ValueError):
            self._seen, self._digest = None, b""
        return self._digest
