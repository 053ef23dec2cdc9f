"""What this driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="libav",
    title="Streams that a camera serves by RTMP, HLS or MPEG-TS over HTTP, and recordings of this server's disk",
    role="media",
    ports=("camera-stream",),
    devices=False,
)
