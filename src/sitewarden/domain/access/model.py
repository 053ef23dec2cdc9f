"""Areas, doors and access points, and the words of decisions, as ONVIF has them (Access Control, Door Control).

People and what they carry are in `people`, rights and times in `rights`, zones in `zones`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sitewarden.domain.entity import Entity, Id, Secret

Seconds = Annotated[float, Meta(ge=0.0, le=3600.0)]
DoorKind = Literal["door", "mantrap", "turnstile", "revolving-door", "barrier"]


class DoorMode(StrEnum):
    """ONVIF DoorMode."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    ACCESSED = "accessed"
    BLOCKED = "blocked"
    LOCKED_DOWN = "locked-down"
    LOCKED_OPEN = "locked-open"
    DOUBLE_LOCKED = "double-locked"


class DenyReason(StrEnum):
    """ONVIF AccessDenied reasons, and ours on top."""

    CREDENTIAL_NOT_ENABLED = "credential-not-enabled"
    CREDENTIAL_NOT_ACTIVE = "credential-not-active"
    CREDENTIAL_EXPIRED = "credential-expired"
    INVALID_PIN = "invalid-pin"
    NOT_PERMITTED_AT_THIS_TIME = "not-permitted-at-this-time"
    UNAUTHORIZED = "unauthorized"
    CREDENTIAL_NOT_FOUND = "credential-not-found"
    INVALID_IDENTIFIER_VALUE = "invalid-identifier-value"
    OTHER = "other"
    DOOR_LOCKED_DOWN = "door-locked-down"
    DOOR_BLOCKED = "door-blocked"
    SERVER_UNREACHABLE = "server-unreachable"
    ANTIPASSBACK_VIOLATION = "antipassback-violation"
    TIMED_ANTIPASSBACK = "timed-antipassback"
    OCCUPANCY_LIMIT = "occupancy-limit"
    INTERLOCK_ACTIVE = "interlock-active"
    DUAL_CREDENTIAL_TIMEOUT = "dual-credential-timeout"
    ENTRANCE_LIMIT = "entrance-limit"
    FIRST_PERSON_MISSING = "first-person-missing"
    ZONE_ARMED = "zone-armed"


SecurityLevel = Literal[
    "card",
    "pin",
    "card-and-pin",
    "card-or-pin",
    "biometric",
    "card-and-biometric",
    "card-or-biometric",
    "biometric-and-pin",
    "licence-plate",
    "card-or-licence-plate",
    "card-and-licence-plate",
]
"""What an access point asks for (ONVIF SecurityLevel); biometric is a face, finger or the like that the reader compared."""


class Area(Entity, frozen=True, kw_only=True):
    """A part of the site that access points lead into and out of; `area` is the area that it lies in."""


class Controller(Entity, frozen=True, kw_only=True):
    """An edge controller. One of ours is a node of the link, and `id` its node id; a board of another make has its own driver."""

    driver: Literal["link", "uhppote"] = "link"
    """Which family it is of: "link" a Sitewarden controller, "uhppote" a UHPPOTE board."""
    config: dict[str, Any] = msgspec.field(default_factory=dict)
    """Settings of a board, as its driver knows them ("serial"); empty for "link"."""
    mode: Literal["server", "direct"] = "server"
    address: str = ""
    """Where it is dialled in direct mode, or asked where it is a board: "host" or "host:port"."""
    enabled: bool = True
    matching: Literal["local", "server"] = "local"
    """Who decides: the controller from its snapshot, or the server with the snapshot as fallback."""
    fingerprint: str = ""
    """SHA-256 of the paired public key, hex; empty until it is paired."""
    commissioning: Secret | None = None
    """The code of its label, with which its network settings are changed and it is reset. A paired controller tells it."""


class Door(Entity, frozen=True, kw_only=True):
    """A door and its timings (ONVIF Door Control), in seconds."""

    controller: Id
    kind: DoorKind = "door"
    output: Annotated[int, Meta(ge=0, le=255)] = 0
    """Relay on the controller that drives the lock."""
    release_time: Seconds = 3.0
    open_time: Seconds = 10.0
    extended_release_time: Seconds = 10.0
    extended_open_time: Seconds = 30.0
    delay_before_relock: Seconds = 0.0
    pre_alarm_time: Seconds = 5.0
    unlock_schedule: Id | None = None
    """The door is unlocked while this schedule holds; an operator and an emergency go before it."""
    first_person: bool = False
    """The scheduled unlock begins with the first person who is granted access within it."""
    exit_releases: bool = True
    """A request to exit drives the lock; off, it only keeps the opening from counting as forced (a free handle inside)."""
    camera: Id | None = None


class AccessPoint(Entity, frozen=True, kw_only=True):
    """One direction through a door: the reader on one side, and the areas that it leads from and to."""

    door: Id
    reader: Annotated[int, Meta(ge=0, le=255)] = 0
    area_from: Id | None = None
    area_to: Id | None = None
    authentication: SecurityLevel = "card"
    """What is asked for where no policy of the authentication profile holds."""
    authentication_profile: Id | None = None
    card_formats: Annotated[tuple[Id, ...], Meta(max_length=8)] = ()
    """A card must fit one of them; none means that any bits are taken as they come."""
    enabled: bool = True
