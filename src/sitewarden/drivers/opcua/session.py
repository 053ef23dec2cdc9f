"""One session with one server, through asyncua: secured, signed in, watched. Its connection is one that `net` dialled."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UaClient, UaClientState, UASocketProtocol
from asyncua.common.connection import TransportLimits
from asyncua.crypto import security_policies
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sitewarden.drivers.opcua.config import EndpointConfig
from sitewarden.drivers.opcua.mapping import Node
from sitewarden.drivers.opcua.trust import MODES, PREFIX, Offer, believe, choose, shown
from sitewarden.drivers.opcua.wire import Values, WireError, read_results
from sitewarden.kit.context import Context
from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation, Unavailable, reaching
from sitewarden.net.tls import Application

CHUNK: Final = 65_535
"""Most bytes of a chunk that we take."""
LARGEST: Final = 64 << 20
"""Most bytes of a message."""
VALUE: Final = 13
"""The attribute Value (Part 6, annex A.1)."""
DATA_TYPE: Final = 14
SESSION: Final = 60_000
"""Milliseconds for which the server keeps a silent session."""
CHANNEL: Final = 3_600_000
"""Milliseconds for which the keys of a channel are used."""
AT_ONCE: Final = 500
"""Most nodes of one request, where the server sets no smaller limit."""
_FAULTS: Final = (UaError, WireError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, struct.error)
"""What the library raises for answers that it cannot read."""
_USER: Final = {0x801F0000, 0x80200000, 0x80210000}
"""BadUserAccessDenied, BadIdentityTokenInvalid, BadIdentityTokenRejected."""
_OURS: Final = {0x80120000, 0x80130000, 0x80170000, 0x801A0000, 0x80180000, 0x80190000, 0x80140000}
"""What servers say while they do not trust our certificate: BadCertificateInvalid, BadSecurityChecksFailed and their kin."""
_POLICIES: Final[dict[str, Any]] = {
    PREFIX + "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    PREFIX + "Aes128_Sha256_RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    PREFIX + "Aes256_Sha256_RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}
_LIMITS: Final = {"read": 11705, "write": 11707, "browse": 11710, "monitor": 11714, "history": 12165}
"""Nodes of the server's OperationLimits (Part 5, clause 6.3.11)."""

# What it says at the level of debugging has passwords in it; what went wrong is told as health, by us.
logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)

Dial = Callable[[Callable[[], asyncio.Protocol]], Awaitable[None]]


def standard(number: int) -> ua.NodeId:
    """Return a node of the standard (namespace 0)."""
    return ua.NodeId(ua.Int32(number), ua.Int16(0))


class _Socket(UASocketProtocol):
    """The library's protocol, which holds no more of a chunk than a chunk may have."""

    def __init__(self, timeout: float, policy: Any, heard: Callable[[], None]) -> None:
        super().__init__(timeout, policy, TransportLimits(CHUNK, CHUNK, LARGEST // CHUNK, LARGEST))
        self._heard = heard

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._heard()
        super().data_received(data)
        if self.receive_buffer is not None and len(self.receive_buffer) > CHUNK and self.transport is not None:
            self.transport.abort()


class _Channel(UaClient):
    """The library's transport, on a connection that is dialled for it."""

    def __init__(self, timeout: float, dial: Dial, lost: Callable[[], None]) -> None:
        super().__init__(timeout)
        self._dial, self._lost = dial, lost
        self.heard = 0.0

    def _make_protocol(self) -> UASocketProtocol:
        self.protocol = _Socket(self._timeout, self.security_policy, self._hear)
        self.protocol.on_connection_lost = self._on_transport_lost
        self.protocol.is_session_closing = self._is_session_closing
        return self.protocol

    async def connect_socket(self, host: str, port: int) -> None:
        """Connect, whatever the library takes host and port for."""
        await self._dial(self._make_protocol)
        self._set_state(UaClientState.SOCKET_OPEN)

    def _on_transport_lost(self, _exc: Exception | None) -> None:
        super()._on_transport_lost(_exc)
        self._lost()

    def _hear(self) -> None:
        self.heard = asyncio.get_running_loop().time()


class Session:
    """Requests to a server, until `closed` tells why there are no more."""

    def __init__(self, ctx: Context, config: EndpointConfig, application: Application, row: str = "") -> None:
        """`row` of the port manifest that it is dialled by; empty: the configuration's."""
        self.config = config
        self.closed: asyncio.Future[DriverError] = asyncio.get_running_loop().create_future()
        self.namespaces: list[str] = []
        self.limits = dict.fromkeys(_LIMITS, AT_ONCE)
        self._application = application
        self._row = row or config.row
        self._ctx = ctx
        self._tasks: list[asyncio.Task[None]] = []
        self._client = self._make(lambda: self.end(Unavailable(f"{config.url} closed the connection")))

    async def open(self) -> None:
        """Connect, secure, sign in and learn the namespaces; raises a DriverError."""
        config, client = self.config, self._client
        offer = await self._offer()
        if offer is not None:
            policy = _POLICIES[offer.policy]
            certificate = believe(offer.certificate, config)
            key = load_pem_private_key(self._application.key, None)
            own = x509.load_der_x509_certificate(self._application.certificate)
            mode = ua.MessageSecurityMode.Sign if offer.mode == "sign" else ua.MessageSecurityMode.SignAndEncrypt
            client.security_policy = policy(certificate, own, key, mode)
            client.uaclient.set_security(client.security_policy)
        self._user(client)
        with self._mapped("while a session was opened"):
            await client.connect_socket()
            await client.send_hello()
            await client.open_secure_channel()
            await client.create_session()
            self._no_open_password(client)
            await client.activate_session(client._username, client._password, client.user_certificate)
        await self._learn()
        self._tasks = [
            asyncio.create_task(self._renew(), name=f"keys of {config.url}"),
            asyncio.create_task(self._watch(), name=f"life of {config.url}"),
        ]

    async def offers(self) -> list[Offer]:
        """Ask on a channel of its own, which nothing secures yet, what the server offers."""
        with self._mapped("asked for its endpoints"):
            client = self._make(lambda: None)
            found = await client.connect_and_get_server_endpoints()
            return [
                Offer(
                    str(one.SecurityPolicyUri or ""),
                    MODES.get(int(one.SecurityMode), "?"),
                    bytes(one.ServerCertificate or b""),
                    int(one.SecurityLevel or 0),
                    str(one.EndpointUrl or ""),
                    str(one.Server.ApplicationName.Text or one.Server.ApplicationUri or ""),
                )
                for one in found[:1000]
            ]

    async def servers(self, *, network: bool = False) -> list[tuple[str, str]]:
        """Ask a discovery server for names and URLs of servers; `network` asks for those that it heard of by multicast."""
        with self._mapped("asked for servers"):
            client = self._make(lambda: None)
            if network:
                heard = await client.connect_and_find_servers_on_network()
                return [(str(one.ServerName or ""), str(one.DiscoveryUrl or "")) for one in heard.Servers[:1000]]
            known = await client.connect_and_find_servers()
            return [
                (str(one.ApplicationName.Text or one.ApplicationUri or ""), str(url))
                for one in known[:1000]
                for url in one.DiscoveryUrls or []
            ]

    def node(self, node: Node) -> ua.NodeId | None:
        """Return a node as this server knows it; None where it has no such namespace."""
        space = node.within(self.namespaces)
        if space is None:
            return None
        return ua.NodeId.from_string(f"ns={space};{node.kind}={'0x' if node.kind == 'b' else ''}{node.name}")

    def text(self, node: ua.NodeId) -> str:
        """Return a server's node as an address, by the URI of its namespace."""
        kind = {ua.NodeIdType.String: "s", ua.NodeIdType.Guid: "g", ua.NodeIdType.ByteString: "b"}.get(node.NodeIdType, "i")
        name = node.Identifier.hex() if isinstance(node.Identifier, bytes) else str(node.Identifier)
        space = node.NamespaceIndex
        uri = self.namespaces[space] if 0 < space < len(self.namespaces) else ""
        return str(Node(uri, 0 if uri else space, kind, name))  # type: ignore[arg-type]

    async def read(self, nodes: Sequence[ua.NodeId], elements: Sequence[int | None] = (), attribute: int = VALUE) -> Values:
        """Read nodes in as many requests as the server's limit makes; the handles are their places. Raises a DriverError."""
        found = Values()
        step = self.limits["read"]
        for start in range(0, len(nodes), step):
            request = ua.ReadRequest()
            request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
            for place, node in enumerate(nodes[start : start + step], start):
                asked = ua.ReadValueId(NodeId=node, AttributeId=attribute)
                if elements and elements[place] is not None:
                    asked.IndexRange = str(elements[place])
                request.Parameters.NodesToRead.append(asked)
            with self._mapped("asked for values"):
                part = read_results(await self.send(request))
            if len(part.handles) != min(step, len(nodes) - start):
                raise PeerViolation(f"{self.config.url} answered {len(part.handles)} values for {len(nodes) - start}")
            found.handles += [start + handle for handle in part.handles]
            found.values += part.values
            found.statuses += part.statuses
            found.sources += part.sources
            found.servers += part.servers
        return found

    async def write(self, node: ua.NodeId, value: ua.DataValue, element: int | None) -> int:
        """Write a value; return the server's StatusCode."""
        request = ua.WriteRequest()
        one = ua.WriteValue(NodeId=node, AttributeId=VALUE, Value=value)
        if element is not None:
            one.IndexRange = str(element)
        request.Parameters.NodesToWrite = [one]
        with self._mapped("asked to write"):
            answer = await self._client.uaclient.session.write(request.Parameters)
            return int(answer[0].value)

    @property
    def services(self) -> Any:
        """The library's session, for requests that nothing here wraps; use it within `mapped`."""
        return self._client.uaclient.session

    @contextmanager
    def mapped(self, doing: str) -> Iterator[None]:
        """Raise as DriverErrors what the library raises."""
        with self._mapped(doing):
            yield

    async def send(self, request: Any, timeout: float | None = None) -> bytes:
        """Send a request and return the body of its answer; use it within `mapped`."""
        return bytes(await self._client.uaclient._send_request(request, timeout))

    def end(self, error: DriverError) -> None:
        """There is nothing more to come."""
        if not self.closed.done():
            self.closed.set_result(error)

    async def close(self) -> None:
        """Say goodbye where that is still possible, and close."""
        self.end(Unavailable("the session was closed"))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        client = self._client
        protocol = client.uaclient.protocol
        try:
            if protocol is not None and not protocol.is_closed:
                async with asyncio.timeout(1.0):
                    await client.uaclient.close_session(True)
                    await client.close_secure_channel()
        except (*_FAULTS, OSError, TimeoutError):
            pass
        finally:
            if protocol is not None and protocol.transport is not None:
                protocol.transport.abort()

    def _make(self, lost: Callable[[], None]) -> Client:
        config = self.config
        client = Client(config.url, timeout=config.timeout)
        client.name = client.description = "Sitewarden"
        client.application_uri, client.product_uri = self._application.uri, "urn:sitewarden"
        client.session_timeout, client.secure_channel_timeout = SESSION, CHANNEL

        async def dial(factory: Callable[[], asyncio.Protocol]) -> None:
            with reaching(f"{config.host}:{config.port}"):
                await self._ctx.net.dial(self._row, factory, config.host, config.port, timeout=config.timeout)

        client.uaclient = _Channel(config.timeout, dial, lost)
        return client

    async def _offer(self) -> Offer | None:
        if self.config.security == "None":
            return None
        return choose(await self.offers(), self.config)

    def _user(self, client: Client) -> None:
        config = self.config
        if config.username:
            client.set_user(config.username)
            client.set_password(config.password)
        if config.user_certificate:
            try:
                client.user_certificate = x509.load_pem_x509_certificate(config.user_certificate.encode())
                key = load_pem_private_key(config.user_key.encode(), None)
            except (ValueError, TypeError) as error:
                raise Misconfigured(f"user_certificate or user_key is no PEM without a password ({error})") from None
            if not isinstance(key, rsa.RSAPrivateKey):
                raise Misconfigured("user_key is no RSA key, and OPC UA's policies take no other")
            client.user_private_key = key

    def _no_open_password(self, client: Client) -> None:
        """A password is sent in clear only where the settings chose to speak plainly."""
        if not self.config.username or self.config.security == "None":
            return
        policy = client.server_policy(ua.UserTokenType.UserName).SecurityPolicyUri
        if policy == PREFIX + "None" and self.config.mode != "sign-and-encrypt":
            raise Misconfigured(
                "the server wants the password in clear on a channel that only signs; set mode to sign-and-encrypt"
            )

    async def _learn(self) -> None:
        """Read the namespaces and how much the server takes in one request."""
        with self._mapped("asked for its namespaces"):
            found = await self.read([standard(2255), *(standard(number) for number in _LIMITS.values())])
        names = found.values[0]
        if not isinstance(names, list):
            raise PeerViolation(f"{self.config.url} tells no namespaces")
        self.namespaces = [str(name or "")[:1000] for name in names[:0x10000]]
        for name, limit in zip(_LIMITS, found.values[1:], strict=True):
            if isinstance(limit, int) and limit > 0:
                self.limits[name] = min(limit, AT_ONCE)

    async def _renew(self) -> None:
        """Change the keys of the channel before they are too old (Part 4, clause 5.6.2)."""
        while True:
            await asyncio.sleep(self._client.secure_channel_timeout * 0.75 / 1000)
            try:
                with self._mapped("asked for new keys"):
                    await self._client.open_secure_channel(renew=True)
                    self._client.uaclient.revolve_security_token()
            except DriverError as error:
                self.end(error)
                return

    async def _watch(self) -> None:
        """Ask for a sign of life where none comes by itself; without an answer the server is given up."""
        loop, every = asyncio.get_running_loop(), self.config.keep_alive * 1.5
        channel = self._client.uaclient
        assert isinstance(channel, _Channel), "made by _make"
        while True:
            await asyncio.sleep(max(0.05, channel.heard + every - loop.time()))
            if loop.time() - channel.heard < every:
                continue
            try:
                await self.read([standard(2259)])
            except DriverError as error:
                self.end(error)
                return

    @contextmanager
    def _mapped(self, doing: str) -> Iterator[None]:
        url = self.config.url
        try:
            yield
        except DriverError:
            raise
        except TimeoutError as error:
            raise Unavailable(f"{url} has not answered within {self.config.timeout:g} s, {doing}") from error
        except UaStatusCodeError as error:
            raise self._refused(error, doing) from error
        except (OSError, ConnectionError) as error:
            if self.closed.done():
                raise self.closed.result() from error
            raise Unavailable(f"{url}: {error}") from error
        except InvalidSignature as error:
            raise PeerViolation(f"{url} does not hold the key of its certificate, {doing}") from error
        except _FAULTS as error:
            raise PeerViolation(f"{url}, {doing}, sent what cannot be read: {error}") from error

    def _refused(self, error: UaStatusCodeError, doing: str) -> DriverError:
        code, name = int(error.code), type(error).__name__
        url = self.config.url
        if code in _USER:
            return Misconfigured(f"{url} does not let this user in ({name}); check the user, and what it may do there")
        if code in _OURS:
            own = shown(self._application.certificate)
            return Unavailable(
                f"{url} refuses this node's certificate ({name}); trust it at the server: {self._application.uri}, SHA-256 {own}"
            )
        return Unavailable(f"{url}, {doing}, answers {name}")
