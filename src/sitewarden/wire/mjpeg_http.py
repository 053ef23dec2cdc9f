"""Motion JPEG over HTTP, sans-IO: the request, and JPEG files out of a multipart answer (RFC 9112, RFC 2046, 5.1).

Cameras disagree on all that surrounds the pictures: parts with and without Content-Length, boundaries with and without the dashes
that belong to the delimiter, answers in chunks and without. All of that is taken; what is kept while a picture is awaited
is bounded.
"""

from __future__ import annotations

import re
from typing import Final

from sitewarden.wire.httpplace import HttpPlace
from sitewarden.wire.nal import MAX_UNIT

MAX_HEAD: Final = 16 * 1024
"""Bytes of the answer's head."""
MAX_PART_HEAD: Final = 4096
MAX_BETWEEN: Final = 64 * 1024
"""Bytes before the first delimiter, and between a part and the next delimiter."""
MAX_BOUNDARY: Final = 200
_STATUS = re.compile(rb"(?:HTTP/1\.[01]|ICY) (\d{3})( [^\r\n]{0,200})?")
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^;\s]{1,200}))', re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,7})[^\n]{0,200}?\r?\n")


class HttpError(ValueError):
    """The bytes are no such answer, or pass a stated limit."""


class Refused(Exception):
    """The camera answered with another status than 200."""

    def __init__(self, status: int, reason: str, challenges: tuple[str, ...], location: str) -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.challenges = challenges
        """Its WWW-Authenticate headers."""
        self.location = location


def request(place: HttpPlace, agent: str, authorization: str = "") -> bytes:
    """Return the request for a stream."""
    lines = [
        f"GET {place.target} HTTP/1.1",
        f"Host: {place.authority}",
        f"User-Agent: {agent}",
        "Accept: multipart/x-mixed-replace",
    ]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    return ("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode()


class Reader:
    """Takes an answer's bytes as they come, cut anywhere; gives JPEG files."""

    def __init__(self) -> None:
        self.started = False
        """True once the head was read."""
        self._head = b""
        self._chunks: _Chunks | None = None
        self._parts: _Parts | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Take `data`; return the files that it completes.

        Raises Refused where the camera does not give the stream, HttpError where it gives no such one; neither can go on.
        """
        if self._parts is None:
            self._head += data
            end = self._head.find(b"\r\n\r\n", 0, MAX_HEAD)
            if end < 0:
                if len(self._head) >= MAX_HEAD:
                    raise HttpError(f"the answer's head is longer than {MAX_HEAD} bytes")
                if self._head[:5] not in (b"HTTP/"[: len(self._head)], b"ICY 2"[: len(self._head)]):
                    raise HttpError("the answer is no HTTP")
                return []
            data = self._head[end + 4 :]
            self._parts = self._begin(self._head[:end])
            self._head = b""
            self.started = True
        if self._chunks is None:
            return self._parts.feed(data)
        found = self._parts.feed(self._chunks.feed(data))
        if self._chunks.ended and not found:
            raise HttpError("the camera ended the stream")
        return found

    def _begin(self, head: bytes) -> _Parts:
        first, *rest = head.split(b"\r\n")
        status = _STATUS.fullmatch(first)
        if status is None:
            raise HttpError(f"no status line of HTTP: {first[:60]!r}")
        fields: list[tuple[str, str]] = []
        for line in rest:
            name, _, value = line.decode("latin-1").partition(":")
            fields.append((name.strip().lower(), value.strip()))
        given = dict(reversed(fields))
        if status.group(1) != b"200":
            reason = (status.group(2) or b"").decode("latin-1").strip()
            offered = tuple(value for name, value in fields if name == "www-authenticate")
            raise Refused(int(status.group(1)), reason, offered, given.get("location", "")[:300])
        kind = given.get("content-type", "")
        if not kind.lower().startswith("multipart/"):
            raise HttpError(
                f"the answer is {kind[:60] or 'of no kind'}, not multipart/x-mixed-replace: it is no stream of pictures"
            )
        found = _BOUNDARY.search(kind)
        core = (found.group(1) or found.group(2)).strip("-") if found else ""
        if given.get("transfer-encoding", "").lower() == "chunked":
            self._chunks = _Chunks()
        return _Parts(core.encode("latin-1")[:MAX_BOUNDARY])


class _Chunks:
    """Takes the chunked coding off (RFC 9112, 7.1)."""

    def __init__(self) -> None:
        self._left = 0
        self._line = b""
        self._after = False
        self.ended = False
        """True after the last chunk."""

    def feed(self, data: bytes) -> bytes:
        found: list[bytes] = []
        position = 0
        while position < len(data) and not self.ended:
            if self._left:
                piece = data[position : position + self._left]
                found.append(piece)
                position += len(piece)
                self._left -= len(piece)
                self._after = not self._left
                continue
            end = data.find(b"\n", position)
            self._line += data[position : end + 1 if end >= 0 else len(data)]
            position = end + 1 if end >= 0 else len(data)
            if len(self._line) > 256:
                raise HttpError("the head of a chunk is too long")
            if end < 0:
                break
            line, self._line = self._line, b""
            if self._after and not line.strip():
                self._after = False
                continue
            size = _CHUNK.fullmatch(line)
            if size is None:
                raise HttpError(f"no head of a chunk: {line[:20]!r}")
            self._left = int(size.group(1), 16)
            if not self._left:
                self.ended = True
                break
        return b"".join(found)


class _Parts:
    """Takes parts out of a multipart body."""

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"--" + boundary
        self._held = bytearray()
        self._size = -1
        """Octets of the part that is being read; -1 between parts, -2 where only the next delimiter tells."""
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        held = self._held
        held += data
        found: list[bytes] = []
        while True:
            if self._size == -1:
                if not self._head():
                    return found
                continue
            if self._size >= 0:
                if len(held) < self._size:
                    return found
                end = after = self._size
            else:
                end = held.find(self._mark, self._searched)
                if end < 0:
                    if len(held) > MAX_UNIT:
                        raise HttpError(f"a picture has more than {MAX_UNIT} bytes")
                    self._searched = max(0, len(held) - len(self._mark))
                    return found
                after = end
            picture = bytes(held[:end])
            del held[:after]
            self._size, self._searched = -1, 0
            if picture := picture.strip(b"\r\n") if picture[:2] != b"\xff\xd8" else picture.rstrip(b"\r\n-"):
                found.append(picture)

    def _head(self) -> bool:
        """Read up to the end of the next part's head; False where it is not there yet."""
        held = self._held
        start = held.find(self._mark)
        if start < 0:
            if len(held) > MAX_BETWEEN:
                raise HttpError(f"no boundary within {MAX_BETWEEN} bytes")
            return False
        end = held.find(b"\r\n\r\n", start, start + MAX_PART_HEAD)
        skip = 4
        if end < 0:
            end, skip = held.find(b"\n\n", start, start + MAX_PART_HEAD), 2
        if end < 0:
            if len(held) - start >= MAX_PART_HEAD:
                raise HttpError(f"the head of a part is longer than {MAX_PART_HEAD} bytes")
            return False
        self._size = -2 if len(self._mark) > 2 else -3
        for line in bytes(held[start:end]).split(b"\n")[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                text = value.strip()
                if not text.isdigit() or len(text) > 8 or int(text) > MAX_UNIT:
                    raise HttpError(f"a part of {text[:20].decode('latin-1')} bytes")
                self._size = int(text)
        if self._size == -3:
            raise HttpError("neither a boundary nor the length of a part is told")
        del held[: end + skip]
        return True
