"""The network of one process: every endpoint that it opens, checked against the manifest, leased and in the ledger."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sitewarden import ports
from sitewarden.config import Settings
from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import PortRow, check_number
from sitewarden.net import sockets
from sitewarden.net.authority import Permit, leased
from sitewarden.net.casting import Caster, sender
from sitewarden.net.endpoints import Datagrams, Declared, Endpoint, Flow, shown
from sitewarden.net.interfaces import LedgerEntry, Network, Tls
from sitewarden.net.leases import Broker, FileLease
from sitewarden.net.listener import LocalListener
from sitewarden.net.listening import Acceptor, Listening
from sitewarden.net.loop import demand_tls_of
from sitewarden.net.receiving import BurstTransport, serves
from sitewarden.net.rules import PLAIN, Rules, plain_networks
from sitewarden.net.serial import SerialLine
from sitewarden.net.watch import CountedDatagrams

P = TypeVar("P", bound=asyncio.BaseProtocol)
D = TypeVar("D", bound=asyncio.DatagramProtocol)

ANY = ("0.0.0.0", "::")  # noqa: S104
LAST_ERRORS = 1024
"""Last failures to dial that are remembered, by row and peer; the oldest goes first."""


class LocalNetwork(Network):
    """Implements `net.Network` on this computer's sockets.

    `role` is the process role ("core", "web", "media-0", "iot", "controller", "cli"): it decides which rows may be
    opened, and which computer's side of them. `run_dir` holds the leases that all processes of the node share.

    In a test: `LocalNetwork(Settings.for_test(host), "core", tmp_path)` with the `host` fixture, or with the `netns`
    fixture and "127.0.0.1". `Settings.for_test(host, ports={"server": 18600})` changes rows that can be changed; no
    row is opened on a number that nobody named. Close it with `await network.close()`.
    """

    def __init__(self, settings: Settings, role: str, run_dir: Path | str | None = None) -> None:
        self.settings, self.role = settings, role
        self.run_dir = Path(run_dir) if run_dir is not None else settings.run_dir
        self.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._rules = Rules(settings, role)
        self._broker = Broker(self.run_dir / "leases", role)
        self._open: list[Endpoint] = []
        self._following: weakref.WeakSet[LocalListener] = weakref.WeakSet()
        self._errors: dict[tuple[str, str], str] = {}
        self._next_pair = 0

    def ledger(self) -> list[LedgerEntry]:
        """Return what is open now, with counters; what was closed meanwhile is forgotten and its lease given back."""
        pid = os.getpid()
        lines, still = [], []
        for endpoint in self._open:
            line = endpoint.entry(self.role, pid)
            if line is not None:
                lines.append(line)
                still.append(endpoint)
        self._open = still
        return lines

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
    ) -> LocalListener:
        """Listen on a TCP row. `host` None is the node's bind address, `number` None the row's configured port.

        `shared` sets SO_REUSEPORT for workers of one kind.
        """
        row = self._rules.row(port, "in", ("tcp",))
        demand_tls_of(row, host or self.settings.bind, tls is not None)
        endpoint = self._listening(row, host, number, backlog, shared=shared)
        acceptor = Acceptor(endpoint, factory, tls)
        await acceptor.start_serving()
        listener = LocalListener(endpoint, factory, tls)
        if number is None:
            self._following.add(listener)
        return listener

    async def listen_beside(self, port: str, number: int) -> bool:
        """Listen on `number` too for what `listen` opened on the row's own number; False where nothing of it is open.

        Raises a Refusal; what was added until then stays, and goes with `settle`.
        """
        row = self._rules.row(port, "in", ("tcp",))
        found = [each for each in self._following if each.row == port and each.numbers]
        for listener in found:
            if number not in listener.numbers:
                await listener.add(self._listening(row, listener.host, number, 1024, shared=False))
        return bool(found)

    async def settle(self, port: str, number: int) -> None:
        """Have what `listen` opened on the row's own number listen on `number` alone; its connections elsewhere are cut."""
        await self.listen_beside(port, number)
        for listener in [each for each in self._following if each.row == port]:
            await listener.settle(number)

    def listen_socket(
        self, port: str, *, host: str | None = None, number: int | None = None, shared: bool = False, backlog: int = 2048
    ) -> socket.socket:
        """Return a bound, listening socket for a server library; leased. `shared` sets SO_REUSEPORT for workers."""
        return self._listening(self._rules.row(port, "in", ("tcp",)), host, number, backlog, shared=shared).sock

    def _listening(self, row: PortRow, host: str | None, number: int | None, backlog: int, *, shared: bool) -> Listening:
        address, mine = host or self.settings.bind, self._rules.own_number(row, number)
        lease = self._lease(row, address, mine, shared=shared)
        try:
            sock = sockets.tcp_listener(row, address, mine, backlog, shared=shared)
        except Refusal:
            lease.close()
            raise
        key = PLAIN.get(row.name, "")
        listed = [ipaddress.ip_network(each) for each in plain_networks(self.settings, row.name)]
        # RTMP is told from TLS wherever it is served, so that an encoder without TLS is named, and this computer's own is taken.
        plain = listed if listed or row.name == "rtmp" else None
        endpoint = Listening(row, sock, lease, plain_networks=plain, plain_key=key)
        leased[sock] = endpoint
        self._keep(endpoint)
        return endpoint

    async def listen_unix(self, port: str, path: str | Path, factory: Callable[[], asyncio.BaseProtocol]) -> LocalListener:
        """Listen on a Unix socket of this machine's processes (mode 0600)."""
        row = self._rules.row(port, "in", ("unix",))
        name = str(path)
        lease = self._broker.acquire(row.name, f"unix-{Path(name).name}", "0.0.0.0", 0)  # noqa: S104
        try:
            sock = sockets.unix_listener(name, 128)
        except Refusal:
            lease.close()
            raise
        endpoint = Listening(row, sock, lease, path=name)
        leased[sock] = endpoint
        self._keep(endpoint)
        await Acceptor(endpoint, factory, None).start_serving()
        return LocalListener(endpoint)

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
        """Connect over TCP to a row's port (or the number that a device's configuration gives).

        Raises Refusal for what the manifest does not allow, TimeoutError, ssl.SSLError or OSError where the peer does not answer.
        """
        row = self._rules.row(port, "out", ("tcp",))
        theirs = self._rules.peer_number(row, number)
        if row.tls == "always":
            demand_tls_of(row, host, tls is not None)
        options: dict[str, Any] = {}
        if tls is not None:
            options = {"ssl": tls, "server_hostname": server_hostname or host, "ssl_handshake_timeout": timeout}
        remote = shown((host, theirs))
        try:
            with Permit(host, theirs, None):
                async with asyncio.timeout(timeout):
                    transport, protocol = await asyncio.get_running_loop().create_connection(factory, host, theirs, **options)
        except OSError as fault:
            self._remember(row, remote, str(fault) or f"no answer within {timeout:g} s")
            raise
        self._keep(Flow(row, transport, remote, protocol, self._errors.get((row.name, remote), "")))
        return transport, protocol

    async def dial_unix(self, port: str, factory: Callable[[], P], path: str | Path) -> tuple[asyncio.Transport, P]:
        """Connect to a Unix socket of this machine's processes. Raises OSError where nobody listens."""
        row = self._rules.row(port, "out", ("unix",))
        with Permit("", 0, None, path=str(path)):
            transport, protocol = await asyncio.get_running_loop().create_unix_connection(factory, str(path))
        self._keep(Flow(row, transport, str(path), protocol))
        return transport, protocol

    def serial(self, port: str, protocol: asyncio.Protocol, path: str, *, baud: int, rs485: bool = False) -> SerialLine:
        """Open a serial line. Raises Refusal where it is in use, is not there, or is no serial line."""
        row = self._rules.row(port, "any", ("serial",))
        lease = self._broker.acquire(row.name, f"serial-{path.strip('/').replace('/', '-')}", "0.0.0.0", 0)  # noqa: S104
        try:
            line = SerialLine(row, lease, protocol, path, baud, rs485=rs485)
        except Refusal:
            lease.close()
            raise
        self._keep(line)
        return line

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
        """Open a UDP endpoint on a row's port; IP_MULTICAST_ALL is off.

        On a row that this computer only begins exchanges on ("out"), the kernel chooses the local port, and `remote` (which the
        row must cover) may be given. A protocol with an int attribute `bytes_in` counts for itself; any other is counted here,
        which costs 0.1 µs a datagram.
        """
        row = self._rules.row(port, "any", ("udp",))
        side = row.side(self._rules.computer)
        address = host or self.settings.bind
        if remote is not None:
            self._rules.peer_number(row, remote[1])
        if side is not None and not side.inbound:
            lease, mine = None, 0
        else:
            mine = self._rules.own_number(row, number)
            lease = self._lease(row, address, mine, shared=row.shared)
        try:
            sock = sockets.udp_socket(row, address, mine, reuse=row.shared, receive_buffer=receive_buffer, remote=remote)
        except Refusal:
            if lease is not None:
                lease.close()
            raise
        return await self._datagrams(row, sock, factory, lease, remote)

    async def echo(
        self, port: str, factory: Callable[[], D], number: int, *, remote: tuple[str, int] | None = None
    ) -> tuple[asyncio.DatagramTransport, D]:
        """Open a UDP row that this node's roles listen on, for the echo of a probe, whichever role holds the row.

        Where the port is shared and in use, `remote` must be given: a connected socket takes that peer's datagrams alone, so
        the service beside it misses nothing. Raises Conflict where the port is in use and not shared.
        """
        row, side = ports.row(port), ports.row(port).side(self._rules.computer)
        if row.transport != "udp" or side is None or not side.inbound or not set(row.roles) & set(self.settings.roles):
            raise Refusal(
                f"{port} is no UDP row that this node listens on.", where=f"ports.{port}", remedy="See `sitewarden ports`."
            )
        check_number(row, self._rules.computer, number)
        lease = self._lease(row, self.settings.bind, number, shared=row.shared and remote is not None)
        try:
            sock = sockets.udp_socket(row, self.settings.bind, number, reuse=row.shared and remote is not None, remote=remote)
        except Refusal:
            lease.close()
            raise
        return await self._datagrams(row, sock, factory, lease, remote)

    async def pair(
        self,
        port: str,
        factory: Callable[[], asyncio.DatagramProtocol],
        *,
        host: str | None = None,
        receive_buffer: int | None = None,
    ) -> tuple[tuple[asyncio.DatagramTransport, asyncio.DatagramTransport], int]:
        """Lease an even/odd pair of a span's ports (RTP and RTCP, RFC 3550 clause 11); return the transports and the even number.

        Ports that other rows name are skipped, and so are those that another program has taken.
        """
        row = self._rules.row(port, "in", ("udp",))
        if row.span is None:
            raise Refusal(f"{row.name} is not a span of ports.", where=f"ports.{row.name}")
        address = host or self.settings.bind
        first, last = row.span
        evens = range(first + first % 2, last, 2)
        reserved = ports.reserved_in(first, last, "udp", self.settings.ports)
        for offset in range(len(evens)):
            even = evens[(self._next_pair + offset) % len(evens)]
            if even in reserved or even + 1 in reserved:
                continue
            held = self._try_pair(row, address, even, receive_buffer)
            if held is None:
                continue
            self._next_pair = (self._next_pair + offset + 1) % len(evens)
            rtp, _ = await self._datagrams(row, held[0][0], factory, held[0][1], None)
            rtcp, _ = await self._datagrams(row, held[1][0], factory, held[1][1], None)
            return (rtp, rtcp), even
        raise Refusal(
            f"every pair of ports from {first} to {last} is in use on {address}.",
            where=f"ports.{row.name}",
            remedy="Take some cameras over TCP, or give this node another address.",
        )

    def _try_pair(
        self, row: PortRow, host: str, even: int, receive_buffer: int | None
    ) -> list[tuple[socket.socket, FileLease]] | None:
        held: list[tuple[socket.socket, FileLease]] = []
        for number in (even, even + 1):
            lease = None
            try:
                lease = self._lease(row, host, number, shared=False)
                held.append((sockets.udp_socket(row, host, number, receive_buffer=receive_buffer), lease))
            except Refusal as fault:
                if lease is not None:
                    lease.close()
                for sock, taken in held:
                    sock.close()
                    taken.close()
                if fault.code != "conflict":
                    raise
                return None
        return held

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
        """Join a multicast group of a row; the socket binds the group with SO_REUSEADDR and sends to it too, `ttl` networks far.

        `interface` is the address of the interface to join on; None lets the routing table choose, or takes the bind address.
        For an IPv6 group it is the interface's name, and must be given. `source` asks for one sender's packets alone (IPv4).
        """
        row = self._rules.row(port, "any", ("udp",))
        wanted = group or row.group
        self._rules.check_group(row, wanted)
        mine = self._rules.own_number(row, number)
        lease = self._lease(row, wanted, mine, shared=True)
        address = interface or ("0.0.0.0" if ":" in self.settings.bind else self.settings.bind)  # noqa: S104
        try:
            sock = sockets.udp_socket(row, wanted, mine, reuse=True, receive_buffer=receive_buffer)
        except Refusal:
            lease.close()
            raise
        try:
            sockets.join_group(sock, wanted, address, ttl, source)
        except OSError as fault:
            sock.close()
            lease.close()
            raise Refusal(
                f"the group {wanted} cannot be joined on {address}: {fault.strerror}.",
                where=f"ports.{row.name}",
                remedy="Give the address of an interface that has multicast.",
            ) from None
        return await self._datagrams(row, sock, factory, lease, None)

    def cast(
        self, port: str, number: int, *, group: str | None = None, interface: str = "", ttl: int = 1, loop: bool = True
    ) -> Caster:
        """Send to a row's group on `number`. Raises Conflict where this node uses the number already."""
        row = self._rules.row(port, "out", ("udp",))
        wanted = group or row.group
        self._rules.check_group(row, wanted)
        theirs = self._rules.peer_number(row, number)
        lease = self._lease(row, wanted, theirs, shared=False)
        from_ = interface or ("" if self.settings.bind in ANY else self.settings.bind)
        try:
            sock = sender(from_, wanted, theirs, interface=from_, ttl=ttl, loop=loop)
        except OSError as fault:
            lease.close()
            raise Refusal(
                f"nothing can be sent to the group {wanted} from {from_ or 'this computer'}: {fault.strerror}.",
                where=f"ports.{row.name}",
                remedy="Set multicast.interface to the address of an interface that is up and has multicast.",
            ) from None
        caster = Caster(row, sock, lease, theirs)
        self._keep(caster)
        return caster

    def permit(self, port: str, host: str, number: int) -> Permit:
        """Context manager: within it, library code on our event loop may connect to exactly this peer.

        Tasks that the library starts inside lose the right when the block ends, so turn the library's own reconnecting off.
        """
        row = self._rules.row(port, "out", ("tcp", "udp"))
        self._rules.peer_number(row, number)
        remote = shown((host, number))
        return Permit(host, number, lambda transport: self._keep(Flow(row, transport, remote, None)))

    def lease(self, port: str, *, host: str | None = None, number: int | None = None) -> Declared:
        """Lease a port for a native library that opens its socket itself; stands in the ledger until closed."""
        row = self._rules.row(port, "in", ("tcp", "udp"))
        mine = self._rules.own_number(row, number)
        declared = Declared(row, self._lease(row, host or self.settings.bind, mine, shared=row.shared))
        self._keep(declared)
        return declared

    def declare(self, port: str, host: str, number: int) -> Declared:
        """Declare a peer that a native library connects to by itself; stands in the ledger until closed."""
        row = self._rules.row(port, "out", ("tcp", "udp"))
        declared = Declared(row, None, remote=(host, self._rules.peer_number(row, number)))
        self._keep(declared)
        return declared

    async def close(self) -> None:
        """Close all that is open."""
        for endpoint in self._open:
            endpoint.close()
            if isinstance(endpoint, Listening):
                endpoint.abort()
        self._open = []
        await asyncio.sleep(0)

    async def _datagrams(
        self,
        row: PortRow,
        sock: socket.socket,
        factory: Callable[[], D],
        lease: FileLease | None,
        remote: tuple[str, int] | None,
    ) -> tuple[asyncio.DatagramTransport, D]:
        inner = factory()
        counter: Any = inner if hasattr(inner, "bytes_in") else CountedDatagrams(inner)
        loop = asyncio.get_running_loop()
        transport: asyncio.DatagramTransport
        if remote is None and serves(counter):
            transport = BurstTransport(loop, sock, counter)
        else:
            transport, _ = await loop.create_datagram_endpoint(lambda: counter, sock=sock)
        side = row.side(self._rules.computer)
        direction = side.way if side is not None else "both"
        self._keep(Datagrams(row, transport, counter, lease, remote=shown(remote), direction=direction))
        if isinstance(counter, CountedDatagrams):
            return counter.shown(transport), inner
        return transport, inner

    def _lease(self, row: PortRow, host: str, number: int, *, shared: bool) -> FileLease:
        key = f"{row.transport}-{number}"
        try:
            return self._broker.acquire(row.name, key, host, number, shared=shared)
        except Refusal:
            before = len(self._open)
            self.ledger()
            if len(self._open) == before:
                raise
        return self._broker.acquire(row.name, key, host, number, shared=shared)

    def _keep(self, endpoint: Endpoint) -> None:
        self._open.append(endpoint)
        if len(self._open) % 256 == 0:
            self.ledger()

    def _remember(self, row: PortRow, remote: str, fault: str) -> None:
        if len(self._errors) >= LAST_ERRORS:
            del self._errors[next(iter(self._errors))]
        self._errors[(row.name, remote)] = fault
