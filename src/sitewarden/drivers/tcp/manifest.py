"""What the TCP driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="tcp",
    title="TCP, server or client",
    role="iot",
    ports=("tcp-server", "tcp-client"),
    commands=("point.write",),
)
