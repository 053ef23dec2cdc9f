"""Whether a port answers, and with which certificate: one TLS handshake, at a limited pace."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final, Literal

from msgspec import Struct

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.net.interfaces import Network
from sitewarden.net.tls import certificate_fingerprint, looking_context, peer_certificate

TIMEOUT: Final = 4.0
"""Seconds until a port that does not answer counts as unreachable."""
AT_ONCE: Final = 8
"""Ports that are looked at at the same time."""

State = Literal["reachable", "other-certificate", "unreachable", "unchecked"]


class Reach(Struct, frozen=True, kw_only=True):
    """What a look at a port found."""

    state: State
    detail: str = ""
    fingerprint: str = ""
    """SHA-256 of the certificate that it presented."""
    at: int | None = None
    """When, microseconds since 1970 UTC."""


UNCHECKED: Final = Reach(state="unchecked")


class Looker:
    """Looks at ports."""

    def __init__(self, network: Network, clock: Clock) -> None:
        self._network, self._clock = network, clock
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._context = looking_context()

    async def look(self, host: str, number: int, fingerprint: str) -> Reach:
        """Connect and compare the certificate with the one that is expected; "" expects a port without TLS."""
        async with self._slots:
            now = self._clock.now()
            try:
                transport, _ = await self._network.dial(
                    "node-check",
                    asyncio.Protocol,
                    host,
                    number,
                    tls=self._context if fingerprint else None,
                    timeout=TIMEOUT,
                )
            except ssl.SSLError:
                return Reach(state="other-certificate", detail=f"port {number} answers, and speaks no TLS", at=now)
            except TimeoutError:
                return Reach(state="unreachable", detail=f"port {number} does not answer within {TIMEOUT:g} s", at=now)
            except OSError as fault:
                return Reach(state="unreachable", detail=f"port {number}: {_said(fault)}", at=now)
            except Refusal as refusal:
                return Reach(state="unreachable", detail=refusal.what.rstrip("."), at=now)
            der = peer_certificate(transport) if fingerprint else None
            transport.abort()
            presented = certificate_fingerprint(der) if der else ""
            if presented != fingerprint:
                return Reach(
                    state="other-certificate",
                    detail=f"port {number} presents another certificate than was announced",
                    fingerprint=presented,
                    at=now,
                )
            return Reach(state="reachable", fingerprint=presented, at=now)


def _said(fault: OSError) -> str:
    return fault.strerror or str(fault) or "no answer"
