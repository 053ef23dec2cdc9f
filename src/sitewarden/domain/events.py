"""Events: what happened, to which entity, when. The event log's one record type."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened.

    `key` makes an event idempotent: the log keeps the first event of a key and drops repeats. It names the origin and its
    own counter, as "<origin>/<epoch>/<index>" (controllers: device, log epoch, index).
    """

    key: str
    type: str
    """Dotted lower-case name from `domain.catalogue`, e.g. "access.granted"."""
    entity: str
    """Reference of the entity that it happened to, "<kind>:<id>"; order is kept per entity."""
    time: int
    """When it happened at its source, microseconds since 1970 UTC."""
    severity: int = 0
    """0 information, 1 notice, 2 warning, 3 alarm."""
    related: tuple[str, ...] = ()
    """References of other entities that it concerns (holder, camera, access point)."""
    text: str = ""
    """One line for an operator, in the site's language, free of secrets."""
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    """Structured detail, JSON-like; its shape is fixed by `type`."""


class StoredEvent(Struct, frozen=True, kw_only=True):
    """An event with its place in the log: `seq` grows by one order for all; it is the resume cursor."""

    seq: int
    stored: int
    """When the log took it, microseconds since 1970 UTC."""
    event: Event


class Confirm(Struct, frozen=True):
    """The index up to which a device's log is stored, written in the same transaction as the events."""

    device: str
    epoch: int
    index: int
