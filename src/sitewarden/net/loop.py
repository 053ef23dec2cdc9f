"""The event loop of every process: uvloop, with endpoint factories that open nothing the network was not asked for."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvloop

from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import PortRow
from sitewarden.net.authority import current, demand_peer, leased, no_lease
from sitewarden.net.listening import Acceptor, Listening


class GuardedLoop(uvloop.Loop):
    """Refuses every endpoint that has no lease (a socket from Network) or permit (`with network.permit(…)`)."""

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any) -> Any:
        """Serve on a leased socket; libraries such as uvicorn pass the one from `Network.listen_socket`."""
        sock = options.get("sock")
        endpoint = leased.get(sock) if sock is not None else None
        if not isinstance(endpoint, Listening):
            raise no_lease(f"listening on {sock.getsockname() if sock is not None else f'{host}:{port}'}")
        tls = options.get("ssl")
        demand_tls(endpoint, tls is not None)
        acceptor = Acceptor(endpoint, protocol_factory, tls)
        if options.get("start_serving", True):
            await acceptor.start_serving()
        return acceptor

    async def create_unix_server(self, protocol_factory: Any, path: Any = None, **options: Any) -> Any:
        """Refuse; `Network.listen_unix` gives a leased socket."""
        sock = options.get("sock")
        if sock is None or sock not in leased:
            raise no_lease(f"listening on {path}")
        return await super().create_unix_server(protocol_factory, path, **options)

    async def create_connection(self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any) -> Any:
        """Connect where a permit that stands now names exactly this peer."""
        sock = options.get("sock")
        if sock is not None and sock in leased:
            return await super().create_connection(protocol_factory, host, port, **options)
        permit = demand_peer(*(sock.getpeername()[:2] if sock is not None else (host, port)))
        opened: Any = await super().create_connection(protocol_factory, host, port, **options)
        if permit.opened is not None:
            permit.opened(opened[0])
        return opened

    async def create_unix_connection(self, protocol_factory: Any, path: Any = None, **options: Any) -> Any:
        """Connect where a permit that stands now names exactly this path."""
        permit = current.get()
        if permit is None or not permit.allows_path(path):
            raise no_lease(f"a connection to {path}")
        return await super().create_unix_connection(protocol_factory, path, **options)

    async def create_datagram_endpoint(
        self, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **options: Any
    ) -> Any:
        """Take a leased socket, or connect to a permitted peer from any port."""
        sock = options.get("sock")
        if sock is not None and sock in leased:
            return await super().create_datagram_endpoint(protocol_factory, local_addr, remote_addr, **options)
        if sock is not None or local_addr is not None or remote_addr is None:
            raise no_lease(f"a UDP socket on {local_addr or 'any port'}")
        permit = demand_peer(*remote_addr[:2])
        opened: Any = await super().create_datagram_endpoint(protocol_factory, None, remote_addr, **options)
        if permit.opened is not None:
            permit.opened(opened[0])
        return opened

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        """Connect a bare socket where a permit names exactly this peer."""
        if sock not in leased:
            if isinstance(address, tuple):
                demand_peer(*address[:2])
            else:
                permit = current.get()
                if permit is None or not permit.allows_path(address):
                    raise no_lease(f"a connection to {address}")
        await super().sock_connect(sock, address)


def demand_tls(endpoint: Listening, encrypted: bool) -> None:
    """Refuse to serve a row without the TLS that the manifest promises for it."""
    demand_tls_of(endpoint.row, endpoint.host, encrypted)


def demand_tls_of(row: PortRow, host: str, encrypted: bool) -> None:
    """Refuse plain traffic on a row that is always TLS, and off loopback on one that is TLS by default.

    A row that gives a reason beside its TLS secures itself in another way (STARTTLS, OPC UA's own channel).
    """
    if encrypted or row.transport != "tcp" or row.tls in ("redirect-only", "protocol-has-none") or row.tls_reason:
        return
    loopback = host == "::1" or host.startswith("127.")
    if row.tls == "default-on" and loopback:
        return
    raise Refusal(
        f"{row.name} speaks TLS on {host}, and none was given.",
        where=f"ports.{row.name}",
        remedy="Give a TLS context; plain is for loopback alone." if row.tls == "default-on" else "Give a TLS context.",
    )


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return the loop that every process runs on: `asyncio.Runner(loop_factory=new_event_loop)`."""
    return GuardedLoop()
