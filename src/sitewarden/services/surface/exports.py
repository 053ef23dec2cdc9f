"""Messages of exports of recordings."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.domain.video.export import ExportedFile
from sitewarden.media.plan import Plan


class VideoExport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Recordings of one or several cameras over a span, microseconds since 1970 UTC, [start, end)."""

    camera: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=16)]
    start: int
    end: int
    reason: Annotated[str, Meta(min_length=1, max_length=500, description="Why; it stands in the manifest and the audit log.")]


class CameraPlan(Struct, frozen=True, kw_only=True):
    """A camera's recordings of the span."""

    camera: str
    name: str
    plan: Plan


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
