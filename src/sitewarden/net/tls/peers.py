"""Who is at the other end of a TLS connection, told by its certificate after the handshake."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from typing import Any

from sitewarden.domain.errors import Forbidden
from sitewarden.net.tls.names import NODE_URN


def peer_certificate(transport: asyncio.BaseTransport) -> bytes | None:
    """Return the peer's certificate as DER; None where it gave none."""
    session: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    return session.getpeercert(binary_form=True) if session is not None else None


def peer_node(transport: asyncio.BaseTransport) -> str | None:
    """Return the node id in the peer's verified certificate; None where it gave none, or one that is not a node's."""
    session: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    told: Any = session.getpeercert() if session is not None else None
    if not told:
        return None
    named = [value for kind, value in told.get("subjectAltName", ()) if kind == "URI" and value.startswith(NODE_URN)]
    return named[0].removeprefix(NODE_URN) if len(named) == 1 else None


def demand_node(transport: asyncio.BaseTransport, expected: str) -> None:
    """Refuse a peer that is not the node `expected`; the caller closes the connection."""
    found = peer_node(transport)
    if found != expected:
        peer = transport.get_extra_info("peername")
        raise Forbidden(
            f"the peer is {f'node {found}' if found else 'no node of this site'}, not {expected}.",
            where=str(peer[0]) if isinstance(peer, tuple) else "",
            remedy="Check the address; where the device was replaced, pair it again.",
        )


def certificate_fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate (DER) as people compare it: upper-case bytes with colons."""
    return ":".join(f"{byte:02X}" for byte in hashlib.sha256(der).digest())
