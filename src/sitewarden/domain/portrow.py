"""What a row of the port manifest is, and the pure decisions on it. The rows themselves stand in `sitewarden.ports`."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from sitewarden.domain.errors import Refusal

Transport = Literal["tcp", "udp", "unix", "serial"]
Computer = Literal["server", "device", "client", "node"]
Way = Literal["in", "out", "both"]
Tls = Literal["always", "default-on", "redirect-only", "protocol-has-none"]
Source = Literal["biostar", "digifort", "iiot", "ours"]
Numbers = int | tuple[int, int] | None
"""One port, a span (first, last) with both ends in it, or None for a template, which each configured instance fills."""


class Change(Struct, frozen=True):
    """Whether a side's number may differ from the default, and who changes it where (or why it cannot be changed)."""

    possible: bool
    who: str


class Side(Struct, frozen=True):
    """How one computer uses a row: the way packets of a new exchange go, its number, and who may change it.

    `way` is seen from this computer: "in" accepts, "out" begins, "both" does either.
    """

    computer: Computer
    way: Way
    default: Numbers
    change: Change
    source: Source

    @property
    def inbound(self) -> bool:
        """True where this computer's firewall must let new traffic in."""
        return self.way != "out"

    @property
    def outbound(self) -> bool:
        """True where this computer begins exchanges."""
        return self.way != "in"


class PortRow(Struct, frozen=True, kw_only=True):
    """One row of the manifest.

    `roles` are the process roles that may open it, `default` the server's number. `group` is the multicast group (or
    the group that is asked). `shared` tells that several processes of a host use the port together (SO_REUSEADDR or
    SO_REUSEPORT). `driver` tells that it is open only while the site has a device of that kind. `planned` tells that no
    service of ours listens or dials yet, `planned_in` that ours only dials yet. `standing` tells that the processes of its
    roles hold it as long as they run, so that it is missing where they do not; other rows open when they are needed.
    """

    name: str
    transport: Transport
    default: Numbers
    purpose: str
    roles: tuple[str, ...]
    peer: str
    sides: tuple[Side, ...]
    tls: Tls
    tls_reason: str = ""
    group: str = ""
    shared: bool = False
    broadcast: bool = False
    driver: bool = False
    planned: bool = False
    planned_in: bool = False
    standing: bool = False
    note: str = ""

    @property
    def span(self) -> tuple[int, int] | None:
        """Return (first, last) where the row covers more than one port."""
        return self.default if isinstance(self.default, tuple) else None

    @property
    def template(self) -> bool:
        """True where each configured instance gives its own number."""
        return self.default is None and self.transport in ("tcp", "udp")

    def side(self, computer: Computer) -> Side | None:
        """Return how that computer uses the row; None where it does not."""
        return next((side for side in self.sides if side.computer == computer), None)


def covers(numbers: Numbers, number: int) -> bool:
    """Tell whether `number` is the port, or lies in the span; a template covers every port."""
    if numbers is None:
        return True
    if isinstance(numbers, tuple):
        return numbers[0] <= number <= numbers[1]
    return numbers == number


def text(numbers: Numbers) -> str:
    """Return "8600", "3000-5000", or "defined by user" for a template."""
    if numbers is None:
        return "defined by user"
    if isinstance(numbers, tuple):
        return f"{numbers[0]}-{numbers[1]}"
    return str(numbers)


def check_number(row: PortRow, computer: Computer, number: int, *, where: str = "") -> None:
    """Refuse a number that this side of a row may not have: out of 1–65535, or a fixed port changed."""
    place = where or f"ports.{row.name}"
    if row.transport not in ("tcp", "udp"):
        raise Refusal(f"{row.name} has no port number.", where=place, remedy="Remove the entry.")
    if not 1 <= number <= 65535:
        raise Refusal(f"{number} is not a port.", where=place, remedy="Give a number from 1 to 65535.")
    side = row.side(computer)
    if side is None:
        raise Refusal(f"{row.name} is not used by a {computer}.", where=place, remedy="See `sitewarden ports`.")
    if covers(side.default, number) or (side.change.possible and row.span is None):
        return
    if row.span is not None and side.change.possible:
        raise Refusal(
            f"{row.name} spans {text(row.default)}/{row.transport}: {side.change.who}.",
            where=place,
            remedy=f"Remove the change to {number}.",
        )
    raise Refusal(
        f"{row.name} stays on {text(side.default)}/{row.transport}: {side.change.who}",
        where=place,
        remedy=f"Remove the change to {number}; where the port is taken, give this node an address of its own with `bind`.",
    )
