"""Requests of remote write over one connection that is kept: limited in size and time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final

import httptools
from msgspec import Struct

from sitewarden.domain.errors import Refusal
from sitewarden.kit.errors import Misconfigured, PeerViolation, Unavailable, reaching
from sitewarden.net import Network
from sitewarden.wire.httpplace import HttpPlace

ANSWER: Final = 64 << 10
"""Bytes of an answer, all together."""
SECONDS: Final = 30.0
"""Until a request without an answer has failed."""


class Reply(Struct, frozen=True):
    """What the database said."""

    status: int
    text: str
    retry_after: float
    """Seconds that it asks to wait; 0 where it does not."""


class _Answers(asyncio.Protocol):
    def __init__(self) -> None:
        self.reply: asyncio.Future[Reply] | None = None
        self.lost = False
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._size, self._body, self._retry = 0, bytearray(), 0.0

    def expect(self) -> asyncio.Future[Reply]:
        self._begin()
        self.reply = asyncio.get_running_loop().create_future()
        return self.reply

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > ANSWER:
            self._fail(PeerViolation(f"it answers with more than {ANSWER} bytes"))
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail(PeerViolation("what answers there speaks no HTTP"))

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after" and value.isdigit() and len(value) < 6:
            self._retry = float(value)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if not self._parser.should_keep_alive():
            self.lost = True
        if status >= 200 and self.reply is not None and not self.reply.done():
            said = " ".join(self._body.decode("utf-8", "replace").split())[:300]
            self.reply.set_result(Reply(status, said, self._retry))

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._fail(Unavailable("it closed the connection without an answer"))

    def _fail(self, why: Exception) -> None:
        self.lost = True
        if self.reply is not None and not self.reply.done():
            self.reply.set_exception(why)


class RemoteHttp:
    """One connection at a time, made when it is needed."""

    def __init__(self, net: Network, place: HttpPlace, headers: Mapping[str, str], tls: ssl.SSLContext | None) -> None:
        self._net, self._place, self._tls = net, place, tls
        lines = {"Host": place.authority, **headers}
        self._head = f"POST {place.target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._open: tuple[asyncio.Transport, _Answers] | None = None

    async def post(self, body: bytes) -> Reply:
        """Return the answer; raise Unavailable, PeerViolation or Misconfigured (a certificate, a port that is not permitted)."""
        where = f"{self._place.host}:{self._place.port}"
        whole = False
        try:
            with reaching(where):
                async with asyncio.timeout(SECONDS):
                    transport, answers = await self._connected()
                    reply = answers.expect()
                    transport.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                    found = await reply
            whole = not answers.lost
        except Unavailable as error:
            cause = error.__cause__
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise Misconfigured(f"{where}: its certificate is not trusted ({cause.verify_message}); give its CA") from cause
            raise
        except Refusal as refusal:
            raise Misconfigured(str(refusal)) from refusal
        finally:
            if not whole:
                self.close()
        return found

    async def _connected(self) -> tuple[asyncio.Transport, _Answers]:
        if self._open is not None and (self._open[1].lost or self._open[0].is_closing()):
            self.close()
        if self._open is None:
            self._open = await self._net.dial(
                "remote-write", _Answers, self._place.host, self._place.port, tls=self._tls, timeout=SECONDS
            )
        return self._open

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._open is not None:
            self._open[0].abort()
            self._open = None
