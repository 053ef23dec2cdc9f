"""One HTTP/1.1 request over a connection that is open; for probes and the questions of a probe to a server's API."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

import httptools
from msgspec import Struct

from sitewarden.net.authority import Permit

LIMIT = 4 * 1024 * 1024
"""Greatest answer in bytes; more is refused."""


class HttpAnswer(Struct, frozen=True, kw_only=True):
    """An answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Reading:
    """Callbacks of the parser."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.done = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.done = True


async def exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    host: str,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> HttpAnswer:
    """Send one request and return its answer. Raises ValueError for what is no HTTP, OSError where the connection ends early."""
    lines = {"Host": host, "Connection": "close", "User-Agent": "sitewarden-probe", "Content-Length": str(len(body))}
    text = f"{method} {path} HTTP/1.1\r\n" + "".join(
        f"{key}: {value}\r\n" for key, value in (lines | dict(headers or {})).items()
    )
    writer.write(text.encode("latin-1") + b"\r\n" + body)
    await writer.drain()
    reading = _Reading()
    parser = httptools.HttpResponseParser(reading)
    while not reading.done:
        data = await reader.read(65536)
        if not data:
            break
        try:
            parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise ValueError(f"not HTTP: {error}") from None
        if len(reading.body) > LIMIT:
            raise ValueError(f"an answer of more than {LIMIT} bytes")
    framed = not parser.get_status_code() or {"content-length", "transfer-encoding"} & reading.headers.keys()
    if not reading.done and framed:
        raise ConnectionResetError("the connection ended before its answer was whole")
    return HttpAnswer(status=parser.get_status_code(), headers=reading.headers, body=bytes(reading.body))


async def connect(
    address: str, number: int, *, tls: ssl.SSLContext | None = None, name: str = "", timeout: float = 5.0
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to an address; `name` is the host name that the certificate must bear. Raises OSError or TimeoutError."""
    options: dict[str, Any] = (
        {"ssl": tls, "server_hostname": name or address, "ssl_handshake_timeout": timeout} if tls is not None else {}
    )
    with Permit(address, number, None):
        return await asyncio.wait_for(asyncio.open_connection(address, number, **options), timeout)
