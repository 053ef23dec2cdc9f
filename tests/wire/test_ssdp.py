from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.ssdp import MAX_DATAGRAM, Message, SsdpError, read_ssdp, search

UUID = "2fac1234-31f8-11b4-a222-08002b34c003"
LOCATION = "http://192.0.2.5:49152/rootDesc.xml"

TABLE = [
    (
        Message(kind="search", target="upnp:rootdevice", wait=2, server="OS/1 UPnP/2.0 product/1"),
        b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\nST: upnp:rootdevice\r\n"
        b"USER-AGENT: OS/1 UPnP/2.0 product/1\r\n\r\n",
    ),
    (
        Message(
            kind="answer", target="upnp:rootdevice", usn=f"uuid:{UUID}::upnp:rootdevice", location=LOCATION,
            server="OS/1 UPnP/2.0 cam/1", max_age=120,
        ),
        b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nEXT:\r\nLOCATION: http://192.0.2.5:49152/rootDesc.xml\r\n"
        b"SERVER: OS/1 UPnP/2.0 cam/1\r\nST: upnp:rootdevice\r\n"
        b"USN: uuid:2fac1234-31f8-11b4-a222-08002b34c003::upnp:rootdevice\r\n\r\n",
    ),
    (
        Message(kind="alive", target="upnp:rootdevice", usn=f"uuid:{UUID}::upnp:rootdevice", location=LOCATION),
        b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
        b"LOCATION: http://192.0.2.5:49152/rootDesc.xml\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
        b"USN: uuid:2fac1234-31f8-11b4-a222-08002b34c003::upnp:rootdevice\r\n\r\n",
    ),
    (
        Message(kind="byebye", target="upnp:rootdevice", usn=f"uuid:{UUID}"),
        b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:byebye\r\n"
        b"USN: uuid:2fac1234-31f8-11b4-a222-08002b34c003\r\n\r\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("message", "data"), TABLE, ids=[message.kind for message, _ in TABLE])
def test_bytes_and_values_are_the_same(message: Message, data: bytes) -> None:
    assert message.encode() == data
    assert read_ssdp(data) == message


def test_devices_write_headers_as_they_like() -> None:
    found = read_ssdp(
        b'HTTP/1.1 200 OK\nlocation:http://192.0.2.5/d\nCache-Control: no-cache="Ext", MAX-AGE = 60\nSt: x\nst: second\n'
        b"nonsense\nServer: Kam\xe9ra\t1\nusn: UUID:ABC\n\nbody"
    )
    assert (found.location, found.max_age, found.target, found.server) == ("http://192.0.2.5/d", 60, "x", "Kaméra 1")
    assert found.uuid == "abc"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 404 Not Found\r\n\r\n",
        b"NOTIFY * HTTP/1.1\r\nNTS: ssdp:other\r\n\r\n",
        b"M-SEARCH * HTTP/1.1\r\nST: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nLOCATION: http://h/\x1b[2J\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nLOCATION: http://h/" + b"a" * 600 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 50 + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x" * MAX_DATAGRAM,
    ],
)
def test_what_is_no_ssdp_is_refused(data: bytes) -> None:
    with pytest.raises(SsdpError):
        read_ssdp(data)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80), st.integers(1, 5))
def test_a_search_comes_back_as_it_was_sent(target: str, wait: int) -> None:
    assert read_ssdp(search(target, wait=wait, agent="a")) == Message(kind="search", target=target, wait=wait, server="a")


@pytest.mark.parametrize("wait", [0, 6])
def test_the_longest_wait_is_the_standard_s(wait: int) -> None:
    with pytest.raises(ValueError, match="MX"):
        search(wait=wait)
