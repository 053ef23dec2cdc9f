"""Pairing over a session: the desk at the listener, and what a device does. The storage of devices is a service's."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from msgspec import Struct

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Forbidden, Invalid, Refusal
from sitewarden.domain.refs import is_id
from sitewarden.link.codes import LIFETIME, CodeBook, Entry, Pending
from sitewarden.link.session import LinkSession
from sitewarden.wire import pairing as wire
from sitewarden.wire.link import Request

PENDING_LIMIT = 64
"""Devices that may wait for their code; the one that asked longest ago makes room."""
TRIES_A_CONNECTION = 5


class NotYet(Refusal):
    """The code is not known here yet; ask again in some seconds."""

    code, status = "pending", 409


class Paired(Struct, frozen=True, kw_only=True):
    """A device that proved its code."""

    node: str
    model: str
    software: str
    address: str
    public_key: bytes
    """SubjectPublicKeyInfo, DER."""


class DeviceKey(Protocol):
    """A device's key and where its certificate goes (`net.tls.NodeKey`)."""

    def request(self, node: str) -> bytes:
        """Return a signing request (PEM)."""
        ...

    def accept(self, chain: bytes, ca: bytes) -> None:
        """Store what pairing brought; raises a Refusal where it does not fit the key."""
        ...


class PairingDesk:
    """Answers `pair.*` of devices that are not paired.

    `certificate` is the listener's own (DER), `sign` makes a chain (PEM) from a signing request (PEM) and a node id, `paired`
    is asked once a device proved its code and before it gets its certificate: it stores the device, or raises a Refusal.
    """

    def __init__(
        self,
        *,
        certificate: bytes,
        ca: bytes,
        sign: Callable[[bytes, str], bytes],
        paired: Callable[[Paired], Awaitable[None]],
        clock: Clock,
        pending: Callable[[Pending], None] | None = None,
    ) -> None:
        self.codes = CodeBook()
        self._certificate = certificate
        self._ca = ca
        self._sign = sign
        self._paired = paired
        self._clock = clock
        self._on_pending = pending
        self._pending: OrderedDict[tuple[str, str], Pending] = OrderedDict()

    @property
    def pending(self) -> list[Pending]:
        """Devices that wait for their code, the longest first."""
        return list(self._pending.values())

    def new_code(self, node: str = "", lifetime: int = LIFETIME) -> Entry:
        """Make a code to type in at the device; `node` fixes the id that it gets."""
        return self.codes.issue(node, self._clock.now(), lifetime)

    def approve(self, node: str, code: str) -> None:
        """Take the code that a waiting device shows; the device asks again by itself. Raises Invalid, Conflict."""
        self.codes.admit(wire.parse_code(code), node, self._clock.now())

    def admit(self, session: LinkSession) -> None:
        """Answer `pair.*` on this session."""
        desk = _Conversation(self, session)
        session.on_request(wire.HELLO, desk.hello)
        session.on_request(wire.PROVE, desk.prove)

    def wait(self, pending: Pending) -> None:
        """Put a device on the pending list."""
        key = (pending.node, pending.label)
        self._pending.pop(key, None)
        self._pending[key] = pending
        while len(self._pending) > PENDING_LIMIT:
            self._pending.popitem(last=False)
        if self._on_pending is not None:
            self._on_pending(pending)

    async def grant(self, hello: wire.PairHello, nonce: bytes, proof: wire.PairProof, address: str) -> wire.PairGrant:
        """Check a proof and grant; raises NotYet, Forbidden, Invalid, or the refusal of `paired`."""
        public_key = _public_key(proof.request)
        transcript = wire.Transcript(
            node=hello.node,
            device_nonce=hello.nonce,
            listener_nonce=nonce,
            request=proof.request,
            certificate=self._certificate,
        )
        now = self._clock.now()
        entry = self.codes.check(proof.label, proof.mac, transcript, public_key, now)
        if entry is None:
            self.wait(
                Pending(node=hello.node, label=proof.label, model=hello.model, software=hello.software, address=address, time=now)
            )
            raise NotYet(
                "This code is not known to the server yet.",
                where=proof.label,
                remedy="Approve the device with the code of its label, or start it with a code that the server made.",
            )
        node = entry.node or hello.node
        if not is_id(node):
            raise Invalid("A node's id is lower-case letters, digits and hyphens.", where=node, remedy="Choose another id.")
        first, entry.used_by = not entry.used_by, public_key
        try:
            await self._paired(
                Paired(node=node, model=hello.model, software=hello.software, address=address, public_key=public_key)
            )
            chain = self._sign(proof.request, node)
        except Refusal:
            if first:
                entry.used_by = b""
            raise
        self._pending.pop((hello.node, proof.label), None)
        return wire.PairGrant(transcript.listener_mac(entry.code, node, chain, self._ca), node, chain, self._ca)


class _Conversation:
    """One device on one connection."""

    def __init__(self, desk: PairingDesk, session: LinkSession) -> None:
        self._desk = desk
        self._session = session
        self._hello: wire.PairHello | None = None
        self._nonce = b""
        self._tries = TRIES_A_CONNECTION

    async def hello(self, request: Request) -> bytes:
        self._hello = wire.decode_hello(request.body)
        self._nonce = secrets.token_bytes(wire.NONCE)
        return wire.encode(wire.PairChallenge(self._nonce))

    async def prove(self, request: Request) -> bytes:
        hello = self._hello
        if hello is None:
            raise Invalid("pair.hello comes first, once for each proof.", where=wire.PROVE)
        self._hello = None
        if self._tries <= 0:
            raise Forbidden("Too many wrong codes on this connection.", remedy="Make a new code and begin again.")
        proof = wire.decode_proof(request.body)
        try:
            return wire.encode(await self._desk.grant(hello, self._nonce, proof, self._session.peer.address))
        except Forbidden:
            self._tries -= 1
            raise


async def pair(session: LinkSession, code: wire.Code, key: DeviceKey, *, node: str, model: str = "", software: str = "") -> str:
    """Pair this device over an unproven session and store its certificate; return the id that it got.

    Raises NotYet while the code is not
    known there (ask again), Forbidden where either side's proof is wrong.
    """
    certificate = session.certificate
    if certificate is None:
        raise Invalid("Pairing needs a TLS link.", where="pairing")
    nonce = secrets.token_bytes(wire.NONCE)
    answer = await session.request(wire.HELLO, wire.encode(wire.PairHello(node, nonce, model, software)))
    challenge = wire.decode_challenge(answer)
    request = key.request(node)
    transcript = wire.Transcript(
        node=node, device_nonce=nonce, listener_nonce=challenge.nonce, request=request, certificate=certificate
    )
    try:
        answer = await session.request(
            wire.PROVE, wire.encode(wire.PairProof(code.label, transcript.device_mac(code), request)), timeout=30.0
        )
    except Refusal as refusal:
        if refusal.code == NotYet.code:
            raise NotYet(refusal.what, where=refusal.where, remedy=refusal.remedy) from None
        raise
    grant = wire.decode_grant(answer)
    if not wire.same(grant.mac, transcript.listener_mac(code, grant.node, grant.chain, grant.ca)):
        raise Forbidden(
            "The server does not know the code, or something in between changed the connection.",
            where="code",
            remedy="Check the server's address, and look for a proxy in between.",
        )
    key.accept(grant.chain, grant.ca)
    return grant.node


def _public_key(request: bytes) -> bytes:
    try:
        asked = x509.load_pem_x509_csr(request)
        return asked.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError) as error:
        raise Invalid(f"The signing request cannot be read ({error}).", where="request") from error
