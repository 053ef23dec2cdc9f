"""What one process may open, by the manifest and the node's settings. Pure."""

from __future__ import annotations

import ipaddress
from typing import Literal

from sitewarden import ports
from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import Computer, PortRow, check_number, covers, text

COMPUTERS: dict[str, Computer] = {"controller": "device", "analytics": "node", "lpr": "node", "cli": "client"}

PLAIN: dict[str, str] = {"http-api": "http_api_plain_networks", "rtmp": "rtmp_plain_networks"}
"""Rows that may be plain beside their TLS, and the setting that lists for which networks."""


def plain_networks(settings: Settings, row: str) -> tuple[str, ...]:
    """Return the networks that may use a row without TLS."""
    found: tuple[str, ...] = getattr(settings, PLAIN[row]) if row in PLAIN else ()
    return found


class Rules:
    """Answers for one process role ("media-0" is of the role media); every refusal is a Refusal with a remedy or a reason."""

    def __init__(self, settings: Settings, role: str) -> None:
        self.settings, self.role = settings, role
        base, _, index = role.rpartition("-")
        self.base = base if index.isdigit() else role
        self.computer: Computer = COMPUTERS.get(self.base, "server")

    def row(self, port: str, way: Literal["in", "out", "any"], transports: tuple[str, ...]) -> PortRow:
        """Return the row, where this process may open it that way."""
        row = ports.row(port)
        where = f"ports.{port}"
        if row.transport not in transports:
            raise Refusal(f"{port} is a row of {row.transport}, not of {' or '.join(transports)}.", where=where)
        side = row.side(self.computer)
        if self.computer != "client" and self.base not in row.roles:
            raise Refusal(f"{port} is opened by {', '.join(row.roles)}, not by {self.role}.", where=where)
        if row.transport == "unix":
            return row
        if side is None:
            raise Refusal(f"{port} is not used by a {self.computer}.", where=where)
        if (way == "in" and not side.inbound) or (way == "out" and not side.outbound):
            verb = "listens on" if way == "in" else "dials"
            raise Refusal(f"a {self.computer} never {verb} {port}.", where=where, remedy="See `sitewarden ports`.")
        return row

    def own_number(self, row: PortRow, number: int | None) -> int:
        """Return the number of this node's own side."""
        mine = number if number is not None else ports.number_of(row.name, self.settings.ports)
        if not isinstance(mine, int):
            raise Refusal(f"{row.name} needs a number ({text(row.default)}).", where=f"ports.{row.name}")
        if mine != self.settings.ports.get(row.name):
            check_number(row, self.computer, mine)
        return mine

    def peer_number(self, row: PortRow, number: int | None) -> int:
        """Return the number of the far side, where the manifest allows it."""
        theirs = number if number is not None else ports.number_of(row.name, self.settings.ports)
        if not isinstance(theirs, int):
            raise Refusal(f"{row.name} needs the peer's number ({text(row.default)}).", where=f"ports.{row.name}")
        far = [side for side in row.sides if side.computer != self.computer and side.inbound] or list(row.sides)
        free = row.span is None and any(side.change.possible for side in far)
        if 1 <= theirs <= 65535 and (free or any(covers(side.default, theirs) for side in far)):
            return theirs
        check_number(row, far[0].computer, theirs)
        return theirs

    def check_group(self, row: PortRow, group: str) -> None:
        """Refuse a group that is not the row's own."""
        try:
            address = ipaddress.ip_address(group)
        except ValueError:
            address = ipaddress.IPv4Address(0)
        allowed = row.group
        if row.name == "media-multicast":
            # A client joins whichever group its server names.
            allowed = "" if self.computer == "client" else self.settings.multicast_group
        fits = not allowed or (address in ipaddress.ip_network(allowed) if "/" in allowed else group == allowed)
        if not address.is_multicast or not fits:
            raise Refusal(
                f"{group} is not the multicast group of {row.name}.",
                where=f"ports.{row.name}",
                remedy=f"It is {allowed}." if allowed else "Give the group that the server names.",
            )
