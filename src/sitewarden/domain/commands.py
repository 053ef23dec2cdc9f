"""Commands: what somebody or something wants done, routed to the one owner of the entity."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct


class Command(Struct, frozen=True, kw_only=True):
    """An order to the owner of `entity`. It is authorised and audited before it is routed."""

    id: str
    """Unique; the result event and the audit entry carry it."""
    name: str
    """"<kind>.<verb>": door.release, point.write, controller.sync."""
    entity: str
    args: dict[str, Any] = msgspec.field(default_factory=dict)
    issuer: str = "system"
    """Reference of the user, token or rule behind it."""
    reason: str = ""
    timeout: float = 5.0
    """Seconds until the issuer is told that no answer came."""


class Result(Struct, frozen=True, kw_only=True):
    """What came of a command. `ok` False carries a refusal: code, what, remedy."""

    ok: bool
    value: dict[str, Any] = msgspec.field(default_factory=dict)
    code: str = ""
    what: str = ""
    remedy: str = ""
