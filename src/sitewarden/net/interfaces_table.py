"""The network interfaces of this computer, as they are now."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection

import psutil
from msgspec import Struct

from sitewarden.config import Settings


class Interface(Struct, frozen=True):
    """One interface that is up. Addresses are without prefix and zone, IPv6 link-local ones last."""

    name: str
    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    loopback: bool
    multicast: bool


def interfaces() -> tuple[Interface, ...]:
    """Return the interfaces that are up and have an address, by name."""
    states = psutil.net_if_stats()
    found = []
    for name, addresses in sorted(psutil.net_if_addrs().items()):
        state = states.get(name)
        if state is None or not state.isup:
            continue
        ipv4 = tuple(each.address for each in addresses if each.family == socket.AF_INET)
        ipv6 = sorted(
            {each.address.partition("%")[0] for each in addresses if each.family == socket.AF_INET6},
            key=lambda address: (ipaddress.ip_address(address).is_link_local, address),
        )
        if not ipv4 and not ipv6:
            continue
        flags = set(state.flags.split(","))
        found.append(Interface(name, ipv4, tuple(ipv6), "loopback" in flags, "multicast" in flags))
    return tuple(found)


def reached(found: Collection[Interface], settings: Settings) -> tuple[Interface, ...]:
    """Return the interfaces that a node with this `bind` is on, with the addresses that it is reached by. Pure.

    A node on loopback is on loopback alone; one with an address of its own is on the interface of that address.
    """
    bind = ipaddress.ip_address(settings.bind)
    if bind.is_loopback:
        name = next((each.name for each in found if each.loopback), "lo")
        return (Interface(name, (settings.bind,) if bind.version == 4 else (), (), True, True),)
    usable = [each for each in found if each.multicast and not each.loopback]
    if bind.is_unspecified:
        return tuple(usable)
    return tuple(
        Interface(
            each.name,
            (settings.bind,) if bind.version == 4 else (),
            (settings.bind,) if bind.version == 6 else (),
            loopback=False,
            multicast=True,
        )
        for each in usable
        if settings.bind in each.ipv4 or settings.bind in each.ipv6
    )
