"""Messages of people in bulk: import with its preview, export; and files to fetch."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.access.roster.changes import Counts, LineError, Mode, RosterChange
from sitewarden.domain.entity import Id
from sitewarden.services.surface.access import Reason
from sitewarden.services.surface.entities import Limit, Offset

ImportId = Annotated[str, Meta(min_length=1, max_length=16)]


class OpenImport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a table of people shall be taken."""

    mode: Mode = "merge"
    name: Annotated[str, Meta(max_length=200, description="Name of the file, for the record.")] = ""


class UploadTicket(Struct, frozen=True, kw_only=True):
    """Where the bytes go; then the operation `then` is called with `id`, or `otherwise`."""

    id: str
    path: str
    limit: int
    """Bytes."""
    then: str
    otherwise: str
    """The operation that takes it back where the bytes do not all come in."""


class ImportRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which import."""

    id: ImportId


class ApplyImport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Make it so."""

    id: ImportId
    reason: Reason = ""


class ImportRows(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of the preview."""

    id: ImportId
    what: Literal["errors", "changes"] = "changes"
    limit: Limit = 100
    offset: Offset = 0


ImportState = Literal["uploading", "reading", "ready", "applying", "done", "failed"]


class ImportView(Struct, frozen=True, kw_only=True):
    """An import and how far it is. Errors keep it from being applied."""

    id: str
    name: str
    mode: str
    state: ImportState
    progress: float
    """0 to 1 within the state."""
    since: int
    """When it was opened, microseconds since 1970 UTC."""
    counts: Counts
    what: str = ""
    """Why it failed, or what is to be known of it."""
    where: str = ""
    remedy: str = ""


class ImportPage(Struct, frozen=True, kw_only=True):
    """A part of the preview; `total` of those that are kept, the first 1,000."""

    errors: tuple[LineError, ...]
    changes: tuple[RosterChange, ...]
    total: int


DisabledReason = Literal[
    "", "lost", "stolen", "damaged", "destroyed", "inactivity", "expired", "renewal-needed", "locked-out", "blocked"
]


class SetHolderState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a person may pass at all; what they carry stays as it is."""

    id: Id
    enabled: bool
    reason: Reason = ""


class SetCredentialState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a credential may be used, and why not."""

    id: Id
    enabled: bool
    disabled_reason: DisabledReason = ""
    reason: Reason = ""


class ExportPeople(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom; all unless narrowed."""

    group: Annotated[str, Meta(max_length=63)] = ""


class FileTicket(Struct, frozen=True, kw_only=True):
    """A file that is ready, on this machine; whoever fetches it removes it."""

    path: str
    name: str
    media_type: str
    size: int
