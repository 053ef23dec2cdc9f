"""The site itself: one entity with the id "site"."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from sitewarden.domain.entity import Entity


class Site(Entity, frozen=True, kw_only=True):
    """Name, zone and stage of the site."""

    timezone: Annotated[str, Meta(description="IANA zone name; schedules and screens use it.")] = "UTC"
    demo: bool = False
    """True while the simulated demo site runs; the first-run wizard turns it off."""
