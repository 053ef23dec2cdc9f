"""What this driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="rtsp",
    title="Cameras over RTSP",
    role="media",
    ports=("rtsp", "rtsps", "media-input", "camera-multicast"),
    commands=("camera.talk",),
    devices=False,
)
