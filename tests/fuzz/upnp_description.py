"""Any document gives a description of short printable lines that reads the same again, or DescriptionError."""

from __future__ import annotations

import msgspec

from sitewarden.wire.upnp_description import Description, DescriptionError, read_description
from sitewarden.wire.xmltree import MAX_DEPTH, XmlError, read_xml

SEEDS = [
    Description(name="Cam", maker="m", model="x", device_type="t", serial="1", uuid="u-1", page="/p").encode(),
    b'<!DOCTYPE a [<!ENTITY b "c">]><root><device><friendlyName>&b;</friendlyName></device></root>',
    b'<r:root xmlns:r="u"><r:device><r:friendlyName><![CDATA[a]]>&#233;</r:friendlyName></r:device></r:root>',
    b"<a>" * 40 + b"</a>" * 40,
]


def check(data: bytes) -> None:
    try:
        assert all(len(element.children) <= 5000 for element in read_xml(data).walk())
        assert _depth(data) <= MAX_DEPTH
    except XmlError:
        pass
    try:
        found = read_description(data)
    except DescriptionError:
        return
    for text in msgspec.structs.astuple(found):
        assert len(text) <= 500
        assert text.isprintable()
    assert read_description(found.encode()) == found


def _depth(data: bytes) -> int:
    level, below = 0, [read_xml(data)]
    while below:
        level += 1
        below = [child for element in below for child in element.children]
    return level
