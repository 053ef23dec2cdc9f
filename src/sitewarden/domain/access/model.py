"""Doors, people and rights, in ONVIF's words (Access Control, Door Control, Credential, Access Rules, Schedule)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Entity, Id, Secret

Seconds = Annotated[float, Meta(ge=0.0, le=3600.0)]


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


class Area(Entity, frozen=True, kw_only=True):
    """A part of the site that access points lead into and out of; `area` is the area that it lies in."""


class Controller(Entity, frozen=True, kw_only=True):
    """An edge controller; it is one node of the link. `id` is its node id."""

    mode: Literal["server", "direct"] = "server"
    address: str = ""
    """Where it is dialled in direct mode, "host" or "host:port"."""
    enabled: bool = True
    matching: Literal["local", "server"] = "local"
    """Who decides: the controller from its snapshot, or the server, within the controller's time limit."""
    away: Literal["decide", "deny"] = "decide"
    """What a controller that asks the server does without an answer: decide by its own snapshot, or deny."""
    fingerprint: str = ""
    """SHA-256 of the paired public key, hex; empty until it is paired."""
    revoked: int | None = None
    """When its pairing was revoked: it is refused until it is paired again, though the site's CA signed its certificate."""
    commissioning: Secret | None = None
    """The code of its label, with which its network settings are changed and it is reset. A paired controller tells it."""


class Door(Entity, frozen=True, kw_only=True):
    """A door and its timings (ONVIF Door Control), in seconds."""

    controller: Id
    kind: Literal["door", "mantrap", "turnstile", "revolving-door", "barrier"] = "door"
    output: Annotated[int, Meta(ge=0, le=255)] = 0
    """Relay on the controller that drives the lock."""
    release_time: Seconds = 3.0
    open_time: Seconds = 10.0
    extended_release_time: Seconds = 10.0
    extended_open_time: Seconds = 30.0
    delay_before_relock: Seconds = 0.0
    pre_alarm_time: Seconds = 5.0
    camera: Id | None = None


class AccessPoint(Entity, frozen=True, kw_only=True):
    """One direction through a door: the reader on one side, and the areas that it leads from and to."""

    door: Id
    reader: Annotated[int, Meta(ge=0, le=255)] = 0
    area_from: Id | None = None
    area_to: Id | None = None
    authentication: Literal["card", "pin", "card-and-pin", "card-or-pin"] = "card"
    enabled: bool = True


class Schedule(Entity, frozen=True, kw_only=True):
    """When something holds: iCalendar VEVENTs (RFC 5545) in the site's zone; empty text means always."""

    icalendar: Annotated[str, Meta(max_length=65536)] = ""


class AccessPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Leave to pass an access point while a schedule holds."""

    schedule: Id
    access_point: Id


class AccessProfile(Entity, frozen=True, kw_only=True):
    """A named set of access policies."""

    policies: tuple[AccessPolicy, ...] = ()
    enabled: bool = True


class CredentialHolder(Entity, frozen=True, kw_only=True):
    """A person who carries credentials."""

    enabled: bool = True


class CredentialProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An access profile of a credential, with a validity of its own."""

    profile: Id
    valid_from: int | None = None
    valid_to: int | None = None


class Credential(Entity, frozen=True, kw_only=True):
    """What a holder shows: a card number and, where asked for, a PIN."""

    holder: Id
    card: Annotated[str, Meta(max_length=80)] = ""
    """Card bits as lower-case hex with their count: "26:2a6f3b1"; empty when there is no card."""
    pin_hash: str = ""
    valid_from: int | None = None
    valid_to: int | None = None
    """Microseconds since 1970 UTC; None means no limit. `valid_to` is the first moment that is not valid."""
    enabled: bool = True
    disabled_reason: Literal[
        "", "lost", "stolen", "damaged", "destroyed", "inactivity", "expired", "renewal-needed", "locked-out", "blocked"
    ] = ""
    extended_grant_time: bool = False
    profiles: tuple[CredentialProfile, ...] = ()
