"""Try a server of any make against docs/protocols/controller.md: this side is a controller that dials it on 1480.

It needs an entry of its own in the site, paired: what it uploads stays in the site's log.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography import x509

from sitewarden.app.conformance.parts import Broken, Finding, Peer, due, hold, read, refused
from sitewarden.domain.access.decision import Decision, Request
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.access.packing import unpack
from sitewarden.domain.access.rules import Rules
from sitewarden.domain.errors import Refusal
from sitewarden.link.dial import dial_link
from sitewarden.link.pairing import pair
from sitewarden.link.session import LinkSession
from sitewarden.link.stream import LinkStream
from sitewarden.net.interfaces import Network
from sitewarden.net.tls import NodeKey, link_client_context, pairing_client_context
from sitewarden.wire import controller as wire
from sitewarden.wire import link
from sitewarden.wire.pairing import Code

SOFTWARE: Final = "sitewarden conformance"
PORT: Final = "device-server"
RULES_WAIT: Final = 10.0
"""Seconds that a server has to begin bringing rules after hello."""
CLOCK: Final = 24 * 3600 * 1_000_000
"""Microseconds by which clocks may differ before the suite calls it broken."""


async def join(network: Network, host: str, number: int, node: str, code: Code, folder: Path) -> NodeKey:
    """Pair as a controller; raises the server's refusal."""
    key = await asyncio.to_thread(NodeKey, folder)
    hello = link.Hello(1, 1, "", "controller", SOFTWARE)
    session = await dial_link(network, PORT, host, number, tls=pairing_client_context(), hello=hello)
    try:
        await pair(session, code, key, node=node, model="conformance", software=SOFTWARE)
    finally:
        session.close()
    return key


class Examination:
    """The rules for a server. `epoch` is of the log that this run begins."""

    def __init__(self, peer: Peer, key: NodeKey) -> None:
        self._peer, self._key = peer, key
        self._epoch = time.time_ns() // 1000

    async def run(self) -> list[Finding]:
        """Try every rule, in this order."""
        rules: tuple[Callable[[], Awaitable[None]], ...] = (
            self.hello_is_welcomed,
            self.later_fields_are_ignored,
            self.time_is_told,
            self.a_log_begins_at_nothing,
            self.records_are_acknowledged,
            self.a_log_goes_on_where_it_was_acknowledged,
            self.an_unreadable_record_stops_nothing,
            self.matching_is_answered,
            self.rules_come_whole,
            self.rules_go_on_after_a_break,
            self.a_certificate_is_renewed_for_the_key_of_before,
            self.no_certificate_for_another_key,
            self.nonsense_is_refused_and_survived,
            self.unknown_kinds_are_not_found,
        )
        return [await hold((rule.__doc__ or rule.__name__).strip(), rule) for rule in rules]

    # -- the rules ----------------------------------------------------------------------------------------------------

    async def hello_is_welcomed(self) -> None:
        """`controller.hello` is answered with the server's time and a drift."""
        async with self._link() as session:
            await self._greeted(session)

    async def later_fields_are_ignored(self) -> None:
        """A hello with fields that a later version appends is welcomed too."""
        async with self._link() as session:
            longer = [*msgspec.to_builtins(self._hello()), "later", {"still": "later"}]
            read(wire.Welcome, await due("the welcome", session.request(wire.HELLO, msgspec.msgpack.encode(longer))), "it")

    async def time_is_told(self) -> None:
        """`controller.time` is answered as hello is."""
        async with self._link() as session:
            await self._greeted(session)
            self._plausible(await due("the time", session.request(wire.TIME, wire.encode(wire.Clock(_now())))))

    async def a_log_begins_at_nothing(self) -> None:
        """The stream of a new epoch is accepted with index 0."""
        async with self._link() as session:
            stream = await self._log(session)
            if stream.resume:
                raise Broken(f"it holds record {stream.resume} of a log that begins just now")

    async def records_are_acknowledged(self) -> None:
        """Records are acknowledged up to the last, gaps in the indexes allowed."""
        async with self._link() as session:
            stream = await self._log(session)
            for index in (1, 2, 3, 10, 11):
                await due("credit for a record", stream.send(index, _record()))
            await due("the acknowledgement of record 11", stream.wait_acked(11), 15.0)

    async def a_log_goes_on_where_it_was_acknowledged(self) -> None:
        """On the next link the stream of the same epoch is accepted with the index that was acknowledged."""
        async with self._link() as session:
            stream = await self._log(session)
            if stream.resume != 11:
                raise Broken(f"it goes on after {stream.resume}, 11 was acknowledged")

    async def an_unreadable_record_stops_nothing(self) -> None:
        """A record that cannot be read, or of an unknown type, is acknowledged like the others."""
        async with self._link() as session:
            stream = await self._log(session)
            for index, body in ((12, b"\xc1"), (13, wire.encode(wire.Record(_now(), "conformance.unknown"))), (14, _record())):
                await due("credit for a record", stream.send(index, body))
            await due("the acknowledgement of record 14", stream.wait_acked(14), 15.0)

    async def matching_is_answered(self) -> None:
        """`access.match` is answered within the second with a decision that says why; nobody is granted an unknown point."""
        async with self._link() as session:
            await self._greeted(session)
            asked = wire.MatchRequest(Request(access_point="conformance-nowhere", card="26:1"), DoorMode.LOCKED, _now())
            decision = read(Decision, await due("the decision", session.request(wire.MATCH, wire.encode(asked)), 1.0), "it")
            if decision.granted or not decision.explanation.text:
                raise Broken(f"heard {decision}")

    async def rules_come_whole(self) -> None:
        """The rules come in parts of at most 1 MiB that make rules of the digest that they say."""
        async with self._link() as session:
            taken = _Rules(session, first=0)
            await self._greeted(session)
            await due("the rules", taken.whole, RULES_WAIT)

    async def rules_go_on_after_a_break(self) -> None:
        """Where the controller says that it holds some bytes, the next part begins there."""
        async with self._link() as session:
            taken = _Rules(session, first=3)
            await self._greeted(session)
            await due("the rules", taken.whole, RULES_WAIT)
            if taken.offsets[:2] != [0, 3]:
                raise Broken(f"parts began at {taken.offsets[:4]}, the controller held 3 bytes")

    async def a_certificate_is_renewed_for_the_key_of_before(self) -> None:
        """`controller.certificate` for the paired key is answered with a certificate of the same CA, for this node."""
        async with self._link() as session:
            await self._greeted(session)
            asked = wire.CertificateRequest(self._key.request(self._peer.node))
            answer = await due("the certificate", session.request(wire.CERTIFICATE, wire.encode(asked)), 15.0)
            told = read(wire.Certificate, answer, "it")
            try:
                made = x509.load_pem_x509_certificate(told.chain)
            except ValueError as error:
                raise Broken(f"the chain is no PEM: {error}") from None
            if made.public_key() != self._key.certificate.public_key():
                raise Broken("the certificate is for another key")
            if told.ca.strip() != self._key.ca.read_bytes().strip():
                raise Broken("the CA is another one than at pairing")

    async def no_certificate_for_another_key(self) -> None:
        """`controller.certificate` for a key that was not paired is refused."""
        with tempfile.TemporaryDirectory(prefix="sitewarden-") as folder:
            other = await asyncio.to_thread(NodeKey, folder)
            async with self._link() as session:
                await self._greeted(session)
                asked = wire.CertificateRequest(other.request(self._peer.node))
                await refused("a request for another key", session.request(wire.CERTIFICATE, wire.encode(asked)), "forbidden")

    async def nonsense_is_refused_and_survived(self) -> None:
        """A body that cannot be read is refused with `invalid`, and the link stands."""
        async with self._link() as session:
            await self._greeted(session)
            await refused("a question of no sense", session.request(wire.MATCH, b"\xc1"), "invalid")
            await due("the time", session.request(wire.TIME, wire.encode(wire.Clock(_now()))))

    async def unknown_kinds_are_not_found(self) -> None:
        """A request of a kind that does not exist is refused with `not-found`."""
        async with self._link() as session:
            await self._greeted(session)
            await refused("a request of no kind", session.request("conformance.nothing"), "not-found")

    # -- what they need -----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _link(self) -> Any:
        peer = self._peer
        hello = link.Hello(1, 1, peer.node, "controller", SOFTWARE)
        session = await due("the link", dial_link(peer.network, PORT, peer.host, peer.number, tls=peer.tls, hello=hello), 15.0)
        try:
            yield session
        finally:
            session.close()
            await asyncio.wait([session.closed], timeout=5)

    def _hello(self) -> wire.Hello:
        return wire.Hello(self._epoch, 1, 14, 0, "", _now(), (), SOFTWARE)

    async def _greeted(self, session: LinkSession) -> None:
        self._plausible(await due("the welcome", session.request(wire.HELLO, wire.encode(self._hello()))))

    def _plausible(self, body: bytes) -> None:
        welcome = read(wire.Welcome, body, "the welcome")
        if abs(welcome.time - _now()) > CLOCK:
            raise Broken(f"its time is {welcome.time}, here it is {_now()}: microseconds since 1970 UTC are meant")

    async def _log(self, session: LinkSession) -> LinkStream:
        await self._greeted(session)
        stream = session.open_stream(wire.LOG, wire.encode(wire.LogStart(self._epoch)), window=0)
        await due("the acceptance of the log", stream.opened())
        return stream


class _Rules:
    """Takes rules; claims to hold `first` bytes after the first part."""

    def __init__(self, session: LinkSession, first: int) -> None:
        self.offsets: list[int] = []
        self.whole: asyncio.Future[None] = session.loop.create_future()
        self._first, self._held = first, b""
        session.on_request(wire.RULES, self._take)

    async def _take(self, request: link.Request) -> bytes:
        try:
            return wire.encode(self._took(read(wire.RulesPart, request.body, "a part of the rules")))
        except Broken as broken:
            if not self.whole.done():
                self.whole.set_exception(broken)
            raise

    def _took(self, part: wire.RulesPart) -> wire.RulesHeld:
        self.offsets.append(part.offset)
        if part.base:
            raise Broken("a change came to a controller that has no rules")
        if part.offset != len(self._held):
            raise Broken(f"a part begins at {part.offset}, {len(self._held)} bytes are held")
        data = part.data[: self._first] if self._first and not self._held else part.data
        self._held += data
        if len(self._held) < part.size:
            return wire.RulesHeld(len(self._held))
        try:
            digest = Rules(unpack(bytes(self._held))).digest
        except Refusal as refusal:
            raise Broken(f"the bytes are not rules, and so not those of the digest that the parts say: {refusal.what}") from None
        if digest != part.digest:
            raise Broken("the rules do not have the digest that the parts say")
        if not self.whole.done():
            self.whole.set_result(None)
        return wire.RulesHeld(part.size, active=True)


def _record() -> bytes:
    return wire.encode(wire.Record(_now(), "controller.started", data={"rules": 0}))


def _now() -> int:
    return time.time_ns() // 1000


async def examine_server(network: Network, host: str, number: int, node: str, key: NodeKey) -> list[Finding]:
    """Try every rule for servers, as the paired controller `node`."""
    tls = await asyncio.to_thread(link_client_context, key.ca, key.pair)
    return await Examination(Peer(network, host, number, node, tls), key).run()
