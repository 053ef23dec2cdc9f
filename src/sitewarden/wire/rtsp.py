"""RTSP 1.0 messages and the interleaved binary stream between them (RFC 2326, clauses 4 to 7 and 10.12).

One `Reader` serves both sides: it gives requests and responses as they are complete, and calls back for every interleaved
frame. Nothing here knows a socket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

MAX_HEAD: Final = 16 * 1024
"""Bytes of a start line with its headers."""
MAX_BODY: Final = 256 * 1024
"""Bytes of a body; an SDP has one or two thousand."""
MAX_HEADERS: Final = 100

DOLLAR: Final = 0x24
_START = re.compile(rb"[A-Z_]{3,20} \S{1,2000} RTSP/1\.\d|RTSP/1\.\d [1-9]\d\d( .*)?", re.DOTALL)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

Headers = tuple[tuple[str, str], ...]
OnFrame = Callable[[int, bytes, int, int], None]
"""`(channel, data, start, end)`: the interleaved frame is `data[start:end]`."""
OnRun = Callable[[bytes, int, int], int]
"""`(data, position, total)`: takes whole interleaved frames from `position` on, or none; returns where it stopped."""


class RtspError(ValueError):
    """The peer's bytes are no RTSP, or pass a stated limit."""


class Message(Struct, frozen=True, kw_only=True):
    """What requests and responses share. Header names are as sent; `get` and `every` do not mind their case."""

    headers: Headers = ()
    body: bytes = b""

    def get(self, name: str, default: str = "") -> str:
        """Return the first header of that name."""
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value
        return default

    def every(self, name: str) -> list[str]:
        """Return all headers of that name, in order."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    @property
    def cseq(self) -> int:
        """The sequence number that pairs a response with its request; -1 where it is missing or no number."""
        text = self.get("CSeq").strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class Request(Message, frozen=True, kw_only=True):
    """A request of either side; cameras send some too (OPTIONS, SET_PARAMETER)."""

    method: str
    url: str

    def encode(self) -> bytes:
        """Return its bytes; Content-Length is added where there is a body."""
        return _encode(f"{self.method} {self.url} RTSP/1.0", self.headers, self.body)


class Response(Message, frozen=True, kw_only=True):
    """An answer."""

    status: int
    reason: str = ""

    def encode(self) -> bytes:
        """Return its bytes; Content-Length is added where there is a body."""
        return _encode(f"RTSP/1.0 {self.status} {self.reason}", self.headers, self.body)


def _encode(start: str, headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1:
        raise RtspError("a header must not contain a line end")
    return text.encode() + b"\r\n\r\n" + body


def interleave(channel: int, payload: bytes) -> bytes:
    """Return `payload` as an interleaved frame (RFC 2326, 10.12); at most 65,535 bytes fit."""
    return b"$" + bytes((channel,)) + len(payload).to_bytes(2, "big") + payload


class Reader:
    """Takes bytes as they come, cut anywhere; gives messages, and frames through the callback, in their order.

    What waits is bounded by MAX_HEAD + MAX_BODY, or one frame of 64 KiB.
    """

    def __init__(self, on_frame: OnFrame, on_run: OnRun | None = None) -> None:
        self._on_frame = on_frame
        self._on_run = on_run
        self._tail = b""
        self._parts: list[bytes] = []
        self._missing = 0

    def feed(self, data: bytes) -> list[Message]:
        """Take `data`; return the messages that it completes. Raises RtspError, after which the connection is of no use."""
        if self._missing > len(data):
            # A peer that sends a long body byte by byte must not have it looked at, and copied, each time.
            self._missing -= len(data)
            self._parts.append(data)
            return []
        if self._tail:
            data = b"".join((self._tail, *self._parts, data))
            self._parts = []
        self._missing = 0
        on_frame, on_run = self._on_frame, self._on_run
        messages: list[Message] = []
        position = 0
        total = len(data)
        while total - position >= 4:
            if data[position] == DOLLAR:
                start = position + 4
                end = start + (data[position + 2] << 8 | data[position + 3])
                if end > total:
                    self._missing = end - total
                    break
                on_frame(data[position + 1], data, start, end)
                position = end if on_run is None or end == total else on_run(data, end, total)
                continue
            if data[position] in b"\r\n":
                position += 1
                continue
            message, after = _message(data, position)
            if message is None:
                self._missing = max(0, after - total)
                break
            messages.append(message)
            position = after
        self._tail = data[position:] if position < total else b""
        return messages


def _message(data: bytes, start: int) -> tuple[Message | None, int]:
    """Return the message at `start` and where it ends; None and, where its body is awaited, where that will end."""
    end = data.find(b"\r\n\r\n", start, start + MAX_HEAD)
    if end < 0:
        if len(data) - start >= MAX_HEAD:
            raise RtspError(f"a message head is longer than {MAX_HEAD} bytes")
        line = data.find(b"\r\n", start)
        _check_start(data[start : line if line >= 0 else len(data)], line >= 0)
        return None, start
    head = data[start:end]
    lines = head.split(b"\r\n")
    _check_start(lines[0], True)
    if len(lines) > MAX_HEADERS:
        raise RtspError(f"a message has more than {MAX_HEADERS} headers")
    headers = _headers(lines[1:])
    size = _content_length(headers)
    body_start = end + 4
    if len(data) - body_start < size:
        return None, body_start + size
    body = data[body_start : body_start + size]
    first = lines[0].decode("utf-8", "replace")
    if first.startswith("RTSP/"):
        parts = first.split(" ", 2)
        reason = parts[2] if len(parts) > 2 else ""
        return Response(status=int(parts[1]), reason=reason, headers=headers, body=body), body_start + size
    method, url, _version = first.split(" ")
    return Request(method=method, url=url, headers=headers, body=body), body_start + size


def _check_start(line: bytes, whole: bool) -> None:
    """Refuse what can never become a start line, so that a wrong peer is found at its first bytes."""
    if whole:
        if _START.fullmatch(line) is None:
            raise RtspError(f"not an RTSP start line: {line[:60]!r}")
    elif not all(0x20 <= byte < 0x7F for byte in line[:20].rstrip(b"\r")):
        raise RtspError(f"neither a message nor an interleaved frame: {line[:16].hex(' ')}")


def _headers(lines: Sequence[bytes]) -> Headers:
    headers: list[tuple[str, str]] = []
    for raw in lines:
        line = raw.decode("utf-8", "replace")
        if line[:1] in (" ", "\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if not colon or _TOKEN.fullmatch(name.rstrip()) is None:
            raise RtspError(f"not a header: {line[:60]!r}")
        headers.append((name.rstrip(), value.strip().replace("\r", "").replace("\n", "")))
    return tuple(headers)


def _content_length(headers: Headers) -> int:
    for name, value in headers:
        if name.lower() == "content-length":
            if not (value.isascii() and value.isdigit() and len(value) < 10):
                raise RtspError(f"not a Content-Length: {value[:30]!r}")
            if int(value) > MAX_BODY:
                raise RtspError(f"a body of {value} bytes is more than {MAX_BODY}")
            return int(value)
    return 0
