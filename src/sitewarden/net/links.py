"""The IPv4 networks that this computer is on, as its interfaces say."""

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
