"""Messages of points."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sitewarden.domain.entity import Id
from sitewarden.domain.points.samples import Latest, Value
from sitewarden.services.surface.access import Reason


class PointValues(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which points' latest values; empty means all that the caller may read."""

    ids: Annotated[tuple[Id, ...], Meta(max_length=5000)] = ()


class LatestValues(Struct, frozen=True, kw_only=True):
    """The latest values, in no particular order."""

    items: list[Latest]


class WritePoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set a point."""

    id: Id
    value: float | int | bool | Annotated[str, Meta(max_length=1000)]
    reason: Reason = ""


class WriteResult(Struct, frozen=True, kw_only=True):
    """What came of a write: the value before, the value asked for, and the value that was read back."""

    id: str
    old: Value
    new: Value
    read_back: Value


class DeviceRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which device."""

    id: Id


class BrowseEndpoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Listen to what comes by an endpoint, such as the topics of an MQTT broker."""

    id: Id
    filter: Annotated[str, Meta(max_length=1000)] = ""
    """Which, in the protocol's own words: "site/#" of a broker; empty is all."""
    seconds: Annotated[float, Meta(ge=0.0, le=20.0)] = 3.0
    """How long to listen."""


class BrowseDevice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """List what a device has, such as the objects of an SNMP agent."""

    id: Id
    under: Annotated[str, Meta(max_length=200)] = ""
    """Where to begin, in the protocol's own words: "1.3.6.1.2.1.33"; empty is its usual place."""
    most: Annotated[int, Meta(ge=1, le=2000)] = 500


class DeviceKey(Struct, frozen=True, kw_only=True):
    """A new key of a device that pushes, told this once: it sends "Authorization: Bearer KEY"."""

    id: Id
    key: str
