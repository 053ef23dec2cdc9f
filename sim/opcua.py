"""`python -m sim.opcua`: a packaging line with an OPC UA server, whose states go round; faults are set by writing nodes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import math
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, cast

from asyncua import ua
from asyncua.common.node import Node
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.binary_server_asyncio import BinaryServer, OPCUAProtocol
from asyncua.server.server import Server
from asyncua.server.uaprocessor import UaProcessor
from asyncua.server.user_managers import UserManager
from asyncua.ua.ua_binary import struct_to_binary
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sitewarden.drivers.opcua.server.space import SmallServer
from sitewarden.net.tls import Application, application

NAMESPACE = "http://line.example/"
STATES = ("Stopped", "Starting", "Running", "Fault")
STEP = 0.25
VARIANTS = 7
PUBLISH = ua.NodeId(ua.Int32(826), ua.Int16(0))
"""Type of a PublishRequest."""
SECURE = [
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    ua.SecurityPolicyType.Basic256Sha256_Sign,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
]


class _BusyServer(SmallServer):
    """A server that answers each Publish at once, for benches: what it says was made before, but for the numbers in front."""

    busy = 0
    """Nodes that it has news of; 0 answers as servers do."""

    async def answer(self, processor: Any, request: Any, sequence: Any) -> bool:
        """Answer a Publish where that is to be; False leaves it to the library."""
        subscriptions = self.subscription_service.subscriptions
        # The first is the line's own, which feeds its history.
        watched = next((one for one in subscriptions.values() if _size(one) >= self.busy), None)
        if not self.busy or watched is None:
            return False
        self._turn = getattr(self, "_turn", 0) + 1
        made = self._made.setdefault(self._turn % VARIANTS, b"") or self._make(watched.data.SubscriptionId, self._turn % VARIANTS)
        body = (
            made[:12] + request.RequestHandle.to_bytes(4, "little") + made[16:37] + self._turn.to_bytes(4, "little") + made[41:]
        )
        processor._transport.write(
            processor._connection.message_to_binary(
                body, message_type=ua.MessageType.SecureMessage, request_id=sequence.RequestId
            )
        )
        # Others have their turn, as they would while a real machine waits for its next change.
        await asyncio.sleep(0)
        return True

    def _make(self, subscription: int, turn: int) -> bytes:
        answer = ua.PublishResponse()
        answer.Parameters.SubscriptionId = subscription
        now = cast("ua.DateTime", datetime.now(UTC))
        change = ua.DataChangeNotification()
        change.MonitoredItems = [
            ua.MonitoredItemNotification(
                ua.UInt32(place), ua.DataValue(ua.Variant(place + turn / 8, ua.VariantType.Double), SourceTimestamp=now)
            )
            for place in range(self.busy)
        ]
        answer.Parameters.NotificationMessage.NotificationData = cast("Any", [change])
        self._made[turn] = struct_to_binary(answer)
        return self._made[turn]

    _made: ClassVar[dict[int, bytes]] = {}


def _size(subscription: Any) -> int:
    return len(subscription.monitored_item_srv._monitored_items)


class _BusyProcessor(UaProcessor):
    async def _process_message(self, typeid: Any, requesthdr: Any, seqhdr: Any, body: Any) -> Any:
        if typeid == PUBLISH and await cast("_BusyServer", self.iserver).answer(self, requesthdr, seqhdr):
            return True
        return await super()._process_message(typeid, requesthdr, seqhdr, body)  # type: ignore[no-untyped-call]


class _BusyProtocol(OPCUAProtocol):
    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.processor = _BusyProcessor(self.iserver, transport, self.limits)
        self.processor.set_policies(self.policies)  # type: ignore[no-untyped-call]


class _Users(UserManager):
    """One user, or none."""

    def __init__(self, name: str, password: str, certificate: bytes) -> None:
        self._wanted = (name, password)
        self._certificate = certificate

    def get_user(self, iserver: Any, username: Any = None, password: Any = None, certificate: Any = None) -> User | None:
        """Let in who is known; an anonymous one where nobody is."""
        if self._certificate and certificate is not None:
            shown = certificate.public_bytes(Encoding.DER) if isinstance(certificate, x509.Certificate) else certificate
            return User(role=UserRole.User) if shown == self._certificate else None
        if self._wanted[0]:
            return User(role=UserRole.User) if (username, password) == self._wanted else None
        return User(role=UserRole.User)


class Line:
    """The machine. `step` moves it on; `node` is what a test writes."""

    def __init__(self) -> None:
        self.server: Server | None = None
        self.nodes: dict[str, Node] = {}
        self.seconds = 0.0
        self._good = 0

    async def start(
        self,
        host: str,
        port: int,
        *,
        own: Application | None = None,
        user: str = "",
        password: str = "",
        user_certificate: bytes = b"",
        spaces: int = 0,
        extra: int = 0,
        busy: bool = False,
    ) -> int:
        """Serve, secured where `own` is given; return the port. `spaces` are further namespaces in front of the line's, and a
        `busy` line has news of all `extra` nodes whenever it is asked.
        """
        inner = _BusyServer(user_manager=_Users(user, password, user_certificate))
        inner.disabled_clock = True
        server = Server(iserver=inner)
        server.name = "Simulated line"
        await server.init()
        server.set_endpoint(f"opc.tcp://{host}:{port or 4840}/line")
        server.socket_address = (host, port)
        inner.busy = extra if busy else 0
        if own is None:
            server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        else:
            await server.set_application_uri(own.uri)
            await server.load_certificate(own.certificate, "der")
            await server.load_private_key(own.key, None, "pem")
            server.set_security_policy(SECURE)
        for number in range(spaces):
            await server.register_namespace(f"http://other.example/{number}")
        await self._build(server, await server.register_namespace(NAMESPACE), extra)
        await server.start()
        self.server = server
        if busy:
            await self._take_over(server, host)
        assert isinstance(server.bserver, BinaryServer), "started"
        return int(server.bserver.port)

    async def _take_over(self, server: Server, host: str) -> None:
        """Listen in the library's stead, with connections that are busy."""
        bound = server.bserver
        assert isinstance(bound, BinaryServer) and bound._server is not None, "started"
        bound._server.close()
        bound._server = await asyncio.get_running_loop().create_server(
            lambda: _BusyProtocol(bound.iserver, bound._policies, bound.clients, bound.closing_tasks, bound.limits),
            host,
            bound.port,
        )

    async def stop(self) -> None:
        """Close all of it, at once."""
        server, self.server = self.server, None
        if server is not None:
            self.cut(server)
            await server.stop()

    def cut(self, server: Server | None = None) -> None:
        """Break all connections."""
        server = server or self.server
        for transport in list(server.iserver.asyncio_transports) if server is not None else []:
            transport.abort()

    async def put(self, name: str, value: Any, status: int = 0, source: datetime | None = None) -> None:
        """Give a node a value, or a status without one."""
        node = self.nodes[name]
        assert self.server is not None, "started"
        await self.server.iserver.write_attribute_value(
            node.nodeid,
            ua.DataValue(
                Value=ua.Variant(value, await node.read_data_type_as_variant_type()) if value is not None else None,
                StatusCode=ua.StatusCode(ua.UInt32(status)),
                SourceTimestamp=cast("ua.DateTime", source or datetime.now(UTC)),
            ),
        )

    def remembered(self, name: str) -> list[Any]:
        """Return the values that the server's history has of a node, the oldest first."""
        assert self.server is not None, "started"
        storage: Any = self.server.iserver.history_manager.storage
        return [one.Value.Value for one in storage._datachanges.get(self.nodes[name].nodeid, ())]

    async def step(self, seconds: float) -> None:
        """Go on by some seconds."""
        self.seconds += seconds
        place = int(self.seconds / 20) % 8
        state = (0, 1, 2, 2, 2, 2, 3, 2)[place]
        speed = float(await self.nodes["Setpoint"].read_value()) if state == 2 else 0.0
        self._good += round(speed * seconds / 60)
        await self.put("State", state)
        await self.put("StateText", STATES[state])
        await self.put("Speed", speed)
        await self.put("Good", self._good)
        await self.put("Rejected", self._good // 97)
        if await self.nodes["FaultBad"].read_value():
            await self.put("Temperature", None, 0x808C0000)
        elif await self.nodes["FaultWrong"].read_value():
            await self.put("Temperature", 9999.0)
        else:
            await self.put("Temperature", 45 + 5 * math.sin(self.seconds / 30) + speed / 50)
        if await self.nodes["FaultDrop"].read_value():
            await self.put("FaultDrop", False)
            self.cut()
        hang = float(await self.nodes["FaultHang"].read_value())
        if hang > 0:
            await self.put("FaultHang", 0.0)
            # The whole server stands still, as one does whose controller is busy.
            time.sleep(min(hang, 60.0))  # noqa: ASYNC251

    async def _build(self, server: Server, space: int, extra: int) -> None:
        line = await server.nodes.objects.add_object(f"ns={space};s=Line", f"{space}:Line")
        faults = await line.add_object(f"ns={space};s=Faults", f"{space}:Faults")
        kinds = ua.VariantType
        for name, value, kind, writable in (
            ("State", 0, kinds.Int32, False),
            ("StateText", "Stopped", kinds.String, False),
            ("Good", 0, kinds.UInt32, False),
            ("Rejected", 0, kinds.UInt32, False),
            ("Speed", 0.0, kinds.Double, False),
            ("Setpoint", 120.0, kinds.Float, True),
            ("Enabled", True, kinds.Boolean, True),
            ("Batch", "B-1", kinds.String, True),
            ("Temperature", 45.0, kinds.Double, False),
            ("Lanes", [1, 2, 3], kinds.Int16, True),
            ("FaultBad", False, kinds.Boolean, True),
            ("FaultWrong", False, kinds.Boolean, True),
            ("FaultDrop", False, kinds.Boolean, True),
            ("FaultHang", 0.0, kinds.Double, True),
            *((f"Extra{number}", float(number), kinds.Double, False) for number in range(extra)),
        ):
            parent = faults if name.startswith("Fault") else line
            node = await parent.add_variable(f"ns={space};s=Line.{name}", f"{space}:{name}", ua.Variant(value, kind))
            if writable:
                await node.set_writable()
            self.nodes[name] = node
        await server.historize_node_data_change(self.nodes["Good"], count=10_000)


async def serve(options: argparse.Namespace) -> None:
    """Serve the line until cancelled."""
    own = None
    if options.secure:
        own = await asyncio.to_thread(application, Path(options.secure), "line", "urn:line.example:server")
    line = Line()
    given = {"own": own, "user": options.user, "password": options.password, "extra": options.extra, "busy": options.busy}
    number = await line.start(options.host, options.port, **given)
    print(f"listening on {options.host}:{number}", flush=True)  # noqa: T201
    restarted = time.monotonic()
    try:
        while True:
            await asyncio.sleep(options.step)
            await line.step(options.step)
            for place in range(0 if options.busy else options.extra):
                await line.put(f"Extra{place}", line.seconds + place)
            if options.restart and time.monotonic() - restarted >= options.restart:
                await line.stop()
                line = Line()
                await line.start(options.host, number, **given)
                restarted = time.monotonic()
    finally:
        await line.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="sim.opcua", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=48250)
    parser.add_argument("--secure", default="", help="folder of a certificate and key; without it the line speaks plainly")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--extra", type=int, default=0, help="further nodes that change in each step")
    parser.add_argument("--busy", action="store_true", help="have news of the further nodes whenever asked")
    parser.add_argument("--step", type=float, default=STEP, help="seconds between two steps")
    parser.add_argument("--restart", type=float, default=0.0, help="seconds after which it starts anew, again and again")
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
