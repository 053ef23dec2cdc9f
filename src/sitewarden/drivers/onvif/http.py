"""One HTTP POST to a camera: limited in size and time, over a connection of its own. Basic authentication is never used."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from typing import Final

import httptools

from sitewarden.domain.errors import Refusal
from sitewarden.drivers.onvif.config import row_of
from sitewarden.kit.errors import Misconfigured, PeerViolation, Unavailable, reaching
from sitewarden.net import Network
from sitewarden.wire.httpplace import HttpPlace
from sitewarden.wire.xmltree import MAX_BYTES

MAX_HEAD: Final = 16 * 1024
"""Bytes of the head of an answer, and of everything around its body."""


class Answer(asyncio.Protocol):
    """Takes one answer; `whole` ends when it is there, or with a DriverError. httptools reads the framing."""

    def __init__(self) -> None:
        self.whole: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.status = 0
        self.challenges: list[str] = []
        """Values of WWW-Authenticate."""
        self.body = bytearray()
        self._received = 0
        self._framed = False
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > MAX_BYTES + MAX_HEAD:
            self._refuse(PeerViolation(f"the camera answers with more than {MAX_BYTES // 1024} KiB"))
        if self.whole.done():
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(PeerViolation("what answers there speaks no HTTP"))

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"www-authenticate" and len(self.challenges) < 8:
            self.challenges.append(value.decode("latin-1"))
        elif name.lower() in (b"content-length", b"transfer-encoding"):
            self._framed = True

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        # A camera may say "100 Continue" first, though nobody asked for it.
        if self.status >= 200 and not self.whole.done():
            self.whole.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        # A body without a stated length ends with the connection; XML that was cut short is refused when it is read.
        if self.status >= 200 and self.body and not self._framed and exc is None and not self.whole.done():
            self.whole.set_result(None)
        self._refuse(Unavailable("the camera closed the connection before its answer was whole"))

    def _refuse(self, why: Exception) -> None:
        if not self.whole.done():
            self.whole.set_exception(why)
            self.whole.exception()


class Certificate:
    """What a camera's TLS certificate has to be: signed by an authority of this system, or the one with the fingerprint.

    With `open` any certificate does, and its fingerprint is kept: that is how a camera is asked before a person trusts it.
    """

    def __init__(self, fingerprint: str = "", *, open: bool = False) -> None:
        self.fingerprint = fingerprint
        self.seen = ""
        """SHA-256 of the certificate that was shown last."""
        self._open = open
        self._context: ssl.SSLContext | None = None

    @property
    def context(self) -> ssl.SSLContext:
        """Return the context to dial with."""
        if self._context is None:
            self._context = ssl.create_default_context()
            if self.fingerprint or self._open:
                self._context.check_hostname = False
                self._context.verify_mode = ssl.CERT_NONE
        return self._context

    def check(self, transport: asyncio.Transport, host: str) -> None:
        """Look at the certificate before anything is said; raise Misconfigured where it is another one."""
        shown = transport.get_extra_info("ssl_object").getpeercert(True) or b""
        self.seen = hashlib.sha256(shown).hexdigest()
        if self.fingerprint and self.seen != self.fingerprint:
            raise Misconfigured(
                f"{host} shows another certificate than before (SHA-256 {self.seen}); "
                "if the camera got a new one, set onvif_fingerprint to that"
            )


async def post(
    net: Network, place: HttpPlace, certificate: Certificate, head: dict[str, str], body: bytes, seconds: float
) -> Answer:
    """Return the answer to a POST; raise a DriverError. `seconds` hold for all together."""
    lines = {"Host": place.authority, "Content-Length": str(len(body)), "Connection": "close", **head}
    request = f"POST {place.target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
    transport: asyncio.Transport | None = None
    try:
        with reaching(f"{place.host}:{place.port}"):
            async with asyncio.timeout(seconds):
                transport, answer = await net.dial(
                    row_of(place),
                    Answer,
                    place.host,
                    place.port,
                    tls=certificate.context if place.secure else None,
                    timeout=seconds,
                )
                if place.secure:
                    certificate.check(transport, place.host)
                transport.write(request.encode() + body)
                await answer.whole
                return answer
    except Unavailable as error:
        cause = error.__cause__
        if isinstance(cause, ssl.SSLCertVerificationError):
            # From the cause, so that who adds a camera can tell this from other settings that do not fit.
            raise Misconfigured(
                f"{place.host} shows a certificate that no authority which this computer trusts has signed; "
                "set onvif_fingerprint to its SHA-256 (adding the camera anew finds it)"
            ) from cause
        raise
    except Refusal as refusal:
        raise Misconfigured(str(refusal)) from refusal
    finally:
        if transport is not None:
            transport.abort()
