"""What the link driver is."""

from __future__ import annotations

from typing import Final

from sitewarden.domain.access.door_commands import COMMANDS
from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="link",
    title="Sitewarden controllers",
    role="core",
    ports=("device-server",),
    commands=(
        *(f"door.{command}" for command in COMMANDS),
        "controller.command-doors",
        "controller.sync",
    ),
)
