"""Messages of backups: how they went, and when the next is due."""

from __future__ import annotations

from msgspec import Struct

from sitewarden.domain.backups import Outcome


class BackupNote(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a backup went, as who made it tells."""

    outcome: Outcome


class BackupStatus(Struct, frozen=True, kw_only=True):
    """The backups of this node. Times are microseconds since 1970 UTC."""

    destination: str
    """Where the server backs up to by itself; empty where it does not."""
    every_hours: float
    media: bool
    running: bool
    next: int | None
    """When the next one is due; None where none is."""
    late: bool
    """The last one to that destination is older than two intervals, or there is none."""
    outcomes: tuple[Outcome, ...]
    """The last to each destination, that of the settings first."""
