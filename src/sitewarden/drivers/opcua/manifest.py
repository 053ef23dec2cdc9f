"""What the OPC UA driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="opcua",
    title="OPC UA",
    role="iot",
    ports=("opcua", "opcua-second"),
    commands=("point.write", "device.browse", "endpoint.browse"),
)
