"""Sending to a multicast group: a connected UDP socket that hands the kernel many datagrams in one call."""

from __future__ import annotations

import socket
from typing import Any, Final

from sitewarden.domain.portrow import PortRow
from sitewarden.net.endpoints import now, shown
from sitewarden.net.interfaces import LedgerEntry

UDP_SEGMENT: Final = 103
"""linux/udp.h: the kernel cuts what it is given into datagrams of this size."""
MOST: Final = 64
"""Datagrams that the kernel cuts from one call (UDP_MAX_SEGMENTS of older kernels)."""
MOST_BYTES: Final = 65_000
SEND_BUFFER: Final = 1024 * 1024


def sender(host: str, group: str, number: int, *, interface: str, ttl: int, loop: bool) -> socket.socket:
    """Return a socket connected to a group of IPv4. `interface` is the address that it sends from. Raises OSError."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, int(loop))
        if interface:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        sock.bind((host, 0))
        sock.connect((group, number))
    except OSError:
        sock.close()
        raise
    return sock


class Caster:
    """One stream's way out; stands in the ledger until closed."""

    def __init__(self, row: PortRow, sock: socket.socket, lease: Any, number: int) -> None:
        self.row, self.number = row, number
        self._sock, self._lease = sock, lease
        self._local, self.remote = shown(sock.getsockname()), shown(sock.getpeername())
        self.since = now()
        self.bytes_out = 0
        self.refused = 0
        """Calls that the network refused: what they held was lost."""
        self.last_error = ""
        self._segments = True
        self._size = 0
        """What the socket cuts into; 0 before the first time."""

    def send(self, data: bytes, size: int) -> int:
        """Send `data` as datagrams of `size` bytes, the last with what is left; return how many bytes are done with.

        Less than all: the kernel's buffer is full; the rest is to be tried again. What the network refuses is lost, and counted.
        """
        step = max(1, min(MOST, MOST_BYTES // size)) * size
        at = 0
        while at < len(data):
            part = data[at : at + step] if at or step < len(data) else data
            try:
                taken = self._send(part, size)
            except BlockingIOError:
                return at
            except OSError as fault:
                self.refused += 1
                self.last_error = fault.strerror or str(fault)
                return len(data)
            at += taken
            self.bytes_out += taken
        return at

    def _send(self, data: bytes, size: int) -> int:
        if not self._segments:
            return self._sock.send(data[:size])
        try:
            # The size is one of the socket, not of each call, which costs a third less.
            if size != self._size and len(data) > min(size, self._size or size):
                self._cut(size)
            return self._sock.send(data)
        except BlockingIOError:
            raise
        except OSError as fault:
            if len(data) <= size:
                raise
            # A kernel or an interface without segmentation; a network that is gone refuses one datagram too.
            if self._size:
                self._cut(0)
            self._sock.send(data[:size])
            self._segments = False
            self.last_error = f"sent one by one: {fault.strerror}"
            return size

    def _cut(self, size: int) -> None:
        self._sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
        self._size = size

    def entry(self, role: str, pid: int) -> LedgerEntry | None:
        """Return its line of the ledger."""
        if self._sock.fileno() < 0:
            return None
        return LedgerEntry(
            port=self.row.name,
            transport="udp",
            direction="out",
            local=self._local,
            remote=self.remote,
            role=role,
            pid=pid,
            since=self.since,
            bytes_out=self.bytes_out,
            last_error=self.last_error if self.refused else "",
        )

    def close(self) -> None:
        """Stop, and give the number back; a second call does nothing."""
        if self._sock.fileno() >= 0:
            self._sock.close()
            self._lease.close()
