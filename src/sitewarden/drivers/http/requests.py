"""Requests of devices out of a connection's bytes, within limits, and answers to them. Sans-IO; httptools reads the framing."""

from __future__ import annotations

from typing import Final, NamedTuple

import httptools
import msgspec

HEAD: Final = 8 * 1024
"""Bytes of a request's line and headers."""
REASONS: Final = {
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
}
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
DONE: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


class RequestError(ValueError):
    """The request cannot be taken; the connection ends after the answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Request(NamedTuple):
    """A whole request."""

    method: bytes
    path: str
    key: str
    """What proves the device: of `Authorization: Bearer`, or `X-Device-Key`."""
    body: bytes
    keep: bool
    """The connection goes on after the answer."""


class Reader:
    """Takes a connection's bytes. `expects` is True when a client waits for "100 Continue" before its body."""

    def __init__(self, most: int) -> None:
        """`most` bytes of a body."""
        self._most = most
        self._requests: list[Request] = []
        self.expects = False
        self._head = 0
        self._fault: RequestError | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._begin()

    def feed(self, data: bytes) -> list[Request]:
        """Return the requests that are whole now; raise RequestError, after which nothing more is read."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fault = self._fault or RequestError(501, "This port speaks HTTP alone; no upgrade is known.")
        except httptools.HttpParserError as error:
            self._fault = self._fault or RequestError(400, f"This is no HTTP request: {error}.")
        found, self._requests = self._requests, []
        if self._reading:
            self._unread += len(data)
            if self._unread > 2 * HEAD:
                self._fault = self._fault or RequestError(431, f"A request's line and headers are {HEAD} bytes at most.")
        if self._fault is not None and not found:
            raise self._fault
        return found

    @property
    def fault(self) -> RequestError | None:
        """What is wrong with the request that follows those which `feed` returned."""
        return self._fault

    def on_message_begin(self) -> None:
        self._begin()

    def on_url(self, url: bytes) -> None:
        self._url += url
        if len(self._url) > HEAD:
            self._refuse(431, "The URL is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value) + 4
        if self._head > HEAD:
            self._refuse(431, f"A request's line and headers are {HEAD} bytes at most.")
        match name.lower():
            case b"authorization" if value[:7].lower() == b"bearer ":
                self._key = value[7:].strip().decode("latin-1")
            case b"x-device-key":
                self._key = value.strip().decode("latin-1")
            case b"content-length" if value.isdigit() and int(value[:12]) > self._most:
                self._refuse(413, f"A body is {self._most} bytes at most.")
            case b"expect" if value.lower() == b"100-continue":
                self.expects = True

    def on_headers_complete(self) -> None:
        self._reading = False

    def on_body(self, body: bytes) -> None:
        self.expects = False
        self._body += body
        if len(self._body) > self._most:
            self._refuse(413, f"A body is {self._most} bytes at most.")

    def on_message_complete(self) -> None:
        self.expects = False
        if self._fault is not None:
            return
        path = self._url.split(b"?", 1)[0].split(b"#", 1)[0]
        if not path.startswith(b"/"):
            _, _, rest = path.partition(b"://")
            path = b"/" + rest.partition(b"/")[2]
        keep = self._parser.should_keep_alive()
        self._requests.append(Request(self._parser.get_method(), path.decode("latin-1"), self._key, bytes(self._body), keep))
        self._reading, self._unread = True, 0

    def _begin(self) -> None:
        self._url = b""
        self._key = ""
        self._body = bytearray()
        self._reading = True
        self._head = self._unread = 0

    def _refuse(self, status: int, sentence: str) -> None:
        self._fault = self._fault or RequestError(status, sentence)


def answer(status: int, sentence: str, *, keep: bool, more: str = "") -> bytes:
    """Return an answer with a sentence as JSON; `more` are further header lines, each with its end."""
    body = msgspec.json.encode({"error": sentence})
    close = "" if keep else "Connection: close\r\n"
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{close}{more}\r\n".encode() + body
