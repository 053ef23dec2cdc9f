"""What the driver of UHPPOTE boards is."""

from __future__ import annotations

from typing import Final

from sitewarden.kit.driver import Manifest

MANIFEST: Final = Manifest(
    name="uhppote",
    title="UHPPOTE boards",
    role="core",
    ports=("uhppote", "uhppote-event"),
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
    ),
)
