"""One UDP port on every local network, where limited broadcasts are sent and heard (RFC 919, RFC 1122 clause 3.3.6).

A wildcard socket cannot choose the network by which 255.255.255.255 leaves, so each local address has a socket of its own, which
also gives answers the right source; further sockets are bound to the broadcast addresses and only listen.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable

import psutil

from sitewarden.domain.errors import Refusal
from sitewarden.net.interfaces import Network

EVERYONE = "255.255.255.255"

Take = Callable[[bytes, tuple[str, int], str], None]
"""`take(data, (host, number) of the sender, the address that it was sent to)`."""


def local_networks(bind: str = "0.0.0.0") -> list[ipaddress.IPv4Interface]:  # noqa: S104
    """Return the IPv4 addresses of interfaces that are up, with their networks; `bind` alone unless it is a wildcard."""
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    found = [
        ipaddress.IPv4Interface(f"{entry.address}/{entry.netmask or '255.255.255.255'}")
        for name, entries in psutil.net_if_addrs().items()
        if name in up
        for entry in entries
        if entry.family == socket.AF_INET
    ]
    wanted = ipaddress.ip_address(bind)
    if wanted.is_unspecified:
        return found
    # An address inside a network that is wholly local (127.0.0.0/8) is the computer's own without being listed.
    exact = [each for each in found if each.ip == wanted]
    around = [each for each in found if each.ip.is_loopback and wanted in each.network]
    return exact or [ipaddress.IPv4Interface(f"{wanted}/{each.network.prefixlen}") for each in around]


class BroadcastPort:
    """A port of the manifest on some of this computer's addresses. `open` may be called again when they change."""

    def __init__(self, network: Network, port: str, number: int, take: Take) -> None:
        self._network, self._port, self._number, self._take = network, port, number, take
        self._own: dict[ipaddress.IPv4Interface, asyncio.DatagramTransport] = {}
        self._ears: dict[str, asyncio.DatagramTransport] = {}
        self._opening = asyncio.Lock()

    @property
    def addresses(self) -> frozenset[ipaddress.IPv4Interface]:
        """Where it is open."""
        return frozenset(self._own)

    async def open(self, addresses: list[ipaddress.IPv4Interface]) -> None:
        """Be open on exactly these addresses. Raises the Refusal of the first that cannot be had, when none can."""
        async with self._opening:
            await self._open(addresses)

    async def _open(self, addresses: list[ipaddress.IPv4Interface]) -> None:
        for gone in self._own.keys() - set(addresses):
            self._own.pop(gone).close()
        ears = {str(each.network.broadcast_address) for each in addresses if each.network.prefixlen < 31}
        wanted_ears = ears | {EVERYONE} if addresses else set()
        for deaf in self._ears.keys() - wanted_ears:
            self._ears.pop(deaf).close()
        problem: Refusal | None = None
        for address in addresses:
            if address in self._own:
                continue
            try:
                self._own[address] = await self._socket(str(address.ip))
            except Refusal as refusal:
                problem = problem or refusal
        if not self._own and problem is not None:
            self.close()
            raise problem
        for ear in wanted_ears - self._ears.keys():
            try:
                self._ears[ear] = await self._socket(ear)
            except Refusal as refusal:
                problem = problem or refusal
        if not self._ears and wanted_ears and problem is not None:
            self.close()
            raise problem

    def close(self) -> None:
        """Close every socket."""
        for transport in (*self._own.values(), *self._ears.values()):
            transport.close()
        self._own, self._ears = {}, {}

    def broadcast(self, data: bytes) -> None:
        """Send to everyone on every network; what does not leave is lost, as a datagram may be."""
        for address, transport in self._own.items():
            transport.sendto(data, (_everyone(address), self._number))

    def send(self, data: bytes, host: str) -> None:
        """Send to one computer, from the address that shares its network where there is one."""
        there = ipaddress.ip_address(host)
        for address, transport in self._own.items():
            if there in address.network:
                transport.sendto(data, (host, self._number))
                return
        for address, transport in self._own.items():
            if address.ip.is_loopback == there.is_loopback:
                transport.sendto(data, (host, self._number))

    def near(self, host: str) -> bool:
        """Tell whether a computer is in a network of ours, so that it can be answered directly."""
        there = ipaddress.ip_address(host)
        return any(there in address.network for address in self._own)

    async def _socket(self, host: str) -> asyncio.DatagramTransport:
        transport, _ = await self._network.datagram(self._port, lambda: _Taking(self._take, host), host=host, number=self._number)
        return transport


class _Taking(asyncio.DatagramProtocol):
    def __init__(self, take: Take, host: str) -> None:
        self._taken, self._host = take, host

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._taken(data, (addr[0], addr[1]), self._host)

    def error_received(self, exc: Exception) -> None:
        """A network that is down, or a closed port's answer; whoever waits for an answer notices that none comes."""


def _everyone(address: ipaddress.IPv4Interface) -> str:
    # Limited broadcasts do not go by the loopback interface.
    return str(address.network.broadcast_address) if address.ip.is_loopback else EVERYONE
