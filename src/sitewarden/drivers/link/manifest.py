"""What the link driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="link",
    title="Sitewarden controllers",
    role="core",
    ports=("device-server", "device-direct-station", "device-direct-reader"),
    commands=(
        "door.release",
        "door.lock",
        "door.unlock",
        "door.block",
        "door.lockdown",
        "door.release-lockdown",
        "door.lock-open",
        "door.normal",
        "controller.sync",
        "controller.scan",
        "controller.relay",
    ),
)
