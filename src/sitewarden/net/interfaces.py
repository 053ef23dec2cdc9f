"""What `net` offers to every room: the only way to a socket."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from msgspec import Struct

Tls = ssl.SSLContext | None
P = TypeVar("P", bound=asyncio.BaseProtocol)
D = TypeVar("D", bound=asyncio.DatagramProtocol)


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """One open endpoint, as the network page and the tests against the kernel's tables see it."""

    port: str
    """Name of the row in the port manifest."""
    transport: Literal["tcp", "udp", "unix", "serial"]
    direction: Literal["in", "out", "both"]
    local: str
    """"address:port", or a path for a Unix socket or a serial line."""
    remote: str = ""
    role: str
    """Process role that holds it: core, web, media-0, iot."""
    pid: int
    since: int
    """Microseconds since 1970 UTC."""
    bytes_in: int = 0
    bytes_out: int = 0
    peers: int = 0
    last_error: str = ""


class Lease(Protocol):
    """The right to use one row's port on one address; released by `close` or by the process's end."""

    @property
    def port(self) -> str: ...

    @property
    def host(self) -> str: ...

    @property
    def number(self) -> int: ...

    def close(self) -> None: ...


class Declaration(Protocol):
    """A peer that a native library connects to by itself; it stands in the ledger until closed."""

    def close(self) -> None: ...


class Listener(Protocol):
    """A listening endpoint that stands in the ledger until closed."""

    @property
    def host(self) -> str: ...

    @property
    def number(self) -> int: ...

    async def close(self) -> None: ...


class Caster(Protocol):
    """One stream to a multicast group; stands in the ledger until closed."""

    number: int
    bytes_out: int
    refused: int

    def send(self, data: bytes, size: int) -> int:
        """Send `data` as datagrams of `size` bytes; return how many bytes are done with, the rest is to be tried again."""
        ...

    def close(self) -> None: ...


class Network(Protocol):
    """All endpoints of one process. Whatever is not in the port manifest raises a Refusal; a peer that fails raises OSError."""

    role: str

    def ledger(self) -> list[LedgerEntry]:
        """Return what is open now, with counters."""
        ...

    async def listen(
        self,
        port: str,
        factory: Callable[[], asyncio.BaseProtocol],
        *,
        host: str | None = None,
        number: int | None = None,
        tls: Tls = None,
        backlog: int = 1024,
        shared: bool = False,
    ) -> Listener:
        """Listen on a TCP row. `host` None is the node's bind address, `number` None the row's configured port.

        `shared` sets SO_REUSEPORT for workers of one kind.
        """
        ...

    def listen_socket(
        self, port: str, *, host: str | None = None, number: int | None = None, shared: bool = False
    ) -> socket.socket:
        """Return a bound, listening socket for a server library; leased. `shared` sets SO_REUSEPORT for workers."""
        ...

    async def listen_unix(self, port: str, path: str | Path, factory: Callable[[], asyncio.BaseProtocol]) -> Listener:
        """Listen on a Unix socket of this machine's processes (mode 0600)."""
        ...

    async def dial(
        self,
        port: str,
        factory: Callable[[], P],
        host: str,
        number: int | None = None,
        *,
        tls: Tls = None,
        server_hostname: str | None = None,
        timeout: float = 10.0,
    ) -> tuple[asyncio.Transport, P]:
        """Connect over TCP to a row's port (or the number that a device's configuration gives)."""
        ...

    async def dial_unix(self, port: str, factory: Callable[[], P], path: str | Path) -> tuple[asyncio.Transport, P]: ...

    def serial(self, port: str, protocol: asyncio.Protocol, path: str, *, baud: int, rs485: bool = False) -> asyncio.Transport:
        """Open a serial line, which no other process of this node and no program that locks it (flock) may hold."""
        ...

    async def datagram(
        self,
        port: str,
        factory: Callable[[], D],
        *,
        host: str | None = None,
        number: int | None = None,
        remote: tuple[str, int] | None = None,
        receive_buffer: int | None = None,
    ) -> tuple[asyncio.DatagramTransport, D]:
        """Open a UDP endpoint on a row's port; IP_MULTICAST_ALL is off."""
        ...

    async def echo(
        self, port: str, factory: Callable[[], D], number: int, *, remote: tuple[str, int] | None = None
    ) -> tuple[asyncio.DatagramTransport, D]:
        """Open a UDP row that this node's roles listen on, for the echo of a probe; `remote` where the port is in use."""
        ...

    async def pair(
        self,
        port: str,
        factory: Callable[[], asyncio.DatagramProtocol],
        *,
        host: str | None = None,
        receive_buffer: int | None = None,
    ) -> tuple[tuple[asyncio.DatagramTransport, asyncio.DatagramTransport], int]:
        """Lease an even/odd pair of a span's ports (RTP and RTCP); return the transports and the even number.

        A protocol that has `datagrams_received(batch, addr)`, as `net.receiving.Batches` says, gets what waits in one call.
        """
        ...

    async def join(
        self,
        port: str,
        factory: Callable[[], D],
        *,
        group: str | None = None,
        interface: str | None = None,
        number: int | None = None,
        ttl: int = 1,
        source: str = "",
        receive_buffer: int | None = None,
    ) -> tuple[asyncio.DatagramTransport, D]:
        """Join a multicast group of a row (None: the row's own); the socket binds the group with SO_REUSEADDR.

        What is sent crosses `ttl` networks. `interface` is an address, for an IPv6 group the interface's name. `source` asks for
        one sender's packets alone.
        """
        ...

    def cast(
        self, port: str, number: int, *, group: str | None = None, interface: str = "", ttl: int = 1, loop: bool = True
    ) -> Caster:
        """Send to a row's group on `number`; `interface` is an address of this computer. Raises Conflict for a used number."""
        ...

    def permit(self, port: str, host: str, number: int) -> AbstractContextManager[object]:
        """Context manager: within it, library code on our event loop may connect to exactly this peer."""
        ...

    def lease(self, port: str, *, host: str | None = None, number: int | None = None) -> Lease:
        """Lease a port for a native library that opens its socket itself; stands in the ledger until closed."""
        ...

    def declare(self, port: str, host: str, number: int) -> Declaration:
        """Declare a peer that a native library connects to by itself; stands in the ledger until closed."""
        ...

    async def close(self) -> None:
        """Close all that is open."""
        ...


__all__ = ["Caster", "Lease", "LedgerEntry", "Listener", "Network", "Tls"]
