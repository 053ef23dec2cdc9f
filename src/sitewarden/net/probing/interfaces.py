"""The network interfaces of this computer."""

from __future__ import annotations

import socket

import psutil
from msgspec import Struct


class Interface(Struct, frozen=True, kw_only=True):
    """One interface that is up."""

    name: str
    index: int
    mtu: int
    """Bytes of the largest IP packet."""
    multicast: bool
    loopback: bool
    addresses: tuple[str, ...]
    """IPv4 addresses."""


def interfaces() -> list[Interface]:
    """Return the interfaces that are up, in the kernel's order."""
    addresses, found = psutil.net_if_addrs(), []
    for name, stats in psutil.net_if_stats().items():
        if not stats.isup:
            continue
        flags = set(stats.flags.split(","))
        try:
            index = socket.if_nametoindex(name)
        except OSError:
            continue
        found.append(
            Interface(
                name=name,
                index=index,
                mtu=stats.mtu,
                multicast="multicast" in flags,
                loopback="loopback" in flags,
                addresses=tuple(one.address for one in addresses.get(name, ()) if one.family == socket.AF_INET),
            )
        )
    return found


def granted(size: int) -> int:
    """Return how many bytes of receive buffer a UDP socket of ours gets when it asks for `size`; it is never sent from."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        # The kernel doubles what it grants, for its own records (socket(7)).
        return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
