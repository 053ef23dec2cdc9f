"""Open endpoints and their lines in the ledger."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any, Literal, Protocol

from sitewarden.domain.portrow import PortRow
from sitewarden.net.counters import dropped, tcp_bytes
from sitewarden.net.interfaces import LedgerEntry


class Endpoint(Protocol):
    """One line of the ledger."""

    def entry(self, role: str, pid: int) -> LedgerEntry | None:
        """Return the line; None once the endpoint is closed."""
        ...

    def close(self) -> None:
        """Close it and give its lease back; a second call does nothing."""
        ...


def now() -> int:
    """Return microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def shown(address: Any) -> str:
    """Return "address:port", or the path of a Unix socket."""
    if isinstance(address, tuple):
        host = f"[{address[0]}]" if ":" in str(address[0]) else address[0]
        return f"{host}:{address[1]}"
    return str(address or "")


def network_transport(row: PortRow) -> Literal["tcp", "udp", "unix"]:
    """Return a row's transport as the ledger writes it."""
    return "udp" if row.transport == "udp" else "unix" if row.transport == "unix" else "tcp"


class Flow:
    """One connection that we dialled."""

    def __init__(self, row: PortRow, transport: asyncio.BaseTransport, remote: str, protocol: Any, last_error: str = "") -> None:
        self.row, self.transport, self.protocol, self.remote = row, transport, protocol, remote
        self.since = now()
        self.last_error = last_error
        self._local = shown(transport.get_extra_info("sockname"))
        self._counted = (0, 0)
        self.ended = False

    def entry(self, role: str, pid: int) -> LedgerEntry | None:
        if self.ended or _gone(self.transport):
            return None
        self._counted = tcp_bytes(self.transport) or (
            getattr(self.protocol, "bytes_in", 0),
            getattr(self.protocol, "bytes_out", 0),
        )
        return LedgerEntry(
            port=self.row.name,
            transport=network_transport(self.row),
            direction="out",
            local=self._local,
            remote=self.remote,
            role=role,
            pid=pid,
            since=self.since,
            bytes_in=self._counted[0],
            bytes_out=self._counted[1],
            peers=1,
            last_error=self.last_error,
        )

    def close(self) -> None:
        if not _gone(self.transport):
            self.transport.close()


class Datagrams:
    """One UDP socket."""

    def __init__(
        self, row: PortRow, transport: asyncio.DatagramTransport, protocol: Any, lease: Any, *, remote: str, direction: Any
    ) -> None:
        self.row, self.transport, self.protocol, self.lease = row, transport, protocol, lease
        self.remote, self.direction = remote, direction
        self.since = now()
        self._local = shown(transport.get_extra_info("sockname"))

    def entry(self, role: str, pid: int) -> LedgerEntry | None:
        if _gone(self.transport):
            self._release()
            return None
        counter = self.protocol
        bytes_in = getattr(counter, "bytes_in", 0)
        drops = dropped(self.transport)
        error = f"{drops} datagrams dropped: the receive buffer was full" if drops else getattr(counter, "last_error", "")
        sources = getattr(counter, "sources", None)
        return LedgerEntry(
            port=self.row.name,
            transport="udp",
            direction=self.direction,
            local=self._local,
            remote=self.remote,
            role=role,
            pid=pid,
            since=self.since,
            bytes_in=bytes_in,
            bytes_out=getattr(counter, "bytes_out", 0),
            peers=len(sources) if sources is not None else int(bytes_in > 0),
            last_error=error,
        )

    def close(self) -> None:
        if not _gone(self.transport):
            self.transport.close()
        self._release()

    def _release(self) -> None:
        if self.lease is not None:
            self.lease.close()


class Declared:
    """What a native library opens by itself: a leased port of ours, or connections to one peer; it stands until closed."""

    def __init__(self, row: PortRow, lease: Any, *, remote: tuple[str, int] | None = None) -> None:
        self.row, self._lease = row, lease
        self.port = row.name
        self.host, self.number = remote if remote is not None else (str(lease.host), int(lease.number))
        self._remote = remote
        self.since = now()
        self._open = True

    def entry(self, role: str, pid: int) -> LedgerEntry | None:
        if not self._open:
            return None
        return LedgerEntry(
            port=self.row.name,
            transport=network_transport(self.row),
            direction="in" if self._remote is None else "out",
            local=shown((self.host, self.number)) if self._remote is None else "",
            remote=shown(self._remote) if self._remote is not None else "",
            role=role,
            pid=pid,
            since=self.since,
        )

    def close(self) -> None:
        self._open = False
        if self._lease is not None:
            self._lease.close()


def _gone(transport: asyncio.BaseTransport) -> bool:
    if transport.is_closing():
        return True
    sock: Any = transport.get_extra_info("socket")
    return isinstance(sock, socket.socket) and sock.fileno() < 0
