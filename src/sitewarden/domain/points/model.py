"""Endpoints, devices and points: how machines are reached and what is read from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sitewarden.domain.entity import Entity, Id
from sitewarden.domain.points.inputs import PointInput


class Endpoint(Entity, frozen=True, kw_only=True):
    """One port, bus or connection of a driver, such as a Modbus gateway. `config` is typed by the driver."""

    driver: Id
    enabled: bool = True
    config: dict[str, Any] = msgspec.field(default_factory=dict)


class Device(Entity, frozen=True, kw_only=True):
    """A device behind an endpoint, such as one Modbus unit. `config` is typed by the driver."""

    endpoint: Id
    enabled: bool = True
    config: dict[str, Any] = msgspec.field(default_factory=dict)


class Point(Entity, frozen=True, kw_only=True):
    """One value of a device. `address` is typed by the driver."""

    device: Id
    type: Literal["number", "integer", "boolean", "string"] = "number"
    unit: Annotated[str, Meta(max_length=20)] = ""
    address: dict[str, Any] = msgspec.field(default_factory=dict)
    period: Annotated[float, Meta(ge=0.05, le=86400.0)] = 1.0
    """Seconds between two polls."""
    scale: float = 1.0
    offset: float = 0.0
    """value = raw * scale + offset"""
    deadband: Annotated[float, Meta(ge=0.0)] = 0.0
    """Smallest change that is stored, in units of the value; 0 stores every change."""
    keep: Literal["usual", "brief", "long"] = "usual"
    """How long its samples are kept: the days of each class are settings."""
    writable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    """Limits of a written value."""
    decimals: Annotated[int, Meta(ge=0, le=9)] = 2
    input: PointInput | None = None
    """Makes it an input that is Normal, Active or Trouble."""
