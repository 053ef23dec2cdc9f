"""Searches of the event log that are kept, and what an export of one says of itself. Pure."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from sitewarden.domain.entity import Entity, Id
from sitewarden.domain.video.export import AuditMark
from sitewarden.domain.video.views import Owner

FORMAT: Final = "sitewarden-events-1"
CONTEXT: Final = b"sitewarden events 1\0"
"""Stands before the manifest in what is signed, so that no other signed message of a node can pose as one."""


class SavedSearch(Entity, frozen=True, kw_only=True):
    """A search of the event log under a name, for its owner or for all. It says what is searched for, never what was found."""

    types: Annotated[tuple[Annotated[str, Meta(max_length=80)], ...], Meta(max_length=40)] = ()
    """Exact types, or prefixes that end in ".*"."""
    entity: Annotated[str, Meta(max_length=140)] = ""
    """A reference; empty: of everything."""
    within: Annotated[Id | None, Meta(description="An area: whatever stands in it, or in an area within it.")] = None
    holder: Annotated[Id | None, Meta(description="A person whom the event concerns.")] = None
    source: Annotated[str, Meta(max_length=140)] = ""
    severity: Annotated[int, Meta(ge=0, le=3)] = 0
    text: Annotated[str, Meta(max_length=200)] = ""
    span: Annotated[int, Meta(ge=0, le=36_500 * 86_400, description="The last so many seconds; 0: the whole log.")] = 0
    owner: Owner = None


class EventFile(Struct, frozen=True, kw_only=True):
    """The events as one file of an export."""

    name: str
    rows: int
    bytes: int
    sha256: str


class EventManifest(Struct, frozen=True, kw_only=True):
    """What an export of events holds, who made it, when and of which search."""

    format: str = FORMAT
    id: str
    site: str
    node: str
    made: int
    """Microseconds since 1970 UTC."""
    by: str
    reason: str
    search: dict[str, object]
    """What was given of the search; nothing: the whole log."""
    first: int
    """seq of the first event in it; 0 where there is none."""
    last: int
    truncated: bool
    """The export ends at its limit, and there is more."""
    files: tuple[EventFile, ...]
    audit: AuditMark
