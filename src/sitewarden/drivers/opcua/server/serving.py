"""An OPC UA server at work: the nodes of its folders, who is let in, and what clients write."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from asyncua import ua
from asyncua.common.connection import TransportLimits
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.binary_server_asyncio import BinaryServer, OPCUAProtocol
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from cryptography import x509

from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.opcua.server.config import DeviceConfig, EndpointConfig, NodeConfig
from sitewarden.drivers.opcua.server.mapping import ACCESS_DENIED, CODES, NODE_UNKNOWN, TYPE_MISMATCH, taken, told
from sitewarden.drivers.opcua.server.space import GuardedServer, GuardedSession, channel
from sitewarden.drivers.opcua.trust import leading, traced
from sitewarden.kit.context import Context
from sitewarden.kit.errors import LocalMisuse, Misconfigured
from sitewarden.kit.house import Reading, Source
from sitewarden.net.tls import Application

NAMESPACE: Final = "urn:sitewarden:site"
"""URI of the namespace of all nodes; a node's name in it is "folder/name"."""
CHUNK: Final = 65_535
LARGEST: Final = 4 << 20
"""Most bytes of a request."""
UNTRUSTED: Final = 0x801A0000
POLICY: Final = 0x80550000
"""BadSecurityPolicyRejected."""
USER: Final = 0x801F0000
_SECURE: Final = [
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    ua.SecurityPolicyType.Basic256Sha256_Sign,
]
_TYPES: Final = {
    "double": ua.VariantType.Double,
    "integer": ua.VariantType.Int64,
    "boolean": ua.VariantType.Boolean,
    "string": ua.VariantType.String,
}
VALUE: Final = 13
"""The attribute Value (Part 6, annex A.1)."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _Protocol(OPCUAProtocol):
    """A connection of the library, for who may connect, that holds no more of a chunk than one may have."""

    def __init__(self, serving: Serving, server: BinaryServer) -> None:
        super().__init__(server.iserver, server._policies, server.clients, server.closing_tasks, server.limits)
        self._serving = serving

    async def _process_received_message_loop(self) -> None:
        """Tell the sessions of this connection which channel theirs is."""
        channel.set(self.processor)
        await super()._process_received_message_loop()

    def connection_made(self, transport: Any) -> None:
        """Cut off who is in none of the networks."""
        if self._serving.may_connect(str(transport.get_extra_info("peername")[0])):
            super().connection_made(transport)
        else:
            transport.abort()

    def connection_lost(self, ex: BaseException | None) -> None:
        """Forget the connection."""
        if self.processor is not None:
            super().connection_lost(ex)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        super().data_received(data)
        if len(self._buffer) > CHUNK and self.transport is not None:
            self.transport.abort()


class _Early(asyncio.Protocol):
    """A connection that comes before the nodes stand."""

    def connection_made(self, transport: Any) -> None:
        """Cut it off; clients try again."""
        transport.abort()


class _Users(UserManager):
    def __init__(self, config: EndpointConfig) -> None:
        self._config = config

    def get_user(self, iserver: Any, username: Any = None, password: Any = None, certificate: Any = None) -> User | None:
        """Return the user by name and password, or a nameless one where that may read."""
        config = self._config
        if username is None:
            return User(role=UserRole.User) if config.anonymous else None
        right = hmac.compare_digest(str(username).encode(), config.username.encode())
        right &= hmac.compare_digest(str(password or "").encode(), config.password.encode())
        return User(role=UserRole.User, name=config.username) if right and config.username else None


class Serving:
    """One port with its folders. `start`, then `stop`."""

    def __init__(self, ctx: Context, by: str, config: EndpointConfig, own: Application, folders: Sequence[DeviceConfig]) -> None:
        """`by` is the endpoint's id, as which clients write."""
        if ctx.house is None:
            raise LocalMisuse("the opcua-server driver needs a house in its context")
        self._ctx, self._house, self._by, self._config, self._own = ctx, ctx.house, by, config, own
        self._folders = folders
        self._networks = [ipaddress.ip_network(one, strict=False) for one in config.clients]
        try:
            self._trusted = x509.load_pem_x509_certificates(config.trusted.encode()) if config.trusted else []
        except ValueError as error:
            raise Misconfigured(f"trusted is no PEM of certificates ({error})") from None
        self._nodes: dict[ua.NodeId, NodeConfig] = {}
        self._of: dict[Source, list[ua.NodeId]] = {}
        self._changed: dict[ua.NodeId, Reading] = {}
        """What is to be told; a node that changes again meanwhile is told once."""
        self._wake = asyncio.Event()
        self._bserver: BinaryServer | None = None
        self._closers: list[Callable[[], Any]] = []
        self._unfollow: Callable[[], None] | None = None
        self.refused = ""
        self.writes = 0

    @property
    def clients(self) -> int:
        """Connections that are open."""
        return len(self._bserver.clients) if self._bserver is not None else 0

    async def start(self) -> None:
        """Listen, and build the nodes; who connects before they stand is cut off. Raises a Refusal for a port that is taken."""
        listener = await self._ctx.net.listen("opcua", self._protocol, number=self._config.port)
        self._closers.append(listener.close)
        inner = GuardedServer(_Users(self._config), self._admit, self._write)
        inner.max_connections = self._config.connections
        inner.max_subscriptions = self._config.connections * 20
        tokens = [ua.UserNameIdentityToken] if self._config.username else []
        inner.supported_tokens = cast("Any", (*tokens, *([ua.AnonymousIdentityToken] if self._config.anonymous else [])))
        server = Server(iserver=inner)
        server.name, server.manufacturer_name, server.product_uri = "Sitewarden", "Sitewarden", "urn:sitewarden"
        server.application_type = ua.ApplicationType.Server
        server._application_uri = self._own.uri
        await server.init()
        await server.load_certificate(self._own.certificate, "der")
        await server.load_private_key(self._own.key, None, "pem")
        server.set_security_policy([*_SECURE, *([ua.SecurityPolicyType.NoSecurity] if self._config.plain else [])])
        server.set_endpoint(f"opc.tcp://localhost:{self._config.port}/")
        space = await server.register_namespace(NAMESPACE)
        for folder in self._folders:
            await self._build(server, space, folder)
        await server._setup_server_nodes()
        await inner.start()
        self._closers.append(inner.stop)
        self._unfollow = self._house.follow(list(self._of), self._put)
        self._bserver = BinaryServer(inner, "", self._config.port, TransportLimits(CHUNK, CHUNK, 64, LARGEST))
        self._bserver.set_policies(server._policies)

    async def run(self) -> None:
        """Tell clients what changes, until cancelled."""
        assert self._bserver is not None, "started"
        inner = self._bserver.iserver
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._changed:
                batch, self._changed = self._changed, {}
                for node, reading in batch.items():
                    await inner.write_attribute_value(node, self._data(self._nodes[node], reading))
                # A client's request has its turn between two batches.
                await asyncio.sleep(0)
            if self._bserver.closing_tasks:
                await self._bserver._close_tasks()

    async def stop(self) -> None:
        """Break all connections and close the port."""
        if self._unfollow is not None:
            self._unfollow()
        if self._bserver is not None:
            for transport in list(self._bserver.iserver.asyncio_transports):
                transport.abort()
            await asyncio.sleep(0)
            await self._bserver._close_tasks()
        for close in reversed(self._closers):
            await close()

    def may_connect(self, peer: str) -> bool:
        """Tell whether an address may connect, and note who may not."""
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        if any(address in network for network in self._networks):
            return True
        self.refused = f"{peer} was cut off: it is in none of the networks whose clients may connect"
        return False

    def _protocol(self) -> asyncio.Protocol:
        return _Protocol(self, self._bserver) if self._bserver is not None else _Early()

    async def _build(self, server: Server, space: int, folder: DeviceConfig) -> None:
        parent = await server.nodes.objects.add_folder(f"ns={space};s={folder.folder}", f"{space}:{folder.folder}")
        for config in folder.nodes:
            kind = _TYPES[config.kind]
            node = await parent.add_variable(
                f"ns={space};s={folder.folder}/{config.called}",
                f"{space}:{config.called}",
                ua.Variant(_nothing(config.kind), kind),
                datatype=ua.NodeId(ua.Int32(kind.value), ua.Int16(0)),
            )
            if config.writable:
                await node.set_writable()
            self._nodes[node.nodeid] = config
            self._of.setdefault(Source(config.of, config.member), []).append(node.nodeid)
            waiting = Reading(None, Quality.BAD_NO_COMMUNICATION)
            await server.iserver.write_attribute_value(node.nodeid, self._data(config, waiting))

    def _put(self, changes: Sequence[tuple[Source, Reading]]) -> None:
        for source, reading in changes:
            for node in self._of.get(source, ()):
                self._changed[node] = reading
        self._wake.set()

    def _data(self, config: NodeConfig, reading: Reading) -> ua.DataValue:
        value, quality = told(config, reading.value, reading.quality)
        source = _EPOCH + timedelta(microseconds=reading.time) if reading.time else None
        return ua.DataValue(
            Value=ua.Variant(value, _TYPES[config.kind]) if value is not None else None,
            StatusCode=ua.StatusCode(ua.UInt32(quality)),
            SourceTimestamp=cast("ua.DateTime", source),
            ServerTimestamp=cast("ua.DateTime", datetime.now(UTC)),
        )

    def _admit(self, certificate: bytes | None) -> int:
        """Return 0 for a client that the settings trust, else why not."""
        if not certificate:
            if self._config.plain:
                return 0
            self.refused = "a client without security was refused"
            return POLICY
        try:
            chain = [x509.load_der_x509_certificate(one) for one in leading(certificate)]
        except ValueError:
            return UNTRUSTED
        now = datetime.now(UTC)
        if chain and traced(chain, self._trusted) and chain[0].not_valid_before_utc <= now <= chain[0].not_valid_after_utc:
            return 0
        name = chain[0].subject.rfc4514_string()[:80] if chain else "nobody"
        self.refused = f"the certificate of {name} is not trusted; add it, or its authority, to trusted"
        return UNTRUSTED

    async def _write(self, session: GuardedSession, one: Any) -> int:
        """Write for a client; return the StatusCode."""
        config = self._nodes.get(one.NodeId)
        if config is None:
            return NODE_UNKNOWN
        if one.AttributeId != VALUE or not config.writable or session.user is None or not session.user.name:
            return ACCESS_DENIED
        try:
            value = taken(config, one.Value.Value.Value if one.Value.Value is not None else None)
        except (ValueError, OverflowError):
            return TYPE_MISMATCH
        reason = f"OPC UA client {session.peer}, user {session.user.name}: {config.called}"
        result = await self._house.write(config.of, value, by=self._by, remote=session.peer, reason=reason)
        if not result.ok:
            return CODES.get(result.code, int(Quality.BAD_DEVICE_FAILURE))
        self.writes += 1
        return 0


def _nothing(kind: str) -> Any:
    return {"double": 0.0, "integer": 0, "boolean": False}.get(kind, "")
