"""The description of a UPnP root device (UPnP Device Architecture 2.0, clause 2.3), read from its XML. Pure."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from msgspec import Struct

from sitewarden.wire.plain import plain
from sitewarden.wire.xmltree import MAX_BYTES, XmlError, read_xml

SPACE: Final = "urn:schemas-upnp-org:device-1-0"
LONGEST: Final = 120
"""Characters of a field; what is longer is cut."""


class DescriptionError(ValueError):
    """The bytes describe no device, or pass a stated limit."""


class Description(Struct, frozen=True, kw_only=True):
    """What a device says of itself; everything is one harmless line, empty where it says nothing."""

    device_type: str = ""
    name: str = ""
    maker: str = ""
    model: str = ""
    model_number: str = ""
    model_description: str = ""
    serial: str = ""
    uuid: str = ""
    """In lower case, without "uuid:"."""
    page: str = ""
    """presentationURL: its page for browsers, as it stands there (it may be relative)."""

    def encode(self) -> bytes:
        """Return the document."""
        fields = (
            ("deviceType", self.device_type),
            ("friendlyName", self.name),
            ("manufacturer", self.maker),
            ("modelDescription", self.model_description),
            ("modelName", self.model),
            ("modelNumber", self.model_number),
            ("serialNumber", self.serial),
            ("UDN", f"uuid:{self.uuid}"),
            ("presentationURL", self.page),
        )
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields)
        version = "<specVersion><major>1</major><minor>0</minor></specVersion>"
        return f'<?xml version="1.0"?><root xmlns="{SPACE}">{version}<device>{inner}</device></root>'.encode()


def read_description(data: bytes) -> Description:
    """Return the root device of a document of at most 256 KiB; raise DescriptionError. Embedded devices are passed over."""
    try:
        root = read_xml(data, limit=MAX_BYTES)
    except XmlError as error:
        raise DescriptionError(str(error)) from None
    device = root.child("device")
    if root.name != "root" or device is None:
        raise DescriptionError("the XML is no description of a device")

    def said(name: str, longest: int = LONGEST) -> str:
        return plain(device.said(name), longest)

    return Description(
        device_type=said("deviceType"),
        name=said("friendlyName"),
        maker=said("manufacturer"),
        model=said("modelName"),
        model_number=said("modelNumber"),
        model_description=said("modelDescription"),
        serial=said("serialNumber"),
        uuid=said("UDN", LONGEST + 5).lower().removeprefix("uuid:")[:LONGEST],
        page=said("presentationURL", 500),
    )
