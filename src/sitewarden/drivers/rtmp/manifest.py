"""What this driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="rtmp",
    title="Cameras and encoders that publish (RTMP)",
    role="media",
    ports=("rtmp",),
    devices=False,
)
