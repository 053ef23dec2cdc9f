"""Messages of exports of recordings."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.domain.video.export import ExportedFile
from sitewarden.media.film import Look
from sitewarden.media.plan import Plan

MASK: Final = r"^[a-z0-9][a-z0-9-]{0,62}(:[0-9]{1,3}(\.[0-9]{1,3})?){4}$"

ExportState = Literal["writing", "done", "cancelled", "cut"]


class ExportQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose exports."""

    all: bool = False
    """Those of others, too; with the right export.manage."""


class ExportRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which export."""

    id: Annotated[str, Meta(pattern=r"^[0-9a-z-]{1,60}$")]


class ExportJob(Struct, frozen=True, kw_only=True):
    """An export as the queue knows it; times are microseconds since 1970 UTC."""

    id: str
    by: str
    cameras: tuple[str, ...]
    start: int
    end: int
    reason: str
    state: ExportState
    """cut: its download ended before it was whole; such a file is refused by `sitewarden verify`."""
    begun: int
    ended: int
    """0 while it is written."""
    bytes: int
    """Sent so far."""
    total: int
    """About how many it will be, by the size of the recordings."""
    forgotten: int
    """When it leaves the list; 0 while it is written. The audit log keeps who exported what."""


class ExportJobs(Struct, frozen=True, kw_only=True):
    """Exports, the newest first."""

    items: list[ExportJob]


class ExportedBytes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of an export a web process has sent."""

    id: str
    bytes: int


class ExportGo(Struct, frozen=True, kw_only=True):
    """Whether an export goes on."""

    go: bool


class VideoExport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Recordings of one or several cameras over a span, microseconds since 1970 UTC, [start, end)."""

    camera: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=16)]
    start: int
    end: int
    mask: Annotated[
        tuple[Annotated[str, Meta(pattern=MASK)], ...],
        Meta(
            max_length=64,
            description="Privacy masks as camera:left:top:width:height, in percent. That camera's pictures are coded anew.",
        ),
    ] = ()
    watermark: Annotated[
        bool,
        Meta(description="Write camera, time, site and who exports it into every picture. All pictures are coded anew."),
    ] = False
    reason: Annotated[str, Meta(min_length=1, max_length=500, description="Why; it stands in the manifest and the audit log.")]


class CameraPlan(Struct, frozen=True, kw_only=True):
    """A camera's recordings of the span."""

    camera: str
    name: str
    plan: Plan
    look: Look | None = None
    """What is drawn into its pictures; None: they stay as they were recorded."""


class ExportTicket(Struct, frozen=True, kw_only=True):
    """What a web process needs to write an export, once core has allowed it."""

    id: str
    cameras: tuple[CameraPlan, ...]


class ExportSign(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pieces that were written: core makes the manifest of them and signs it."""

    id: str
    files: Annotated[tuple[ExportedFile, ...], Meta(max_length=20_000)]


class SignedManifest(Struct, frozen=True, kw_only=True):
    """The manifest with its proof; PEM and JSON as they stand in the export."""

    manifest: bytes
    signature: bytes
    certificate: str
    authority: str
