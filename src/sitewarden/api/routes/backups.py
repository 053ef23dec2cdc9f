"""How backups went, and one more now."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import backups
from sitewarden.services.surface.identity import Nothing

BACKUPS: Final = [
    Route("GET", "/backups", "backup.status", Nothing, backups.BackupStatus, "getBackups", "system", "How the last backups went"),
    Route(
        "POST",
        "/backups/start",
        "backup.start",
        Nothing,
        backups.BackupStatus,
        "startBackup",
        "system",
        "Make a backup to the settings' destination now",
        command=True,
    ),
]
