"""What an export of recordings says of itself: the manifest that is signed, and what it covers. Pure."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

FORMAT: Final = "sitewarden-export-1"
CONTEXT: Final = b"sitewarden export 1\0"
"""Stands before the manifest in what is signed, so that no other signed message of a node can pose as one."""
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
CERTIFICATE: Final = "certificate.pem"
AUTHORITY: Final = "ca.pem"
README: Final = "README.txt"
BESIDE: Final = frozenset((MANIFEST, SIGNATURE, CERTIFICATE, AUTHORITY, README))
"""Members that are no recordings."""


Mask = tuple[float, float, float, float]
"""A rectangle of the picture: left, top, width and height in percent."""


class Converted(Struct, frozen=True, kw_only=True):
    """How a file differs from what was recorded: its pictures were decoded, drawn over and coded anew."""

    encoding: str = "H.264"
    masks: tuple[Mask, ...] = ()
    """Made black in every picture."""
    watermark: str = ""
    """Text in every picture, beside the picture's own time; empty where there is none."""
    left_out: int = 0
    """Recorded pictures that could not be decoded, and are missing."""


class ExportedFile(Struct, frozen=True, kw_only=True):
    """One piece of recording without a gap."""

    name: str
    """Its place in the export: "yard/20261121T101500Z.mp4"."""
    camera: str
    camera_name: str
    start: int
    """Microseconds since 1970 UTC; the file begins at the last key frame at or before it."""
    end: int
    bytes: int
    sha256: str
    converted: Converted | None = None
    """None: as it was recorded, bit for bit."""


class AuditMark(Struct, frozen=True, kw_only=True):
    """Where the audit log of the site stood: its entries up to `id` lead to `hash`."""

    id: int
    hash: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What an export holds, who made it, when and why."""

    format: str = FORMAT
    id: str
    site: str
    node: str
    made: int
    """Microseconds since 1970 UTC."""
    by: str
    """Reference of the user, "user:ada"."""
    reason: str
    start: int
    end: int
    """The span that was asked for; what of it is in no file was not recorded."""
    cameras: tuple[str, ...]
    files: tuple[ExportedFile, ...]
    audit: AuditMark
    """Before the entry of this export, which in turn holds the manifest's SHA-256."""


__all__ = [
    "AUTHORITY",
    "BESIDE",
    "CERTIFICATE",
    "CONTEXT",
    "FORMAT",
    "MANIFEST",
    "README",
    "SIGNATURE",
    "AuditMark",
    "Converted",
    "ExportedFile",
    "Manifest",
    "Mask",
]
