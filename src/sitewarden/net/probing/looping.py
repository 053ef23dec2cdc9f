"""Whether multicast really loops on an interface: join, send with TTL 0, receive. Nothing leaves the computer but IGMP."""

from __future__ import annotations

import os
import socket
import struct
import time

from sitewarden.net.probing.interfaces import Interface
from sitewarden.net.sockets import IP_MULTICAST_ALL

MARK = b"sitewarden-doctor"


def loops(interface: Interface, group: str, number: int, timeout: float = 1.0) -> str:
    """Return "" where a datagram to the group comes back on the interface, otherwise what failed. Blocks at most `timeout`."""
    token = MARK + os.urandom(16)
    membership = struct.pack("=4s4si", socket.inet_aton(group), bytes(4), interface.index)
    step = "make a socket"
    try:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        ):
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            receiver.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)
            receiver.bind((group, number))
            step = "join"
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
            step = "send"
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, membership)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
            sender.sendto(token, (group, number))
            end = time.monotonic() + timeout
            while (left := end - time.monotonic()) > 0:
                receiver.settimeout(left)
                if receiver.recv(2048) == token:
                    return ""
    except TimeoutError:
        pass
    except OSError as fault:
        return f"the kernel refuses to {step}: {fault.strerror}"
    return "it was sent and never received"
