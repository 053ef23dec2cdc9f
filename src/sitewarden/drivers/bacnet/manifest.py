"""What the BACnet driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="bacnet",
    title="BACnet/IP",
    role="iot",
    ports=("bacnet",),
    commands=("point.write", "device.browse", "endpoint.browse"),
    priorities=True,
)
