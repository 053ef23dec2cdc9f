"""Messages of reports."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Form = Annotated[Literal["csv", "pdf"], Meta(description="CSV for spreadsheets, PDF for paper.")]
Reference = Annotated[str, Meta(max_length=140)]


class EventReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events, oldest first. Times are microseconds since 1970 UTC."""

    form: Form = "csv"
    start: int | None = None
    end: int | None = None
    type: Annotated[tuple[Annotated[str, Meta(max_length=80)], ...], Meta(max_length=40)] = ()
    """Exact types, or prefixes that end in ".*"."""
    entity: Reference | None = None
    """A reference: a door, a person, a camera."""
    severity: Annotated[int, Meta(ge=0, le=3)] = 0
    q: Annotated[str, Meta(max_length=200)] = ""


class RightsReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose rights, or to what; everything there is where both are left out."""

    form: Form = "csv"
    door: Annotated[str, Meta(max_length=63)] = ""
    holder: Annotated[str, Meta(max_length=63)] = ""
