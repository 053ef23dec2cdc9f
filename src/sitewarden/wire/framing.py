"""Messages out of a stream of bytes: by a delimiter, of a fixed length, or behind a length field. Sans-IO.

A message that is longer than allowed ends the connection: where it would end is not known, and what follows would be misread.
"""

from __future__ import annotations

from typing import Literal, Protocol


class FramingError(ValueError):
    """The stream cannot be cut into messages."""


class Framer(Protocol):
    """Keeps what is not whole yet."""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now; raise FramingError."""
        ...


class Delimited:
    """Messages that end with `delimiter`. Empty ones, which devices send to stay connected, are left out."""

    def __init__(self, delimiter: bytes, most: int, start: bytes = b"") -> None:
        """`start` begins a message; what stands before its last occurrence is noise. With a line feed goes a carriage return."""
        if not delimiter:
            raise ValueError("a delimiter has one byte at least")
        self._delimiter = delimiter
        self._start = start
        self._most = most
        self._lines = delimiter == b"\n"
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now; raise FramingError for one that is too long."""
        rest = self._rest
        if rest:
            looked = max(0, len(rest) - len(self._delimiter) + 1)
            rest += data
            if rest.find(self._delimiter, looked) < 0:
                self._check(len(rest))
                return []
            data = bytes(rest)
            rest.clear()
        parts = data.split(self._delimiter)
        rest += parts.pop()
        if len(data) > self._most:
            self._check(len(rest))
            self._check(max(map(len, parts), default=0))
        if self._start:
            parts = [part.rpartition(self._start)[2] for part in parts if self._start in part]
        if self._lines:
            parts = [part[:-1] if part.endswith(b"\r") else part for part in parts]
        return [part for part in parts if part]

    def _check(self, size: int) -> None:
        if size > self._most:
            raise FramingError(f"a message is longer than {self._most} bytes, or its delimiter never comes")


class Fixed:
    """Messages of `length` bytes each."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now."""
        data, length = self._rest + data, self._length
        end = len(data) - len(data) % length
        self._rest = data[end:]
        return [data[at : at + length] for at in range(0, end, length)]


class Counted:
    """Messages with a field that tells their length; a message is handed out whole, with its field."""

    def __init__(self, at: int, size: int, order: Literal["big", "little"], adds: int, most: int) -> None:
        """The field stands `at` bytes from the start and has `size` bytes; value + `adds` bytes follow it."""
        self._at = at
        self._head = at + size
        self._order: Literal["big", "little"] = order
        self._adds = adds
        self._most = most
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now; raise FramingError for a length that cannot be."""
        rest, found, start = self._rest, [], 0
        rest += data
        while len(rest) - start >= self._head:
            told = int.from_bytes(rest[start + self._at : start + self._head], self._order)
            size = self._head + told + self._adds
            if size < self._head or size > self._most:
                raise FramingError(
                    f"the length field says {told}, a message of {size} bytes; {self._head} to {self._most} can be"
                )
            if len(rest) - start < size:
                break
            found.append(bytes(rest[start : start + size]))
            start += size
        del rest[:start]
        return found
