"""What this driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="onvif",
    title="Cameras over ONVIF (profiles S, T and G)",
    role="media",
    ports=("onvif", "onvif-tls"),
    commands=(
        "camera.ptz.move",
        "camera.ptz.stop",
        "camera.ptz.absolute",
        "camera.ptz.relative",
        "camera.ptz.home",
        "camera.ptz.set-home",
        "camera.ptz.status",
        "camera.preset.list",
        "camera.preset.goto",
        "camera.preset.set",
        "camera.preset.remove",
        "camera.tour.list",
        "camera.tour.operate",
        "camera.imaging.get",
        "camera.imaging.set",
        "camera.focus.move",
        "camera.focus.stop",
        "camera.relay.set",
        "camera.edge.find",
    ),
    devices=False,
)
