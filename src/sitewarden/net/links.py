"""The networks that this computer is on, as its interfaces say."""

from __future__ import annotations

import ipaddress
import socket

import psutil


def networks() -> tuple[ipaddress.IPv4Network, ...]:
    """Return the network of each IPv4 address of the interfaces that are up; loopback is among them."""
    states = psutil.net_if_stats()
    return tuple(
        ipaddress.IPv4Network((each.address, each.netmask), strict=False)
        for name, addresses in psutil.net_if_addrs().items()
        if name in states and states[name].isup
        for each in addresses
        if each.family == socket.AF_INET and each.netmask
    )


def near(host: str) -> bool:
    """Tell whether an address is on a network of this computer: in one of its IPv4 networks, or beside one of its IPv6 addresses.

    An IPv6 network is taken as a /64, which it is wherever addresses are made by the interfaces (RFC 4291 clause 2.5.1).
    """
    address = ipaddress.ip_address(host.partition("%")[0])
    if address.version == 4:
        return any(address in network for network in networks())
    own = [
        ipaddress.IPv6Address(each.address.partition("%")[0])
        for addresses in psutil.net_if_addrs().values()
        for each in addresses
        if each.family == socket.AF_INET6
    ]
    return address.is_link_local or any(int(address) >> 64 == int(each) >> 64 for each in own)
