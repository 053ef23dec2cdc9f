from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.wsdiscovery import (
    DEVICE,
    MAX_DATAGRAM,
    SCOPE,
    TRANSMITTER,
    DiscoveryError,
    Message,
    Target,
    probe,
    read_wsdiscovery,
)

CAMERA = Target(
    address="urn:uuid:4C43a5ba-0001",
    types=(TRANSMITTER, DEVICE),
    scopes=(f"{SCOPE}name/Yard%20Nord", f"{SCOPE}hardware/P1&2", f"{SCOPE}type/video_encoder"),
    places=("http://192.0.2.5/onvif/device_service", "http://[fe80::1]/onvif/device_service"),
    version=3,
)

# As a camera of another maker writes it: other prefixes, white space, a declaration on the element itself.
FOREIGN = b"""<?xml version="1.0" encoding="utf-8" ?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery">
<SOAP-ENV:Header><wsa:MessageID>urn:uuid:1</wsa:MessageID><wsa:RelatesTo>urn:uuid:0</wsa:RelatesTo></SOAP-ENV:Header>
<SOAP-ENV:Body><wsdd:ProbeMatches><wsdd:ProbeMatch>
<wsa:EndpointReference><wsa:Address>urn:uuid:4c43A5BA-0001</wsa:Address></wsa:EndpointReference>
<wsdd:Types xmlns:net="http://www.onvif.org/ver10/network/wsdl">
  net:NetworkVideoTransmitter  lost:Thing
</wsdd:Types><wsdd:XAddrs>http://192.0.2.5/onvif/device_service</wsdd:XAddrs><wsdd:MetadataVersion>x</wsdd:MetadataVersion>
</wsdd:ProbeMatch></wsdd:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>"""


@pytest.mark.parametrize("kind", ["matches", "hello", "bye"])
def test_what_is_written_is_read(kind: str) -> None:
    message = Message(kind=kind, id="urn:uuid:1", relates="urn:uuid:0", targets=(CAMERA,))  # type: ignore[arg-type]
    assert read_wsdiscovery(message.encode()) == message


def test_a_probe_asks_for_a_type() -> None:
    read = read_wsdiscovery(probe("urn:uuid:7", TRANSMITTER))
    assert (read.kind, read.id, read.targets[0].types) == ("probe", "urn:uuid:7", (TRANSMITTER,))
    assert b"<d:Types>dn:NetworkVideoTransmitter</d:Types>" in probe("urn:uuid:7")


def test_a_foreign_camera_is_understood() -> None:
    message = read_wsdiscovery(FOREIGN)
    assert (message.kind, message.relates) == ("matches", "urn:uuid:0")
    [target] = message.targets
    assert target.types == (TRANSMITTER, "{}Thing")
    assert (target.uuid, target.version) == ("4c43a5ba-0001", 1)


def test_scopes_are_decoded() -> None:
    assert (CAMERA.scope("name"), CAMERA.scope("hardware"), CAMERA.scope("location")) == ("Yard Nord", "P1&2", "")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"<a/>",
        FOREIGN.replace(b"ProbeMatches", b"Resolve"),
        FOREIGN.replace(b"2003/05/soap-envelope", b"2001/12/soap-envelope"),
        FOREIGN.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1),
        FOREIGN.replace(b"http://192.0.2.5/", b"x" * 600),
        FOREIGN.replace(b"lost:Thing", b"t " * 70),
        FOREIGN.replace(b"http://www.onvif.org/ver10/network/wsdl", b"urn:" + b"x" * 600),
        FOREIGN.replace(b"http://www.onvif.org/ver10/network/wsdl", b"urn:\xc2\x85"),
        FOREIGN + b" " * MAX_DATAGRAM,
        FOREIGN[:-5],
    ],
)
def test_what_is_no_discovery_is_refused(data: bytes) -> None:
    with pytest.raises(DiscoveryError):
        read_wsdiscovery(data)


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@given(st.lists(WORDS, max_size=5), st.lists(WORDS, max_size=5))
def test_any_words_survive(scopes: list[str], places: list[str]) -> None:
    target = Target(address="urn:uuid:1", scopes=tuple(scopes), places=tuple(places), types=("{urn:x'\"&<}Door", "{}Bare"))
    assert read_wsdiscovery(Message(kind="hello", id="urn:uuid:2", targets=(target,)).encode()).targets == (target,)
