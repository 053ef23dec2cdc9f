"""What a node opens, one line for each row, way and port: the manifest with the node's settings and its site applied. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from sitewarden import ports
from sitewarden.config import Settings
from sitewarden.config.checks import computer_of
from sitewarden.config.database import is_postgres, parse
from sitewarden.domain.network.use import PortUse
from sitewarden.domain.portrow import Numbers, PortRow, text
from sitewarden.net.exports.plan import CONTROLLER_ROWS, Plan, Profile, address_of, merged
from sitewarden.net.rules import plain_networks

BROADCAST = "255.255.255.255"
ANNOUNCEMENT_ROWS = ("announcement", "announcement-ipv6")
"""Rows that a setting closes."""


class Line(Struct, frozen=True, kw_only=True):
    """One way of one row on this node. `address` is the local address ("" for any), `first`–`last` the ports, 0 for a template.

    For "in" the ports are this node's; for "out" they are the peer's.
    """

    name: str
    way: Literal["in", "out"]
    transport: str
    first: int
    last: int
    address: str
    group: str
    peer: str
    purpose: str
    roles: tuple[str, ...]
    tls: str
    tls_reason: str
    changeable: bool
    who: str
    source: str
    driver: bool
    """True where it is open only while the site has a device of that kind."""
    planned: bool
    changed: bool
    note: str
    peers: tuple[str, ...] = ()
    """Addresses and networks that it is limited to; empty for any."""
    by: tuple[str, ...] = ()
    """What of the site uses it, and the networks that limit it: "camera:lobby", "network:offices"."""
    used: bool = True
    """False where nothing of the site uses it."""
    local: bool = False
    """True where all its peers are this computer itself."""

    @property
    def numbers(self) -> str:
        """Return "8600", "3000-5000" or "defined by user"."""
        return text(None if not self.first else self.first if self.first == self.last else (self.first, self.last))

    @property
    def version(self) -> int:
        """Return the IP version of the local address: 4, 6, or 0 where it is any."""
        return ipaddress.ip_address(self.address).version if self.address else 0

    @property
    def loopback(self) -> bool:
        """True where it never leaves this computer: it listens on loopback, or all its peers are here."""
        return self.local or (self.way == "in" and bool(self.address) and ipaddress.ip_address(self.address).is_loopback)


def lines(settings: Settings, plan: Plan | None = None, profile: Profile = "strict") -> list[Line]:
    """Return the lines of a node's roles, in the manifest's order; rows without a port (Unix sockets, serial) once, as "in".

    With a plan, a row that several ports or peers use becomes a line for each port, and `used`, `peers` and `by` are told.
    """
    computer = computer_of(settings.roles)
    found: list[Line] = []
    for row in ports.MANIFEST:
        side = row.side(computer)
        if side is None or not set(row.roles) & set(settings.roles):
            continue
        silent = (
            (row.name in ANNOUNCEMENT_ROWS and not settings.announcement.enabled)
            or (row.name == "whep" and not settings.whep.enabled)
            or (row.name == "postgresql" and not is_postgres(settings.database.url))
        )
        mine = ports.number_of(row.name, settings.ports)
        network = row.transport in ("tcp", "udp")
        bare: list[Line] = []
        if side.inbound:
            bare.append(_line(row, "in", mine, settings, side.change.possible, side.change.who, side.source))
        if side.outbound and network:
            theirs = mine if side.way == "out" else row.default
            bare.append(_line(row, "out", theirs, settings, side.change.possible, side.change.who, side.source))
        for line in bare:
            if row.name in CONTROLLER_ROWS and profile == "seed":
                line = replace(line, planned=False)
            made = [line] if plan is None or not network else _planned(line, row, settings, plan, profile)
            found += [replace(each, used=False) for each in made] if silent else made
    return found


def _of_rtsp_out(settings: Settings) -> list[PortUse]:
    """Return what RTSP out needs: it is a setting, no device."""
    chosen = settings.rtsp_out
    needed = {"rtsps": True, "rtsp": chosen.plain, "rtsp-out-rtp": chosen.plain and chosen.udp}
    return [PortUse(row=row, way="in") for row, wanted in needed.items() if wanted and chosen.enabled]


def _of_volumes(settings: Settings) -> list[PortUse]:
    """Return what the volumes that are buckets need."""
    found = []
    for id_, volume in settings.volumes.items():
        if volume.bucket:
            url = urlsplit(volume.endpoint)
            number = url.port or (80 if url.scheme == "http" else 443)
            found.append(PortUse(row="s3", way="out", host=url.hostname or "", number=number, by=f"volume:{id_}"))
    return found


def _of_database(settings: Settings) -> list[PortUse]:
    """Return what the database needs, where it is none of the built-in files."""
    if not is_postgres(settings.database.url):
        return []
    address = parse(settings.database.url)
    return [PortUse(row="postgresql", way="out", host=address.host, number=address.port, by="setting:database")]


def _planned(line: Line, row: PortRow, settings: Settings, plan: Plan, profile: Profile) -> list[Line]:
    set_up = (*_of_rtsp_out(settings), *_of_volumes(settings), *_of_database(settings))
    uses = [use for use in (*plan.uses, *set_up) if (use.row, use.way) == (row.name, line.way)]
    if row.name in CONTROLLER_ROWS and profile == "seed":
        uses.append(PortUse(row=row.name, way=line.way))
    if not uses and (row.driver or row.name in CONTROLLER_ROWS):
        return [_limited(replace(line, used=False), row, (), settings, plan)]
    by_number: dict[int, list[PortUse]] = {}
    for use in uses:
        by_number.setdefault(use.number or line.first, []).append(use)
    made: list[Line] = []
    for number, group in sorted(by_number.items()) or [(line.first, [])]:
        each = line if number == line.first else replace(line, first=number, last=number, changed=True)
        made.append(_limited(each, row, group, settings, plan))
    return made


def _limited(line: Line, row: PortRow, uses: Sequence[PortUse], settings: Settings, plan: Plan) -> Line:
    """Return the line with its peers: those that uses name, else the networks of the row's peers, else any."""
    by = tuple(dict.fromkeys(use.by for use in uses if use.by))
    if line.group and line.way == "out":
        return replace(line, by=by)
    known = [address_of(use.host) for use in uses]
    away = [address for address in known if address and not ipaddress.ip_address(address).is_loopback]
    if known and all(known):
        return replace(line, by=by, local=not away, peers=_with_broadcast(line, row, merged(away)))
    networks = plan.peers_of(row.name, line.way)
    if not networks:
        return replace(line, by=by)
    limits = [cidr for network in networks for cidr in network.cidrs] + away
    limits += plain_networks(settings, row.name)
    by += tuple(f"network:{network.id}" for network in networks)
    return replace(line, by=by, peers=_with_broadcast(line, row, merged(limits)))


def _with_broadcast(line: Line, row: PortRow, peers: tuple[str, ...]) -> tuple[str, ...]:
    return merged((*peers, BROADCAST)) if peers and row.broadcast and line.way == "out" else peers


def _bound(settings: Settings) -> str:
    return "" if ipaddress.ip_address(settings.bind).is_unspecified else address_of(settings.bind)


def _line(
    row: PortRow, way: Literal["in", "out"], numbers: Numbers, settings: Settings, changeable: bool, who: str, source: str
) -> Line:
    first, last = numbers if isinstance(numbers, tuple) else (numbers or 0, numbers or 0)
    everywhere = way == "out" or row.broadcast or bool(row.group)
    return Line(
        name=row.name,
        way=way,
        transport=row.transport,
        first=first,
        last=last,
        address="" if everywhere else _bound(settings),
        group=settings.multicast_group if row.name == "media-multicast" else row.group,
        peer=row.peer,
        purpose=row.purpose,
        roles=row.roles,
        tls=row.tls,
        tls_reason=row.tls_reason,
        changeable=changeable,
        who=who,
        source=source,
        driver=row.driver,
        planned=row.planned or (row.planned_in and way == "in"),
        changed=row.name in settings.ports,
        note=row.note,
    )
