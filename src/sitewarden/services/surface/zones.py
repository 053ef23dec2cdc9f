"""Messages of zones as they are now, and of what an operator does to them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.services.surface.access import Reason

ZoneKind = Literal[
    "antipassback-zone", "occupancy-zone", "interlock-zone", "entrance-limit-zone", "first-person-zone", "fire-zone",
    "intrusion-zone",
]  # fmt: skip


class ZoneRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which zone, and how many of the people in it are listed."""

    kind: ZoneKind
    id: Id
    limit: Annotated[int, Meta(ge=0, le=10_000)] = 1000


class ZoneOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do to a zone, and why."""

    kind: ZoneKind
    id: Id
    reason: Reason = ""


class ForgiveHolder(ZoneOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to forgive, once: where they are is forgotten, and from their next passage on it is kept again."""

    holder: Id


class ResetZone(ZoneOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Forget where everybody is, in which zone, and why."""


class ArmZone(ZoneOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which zone to arm, and why."""


class DisarmZone(ZoneOrder, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which zone to disarm, and why."""


class ZoneNow(Struct, frozen=True, kw_only=True):
    """How a zone is. What its kind does not have is null; times are microseconds since 1970 UTC."""

    kind: ZoneKind
    id: Id
    name: str
    enabled: bool
    held_by: str = ""
    """The controller that holds it and decides by it with no server; empty where the server does."""
    offline: Literal["allow", "deny"] = "allow"
    """What controllers answer while the server, which holds it, is away."""
    inside: int | None = None
    """People within its areas."""
    limit: int | None = None
    armed: int | None = None
    """Since when it is armed; null while it is not."""
    fire: bool | None = None
    first: int | None = None
    """When the first person came last."""
    open_doors: tuple[str, ...] = ()
    """Doors of an interlock that are open or unlocked."""


class Zones(Struct, frozen=True, kw_only=True):
    """All zones."""

    items: tuple[ZoneNow, ...]


class Occupant(Struct, frozen=True, kw_only=True):
    """Somebody in a zone: in which of its areas, since when, and through which door they came."""

    holder: str
    name: str
    area: str
    area_name: str
    since: int
    access_point: str = ""
    door: str = ""
    door_name: str = ""


class ZoneDetail(Struct, frozen=True, kw_only=True):
    """A zone and who is in it, the last who came first."""

    zone: ZoneNow
    occupants: tuple[Occupant, ...]
