"""A change of a port while the node runs: which rows take one, and which numbers. Pure."""

from __future__ import annotations

from typing import Final, Literal

from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.domain.portrow import PortRow, text

Reach = Literal["console", "redirect", "anywhere"]
"""How an administrator proves that the new number is reached: the console itself answers on it, it redirects to the console with
the proof, or it is no way in for people (1480), so that keeping it from anywhere shuts nobody out."""

BROWSER_ROWS: Final = frozenset({"server", "web"})
BROWSER_BLOCKED: Final = frozenset(
    {1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111}
    | {113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548}
    | {554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566}
    | {6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)
"""Ports that no browser opens (WHATWG Fetch, 2.9 "Port blocking")."""


def demand_movable(row: PortRow) -> None:
    """Refuse a row whose number this server cannot change while it runs; say why, and what to do."""
    where = f"ports.{row.name}"
    side = row.side("server")
    if row.transport not in ("tcp", "udp"):
        raise Refusal(f"{row.name} has no port number.", where=where, remedy="See `sitewarden ports`.")
    if side is None:
        raise Refusal(f"{row.name} is not used by a server.", where=where, remedy="Change it on the node that listens on it.")
    if not side.change.possible:
        raise Refusal(
            f"{row.name} stays on {text(side.default)}/{row.transport}: {side.change.who}",
            where=where,
            remedy="Where another program holds it, stop that program, or give this node an address of its own with `bind`.",
        )
    if not side.inbound:
        raise Refusal(
            f"{row.name} is dialled by this server; the other side listens on it.",
            where=where,
            remedy=f"It is changed by {side.change.who}.",
        )
    if row.planned or row.planned_in:
        raise Refusal(
            f"nothing of this version listens on {row.name}, so there is nothing to change.",
            where=where,
            remedy="See `sitewarden ports` for what is open.",
        )
    if side.outbound:
        raise Refusal(
            f"{row.name} is dialled by this server, too, and it listens there only where a setting says so.",
            where=where,
            remedy=f"It is changed by {side.change.who}; restart then.",
        )
    if not set(row.roles) & {"core", "web"}:
        raise Refusal(
            f"{row.name} is listened on by the {row.roles[0]} processes, which open it when they start.",
            where=where,
            remedy=f"It is changed by {side.change.who}; restart then.",
        )
    if not isinstance(row.default, int) or row.transport != "tcp":
        raise Refusal(
            f"{row.name} ({text(row.default)}/{row.transport}) has no number of the whole server.",
            where=where,
            remedy=f"It is changed by {side.change.who}.",
        )


def movable(row: PortRow) -> bool:
    """Tell whether `demand_movable` takes the row."""
    try:
        demand_movable(row)
    except Refusal:
        return False
    return True


def demand_number(row: PortRow, number: int) -> None:
    """Refuse a number that is no port, or one that no browser opens where people come with a browser."""
    where = f"ports.{row.name}"
    if not 1 <= number <= 65535:
        raise Invalid(f"{number} is not a port.", where=where, remedy="Give a number from 1 to 65535.")
    if row.name in BROWSER_ROWS and number in BROWSER_BLOCKED:
        raise Invalid(
            f"no browser opens port {number}: it belongs to another protocol.",
            where=where,
            remedy="Choose another, such as 443 or 8443 (WHATWG Fetch lists the blocked ones).",
        )
