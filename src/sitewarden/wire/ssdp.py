"""SSDP, how UPnP devices are found (UPnP Device Architecture 2.0, clause 1): searches, answers and notices. Pure.

Datagrams are HTTP heads without a body. Header names are compared without their case, as devices write them in any.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from msgspec import Struct

GROUP: Final = "239.255.255.250"
PORT: Final = 1900
MAX_DATAGRAM: Final = 4096
"""Bytes; real ones have 300 to 600."""
MAX_HEADERS: Final = 40
MAX_VALUE: Final = 500
"""Characters of a header's value."""
MAX_WAIT: Final = 5
"""Greatest MX in seconds (clause 1.3.2)."""
ROOT: Final = "upnp:rootdevice"

Kind = Literal["search", "answer", "alive", "update", "byebye"]
_NOTICES: Final[dict[str, Kind]] = {"ssdp:alive": "alive", "ssdp:update": "update", "ssdp:byebye": "byebye"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,60}")
_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_UUID = re.compile(r"uuid:([0-9A-Za-z_.-]{1,64})", re.IGNORECASE)


class SsdpError(ValueError):
    """The bytes are no SSDP message, or pass a stated limit."""


class Message(Struct, frozen=True, kw_only=True):
    """One datagram. `target` is ST or NT, `usn` the unique service name, `max_age` in seconds, `wait` a search's MX."""

    kind: Kind
    target: str
    usn: str = ""
    location: str = ""
    server: str = ""
    max_age: int = 1800
    wait: int = 0

    @property
    def uuid(self) -> str:
        """Return the device's UUID out of the USN, in lower case; empty where there is none."""
        found = _UUID.match(self.usn)
        return found[1].lower() if found else ""

    def encode(self) -> bytes:
        """Return the datagram."""
        host = ("HOST", f"{GROUP}:{PORT}")
        about = [("LOCATION", self.location), ("SERVER", self.server)]
        age = ("CACHE-CONTROL", f"max-age={self.max_age}")
        if self.kind == "search":
            first = "M-SEARCH * HTTP/1.1"
            headers = [host, ("MAN", '"ssdp:discover"'), ("MX", str(self.wait)), ("ST", self.target), ("USER-AGENT", self.server)]
        elif self.kind == "answer":
            first = "HTTP/1.1 200 OK"
            headers = [age, ("EXT", ""), *about, ("ST", self.target), ("USN", self.usn)]
        else:
            first = "NOTIFY * HTTP/1.1"
            notice = ("NTS", f"ssdp:{self.kind}")
            more = [] if self.kind == "byebye" else [age, *about]
            headers = [host, *more, ("NT", self.target), notice, ("USN", self.usn)]
        lines = [first, *(f"{name}: {value}".rstrip() for name, value in headers if value or name == "EXT")]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "replace")


def search(target: str = ROOT, *, wait: int = 2, agent: str = "") -> bytes:
    """Return a search for `target`; devices answer at a random time within `wait` seconds (1 to 5)."""
    if not 1 <= wait <= MAX_WAIT:
        raise ValueError(f"MX is 1 to {MAX_WAIT} seconds")
    return Message(kind="search", target=target, wait=wait, server=agent).encode()


def read_ssdp(data: bytes) -> Message:
    """Return the message in a datagram; raise SsdpError."""
    if len(data) > MAX_DATAGRAM:
        raise SsdpError(f"a datagram of more than {MAX_DATAGRAM} bytes")
    lines = data.decode("latin-1").replace("\r\n", "\n").split("\n")
    first, headers = lines[0].strip(), _headers(lines[1:])
    words = first.split()
    if len(words) >= 2 and words[0].upper().startswith("HTTP/1.") and words[1] == "200":
        return _message("answer", headers, headers.get("st", ""))
    if words[:2] == ["NOTIFY", "*"]:
        kind = _NOTICES.get(headers.get("nts", "").lower())
        if kind is None:
            raise SsdpError("a notice that says neither alive, update nor byebye")
        return _message(kind, headers, headers.get("nt", ""))
    if words[:2] == ["M-SEARCH", "*"]:
        if headers.get("man", "").strip('"').lower() != "ssdp:discover":
            raise SsdpError("a search without its MAN header")
        wait = headers.get("mx", "")
        number = min(int(wait), MAX_WAIT) if wait.isascii() and wait.isdigit() and len(wait) < 6 else 0
        return _message("search", headers, headers.get("st", ""), number)
    raise SsdpError("neither an answer, a notice nor a search")


def _message(kind: Kind, headers: dict[str, str], target: str, wait: int = 0) -> Message:
    found = _AGE.search(headers.get("cache-control", ""))
    return Message(
        kind=kind,
        target=target,
        usn=headers.get("usn", ""),
        location=headers.get("location", ""),
        server=headers.get("server", headers.get("user-agent", "")),
        max_age=int(found[1]) if found else 1800,
        wait=wait,
    )


def _headers(lines: list[str]) -> dict[str, str]:
    """Return names in lower case; the first of a name counts, lines that are no header are passed over."""
    found: dict[str, str] = {}
    for count, line in enumerate(lines):
        if not line.strip():
            break
        if count >= MAX_HEADERS:
            raise SsdpError(f"more than {MAX_HEADERS} headers")
        name, colon, value = line.partition(":")
        value = value.strip().replace("\t", " ")
        if not colon or not _NAME.fullmatch(name):
            continue
        if len(value) > MAX_VALUE or not value.isprintable():
            raise SsdpError(f"the header {name} is too long or has control characters")
        found.setdefault(name.lower(), value)
    return found
