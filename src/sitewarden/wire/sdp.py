"""Session descriptions as cameras send them (RFC 8866), with what H.264 and H.265 add (RFC 6184, 8.2; RFC 7798, 7.2)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from msgspec import Struct

MAX_LINES: Final = 2000
MAX_MEDIA: Final = 32
MAX_PARAMETER_SETS: Final = 16
STATIC: Final = {0: ("PCMU", 8000, 1), 8: ("PCMA", 8000, 1), 10: ("L16", 44100, 2), 11: ("L16", 44100, 1), 26: ("JPEG", 90000, 1)}
"""Payload types that need no rtpmap (RFC 3551, 6)."""


class SdpError(ValueError):
    """The text is no session description."""


class Media(Struct, frozen=True, kw_only=True):
    """One "m=" section with the first payload type that it offers."""

    kind: str
    port: int
    protocol: str
    payload_type: int
    encoding: str = ""
    """Encoding name in upper case, "H264"; empty where no rtpmap names it and the payload type is not static."""
    clock_rate: int = 0
    channels: int = 1
    fmtp: dict[str, str] = {}
    control: str = ""
    direction: str = "sendrecv"
    size: tuple[int, int] = (0, 0)
    """Width and height of "a=x-dimensions" or "a=framesize"; 0 where neither stands."""
    address: str = ""
    """Address of the "c=" line, its own or the session's, without TTL."""
    source: str = ""
    """The one sender that "a=source-filter" (RFC 4570) includes, its own or the session's; empty for any."""
    feedback: tuple[str, ...] = ()
    """What "a=rtcp-fb" (RFC 4585, 4.2) offers for the payload type, in lower case: "nack pli", "ccm fir"."""


class Description(Struct, frozen=True, kw_only=True):
    """A session with its media."""

    name: str = ""
    control: str = ""
    media: tuple[Media, ...] = ()


class _Section:
    def __init__(self, kind: str, port: int, protocol: str, payload_types: list[int]) -> None:
        self.kind, self.port, self.protocol, self.payload_types = kind, port, protocol, payload_types
        self.attributes: list[tuple[str, str]] = []
        self.address = ""

    def build(self, address: str, source: str) -> Media:
        chosen = self.payload_types[0]
        encoding, rate, channels = STATIC.get(chosen, ("", 0, 1))
        control, direction, size = "", "sendrecv", (0, 0)
        fmtp: dict[str, str] = {}
        feedback: list[str] = []
        for name, value in self.attributes:
            if name == "rtpmap":
                number, _, mapping = value.partition(" ")
                if number == str(chosen):
                    parts = mapping.strip().split("/")
                    encoding = parts[0].upper()
                    rate = _number(parts[1], 9) if len(parts) > 1 else 0
                    channels = _number(parts[2], 2) if len(parts) > 2 else 1
            elif name == "fmtp":
                number, _, text = value.partition(" ")
                if number == str(chosen):
                    for part in text.split(";"):
                        key, _, setting = part.strip().partition("=")
                        if key:
                            fmtp[key.strip().lower()] = setting.strip()
            elif name == "control":
                control = value.strip()
            elif name in ("x-dimensions", "framesize"):
                found = re.search(r"(\d{1,5})\s*[,-]\s*(\d{1,5})$", value.strip())
                size = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
            elif name in ("sendrecv", "sendonly", "recvonly", "inactive"):
                direction = name
            elif name == "rtcp-fb":
                number, _, text = value.strip().partition(" ")
                if number in ("*", str(chosen)):
                    feedback.append(" ".join(text.lower().split())[:40])
            elif name == "source-filter":
                source = _source(value) or source
        return Media(
            kind=self.kind,
            port=self.port,
            protocol=self.protocol,
            payload_type=chosen,
            encoding=encoding,
            clock_rate=rate,
            channels=channels or 1,
            fmtp=fmtp,
            control=control,
            direction=direction,
            size=size,
            address=self.address or address,
            source=source,
            feedback=tuple(feedback),
        )


def parse(body: bytes) -> Description:
    """Read a session description; lines that are not understood are passed over, as RFC 8866 asks."""
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if len(lines) > MAX_LINES:
        raise SdpError(f"a session description has more than {MAX_LINES} lines")
    name = control = address = source = ""
    sections: list[_Section] = []
    versioned = False
    for line in lines:
        kind, equals, value = line.partition("=")
        if not equals or len(kind) != 1:
            continue
        if kind == "v":
            versioned = True
        elif kind == "s" and not sections:
            name = value.strip()
        elif kind == "m":
            sections.append(_media_line(value))
            if len(sections) > MAX_MEDIA:
                raise SdpError(f"a session description has more than {MAX_MEDIA} media")
        elif kind == "c":
            if sections:
                sections[-1].address = _connection(value)
            else:
                address = _connection(value)
        elif kind == "a":
            attribute, _, text = value.partition(":")
            if sections:
                sections[-1].attributes.append((attribute, text))
            elif attribute == "control":
                control = text.strip()
            elif attribute == "source-filter":
                source = _source(text)
    if not versioned:
        raise SdpError("a session description begins with v=")
    return Description(name=name, control=control, media=tuple(section.build(address, source) for section in sections))


def _media_line(value: str) -> _Section:
    parts = value.split()
    if len(parts) < 4:
        raise SdpError(f"not a media line: {value[:60]!r}")
    port = parts[1].split("/")[0]
    formats = [int(part) for part in parts[3:] if part.isascii() and part.isdigit() and int(part[:4]) < 128]
    if not port.isdigit() or len(port) > 5:
        raise SdpError(f"not a media line: {value[:60]!r}")
    return _Section(parts[0], int(port), parts[2], formats or [-1])


def _connection(value: str) -> str:
    """Return the address of "IN IP4 239.1.1.1/127" (RFC 8866, 5.7)."""
    parts = value.split()
    return parts[2].partition("/")[0][:64] if len(parts) > 2 else ""


def _source(value: str) -> str:
    """Return the sender of "incl IN IP4 232.1.1.1 10.1.0.5" (RFC 4570, 3); of several the first, "" where none is included."""
    parts = value.split()
    return parts[4][:64] if len(parts) > 4 and parts[0].lower() == "incl" else ""


def _number(text: str, digits: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else 0


def parameter_sets(media: Media) -> list[bytes]:
    """Return the NAL units of sprop-parameter-sets, or of sprop-vps, -sps and -pps (H.265); what is no base64 ends a list."""
    found: list[bytes] = []
    for name in ("sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps"):
        for text in media.fmtp.get(name, "").split(",")[:MAX_PARAMETER_SETS]:
            try:
                unit = base64.b64decode(text.strip() + "=" * (-len(text.strip()) % 4), validate=True)
            except (binascii.Error, ValueError):
                break
            if len(unit) > 2:
                found.append(unit)
    return found


def resolve(base: str, control: str) -> str:
    """Return the URL that "a=control" names (RFC 2326, C.1.1).

    A relative control is appended to the whole base, query included: that is what cameras mean, whatever RFC 3986 says.
    """
    if not control or control == "*":
        return base
    if control.lower().startswith(("rtsp://", "rtsps://", "rtspu://")):
        return control
    if base.endswith("/") or control.startswith("/"):
        return base.rstrip("/") + "/" + control.lstrip("/")
    return f"{base}/{control}"
