"""Zones: what holds for several doors or areas at once. What has happened in them is `zone_state`'s.

A zone whose doors are all one controller's is held by that controller, any other by the server; `offline` is what a controller
answers for a zone of the server's while it has no server.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Entity, Id

Duration = Annotated[float, Meta(ge=0.0, le=31_622_400.0, description="Seconds, at most a year.")]
Ids = Annotated[tuple[Id, ...], Meta(max_length=1000)]
Enforcement = Literal["hard", "soft"]
"""hard refuses, soft lets pass and tells."""


class Zone(Entity, frozen=True, kw_only=True):
    """What all zones have."""

    enabled: bool = True
    exempt_groups: Annotated[tuple[Id, ...], Meta(max_length=32)] = ()
    """Holder groups for whom the zone does not count."""
    offline: Literal["allow", "deny"] = "allow"


class AntipassbackZone(Zone, frozen=True, kw_only=True):
    """Nobody enters where they are already, or leaves where they are not. Areas may lie in each other."""

    areas: Ids = ()
    kind: Literal["area", "timed"] = "area"
    """timed: nobody enters one of the areas again within `window`; leaving is free."""
    enforcement: Enforcement = "hard"
    window: Duration = 300.0
    reset_after: Duration = 0.0
    """Seconds after which a place is forgotten; 0 never."""
    reset_schedule: Id | None = None
    """All places are forgotten at each start of it."""


class OccupancyZone(Zone, frozen=True, kw_only=True):
    """No more than so many people within areas and what lies in them."""

    areas: Ids = ()
    limit: Annotated[int, Meta(ge=0, le=1_000_000)] = 1
    enforcement: Enforcement = "hard"


class InterlockZone(Zone, frozen=True, kw_only=True):
    """One door at a time: none of the doors is released unless all others are closed and locked."""

    doors: Ids = ()


class EntranceLimitZone(Zone, frozen=True, kw_only=True):
    """So many entries a holder in each run of the schedule, or each day of the site; and not too soon after each other."""

    access_points: Ids = ()
    limit: Annotated[int, Meta(ge=0, le=10_000)] = 0
    """Entries; 0 means no limit on the count."""
    schedule: Id | None = None
    interval: Duration = 0.0
    """Seconds between two entries."""
    enforcement: Enforcement = "hard"


class FirstPersonZone(Zone, frozen=True, kw_only=True):
    """Doors wait for the first person of the groups: their unlock schedules begin with them and, where asked, all others wait."""

    doors: Ids = ()
    groups: Annotated[tuple[Id, ...], Meta(max_length=32)] = ()
    """Who counts; none means anybody who is let in."""
    schedule: Id | None = None
    """A first person is needed in each run of it; without one, each day of the site's zone."""
    hold_others: bool = False
    """Refuse all others until the first person has come."""


class FireInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An input of a controller."""

    controller: Id
    input: Annotated[int, Meta(ge=0, le=255)]


class FireZone(Zone, frozen=True, kw_only=True):
    """Doors that lock open when an input tells of fire, whatever else holds."""

    doors: Ids = ()
    inputs: Annotated[tuple[FireInput, ...], Meta(max_length=64)] = ()


class IntrusionZone(Zone, frozen=True, kw_only=True):
    """Areas under guard: while armed nobody enters but who may disarm."""

    areas: Ids = ()
    arm_groups: Annotated[tuple[Id, ...], Meta(max_length=32)] = ()
    disarm_groups: Annotated[tuple[Id, ...], Meta(max_length=32)] = ()
    disarm_on_entry: bool = True
    """A holder who may disarm does so by entering; without it they have to disarm first."""
    entry_delay: Duration = 30.0
    exit_delay: Duration = 30.0
    """Seconds after arming in which people still leave and come."""
