"""Messages of what-if: a draft change, and what the requests of the last days would have become by it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from sitewarden.domain.access.what_if import Difference, Outcomes, Touched
from sitewarden.domain.entity import Id
from sitewarden.services.surface.system import SiteChange

JobId = Annotated[str, Meta(min_length=1, max_length=16)]
Days = Annotated[int, Meta(ge=1, le=366, description="How many days back from now.")]


class DraftChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entity as the draft has it: its fields that change, all that it needs where it is new, or null: it goes."""

    kind: Annotated[str, Meta(max_length=40)]
    id: Id
    body: dict[str, Any] | None


class StartWhatIf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be tried, on which days."""

    days: Days = 7
    draft: Annotated[tuple[DraftChange, ...], Meta(min_length=1, max_length=10_000)]


class WhatIfRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which trial."""

    id: JobId


class WhatIf(Struct, frozen=True, kw_only=True):
    """A trial: how far it is, and once it is done what came of it. Nothing of the site is changed by it."""

    id: str
    state: Literal["running", "done", "failed"]
    progress: float
    """0 to 1."""
    start: int
    """Requests from this moment on are compared, microseconds since 1970 UTC."""
    end: int
    changes: tuple[SiteChange, ...]
    """What the draft changes of the site."""
    outcomes: Outcomes | None = None
    names: dict[str, str] = {}
    """Reference to name, of what the outcomes tell."""
    truncated: bool = False
    """There were more events than are replayed; the newest are left out."""
    what: str = ""
    where: str = ""
    remedy: str = ""


__all__ = ["Difference", "DraftChange", "Outcomes", "StartWhatIf", "Touched", "WhatIf", "WhatIfRef"]
