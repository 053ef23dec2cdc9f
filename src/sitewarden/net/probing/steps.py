"""The first step of each row's protocol on TCP: enough to know that the right service answers, and nothing more."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from typing import Final

from sitewarden.net.probing.http import HttpAnswer, connect, exchange
from sitewarden.net.probing.verdict import Outcome, of_error
from sitewarden.net.tls.peers import certificate_fingerprint
from sitewarden.wire import link

HEALTH: Final = "/api/v1/health"
DIGIFORT_SERVER: Final = "/Interface/Server/GetInfo"


class Other(Exception):
    """Something answers that is not the row's service."""


class Target:
    """One port of one computer, connected to as often as a step needs."""

    def __init__(self, address: str, number: int, timeout: float) -> None:
        self.address, self.number, self.timeout = address, number, timeout
        self.reached = False
        """True once a TCP connection stood."""

    @property
    def url_host(self) -> str:
        """The address as a URL writes it."""
        return f"[{self.address}]" if ":" in self.address else self.address

    async def open(self, tls: ssl.SSLContext | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect; raises OSError, ssl.SSLError or TimeoutError."""
        opened = await connect(self.address, self.number, timeout=self.timeout)
        self.reached = True
        if tls is not None:
            with ExitStack() as undo:
                undo.callback(opened[1].transport.abort)
                await asyncio.wait_for(opened[1].start_tls(tls, server_hostname=self.address), self.timeout)
                undo.pop_all()
        return opened


Step = Callable[[Target], Awaitable[str]]
"""Completes the first step and says what answered; raises Other, OSError, ssl.SSLError, ValueError or TimeoutError."""


def unverified(minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> ssl.SSLContext:
    """Return a context that believes every certificate: a probe names the fingerprint, and sends no secret over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = minimum
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _request(target: Target, path: str, tls: ssl.SSLContext | None) -> tuple[HttpAnswer, str]:
    reader, writer = await target.open(tls)
    try:
        return await exchange(reader, writer, f"{target.url_host}:{target.number}", path), _secured(writer)
    finally:
        writer.transport.abort()


async def _either(target: Target, path: str) -> tuple[HttpAnswer, str]:
    """Ask over TLS, and in clear where the service speaks no TLS."""
    try:
        return await _request(target, path, unverified())
    except (ssl.SSLError, ConnectionResetError, EOFError):
        return await _request(target, path, None)


async def api(target: Target) -> str:
    """The native API's health."""
    answer, secured = await _either(target, HEALTH)
    if answer.status != 200 or b'"ok"' not in answer.body:
        raise Other(f"HTTP status {answer.status} instead of our health")
    return f"Sitewarden answers{secured}"


async def integration(target: Target) -> str:
    """The integration API asks who we are."""
    answer, secured = await _either(target, DIGIFORT_SERVER)
    if answer.status not in (200, 401, 503) or b"<Response" not in answer.body:
        raise Other(f"HTTP status {answer.status} instead of the HTTP interface")
    return f"the HTTP interface answers{secured}"


async def page(target: Target) -> str:
    """The page: a redirect to TLS, or the console itself on loopback."""
    answer, secured = await _either(target, "/")
    location = answer.headers.get("location", "")
    if answer.status in (301, 302, 307, 308) and location.startswith("https://"):
        return f"it redirects to {location}"
    if answer.status == 200 and answer.body:
        return f"it serves the console{secured}"
    raise Other(f"HTTP status {answer.status}, and neither our redirect nor our page")


async def http(target: Target) -> str:
    """Any HTTP server."""
    answer, secured = await _either(target, "/")
    return f"HTTP status {answer.status}{secured}"


async def node_link(target: Target) -> str:
    """TLS 1.3, then the link's hello by one who has no identity: acknowledged or refused, it is the link."""
    reader, writer = await target.open(unverified(ssl.TLSVersion.TLSv1_3))
    try:
        hello = link.Hello(link.VERSION, link.VERSION, "", "probe", "sitewarden-probe")
        writer.write(link.encode_frame(hello))
        frames, secured = link.FrameReader(), _secured(writer)
        while True:
            data = await reader.read(65536)
            if not data:
                raise Other(f"TLS 1.3{secured}, and then it closed without a word of the link")
            try:
                messages = frames.feed(data)
            except link.PeerViolation as fault:
                raise Other(f"TLS 1.3, and then no frame of the link: {fault}") from None
            for message in messages:
                if isinstance(message, link.HelloAck):
                    return f"the link of {message.node}, {message.software}{secured}"
                if isinstance(message, link.Refused | link.Close):
                    return f"the link answers, and takes no stranger: {message.what}{secured}"
                raise Other(f"{type(message).__name__} instead of a hello")
    finally:
        writer.transport.abort()


async def rtsp(target: Target) -> str:
    """OPTIONS (RFC 7826 clause 13.1)."""
    return await _rtsp(target, None)


async def rtsps(target: Target) -> str:
    """OPTIONS under TLS."""
    return await _rtsp(target, unverified())


async def _rtsp(target: Target, tls: ssl.SSLContext | None) -> str:
    line = await _say(target, b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: sitewarden-probe\r\n\r\n", 12, tls)
    if not line.startswith(b"RTSP/"):
        raise Other("it answers, and not in RTSP")
    return f"RTSP status {line[9:12].decode('latin-1')}"


async def modbus(target: Target) -> str:
    """Read Device Identification (Modbus application protocol 6.21); an exception is an answer too."""
    asked = os.urandom(2)
    answer = await _say(target, asked + b"\x00\x00\x00\x05\xff\x2b\x0e\x01\x00", 8)
    if answer[:4] != asked + b"\x00\x00" or answer[7] & 0x7F != 0x2B:
        raise Other("it answers, and not in Modbus")
    return "a Modbus unit answers"


async def opcua(target: Target) -> str:
    """Hello (OPC UA Part 6, clause 7.1.2.3); Acknowledge or Error is the answer."""
    url = f"opc.tcp://{target.url_host}:{target.number}".encode()
    body = b"".join(value.to_bytes(4, "little") for value in (0, 65536, 65536, 0, 0, len(url))) + url
    answer = await _say(target, b"HELF" + (8 + len(body)).to_bytes(4, "little") + body, 8)
    if answer[:4] not in (b"ACKF", b"ERRF"):
        raise Other("it answers, and not in OPC UA")
    return "an OPC UA server answers"


async def accepts(target: Target) -> str:
    """A protocol whose server waits for the client's own bytes: the connection is all that can be shown."""
    _, writer = await target.open()
    writer.transport.abort()
    return "a connection is accepted; the protocol has no first step to show more"


async def _say(target: Target, request: bytes, least: int, tls: ssl.SSLContext | None = None) -> bytes:
    """Send and return the first `least` bytes of the answer; raise Other where the peer closes before."""
    reader, writer = await target.open(tls)
    try:
        writer.write(request)
        try:
            return await reader.readexactly(least)
        except asyncio.IncompleteReadError:
            raise Other("it takes the connection and closes it without an answer") from None
    finally:
        writer.transport.abort()


STEPS: Final[dict[str, Step]] = {
    "server": api,
    "http-api": integration,
    "web": page,
    "timeseries": http,
    "http-server": http,
    "device-server": node_link,
    "device-direct-station": node_link,
    "device-direct-reader": node_link,
    "analytics": node_link,
    "lpr": node_link,
    "rtsp": rtsp,
    "rtsps": rtsps,
    "modbus": modbus,
    "opcua": opcua,
    "opcua-second": opcua,
    "opcua-lds": opcua,
    "onvif": http,
    "onvif-tls": http,
}
"""The step of each row of TCP; a row without one is only connected to."""


async def try_tcp(row: str, address: str, number: int, timeout: float) -> Outcome:
    """Take the first step of a row's protocol on one port."""
    target = Target(address, number, timeout)
    try:
        async with asyncio.timeout(timeout * 2):
            return Outcome(verdict="open", detail=await STEPS.get(row, accepts)(target))
    except Other as other:
        return Outcome(verdict="other", detail=str(other))
    except TimeoutError:
        if target.reached:
            return Outcome(verdict="other", detail=f"it takes the connection and says nothing for {timeout:g} s")
        return Outcome(verdict="filtered", detail=f"no answer to a connection for {timeout:g} s")
    except ssl.SSLError as fault:
        return Outcome(verdict="other", detail=f"it does not speak the TLS of this row ({fault.reason or fault})")
    except ValueError as fault:
        return Outcome(verdict="other", detail=str(fault))
    except OSError as fault:
        if target.reached:
            return Outcome(verdict="other", detail=f"it takes the connection and cuts it ({fault.strerror or fault})")
        return of_error(fault)


def _secured(writer: asyncio.StreamWriter) -> str:
    tls = writer.get_extra_info("ssl_object")
    if tls is None:
        return " in clear"
    with suppress(ValueError):
        return f" ({tls.version()}, certificate {certificate_fingerprint(tls.getpeercert(True))[:23]}…)"
    return f" ({tls.version()})"
