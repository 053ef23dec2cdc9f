from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.api.digifort.arguments import arguments, chosen, credentials, fits, response_format, truth
from sitewarden.api.digifort.replies import Format, Many, One, encode
from sitewarden.domain.errors import Invalid

RELAY = Many("IODevices", "IODevice", [{"Name": "Relay North", "Active": True, "Ports": 4}])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            "XML",
            b'<?xml version="1.0" encoding="UTF-8" ?><Response><Code>0</Code><Message>OK</Message><Data><IODevices>'
            b"<Count>1</Count>"
            b"<IODevice><Name>Relay North</Name><Active>TRUE</Active><Ports>4</Ports></IODevice></IODevices></Data></Response>",
        ),
        (
            "Text",
            b"RESPONSE_CODE=0\r\nRESPONSE_MESSAGE=OK\r\nCOUNT=1\r\nIODEVICE_1_NAME=Relay North\r\n"
            b"IODEVICE_1_ACTIVE=TRUE\r\nIODEVICE_1_PORTS=4\r\n",
        ),
        (
            "JSON",
            b'{"Response":{"Code":0,"Message":"OK","Data":{"IODevices":[{"Name":"Relay North","Active":true,"Ports":4}]}}}',
        ),
    ],
)
def test_a_list_byte_for_byte(form: Format, expected: bytes) -> None:
    assert encode(form, 0, "OK", RELAY) == expected


def test_one_object_and_an_error() -> None:
    assert encode("Text", 0, "OK", One("Info", {"Version": "1.0.0.0"})).endswith(b"\r\nVERSION=1.0.0.0\r\n")
    assert encode("JSON", 3, "Object not found") == b'{"Response":{"Code":3,"Message":"Object not found"}}'
    assert b"<Count>0</Count>" in encode("XML", 0, "OK", Many("Cameras", "Camera", []))


@given(st.text(), st.text())
def test_any_text_keeps_the_reply_whole(name: str, message: str) -> None:
    data = Many("Cameras", "Camera", [{"Name": name}])
    assert ElementTree.fromstring(encode("XML", 0, message, data)).findtext("Code") == "0"
    assert json.loads(encode("JSON", 0, message, data))["Response"]["Data"]["Cameras"] == [{"Name": name}]
    assert encode("Text", 0, message, data).count(b"\r\n") == 4


@pytest.mark.parametrize(
    ("mask", "name", "expected"),
    [
        (None, "Dock 1", True),
        ("Dock*", "dock 1", True),
        ("Gate??", "Gate12", True),
        ("Gate??", "Gate1", False),
        ("Cam[0-4A-C]*", "cam3x", True),
        ("[!T]*", "Tower", False),
        ("[!T]*", "Lobby", True),
        ("A, B ,", "b", True),
        ("Front, left", "Front, left", True),
        ("", "x", False),
        ("*" * 500 + "b", "a" * 120, False),
    ],
)
def test_masks(mask: str | None, name: str, expected: bool) -> None:
    assert fits(mask, name) is expected


def test_arguments_are_read_as_clients_send_them() -> None:
    given_ = arguments(b"&ResponseFormat=JSON&Cameras=Dock+1%2C&fields=Name,,Active&")
    assert response_format(given_) == "JSON"
    assert given_["cameras"] == "Dock 1,"
    assert chosen(given_) == {"name", "active"}
    assert response_format(arguments(b"")) == "XML"
    assert [truth({"active": value}, "Active") for value in ("TRUE", "0", "")] == [True, False, None]
    with pytest.raises(Invalid):
        truth({"active": "maybe"}, "Active")
    with pytest.raises(Invalid):
        arguments(b"a=%ff")


@pytest.mark.parametrize("value", ["", "Basic", "Basic !!!", "Basic /w==", "Bearer x", "Basic bm9jb2xvbg=="])
def test_hostile_authorization_is_nobody(value: str) -> None:
    assert credentials({}, value) == (None, True)
