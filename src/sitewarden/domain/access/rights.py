"""When and where: schedules with special days, what a reader asks for, and access profiles (ONVIF Schedule, Access Rules)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.access.model import Seconds, SecurityLevel
from sitewarden.domain.entity import Entity, Id

Calendar = Annotated[str, Meta(max_length=65536)]
TimeRange = Annotated[
    str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$", description="Times of a day, as 08:00-12:00.")
]


class SpecialDayGroup(Entity, frozen=True, kw_only=True):
    """Days that are unlike others, such as public holidays: iCalendar VEVENTs of whole days."""

    icalendar: Calendar = ""


class SpecialDays(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The times that hold on the days of a group, in place of the schedule's own; none means that nothing holds."""

    group: Id
    times: Annotated[tuple[TimeRange, ...], Meta(max_length=12)] = ()


class Schedule(Entity, frozen=True, kw_only=True):
    """When something holds: iCalendar VEVENTs (RFC 5545) in the site's zone; empty text means always."""

    icalendar: Calendar = ""
    special_days: Annotated[tuple[SpecialDays, ...], Meta(max_length=16)] = ()
    """A day that is in several groups follows the first of them."""


class AuthenticationPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked for while a schedule holds. `mode` dual: two holders, one after the other (ONVIF DualCredential)."""

    schedule: Id
    level: SecurityLevel = "card"
    mode: Literal["single", "dual"] = "single"


class AuthenticationProfile(Entity, frozen=True, kw_only=True):
    """What access points ask for, by schedule; the first policy whose schedule holds counts."""

    policies: Annotated[tuple[AuthenticationPolicy, ...], Meta(max_length=32)] = ()
    dual_window: Seconds = 15.0
    """Seconds that the second holder has."""


class AccessPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Leave to pass an access point while a schedule holds."""

    schedule: Id
    access_point: Id


class AccessProfile(Entity, frozen=True, kw_only=True):
    """A named set of access policies."""

    policies: tuple[AccessPolicy, ...] = ()
    enabled: bool = True
