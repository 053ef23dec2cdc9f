"""The listeners of RTSP out in one web process, its pair of UDP ports, and its clients."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from sitewarden.api.core import Core
from sitewarden.api.rtsp.connection import Connection
from sitewarden.config import RtspOutSettings
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Refusal
from sitewarden.media.live_client import LiveRelay
from sitewarden.net import Listener, Network
from sitewarden.net.interfaces import Tls

log = logging.getLogger(__name__)

PLAIN, SECURE, DATAGRAMS = "rtsp", "rtsps", "rtsp-out-rtp"
PER_ADDRESS: Final = 64
"""Connections of one address; the newest beyond is closed at once."""
BACKLOG: Final = 4 * 1024 * 1024
"""Bytes that may wait in the UDP socket; beyond it datagrams are left out."""


class _Pair(asyncio.DatagramProtocol):
    """Our RTP and RTCP ports: reports of clients are signs of life."""

    def __init__(self, face: RtspFace) -> None:
        self._face = face
        self.bytes_in = self.bytes_out = 0

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.bytes_in += len(data)
        self._face.heard(str(addr[0]), int(addr[1]))


class RtspFace:
    """Serves until closed. A port that cannot be opened is said in the log, and the others are served."""

    def __init__(self, core: Core, clock: Clock, network: Network, settings: RtspOutSettings) -> None:
        self.core, self.clock = core, clock
        self.relay = LiveRelay(network)
        self.udp_ports: tuple[int, int] | None = None
        self._network, self._settings = network, settings
        self._connections: set[Connection] = set()
        self._counts: list[_Pair] = []
        self._listeners: list[Listener] = []
        self._pair: tuple[Any, Any] | None = None

    async def start(self, tls: Tls) -> list[str]:
        """Open what the settings ask for; return the rows that are open. `tls` is for rtsps."""
        found: list[str] = []
        if self._settings.plain and self._settings.udp:
            try:
                self._pair, even = await self._network.pair(DATAGRAMS, self._counted)
                self.udp_ports = (even, even + 1)
                found.append(DATAGRAMS)
            except Refusal as refusal:
                log.warning("RTSP out goes on without UDP: %s", refusal)
        for row, context in ((PLAIN, None), (SECURE, tls)):
            if row == PLAIN and not self._settings.plain:
                continue
            try:
                await self._listen(row, context)
                found.append(row)
            except Refusal as refusal:
                log.warning("RTSP out goes on without %s: %s", row, refusal)
        return found

    async def _listen(self, row: str, tls: Tls) -> None:
        made = await self._network.listen(row, lambda: Connection(self, secure=tls is not None), tls=tls, shared=True)
        self._listeners.append(made)

    async def close(self) -> None:
        """Stop, and cut the clients off."""
        for listener in self._listeners:
            await listener.close()
        for connection in list(self._connections):
            connection.abort()
        for transport in self._pair or ():
            transport.close()
        await self.relay.close()

    def joined(self, connection: Connection) -> bool:
        """Take a new client; False where there are too many."""
        same = sum(1 for one in self._connections if one.remote == connection.remote)
        if len(self._connections) >= self._settings.clients or same >= PER_ADDRESS:
            log.warning("%s was turned away: %d clients of RTSP out", connection.remote, len(self._connections))
            return False
        self._connections.add(connection)
        return True

    def left(self, connection: Connection) -> None:
        """Forget a client."""
        self._connections.discard(connection)

    def heard(self, host: str, port: int) -> None:
        """Take a datagram of a client: of what it says only that it lives counts."""
        for connection in self._connections:
            if connection.remote == host and port in connection.ports:
                connection.alive()

    def datagram(self, data: bytes, host: str, port: int, *, control: bool) -> None:
        """Send to a client."""
        if self._pair is None:
            return
        number = 1 if control else 0
        transport = self._pair[number]
        if not transport.is_closing() and transport.get_write_buffer_size() <= BACKLOG:
            transport.sendto(data, (host, port))
            self._counts[number].bytes_out += len(data)

    def _counted(self) -> _Pair:
        made = _Pair(self)
        self._counts.append(made)
        return made
