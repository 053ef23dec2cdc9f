"""Try the link of any listener against docs/protocols/link.md.

It comes without a certificate, as an unpaired device does, so it needs nothing from the site and changes nothing there.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import cast

from sitewarden.app.conformance.parts import Broken, Finding
from sitewarden.domain.errors import Unreachable
from sitewarden.net.interfaces import Network
from sitewarden.net.tls import pairing_client_context
from sitewarden.wire import link as wire
from sitewarden.wire.link import FrameReader, Message, encode_frame

PORT = "device-server"
PATIENCE = 3.0
"""Seconds that a listener has for each answer."""
HELLO = wire.Hello(1, 1, "", "conformance", "sitewarden conformance")


class Probe(asyncio.Protocol):
    """A connection that says exactly what a rule needs and hears what comes."""

    def __init__(self) -> None:
        self._reader = FrameReader()
        self._heard: asyncio.Queue[Message | None] = asyncio.Queue()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        for message in self._reader.feed(data):
            self._heard.put_nowait(message)

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard.put_nowait(None)

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        assert self._transport is not None
        self._transport.write(data)

    def say(self, *messages: Message) -> None:
        """Send messages."""
        self.raw(b"".join(map(encode_frame, messages)))

    async def hear(self) -> Message | None:
        """Return the next message; None once the listener closed."""
        try:
            return await asyncio.wait_for(self._heard.get(), PATIENCE)
        except TimeoutError:
            raise Broken(f"nothing came within {PATIENCE:g} s") from None

    async def expect(self, wanted: Message) -> None:
        """Hear exactly this."""
        if (message := await self.hear()) != wanted:
            raise Broken(f"expected {wanted}, heard {message}")

    async def greeted(self) -> Probe:
        """Say hello and be acknowledged."""
        self.say(HELLO)
        message = await self.hear()
        if not isinstance(message, wire.HelloAck) or message.version != 1:
            raise Broken(f"expected HelloAck of version 1, heard {message}")
        return self

    async def closes(self, code: str) -> None:
        """Hear Close with a code, and the end of the connection."""
        message = await self.hear()
        if not isinstance(message, wire.Close) or message.code != code:
            raise Broken(f"expected Close with code {code!r}, heard {message}")
        if (message := await self.hear()) is not None:
            raise Broken(f"expected the end, heard {message}")

    async def answers(self) -> None:
        """Show that the connection still stands."""
        self.say(wire.Ping(77))
        await self.expect(wire.Pong(77))

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()


Rule = Callable[[Probe], Awaitable[None]]


async def hello_is_acknowledged(probe: Probe) -> None:
    """Hello is acknowledged with version 1."""
    await probe.greeted()


async def hello_may_come_in_pieces(probe: Probe) -> None:
    """Hello may come byte by byte."""
    for byte in encode_frame(HELLO):
        probe.raw(bytes([byte]))
        await asyncio.sleep(0)
    message = await probe.hear()
    if not isinstance(message, wire.HelloAck):
        raise Broken(f"expected HelloAck, heard {message}")


async def no_common_version_is_refused(probe: Probe) -> None:
    """Versions that the listener does not speak are refused with `version`."""
    probe.say(wire.Hello(2**30, 2**30, "", "conformance"))
    message = await probe.hear()
    if not isinstance(message, wire.Refused) or message.code != "version":
        raise Broken(f"expected Refused with version, heard {message}")
    if (message := await probe.hear()) is not None:
        raise Broken(f"expected the end, heard {message}")


async def hello_comes_first(probe: Probe) -> None:
    """Anything before hello is the violation `hello`."""
    probe.say(wire.Ping(1))
    await probe.closes("hello")


async def hello_comes_once(probe: Probe) -> None:
    """A second hello is the violation `hello`."""
    (await probe.greeted()).say(HELLO)
    await probe.closes("hello")


async def long_frames_are_refused(probe: Probe) -> None:
    """A frame above 65,536 bytes is the violation `frame` before its body comes."""
    (await probe.greeted()).raw((65537).to_bytes(4))
    await probe.closes("frame")


async def empty_frames_are_refused(probe: Probe) -> None:
    """A frame of no bytes is the violation `frame`."""
    (await probe.greeted()).raw(bytes(4))
    await probe.closes("frame")


async def unknown_tags_are_refused(probe: Probe) -> None:
    """A tag that is not in the table is the violation `message`."""
    (await probe.greeted()).raw(b"\0\0\0\3\x92\x7f\x01")
    await probe.closes("message")


async def nesting_is_survived(probe: Probe) -> None:
    """Arrays thousands deep are the violation `message`, and the listener lives."""
    (await probe.greeted()).raw((4004).to_bytes(4) + b"\x94\x10\x01" + b"\x91" * 4000 + b"\xc0")
    await probe.closes("message")


async def pings_are_answered(probe: Probe) -> None:
    """A ping is answered with a pong of its token."""
    await (await probe.greeted()).answers()


async def further_fields_are_ignored(probe: Probe) -> None:
    """Fields after those of the table are ignored."""
    (await probe.greeted()).raw(b"\0\0\0\x0b\x94\x10\x05\xa3new\x81\xa1a\x01")
    await probe.expect(wire.Pong(5))


async def unproven_peers_may_only_pair(probe: Probe) -> None:
    """Without a certificate, requests of other kinds are answered `unauthenticated`."""
    (await probe.greeted()).say(wire.Request(1, "conformance.nothing"))
    message = await probe.hear()
    if not isinstance(message, wire.Error) or (message.id, message.code) != (1, "unauthenticated"):
        raise Broken(f"expected Error unauthenticated, heard {message}")
    await probe.answers()


async def unproven_peers_open_no_streams(probe: Probe) -> None:
    """Without a certificate, a stream is ended with a code."""
    (await probe.greeted()).say(wire.StreamOpen(1, "conformance.nothing"))
    message = await probe.hear()
    if not isinstance(message, wire.StreamEnd) or not message.code:
        raise Broken(f"expected StreamEnd with a code, heard {message}")


async def ids_are_odd_from_the_dialler(probe: Probe) -> None:
    """A request of the dialler with an even id is the violation `id`."""
    (await probe.greeted()).say(wire.Request(2, "conformance.nothing"))
    await probe.closes("id")


async def answers_to_nothing_are_refused(probe: Probe) -> None:
    """An answer to a request that was never made is the violation `id`."""
    (await probe.greeted()).say(wire.Response(2**32 - 2, b""))
    await probe.closes("id")


async def late_messages_are_ignored(probe: Probe) -> None:
    """Messages about what the dialler opened once and is over are ignored."""
    (await probe.greeted()).say(wire.Request(1, "conformance.nothing"))
    await probe.hear()
    probe.say(wire.Cancel(1))
    await probe.answers()


RULES: tuple[Rule, ...] = (
    hello_is_acknowledged,
    hello_may_come_in_pieces,
    no_common_version_is_refused,
    hello_comes_first,
    hello_comes_once,
    long_frames_are_refused,
    empty_frames_are_refused,
    unknown_tags_are_refused,
    nesting_is_survived,
    pings_are_answered,
    further_fields_are_ignored,
    unproven_peers_may_only_pair,
    unproven_peers_open_no_streams,
    ids_are_odd_from_the_dialler,
    answers_to_nothing_are_refused,
    late_messages_are_ignored,
)


async def try_rule(rule: Rule, network: Network, host: str, number: int, port: str) -> Finding:
    """Dial and try one rule."""
    text = (rule.__doc__ or rule.__name__).strip()
    try:
        _, probe = await network.dial(port, Probe, host, number, tls=pairing_client_context(), timeout=10)
    except OSError as error:
        return Finding(text, f"cannot connect: {error}")
    try:
        await rule(probe)
    except (Broken, wire.PeerViolation) as error:
        return Finding(text, str(error))
    finally:
        probe.abort()
    return Finding(text, "")


async def old_tls(network: Network, host: str, number: int, port: str) -> Finding:
    """Try TLS 1.2."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    text = "TLS before 1.3 is refused."
    try:
        _, probe = await network.dial(port, Probe, host, number, tls=context, timeout=10)
    except OSError:
        return Finding(text, "")
    probe.abort()
    return Finding(text, "a connection with TLS 1.2 stands")


async def reach(network: Network, host: str, number: int, port: str = PORT) -> None:
    """Refuse what cannot be dialled, or speaks no TLS: there is nothing to try."""
    where = f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
    try:
        _, probe = await network.dial(port, Probe, host, number, tls=pairing_client_context(), timeout=10)
    except OSError as error:
        raise Unreachable(
            f"It cannot be reached over TLS: {error or 'no answer within 10 s'}.",
            where=where,
            remedy="Check the address, that it runs, and the firewalls between; `sitewarden probe` says what is in the way.",
        ) from None
    probe.abort()


async def examine(network: Network, host: str, number: int, port: str = PORT) -> list[Finding]:
    """Try every rule of the link, one connection each; `port` is the row of the manifest that is dialled."""
    tried = [await try_rule(rule, network, host, number, port) for rule in RULES]
    return [await old_tls(network, host, number, port), *tried]
