"""Heads of HTTP/1.1 requests and answers (RFC 9112) that pass the viewer: read, looked at, written anew. Pure."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

MAX_HEAD: Final = 64 * 1024
_LIVE = re.compile(r"/api/v1/cameras/([a-z0-9-]{1,64})/live(?:\?(?:media=video|(stream=sub)))?")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class HeadError(ValueError):
    """The bytes are no head that is passed on."""


class Head(Struct, frozen=True):
    """A start line and header fields in their order, names in lower case."""

    start: str
    fields: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """Return the first field of this name, empty where there is none."""
        return next((value for key, value in self.fields if key == name), "")

    @property
    def target(self) -> str:
        """The request's target."""
        return self.start.split(" ")[1]

    @property
    def upgrade(self) -> bool:
        """Tell whether a WebSocket is asked for."""
        return self.get("upgrade").lower() == "websocket" and "upgrade" in self.get("connection").lower()

    @property
    def live(self) -> str:
        """The camera whose live pictures are asked for over a WebSocket; empty for any other request."""
        found = _LIVE.fullmatch(self.target) if self.upgrade else None
        return found[1] if found else ""

    @property
    def second(self) -> bool:
        """Tell whether these live pictures are the camera's second stream."""
        found = _LIVE.fullmatch(self.target)
        return found is not None and found[2] is not None

    def encode(self) -> bytes:
        """Return it as it is sent."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.fields), "", ""]
        return "\r\n".join(lines).encode("latin-1")


def read(data: bytes) -> Head:
    """Read a head up to and with its empty line; raises HeadError."""
    start, *lines = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
    if start.count(b" ") < 2 or not start.isascii():
        raise HeadError("this is no HTTP")
    fields = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name) or b"\n" in value or b"\r" in value:
            raise HeadError("a header field cannot be read")
        fields.append((name.decode("ascii").lower(), value.strip().decode("latin-1")))
    return Head(start.decode("ascii"), tuple(fields))


def towards_server(head: Head, own: frozenset[str], server: str) -> Head:
    """Return a browser's request as the server takes it; `own` are the viewer's origins, `server` is the server's.

    A request that names another host comes from a page that tricked the browser (DNS rebinding): HeadError.
    """
    host = head.get("host").lower()
    if f"http://{host}" not in own:
        raise HeadError(f'"{host}" is not this viewer')
    fields = []
    for name, value in head.fields:
        if name == "host":
            fields.append((name, server.partition("://")[2]))
        elif name == "origin":
            fields.append((name, server if value.lower() in own else value))
        elif name == "connection" and not head.upgrade:
            continue
        elif name not in ("referer", "proxy-connection", "keep-alive"):
            fields.append((name, value))
    if not head.upgrade:
        fields.append(("connection", "close"))
    return Head(head.start, tuple(fields))


def towards_browser(head: Head) -> Head:
    """Return the server's answer as the browser takes it over loopback: cookies are not bound to TLS, nor is the host name."""
    fields = []
    for name, value in head.fields:
        if name == "set-cookie":
            value = "; ".join(part for part in value.split("; ") if part.lower() != "secure")
        if name != "strict-transport-security":
            fields.append((name, value))
    return Head(head.start, tuple(fields))
