"""Bare sockets, bound as the manifest wants them."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from pathlib import Path

from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import PortRow
from sitewarden.net.authority import leased
from sitewarden.net.faults import refusal

IP_MULTICAST_ALL = 49
"""linux/in.h; off, or a wildcard socket receives groups that another process joined."""
IPV6_MULTICAST_ALL = 29
"""linux/in6.h; the same for IPv6."""
IP_ADD_SOURCE_MEMBERSHIP = 39
"""linux/in.h; what Python's socket module does not name everywhere."""
UNIX_PATH_MAX = 107


def family_of(host: str) -> socket.AddressFamily:
    """Return the family of an address."""
    return socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET


def tcp_listener(row: PortRow, host: str, number: int, backlog: int, *, shared: bool) -> socket.socket:
    """Return a listening socket; raise a Refusal that names the holder or the missing right."""
    sock = socket.socket(family_of(host), socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, number))
        sock.listen(backlog)
    except OSError as fault:
        sock.close()
        raise refusal(fault, row, host, number) from None
    sock.setblocking(False)
    return sock


def unix_listener(path: str, backlog: int) -> socket.socket:
    """Return a listening Unix socket of mode 0600; a file left by a process that is gone is replaced."""
    if len(os.fsencode(path)) > UNIX_PATH_MAX:
        raise Refusal(
            f"the path of the socket is longer than {UNIX_PATH_MAX} bytes.",
            where=path,
            remedy="Give a data directory with a shorter path.",
        )
    Path(path).unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(path)
        Path(path).chmod(0o600)
        sock.listen(backlog)
    except OSError as fault:
        sock.close()
        raise Refusal(
            f"the socket cannot be made: {fault.strerror}.", where=path, remedy="Check the directory's owner."
        ) from None
    sock.setblocking(False)
    return sock


def udp_socket(
    row: PortRow,
    host: str,
    number: int,
    *,
    reuse: bool = False,
    receive_buffer: int | None = None,
    remote: tuple[str, int] | None = None,
) -> socket.socket:
    """Return a bound UDP socket with IP_MULTICAST_ALL off. `number` 0 lets the kernel choose (for exchanges that we begin)."""
    sock = socket.socket(family_of(host), socket.SOCK_DGRAM)
    try:
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)
        else:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0)
        if reuse:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if row.broadcast:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.bind((host, number))
        if remote is not None:
            sock.connect(remote)
    except OSError as fault:
        sock.close()
        raise refusal(fault, row, host, number) from None
    sock.setblocking(False)
    leased[sock] = None
    return sock


def join_group(sock: socket.socket, group: str, interface: str, ttl: int = 1, source: str = "") -> None:
    """Join a group on an interface, and send from it too. An IPv4 group takes the interface's address, an IPv6 one its name.

    `ttl` is the number of networks that what is sent may cross; 1 stays in the interface's own. With `source` (IPv4) the network
    is asked for what that address sends alone (RFC 4607).
    """
    if sock.family == socket.AF_INET6:
        index = socket.if_nametoindex(interface)
        membership = struct.pack("=16sI", socket.inet_pton(socket.AF_INET6, group), index)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, membership)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, ttl)
        return
    address = socket.inet_aton(interface)
    if source:
        membership = struct.pack("4s4s4s", socket.inet_aton(group), address, socket.inet_aton(source))
        sock.setsockopt(socket.IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, membership)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4s", socket.inet_aton(group), address))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
    if interface != "0.0.0.0":  # noqa: S104
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
