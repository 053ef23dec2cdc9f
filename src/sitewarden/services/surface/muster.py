"""Messages of the roll call: who is inside an area, and who of them showed up at a muster point."""

from __future__ import annotations

from msgspec import Struct

from sitewarden.domain.entity import Id
from sitewarden.services.surface.access import Reason


class RollCallQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which area, with all that lies in it; the whole site unless given."""

    area: Id | None = None


class RollCallExport(RollCallQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same, as CSV."""


class MarkSafe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who was seen safe, and by whom or where."""

    holder: Id
    reason: Reason = ""


class RollCallPerson(Struct, frozen=True, kw_only=True):
    """Somebody who is inside as far as is known: where, since when, and when they were safe (microseconds since 1970 UTC)."""

    holder: str
    name: str
    company: str
    visitor: bool
    host: str
    """Name of who receives the visitor."""
    area: str
    area_name: str
    since: int
    door_name: str
    safe: int | None = None
    safe_at: str = ""
    """Name of the muster point; empty where an operator marked them."""


class RollCall(Struct, frozen=True, kw_only=True):
    """Who is inside, the missing first."""

    area: str | None
    area_name: str
    """Name of the area, or of the site."""
    time: int
    missing: int
    safe: int
    people: tuple[RollCallPerson, ...]
    points: tuple[str, ...]
    """Names of the site's muster points."""


class MarkedSafe(Struct, frozen=True, kw_only=True):
    """When they were marked."""

    holder: str
    safe: int
