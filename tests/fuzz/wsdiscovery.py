"""Any datagram gives a message within its limits, with printable texts, that reads the same again, or DiscoveryError."""

from __future__ import annotations

from sitewarden.wire.wsdiscovery import (
    DEVICE,
    MAX_DATAGRAM,
    MAX_MATCHES,
    MAX_WORD,
    MAX_WORDS,
    TRANSMITTER,
    DiscoveryError,
    Message,
    Target,
    probe,
    read_wsdiscovery,
)

_CAMERA = Target(
    address="urn:uuid:1", types=(TRANSMITTER, DEVICE), scopes=("onvif://www.onvif.org/name/a%20b",), places=("http://h/",)
)
SEEDS = [
    probe("urn:uuid:0"),
    Message(kind="matches", id="urn:uuid:1", relates="urn:uuid:0", targets=(_CAMERA, _CAMERA)).encode(),
    Message(kind="hello", id="urn:uuid:2", targets=(_CAMERA,)).encode(),
    b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
]


def check(data: bytes) -> None:
    try:
        message = read_wsdiscovery(data)
    except DiscoveryError:
        return
    assert len(message.targets) <= MAX_MATCHES
    for target in message.targets:
        for words in (target.types, target.scopes, target.places):
            assert len(words) <= MAX_WORDS
            assert all(each.isprintable() for each in words)
        assert all(len(each) <= MAX_WORD for each in (target.address, *target.scopes, *target.places))
        assert isinstance(target.scope("name"), str)
    written = message.encode()
    assert len(written) > MAX_DATAGRAM or read_wsdiscovery(written).kind == message.kind
