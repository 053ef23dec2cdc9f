"""Bytes of a chunk as they are read and written: numbers of variable length, byte planes. Input may be anything."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MASK: Final = (1 << 64) - 1


class Corrupt(ValueError):
    """The bytes are no chunk, or one that was changed since it was written."""


def put_number(out: bytearray, number: int) -> None:
    """Append a number of 0 to 2^64-1, seven bits a byte, the lowest first (LEB128)."""
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def put_signed(out: bytearray, number: int) -> None:
    """Append a number of -2^63 to 2^63-1, its sign in the lowest bit."""
    put_number(out, number << 1 if number >= 0 else (-number << 1) - 1)


class Source:
    """Reads from the front of bytes; raises Corrupt where they end too early."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        """Take a number that `put_number` wrote."""
        result = shift = 0
        for _ in range(10):
            if self._at >= len(self._data):
                raise Corrupt("it ends within a number")
            byte = self._data[self._at]
            self._at += 1
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                if result > MASK:
                    break
                return result
            shift += 7
        raise Corrupt("a number is longer than 64 bits")

    def signed(self) -> int:
        """Take a number that `put_signed` wrote."""
        number = self.number()
        return number >> 1 if not number & 1 else -((number + 1) >> 1)

    def take(self, count: int) -> bytes:
        """Take `count` bytes."""
        end = self._at + count
        if end > len(self._data):
            raise Corrupt(f"it ends {end - len(self._data)} bytes too early")
        found = self._data[self._at : end]
        self._at = end
        return found

    @property
    def left(self) -> int:
        """Bytes that are left."""
        return len(self._data) - self._at

    def finish(self) -> None:
        """Raise Corrupt where bytes are left."""
        if self._at != len(self._data):
            raise Corrupt(f"{len(self._data) - self._at} bytes too many")


def put_planes(out: bytearray, numbers: NDArray[np.uint64], top: int) -> None:
    """Append unsigned numbers up to `top`: how many bytes each takes, then all lowest bytes, all second lowest, and so on."""
    width = (top.bit_length() + 7) // 8
    out.append(width)
    if width == 1:
        out += numbers.astype(np.uint8).tobytes()
    elif width:
        whole = np.ascontiguousarray(numbers, dtype="<u8").view(np.uint8).reshape(-1, 8)
        out += np.ascontiguousarray(whole[:, :width].T).tobytes()


def take_planes(source: Source, count: int) -> NDArray[np.uint64]:
    """Return what `put_planes` wrote, `count` numbers."""
    width = source.take(1)[0]
    if width > 8:
        raise Corrupt(f"numbers of {width} bytes")
    data = np.frombuffer(source.take(width * count), dtype=np.uint8)
    if width == 1:
        return data.astype(np.uint64)
    whole = np.zeros((count, 8), dtype=np.uint8)
    if width:
        whole[:, :width] = data.reshape(width, count).T
    return whole.reshape(-1).view("<u8").astype(np.uint64, copy=False)
