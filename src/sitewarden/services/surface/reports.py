"""Messages of reports."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.services.surface.history import EventSearch

Form = Annotated[Literal["csv", "pdf"], Meta(description="CSV for spreadsheets, PDF for paper.")]


class EventReport(EventSearch, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events, oldest first."""

    form: Form = "csv"


class RightsReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose rights, or to what; everything there is where both are left out."""

    form: Form = "csv"
    door: Annotated[str, Meta(max_length=63)] = ""
    holder: Annotated[str, Meta(max_length=63)] = ""
