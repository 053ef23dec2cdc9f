"""Who is at the other end: the certificate's node id, compared with what hello says."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from msgspec import Struct

from sitewarden.net.tls import peer_node
from sitewarden.wire.link import Hello, HelloAck, LocalMisuse


class Peer(Struct, frozen=True, kw_only=True):
    """The other end of a link."""

    node: str
    role: str
    software: str
    capabilities: tuple[str, ...]
    proven: bool
    """True where a certificate of the site's CA, or the file mode of a Unix socket, vouches for `node`."""
    address: str
    """"address:port", or "unix"."""

    @staticmethod
    def of(hello: Hello | HelloAck, *, proven: bool, address: str) -> Peer:
        """Return the peer that said `hello`."""
        return Peer(
            node=hello.node,
            role=hello.role,
            software=hello.software,
            capabilities=hello.capabilities,
            proven=proven,
            address=address,
        )


def identify(transport: asyncio.BaseTransport) -> tuple[str | None, bool, str]:
    """Return (node id of the certificate or None, whether the transport vouches for the peer, address).

    Raises LocalMisuse on TCP without TLS, which the link never uses.
    """
    tls: Any = transport.get_extra_info("ssl_object")
    peername: Any = transport.get_extra_info("peername")
    if tls is None:
        sock: Any = transport.get_extra_info("socket")
        if sock is None or sock.family != socket.AF_UNIX:
            raise LocalMisuse("the link runs over TLS or a Unix socket")
        return None, True, "unix"
    address = f"{peername[0]}:{peername[1]}" if isinstance(peername, tuple) else "unknown"
    node = peer_node(transport)
    return node, node is not None, address


def keep_little_unsent(transport: asyncio.BaseTransport, limit: int) -> None:
    """Have the kernel take no more than `limit` bytes beyond what is on its way (TCP_NOTSENT_LOWAT, where there is one)."""
    sock: Any = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if option is not None and sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, option, limit)
