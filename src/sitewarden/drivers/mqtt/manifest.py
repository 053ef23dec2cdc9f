"""What the MQTT driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="mqtt",
    title="MQTT",
    role="iot",
    ports=("mqtt",),
    commands=("point.write", "endpoint.browse"),
)
