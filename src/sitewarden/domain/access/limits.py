"""What a controller cannot carry out of the site's rules, said when they are made."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

NAMED = 20
"""References named in one limit; `count` tells how many there are."""


class Limit(Struct, frozen=True, kw_only=True):
    """One thing that a controller does not do as the site's rules say."""

    rule: str
    """What it is about, by name: "card-format", "pin", "validity", …"""
    severity: Literal["warning", "notice"]
    """"warning": somebody is kept out or an order is not kept. "notice": it is done in another way."""
    text: str
    """What the controller does instead, and what a person can do about it, in sentences."""
    count: int
    entities: tuple[str, ...]
    """References of what it concerns, the first NAMED of `count`."""
