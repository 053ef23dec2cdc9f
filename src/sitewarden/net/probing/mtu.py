"""The largest packet that reaches another computer whole: a datagram that may not be cut, and what the path says of it."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Sequence

from msgspec import Struct

IP_MTU_DISCOVER, IP_MTU, IP_PMTUDISC_DO = 10, 14, 2
IPV6_MTU_DISCOVER, IPV6_MTU = 23, 24
"""linux/in.h, linux/in6.h"""
TRIES = 3
"""Datagrams to one computer: the first may be lost while its address is asked for, and a router that takes less answers one."""
HEADERS = {4: 28, 6: 48}
"""Bytes of IP and UDP headers."""


class Path(Struct, frozen=True, kw_only=True):
    """The way to one computer."""

    address: str
    mtu: int
    """Bytes of the largest IP packet that the kernel knows to pass."""
    limit: int
    """The same before anything was sent: the interface's, or what the kernel remembered."""
    proven: bool
    """True where the computer's own refusal showed that the datagram of `mtu` bytes arrived."""
    fault: str = ""
    """Why nothing could be sent."""


class _Way:
    def __init__(self, address: str, number: int) -> None:
        self.address = address
        self.six = ":" in address
        self.sock = socket.socket(socket.AF_INET6 if self.six else socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.limit, self.proven, self.fault, self.sent = 0, False, "", 0
        level, option = (socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER) if self.six else (socket.IPPROTO_IP, IP_MTU_DISCOVER)
        try:
            self.sock.setsockopt(level, option, IP_PMTUDISC_DO)
            self.sock.connect((address, number))
            self.limit = self.mtu()
        except OSError as fault:
            self.fault = fault.strerror or str(fault)

    def mtu(self) -> int:
        level, option = (socket.IPPROTO_IPV6, IPV6_MTU) if self.six else (socket.IPPROTO_IP, IP_MTU)
        return self.sock.getsockopt(level, option)

    def send(self) -> None:
        """Send a datagram as large as the path is known to take."""
        while self.sent < TRIES and not self.fault:
            self.sent += 1
            try:
                self.sock.send(bytes(min(self.mtu(), 65_535) - HEADERS[6 if self.six else 4]))
                return
            except OSError as fault:
                self._told(fault)
                if self.proven:
                    return

    def hear(self) -> bool:
        """Take what came back; return True where that settles it."""
        try:
            self.sock.recv(2048)
        except OSError as fault:
            self._told(fault)
            if fault.errno == errno.EMSGSIZE:
                self.send()
        else:
            self.proven = True
        return self.proven or bool(self.fault)

    def _told(self, fault: OSError) -> None:
        if fault.errno == errno.ECONNREFUSED:
            self.proven = True
        elif fault.errno not in (errno.EMSGSIZE, errno.EAGAIN):
            self.fault = fault.strerror or str(fault)


def paths(addresses: Sequence[str], number: int, timeout: float = 2.0) -> list[Path]:
    """Return the way to each address: at most three datagrams each, all at once, and `timeout` seconds for what comes back."""
    ways = [_Way(address, number) for address in addresses]
    with selectors.DefaultSelector() as selector:
        for way in ways:
            way.send()
            if not way.fault and not way.proven:
                selector.register(way.sock, selectors.EVENT_READ, way)
        for _ in range(TRIES):
            end = time.monotonic() + timeout / TRIES
            while selector.get_map() and (left := end - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    if key.data.hear():
                        selector.unregister(key.fileobj)
            for key in selector.get_map().values():
                key.data.send()
    found = [
        Path(address=way.address, mtu=0 if way.fault else way.mtu(), limit=way.limit, proven=way.proven, fault=way.fault)
        for way in ways
    ]
    for way in ways:
        way.sock.close()
    return found
