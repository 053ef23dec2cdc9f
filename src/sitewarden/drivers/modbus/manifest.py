"""What the Modbus driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="modbus",
    title="Modbus TCP",
    role="iot",
    ports=("modbus",),
    commands=("point.write",),
)
