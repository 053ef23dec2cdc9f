"""What a device or broker has that points could be made of, whatever its protocol."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct


class Found(Struct, frozen=True, kw_only=True):
    """One value that was found."""

    label: str
    """How the protocol names it: a topic, an object, a node."""
    address: dict[str, Any] = msgspec.field(default_factory=dict)
    """The address of a point that would read it."""
    value: float | int | bool | str | None = None
    """What it said now, shortened where it is long; None where that is no value."""
    detail: str = ""
    """Its type, or how often it was heard."""


class Browsed(Struct, frozen=True, kw_only=True):
    """What was found, and whether there is more than is told."""

    items: tuple[Found, ...] = ()
    more: bool = False
