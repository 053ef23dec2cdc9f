"""Two servers that send their live media to the same multicast group: who collides, and which group is free. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable
from typing import Final

from msgspec import Struct

from sitewarden.ports import MANIFEST
from sitewarden.services.announcement.table import Row

STEADY: Final = 2
"""Announcements that a collision needs, so that a single stray datagram raises no alarm."""
MOST: Final = 16
"""Collisions that are told at once; further ones stand in the list and are told when others are over."""
FIRST4, LAST4 = int(ipaddress.IPv4Address("224.0.1.0")), int(ipaddress.IPv4Address("239.255.255.255"))
"""What may be offered: above the local control block (RFC 5771 clause 4), and outside of 232/8 (source-specific)."""
SOURCE_SPECIFIC: Final = ipaddress.IPv4Network("232.0.0.0/8")
RESERVED: Final = frozenset(row.group for row in MANIFEST if row.group and row.name != "media-multicast" and "/" not in row.group)
"""Groups of other protocols. A row of all groups, as cameras name them, holds none of them."""


class Collision(Struct, frozen=True, kw_only=True):
    """Another server that uses this server's media group."""

    id: str
    """The row of the other one."""
    name: str
    node: str
    address: str
    key: str
    group: str
    offer: str
    """A group that nobody who was heard uses."""


def collisions(own: tuple[str, bytes], group: str, rows: Iterable[Row]) -> list[Collision]:
    """Return the servers that are heard now and use `group` too. `own` is this node's key and its start's mark (`Stamp.boot`).

    The servers that share a group are ordered by their keys, and each is offered another free group: where all take what they are
    offered, none collide again.
    """
    heard = [row for row in rows if not row.silent and row.group]
    others = sorted((row for row in heard if row.group == group and row.count >= STEADY and not row.old), key=_place)
    if not others:
        return []
    rank = sum(_place(row) < own for row in others)
    offer = free_group(group, {row.group for row in heard}, rank)
    return [
        Collision(
            id=row.id, name=row.name, node=row.message.node, address=row.host, key=row.key, group=group, offer=offer
        )
        for row in others[:MOST]
    ]  # fmt: skip


def _place(row: Row) -> tuple[str, bytes]:
    return row.key, row.stamp.boot


def free_group(group: str, taken: Collection[str], rank: int = 0) -> str:
    """Return the free group after `group`, the `rank`-th (from 0); "" where the space holds none.

    Free is what no server was heard to use, no row of the manifest names, and no network card takes for one of those: Ethernet
    addresses carry only 23 bits of an IPv4 group (RFC 1112 clause 6.4), and 32 of an IPv6 one (RFC 2464 clause 7).
    """
    start = ipaddress.ip_address(group)
    used = {ipaddress.ip_address(each) for each in (*taken, group, *RESERVED)}
    frames = {_frame(each) for each in used if each.version == start.version}
    number = int(start)
    for _ in range(len(frames) + rank + (1 << 16)):
        number = _after(number, start)
        candidate = ipaddress.ip_address(number) if start.version == 4 else ipaddress.IPv6Address(number)
        if start.version == 4 and candidate in SOURCE_SPECIFIC:
            number = int(SOURCE_SPECIFIC.broadcast_address)
            continue
        if _frame(candidate) in frames:
            continue
        if rank == 0:
            return str(candidate)
        rank -= 1
    return ""


def _after(number: int, start: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
    if start.version == 4:
        return FIRST4 if number >= LAST4 else max(number + 1, FIRST4)
    return number - (number & 0xFFFFFFFF) + ((number + 1) & 0xFFFFFFFF)


def _frame(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
    """Return what an Ethernet address keeps of a group."""
    return int(address) & (0x7FFFFF if address.version == 4 else 0xFFFFFFFF)
