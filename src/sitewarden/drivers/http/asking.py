"""Questions to a device over HTTP: one at a time over a connection that is kept, each with a time limit."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, cast

import httptools

from sitewarden.drivers.http.config import EndpointConfig
from sitewarden.kit.errors import DriverError, Misconfigured, PeerViolation, Unavailable

HEAD: Final = 16 * 1024
"""Bytes around the body of an answer."""


class Answer(NamedTuple):
    """What a device said."""

    status: int
    body: bytes


class Exchange(asyncio.Protocol):
    """One connection. An answer that comes too late ends it, so that it is never taken for another question's."""

    def __init__(self, most: int) -> None:
        """`most` bytes of a body."""
        self._most = most
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self.usable = True
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._status = self._received = 0
        self._framed = False

    async def ask(self, request: bytes) -> Answer:
        """Send and return the answer; raise a DriverError."""
        if self._transport is None or not self.usable:
            raise Unavailable("the device closed the connection")
        self._begin()
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._waiting
        finally:
            if not self._waiting.done() or self._waiting.cancelled():
                self.close()
            self._waiting = None

    def close(self) -> None:
        """End the connection."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        # A body without a stated length ends with the connection; JSON that was cut short is refused when it is read.
        if exc is None and self._status >= 200 and not self._framed and self._body:
            self._settle(Answer(self._status, bytes(self._body)))
        self._settle(Unavailable("the device closed the connection before its answer was whole"))

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:
            self.close()
            return
        self._received += len(data)
        if self._received > self._most + HEAD:
            self._fail(f"the device answers with more than {self._most} bytes")
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("what answers there speaks no HTTP")

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._framed = True

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._status < 200:
            return
        if not self._parser.should_keep_alive():
            self.usable = False
        self._settle(Answer(self._status, bytes(self._body)))

    def _fail(self, why: str) -> None:
        self._settle(PeerViolation(why))
        self.close()

    def _settle(self, result: Answer | DriverError) -> None:
        if self._waiting is None or self._waiting.done():
            return
        if isinstance(result, Answer):
            self._waiting.set_result(result)
        else:
            self._waiting.set_exception(result)


class Asker:
    """Asks one host; a connection that it closed is dialled again for the next question."""

    def __init__(self, config: EndpointConfig, dial: Callable[[], Awaitable[Exchange]]) -> None:
        self._config = config
        self._dial = dial
        self._turn = asyncio.Lock()
        self._exchange: Exchange | None = None
        host = f"[{config.host}]" if ":" in config.host else config.host
        self._host = f"{host}:{config.port}"
        self._proof = ""
        if config.token:
            self._proof = f"Authorization: Bearer {config.token}\r\n"
        elif config.username or config.password:
            word = base64.b64encode(f"{config.username}:{config.password}".encode()).decode()
            self._proof = f"Authorization: Basic {word}\r\n"

    async def ask(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Return the answer; raise Unavailable or PeerViolation, or Misconfigured where the device refuses who asks."""
        told = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if method != "GET" else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nAccept: application/json\r\n{self._proof}{told}\r\n"
        async with self._turn:
            if self._exchange is None or not self._exchange.usable:
                self._exchange = await self._dial()
            try:
                async with asyncio.timeout(self._config.timeout):
                    found = await self._exchange.ask(head.encode() + body)
            except TimeoutError:
                raise Unavailable(f"it did not answer within {self._config.timeout:g} s") from None
        if found.status in (401, 403):
            raise Misconfigured(
                f"{self._host} refuses the username and password, or the token ({found.status}); enter them again"
            )
        return found

    def close(self) -> None:
        """End the connection."""
        if self._exchange is not None:
            self._exchange.close()
            self._exchange = None
