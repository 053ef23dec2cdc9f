"""A listening TCP or Unix socket: accepts, paces TLS handshakes, counts, and stands in the ledger until closed."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from sitewarden.domain.portrow import PortRow
from sitewarden.net.counters import tcp_bytes
from sitewarden.net.endpoints import now, shown
from sitewarden.net.interfaces import LedgerEntry
from sitewarden.net.watch import Watched

HANDSHAKES_PER_SECOND = 200
"""TLS handshakes are begun at this pace, so that a flood of them cannot hold the loop."""
HANDSHAKES_WAITING = 512
HANDSHAKES_PER_ADDRESS = 32
"""Beyond these the newest connection is closed at once; the peer dials again."""
HANDSHAKE_TIMEOUT = 10.0
ACCEPTS_AT_ONCE = 64
CONNECTIONS = 8192
"""Connections that one listener holds; the newest beyond is closed at once."""
TLS_HANDSHAKE_RECORD = 0x16

Network4or6 = ipaddress.IPv4Network | ipaddress.IPv6Network


class Listening:
    """The endpoint behind one listening socket. Bytes are those of live connections and of the ones that ended."""

    def __init__(
        self,
        row: PortRow,
        sock: socket.socket,
        lease: Any,
        *,
        path: str = "",
        plain_networks: Sequence[Network4or6] | None = None,
        plain_key: str = "",
    ) -> None:
        """`plain_networks` may come without TLS, as this computer itself may; None: nobody may. `plain_key` is their setting."""
        self.row, self.sock, self.lease, self.path = row, sock, lease, path
        self.plain_networks = None if plain_networks is None else tuple(plain_networks)
        self.plain_key = plain_key
        self.host: str = "" if path else sock.getsockname()[0]
        self.number: int = 0 if path else sock.getsockname()[1]
        self.since = now()
        self.last_error = ""
        self.live: dict[asyncio.BaseTransport, Any] = {}
        self.accepted = 0
        self.acceptor: Acceptor | None = None
        self._ended_in = 0
        self._ended_out = 0
        self._local = path or shown(sock.getsockname())

    def watch(self, factory: Callable[[], asyncio.BaseProtocol]) -> Callable[[], Any]:
        """Return a factory whose protocols are counted here."""
        return lambda: Watched(factory(), self._made, self._lost)

    def _made(self, transport: asyncio.BaseTransport) -> None:
        self.accepted += 1
        self.live[transport] = (0, 0)
        if len(self.live) % 256 == 0:
            self._sweep()

    def _lost(self, transport: asyncio.BaseTransport, fault: Exception | None) -> None:
        if fault is not None:
            self.last_error = f"{shown(transport.get_extra_info('peername'))}: {fault}"
        self._end(transport, tcp_bytes(transport))

    def _end(self, transport: asyncio.BaseTransport, counted: tuple[int, int] | None) -> None:
        last = self.live.pop(transport, None)
        if last is not None:
            self._ended_in += (counted or last)[0]
            self._ended_out += (counted or last)[1]

    def _sweep(self) -> None:
        """Count the live, and forget those that ended without a word (a protocol that replaced itself)."""
        for transport in list(self.live):
            counted = tcp_bytes(transport)
            if counted is None and transport.is_closing():
                self._end(transport, None)
            elif counted is not None:
                self.live[transport] = counted

    def entry(self, role: str, pid: int) -> LedgerEntry | None:
        if self.sock.fileno() < 0:
            self.lease.close()
            return None
        self._sweep()
        return LedgerEntry(
            port=self.row.name,
            transport="unix" if self.path else "tcp",
            direction="in",
            local=self._local,
            role=role,
            pid=pid,
            since=self.since,
            bytes_in=self._ended_in + sum(counted[0] for counted in self.live.values()),
            bytes_out=self._ended_out + sum(counted[1] for counted in self.live.values()),
            peers=len(self.live),
            last_error=self.last_error,
        )

    def close(self) -> None:
        """Stop listening; connections that stand are not touched."""
        if self.acceptor is not None:
            self.acceptor.close()
        if self.path and self.sock.fileno() >= 0:
            Path(self.path).unlink(missing_ok=True)
        self.sock.close()
        self.lease.close()

    def abort(self) -> None:
        """Cut every connection that stands."""
        for transport in list(self.live):
            cast(asyncio.WriteTransport, transport).abort()


class Acceptor(asyncio.AbstractServer):
    """Takes connections from a Listening; what `create_server` returns for a leased socket."""

    def __init__(self, endpoint: Listening, factory: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None) -> None:
        self.endpoint, self.tls = endpoint, tls
        self._factory = endpoint.watch(factory)
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: Counter[str] = Counter()
        self._turn = 0.0
        self._serving = False
        endpoint.acceptor = self

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """Return the listening socket while it is open."""
        return (self.endpoint.sock,) if self._serving else ()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def is_serving(self) -> bool:
        return self._serving

    async def start_serving(self) -> None:
        if not self._serving:
            self._serving = True
            self.endpoint.sock.setblocking(False)
            self._loop.add_reader(self.endpoint.sock.fileno(), self._readable)

    async def serve_forever(self) -> None:
        await self.start_serving()
        await self._loop.create_future()

    def close(self) -> None:
        if not self._serving:
            return
        self._serving = False
        self._loop.remove_reader(self.endpoint.sock.fileno())
        for task in self._tasks:
            task.cancel()
        self.endpoint.close()

    async def wait_closed(self) -> None:
        """Wait for handshakes under way to end; connections that stand belong to their protocols."""
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    def _readable(self) -> None:
        for _ in range(ACCEPTS_AT_ONCE):
            try:
                peer, address = self.endpoint.sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as fault:
                self.endpoint.last_error = os.strerror(fault.errno or 0)
                if fault.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    self._pause()
                return
            peer.setblocking(False)
            source = str(address[0]) if isinstance(address, tuple) else ""
            crowded = ""
            if len(self.endpoint.live) + len(self._tasks) >= CONNECTIONS:
                crowded = "too many connections"
            elif self.tls is not None and not self._admit(source):
                crowded = "too many handshakes at once"
            if crowded:
                self.endpoint.last_error = f"{source}: {crowded}; the newest was closed"
                peer.close()
                continue
            task = self._loop.create_task(self._serve(peer, source))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _pause(self) -> None:
        """Stop accepting for a second: the process has no descriptor left."""
        self._loop.remove_reader(self.endpoint.sock.fileno())
        self._loop.call_later(1.0, self._resume)

    def _resume(self) -> None:
        if self._serving:
            self._loop.add_reader(self.endpoint.sock.fileno(), self._readable)

    def _admit(self, source: str) -> bool:
        if self._waiting.total() >= HANDSHAKES_WAITING or self._waiting[source] >= HANDSHAKES_PER_ADDRESS:
            return False
        self._waiting[source] += 1
        return True

    async def _serve(self, peer: socket.socket, source: str) -> None:
        tls = self.tls
        try:
            if peer.family != socket.AF_UNIX:
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                await self._pace()
                if self.endpoint.plain_networks is not None and not await asyncio.wait_for(
                    self._speaks_tls(peer), HANDSHAKE_TIMEOUT
                ):
                    self._demand_plain(source)
                    tls = None
            await self._loop.connect_accepted_socket(
                self._factory, peer, ssl=tls, ssl_handshake_timeout=HANDSHAKE_TIMEOUT if tls else None
            )
        except asyncio.CancelledError:
            peer.close()
            raise
        except (OSError, TimeoutError) as fault:
            peer.close()
            self.endpoint.last_error = f"{source}: {fault or type(fault).__name__}"
        finally:
            if self.tls is not None:
                self._waiting[source] -= 1
                if self._waiting[source] <= 0:
                    del self._waiting[source]

    async def _pace(self) -> None:
        moment = self._loop.time()
        self._turn = max(moment, self._turn + 1 / HANDSHAKES_PER_SECOND)
        if self._turn > moment:
            await asyncio.sleep(self._turn - moment)

    async def _speaks_tls(self, peer: socket.socket) -> bool:
        """Look at the first byte without taking it: a TLS ClientHello begins with 0x16 (RFC 8446, 5.1)."""
        readable = self._loop.create_future()
        descriptor = peer.fileno()
        self._loop.add_reader(descriptor, _settle, readable)
        try:
            await readable
        finally:
            self._loop.remove_reader(descriptor)
        first = peer.recv(1, socket.MSG_PEEK)
        return first[:1] == bytes([TLS_HANDSHAKE_RECORD])

    def _demand_plain(self, source: str) -> None:
        address = ipaddress.ip_address(source.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        listed = self.endpoint.plain_networks or ()
        if not address.is_loopback and not any(address in network for network in listed):
            raise ConnectionRefusedError(f"came without TLS and its network is not in {self.endpoint.plain_key}")


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
