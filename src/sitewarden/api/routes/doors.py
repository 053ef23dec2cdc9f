"""Doors: commands for one, an area or the site."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import access

DOORS: Final = [
    Route(
        "POST",
        "/doors/{id}/commands",
        "doors.command",
        access.DoorCommand,
        access.CommandResult,
        "commandDoor",
        "doors",
        "Release, lock, unlock, block or lock down a door",
        command=True,
    ),
    Route(
        "POST",
        "/doors/commands",
        "doors.command-many",
        access.DoorsCommand,
        access.DoorsCommanded,
        "commandDoors",
        "doors",
        "Lock down or release for fire all doors of an area or the site; says of each door what came of it",
        command=True,
    ),
]
