"""Which process holds a port, from the kernel's socket tables. Reads /proc through psutil."""

from __future__ import annotations

import ipaddress
import socket
from typing import Literal

import psutil
from msgspec import Struct


class Holder(Struct, frozen=True):
    """A process that has a socket on a port; `pid` is 0 where the kernel does not tell us whose it is."""

    pid: int
    name: str
    host: str
    number: int

    def __str__(self) -> str:
        if not self.pid:
            return f"a process of another user (on {self.host})"
        return f"{self.name} (process {self.pid}, on {self.host})"


def overlap(one: str, other: str) -> bool:
    """Tell whether two bound addresses meet: the same, or one is a wildcard that covers the other."""
    if one == other:
        return True
    first, second = ipaddress.ip_address(one), ipaddress.ip_address(other)
    if not first.is_unspecified and not second.is_unspecified:
        return False
    wildcard, single = (first, second) if first.is_unspecified else (second, first)
    return wildcard.version == 6 or single.version == 4 or single.is_unspecified


def holder(transport: Literal["tcp", "udp"], host: str, number: int) -> Holder | None:
    """Return who has `number` bound on an address that meets `host`; None where nobody does."""
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    for each in psutil.net_connections(kind=transport):
        if each.type != kind or not each.laddr or each.laddr.port != number or (transport == "tcp" and each.status != "LISTEN"):
            continue
        if not overlap(host, each.laddr.ip.partition("%")[0]):
            continue
        name = ""
        if each.pid:
            try:
                name = psutil.Process(each.pid).name()
            except psutil.Error:
                name = "a process"
        return Holder(each.pid or 0, name, each.laddr.ip, number)
    return None
