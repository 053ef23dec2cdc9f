"""What the SNMP driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="snmp",
    title="SNMP",
    role="iot",
    ports=("snmp", "snmp-source", "snmp-trap"),
    commands=("point.write", "device.browse"),
)
