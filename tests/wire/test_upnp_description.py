from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.httpplace import HttpPlace, PlaceError, read_place
from sitewarden.wire.plain import plain
from sitewarden.wire.upnp_description import Description, DescriptionError, read_description
from sitewarden.wire.xmltree import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS

CAMERA = b"""<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major></specVersion>
<device><deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType><friendlyName> AXIS &amp; more \xc3\xa9
 M1065 </friendlyName><manufacturer>AXIS</manufacturer><modelName>M1065-LW</modelName>
<UDN>uuid:Upnp-BasicDevice-1_0-ACCC8E</UDN><presentationURL>/index.html</presentationURL>
<deviceList><device><friendlyName>inner</friendlyName></device></deviceList></device></root>"""

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lollollol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><root><device><friendlyName>&j;</friendlyName></device></root>"
)


def test_a_camera_s_description() -> None:
    found = read_description(CAMERA)
    assert (found.name, found.maker, found.model) == ("AXIS & more é M1065", "AXIS", "M1065-LW")
    assert (found.uuid, found.page, found.serial) == ("upnp-basicdevice-1_0-accc8e", "/index.html", "")


def test_what_is_written_is_read() -> None:
    made = Description(
        name="A <b> & c", maker="m", model="x", device_type="t", serial="1", uuid="u", page="/p?a&b", model_number="2"
    )
    assert read_description(made.encode()) == made


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BOMB, "document type"),
        (b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><root><device/></root>', "document type"),
        (b"<root>&a;</root>", "no XML"),
        (b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), "deep"),
        (b"<root>" + b"<a/>" * MAX_ELEMENTS + b"</root>", "elements"),
        (b"<root " + b" ".join(b'a%d=""' % n for n in range(40)) + b"/>", "attributes"),
        (b"<root " + b" ".join(b'xmlns:a%d="u"' % n for n in range(70)) + b"/>", "name spaces"),
        (b"<root>" + b" " * MAX_BYTES + b"</root>", "bytes"),
        (b"", "no XML"),
        (b"<root>\x00</root>", "no XML"),
        (b'<?xml version="1.0" encoding="nope"?><root/>', "no XML"),
        (b"<html><device/></html>", "no description"),
        (b"<root><no/></root>", "no description"),
    ],
)
def test_hostile_documents_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(DescriptionError, match=why):
        read_description(data)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x1b[31mb", "a [31mb"),
        ("one\r\n  two", "one two"),
        ("safe\u202egnp.exe", "safe gnp.exe"),
        ("Kamera Süd", "Kamera Süd"),
        ("x" * 300, "x" * 120),
        ("\u2028\x7f", ""),
    ],
)
def test_strangers_text_is_one_harmless_line(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text())
def test_no_text_breaks_a_line(text: str) -> None:
    assert plain(text).isprintable()
    assert len(plain(text)) <= 120


BASE = HttpPlace(False, "192.0.2.5", 8080, "/a/b.xml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://192.0.2.5/d.xml", HttpPlace(False, "192.0.2.5", 80, "/d.xml")),
        ("https://Cam.Local:8443", HttpPlace(True, "cam.local", 8443, "/")),
        ("http://[fe80:0::1]:81/a?b#c", HttpPlace(False, "fe80::1", 81, "/a?b")),
        ("/other", HttpPlace(False, "192.0.2.5", 8080, "/other")),
    ],
)
def test_places_are_read(text: str, expected: HttpPlace) -> None:
    assert read_place(text, BASE) == expected
    assert read_place(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "d.xml", "//h/x", "ftp://h/", "file:///etc/passwd", "http://", "http://u:p@h/", "http://h:0/", "http://h:99999/",
        "http://h/\r\nX: y", "http://h/é", "http://1234/", "http://0x7f.1:80 /", "http://h/" + "a" * 600, "http://[zz]/",
    ],
)  # fmt: skip
def test_no_place_is_refused(text: str) -> None:
    with pytest.raises(PlaceError):
        read_place(text, BASE)
