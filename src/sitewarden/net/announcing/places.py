"""Where a node announces itself: a place is one interface in one IP version. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from sitewarden.config import Settings
from sitewarden.net.interfaces_table import Interface, reached

MOST_ADDRESSES: Final = 8
"""Addresses that an announcement names."""
OF_INTERFACE: Final = 4
"""Of them, those of the interface that it is sent from come first; a temporary IPv6 address may be the source."""


class Place(Struct, frozen=True):
    """One interface in one IP version. Two interfaces that had the same name one after the other differ in their index."""

    row: str
    interface: str
    index: int
    join: str
    """What the group is joined on: the interface's IPv4 address, or its name for IPv6."""
    addresses: tuple[str, ...]
    """What an announcement from here names: the interface's own addresses first. Empty where nothing is sent from here."""

    def __str__(self) -> str:
        return f"{self.interface} ({self.join if self.row == 'announcement' else 'IPv6'})"


def places(found: Sequence[tuple[Interface, int]], settings: Settings) -> list[Place]:
    """Return the places of a node among this computer's interfaces (each with its index).

    IPv4 where the node has an IPv4 address; IPv6 is listened to on every interface that has it, and spoken where the node
    serves IPv6, so that nobody is told of an address on which nothing answers. `announcement.interfaces` limits both.
    """
    bind = ipaddress.ip_address(settings.bind)
    named = settings.announcement.interfaces
    every = [each for each, _ in found]
    chosen = list(reached(every, settings))
    if named and bind.is_unspecified:
        chosen += [each for each in every if each.loopback]
    if named:
        chosen = [each for each in chosen if each.name in named or {*each.ipv4, *each.ipv6} & set(named)]
    indices = {each.name: index for each, index in found}
    six = bind.version == 6
    made = []
    for each in chosen:
        own = served(each, six=six)
        others = [address for other in chosen if other is not each for address in served(other, six=six)]
        told = tuple(dict.fromkeys((*own[:OF_INTERFACE], *others, *own)))[:MOST_ADDRESSES]
        index = indices.get(each.name, 0)
        if each.ipv4 and not (six and not bind.is_unspecified):
            made.append(Place("announcement", each.name, index, each.ipv4[0], told))
        if each.ipv6 and not (bind.version == 4 and not bind.is_unspecified):
            made.append(Place("announcement-ipv6", each.name, index, each.name, _six_first(told) if six else ()))
    return made


def served(interface: Interface, *, six: bool) -> tuple[str, ...]:
    """Return the addresses of an interface that a wildcard of that version serves; IPv6's takes IPv4 too."""
    return (*interface.ipv4, *interface.ipv6) if six else interface.ipv4


def _six_first(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(addresses, key=lambda address: ":" not in address))
