"""What configured things need of the port manifest: the source of firewall rules that open no more than that. Pure."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class PortUse(Struct, frozen=True, kw_only=True):
    """One configured thing that uses a row: `host` is its peer (an address or a name, "" where it is not known).

    `number` is the peer's port for "out", this node's for "in"; None is the row's own. `by` names the thing ("camera:lobby").
    """

    row: str
    way: Literal["in", "out"]
    host: str = ""
    number: int | None = None
    by: str = ""
