"""WS-Discovery, how ONVIF devices are found: Probe and ProbeMatches, Hello and Bye, as SOAP 1.2 over UDP. Pure.

WS-Discovery of April 2005 as ONVIF Core Specification clause 7 uses it; version 1.1 (OASIS 2009) is read too.
"""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import unquote
from xml.sax.saxutils import escape

from msgspec import Struct

from sitewarden.wire.xmltree import Element, XmlError, read_xml

GROUP: Final = "239.255.255.250"
PORT: Final = 3702
MAX_DATAGRAM: Final = 16 * 1024
"""Bytes; devices with many scopes have 3 to 4 KiB."""
MAX_MATCHES: Final = 16
MAX_WORDS: Final = 64
"""Types, scopes or addresses of one device."""
MAX_WORD: Final = 500

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING: Final = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
DISCOVERY: Final = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
ONVIF_NETWORK: Final = "http://www.onvif.org/ver10/network/wsdl"
ONVIF_DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
TRANSMITTER: Final = f"{{{ONVIF_NETWORK}}}NetworkVideoTransmitter"
DEVICE: Final = f"{{{ONVIF_DEVICE}}}Device"
SCOPE: Final = "onvif://www.onvif.org/"
EVERYONE: Final = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
_ANONYMOUS: Final = f"{ADDRESSING}/role/anonymous"
_DISCOVERIES: Final = (DISCOVERY, "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01")

Kind = Literal["probe", "matches", "hello", "bye"]
_BODIES: Final[dict[str, Kind]] = {"Probe": "probe", "ProbeMatches": "matches", "Hello": "hello", "Bye": "bye"}
_ACTIONS: Final[dict[Kind, str]] = {kind: name for name, kind in _BODIES.items()}


class DiscoveryError(ValueError):
    """The bytes are no WS-Discovery message, or pass a stated limit."""


class Target(Struct, frozen=True, kw_only=True):
    """A device: the address that never changes ("urn:uuid:…"), its types as "{namespace}name", scopes, and where it answers."""

    address: str = ""
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """XAddrs: where its web services answer."""
    version: int = 1

    @property
    def uuid(self) -> str:
        """Return the UUID out of the address, in lower case; the whole address where it is none."""
        return self.address.rpartition("uuid:")[2].lower()

    def scope(self, category: str) -> str:
        """Return the first ONVIF scope of a category ("name", "hardware", "location"), decoded; empty where there is none."""
        start = f"{SCOPE}{category}/"
        found = next((each for each in self.scopes if each.lower().startswith(start)), "")
        return unquote(found[len(start) :]).replace("\ufffd", "").strip("/")


class Message(Struct, frozen=True, kw_only=True):
    """One datagram. `relates` is the id of the probe that matches answer."""

    kind: Kind
    id: str
    relates: str = ""
    targets: tuple[Target, ...] = ()
    """One in a probe, a hello and a bye; any number in matches."""

    def encode(self) -> bytes:
        """Return the datagram."""
        to = _ANONYMOUS if self.kind == "matches" else EVERYONE
        name = _ACTIONS[self.kind]
        relates = f"<a:RelatesTo>{escape(self.relates)}</a:RelatesTo>" if self.relates else ""
        if self.kind == "matches":
            inner = "".join(f"<d:ProbeMatch>{_target(each)}</d:ProbeMatch>" for each in self.targets)
        elif self.kind == "probe":
            inner = "".join(_words("Types", each.types) for each in self.targets)
        else:
            inner = "".join(_target(each) for each in self.targets)
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:d="{DISCOVERY}"'
            f' xmlns:dn="{ONVIF_NETWORK}" xmlns:tds="{ONVIF_DEVICE}">'
            f"<s:Header><a:Action>{DISCOVERY}/{name}</a:Action><a:MessageID>{escape(self.id)}</a:MessageID>{relates}"
            f"<a:To>{to}</a:To></s:Header><s:Body><d:{name}>{inner}</d:{name}></s:Body></s:Envelope>"
        )
        return text.encode()


def probe(id_: str, type_: str = TRANSMITTER) -> bytes:
    """Return a search for devices of a type; `id_` is a fresh "urn:uuid:…" that the matches refer to."""
    return Message(kind="probe", id=id_, targets=(Target(types=(type_,)),)).encode()


def read_wsdiscovery(data: bytes) -> Message:
    """Return the message in a datagram; raise DiscoveryError."""
    try:
        root = read_xml(data, limit=MAX_DATAGRAM)
    except XmlError as error:
        raise DiscoveryError(str(error)) from None
    if (root.space, root.name) != (SOAP, "Envelope"):
        raise DiscoveryError("no SOAP 1.2 envelope")
    header, body = root.child("Header"), root.child("Body")
    content = next((each for each in body.children if each.space in _DISCOVERIES), None) if body is not None else None
    if header is None or content is None or content.name not in _BODIES:
        raise DiscoveryError("neither Probe, ProbeMatches, Hello nor Bye")
    kind = _BODIES[content.name]
    found = content.every("ProbeMatch") if kind == "matches" else [content]
    if len(found) > MAX_MATCHES:
        raise DiscoveryError(f"more than {MAX_MATCHES} matches in a datagram")
    return Message(
        kind=kind,
        id=_word(header.said("MessageID")),
        relates=_word(header.said("RelatesTo")),
        targets=tuple(_read_target(each) for each in found),
    )


def _read_target(element: Element) -> Target:
    reference = element.child("EndpointReference")
    types = element.child("Types")
    version = element.said("MetadataVersion")
    return Target(
        address=_word(reference.said("Address")) if reference is not None else "",
        types=tuple(_qualified(each, types) for each in _list(types.text)) if types is not None else (),
        scopes=_list(element.said("Scopes")),
        places=_list(element.said("XAddrs")),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 1,
    )


def _qualified(word: str, element: Element) -> str:
    """Return "prefix:name" as "{namespace}name"; an unknown prefix gives an empty name space."""
    prefix, _, name = word.rpartition(":")
    return f"{{{_word(element.prefixes.get(prefix, ''))}}}{name}"


def _list(text: str) -> tuple[str, ...]:
    words = text.split()
    if len(words) > MAX_WORDS:
        raise DiscoveryError(f"a list of more than {MAX_WORDS} words")
    return tuple(_word(each) for each in words)


def _word(text: str) -> str:
    if len(text) > MAX_WORD or not text.isprintable():
        raise DiscoveryError(f"a value of more than {MAX_WORD} characters, or with control characters")
    return text


def _target(target: Target) -> str:
    return (
        f"<a:EndpointReference><a:Address>{escape(target.address)}</a:Address></a:EndpointReference>"
        f"{_words('Types', target.types)}"
        f"<d:Scopes>{escape(' '.join(target.scopes))}</d:Scopes><d:XAddrs>{escape(' '.join(target.places))}</d:XAddrs>"
        f"<d:MetadataVersion>{target.version}</d:MetadataVersion>"
    )


def _words(name: str, types: tuple[str, ...]) -> str:
    """Return an element of qualified names; each brings the prefix that it needs."""
    declared, words = [], []
    for number, each in enumerate(types):
        space, _, local = each.removeprefix("{").rpartition("}")
        if not space:
            words.append(local)
            continue
        known = {ONVIF_NETWORK: "dn", ONVIF_DEVICE: "tds"}.get(space)
        prefix = known or f"t{number}"
        if known is None:
            declared.append(f' xmlns:{prefix}="{escape(space, {chr(34): "&quot;"})}"')
        words.append(f"{prefix}:{local}")
    return f"<d:{name}{''.join(declared)}>{escape(' '.join(words))}</d:{name}>"
