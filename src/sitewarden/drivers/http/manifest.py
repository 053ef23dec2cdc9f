"""What the HTTP driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="http",
    title="HTTP with JSON, server or client",
    role="iot",
    ports=("http-server",),
    commands=("point.write",),
)
