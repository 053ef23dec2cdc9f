"""What this driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="mjpeg",
    title="Cameras over HTTP (Motion JPEG)",
    role="media",
    ports=("camera-http", "camera-https"),
    devices=False,
)
