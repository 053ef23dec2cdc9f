"""AMF0, the values of RTMP's commands and metadata (Adobe, Action Message Format 0): read and written. Pure.

Numbers are floats, objects and ECMA arrays dicts, null and undefined None; a date is its milliseconds since 1970 UTC.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Final

MAX_DEPTH: Final = 8
"""Objects within objects; encoders send three."""
MAX_VALUES: Final = 1024
"""Values of one message."""

_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _UNDEFINED, _ECMA = 0, 1, 2, 3, 5, 6, 8
_END, _STRICT, _DATE, _LONG, _UNSUPPORTED, _XML, _TYPED = 9, 10, 11, 12, 13, 15, 16
_OBJECT_END: Final = b"\x00\x00\x09"


class AmfError(ValueError):
    """The bytes are no AMF0 that is understood."""


def decode(data: bytes) -> list[Any]:
    """Return all values of a message; raises AmfError."""
    reader = _Reader(data)
    values = []
    try:
        while reader.position < len(data):
            values.append(reader.value(0))
    except (struct.error, IndexError) as error:
        raise AmfError("a value is cut") from error
    return values


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0
        self._left = MAX_VALUES

    def value(self, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise AmfError("too many values, or values too deep in one another")
        marker = self._data[self.position]
        self.position += 1
        if marker == _NUMBER:
            return self._unpack(">d", 8)
        if marker == _BOOLEAN:
            return bool(self._unpack(">B", 1))
        if marker == _STRING:
            return self._text(2)
        if marker in (_LONG, _XML):
            return self._text(4)
        if marker in (_NULL, _UNDEFINED, _UNSUPPORTED):
            return None
        if marker == _STRICT:
            return [self.value(depth + 1) for _ in range(min(self._unpack(">I", 4), MAX_VALUES + 1))]
        if marker == _DATE:
            moment = self._unpack(">d", 8)
            self._unpack(">h", 2)
            return moment
        if marker == _TYPED:
            self._text(2)
        elif marker == _ECMA:
            self._unpack(">I", 4)
        elif marker != _OBJECT:
            raise AmfError(f"a value of type {marker}")
        return self._properties(depth)

    def _properties(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._data[self.position : self.position + 3] != _OBJECT_END:
            # Some encoders leave out the end of the last array of a message.
            if self.position == len(self._data) and depth == 0:
                return found
            name = self._text(2)
            found[name] = self.value(depth + 1)
        self.position += 3
        return found

    def _unpack(self, form: str, size: int) -> Any:
        (value,) = struct.unpack_from(form, self._data, self.position)
        self.position += size
        return value

    def _text(self, size: int) -> str:
        length = int.from_bytes(self._data[self.position : self.position + size], "big")
        start = self.position + size
        self.position = start + length
        if self.position > len(self._data):
            raise AmfError("a text is cut")
        return self._data[start : self.position].decode("utf-8", "replace")


def encode(*values: Any) -> bytes:
    """Return values as a message; a dict is an object."""
    return b"".join(_encoded(value) for value in values)


def ecma(properties: Mapping[str, Any]) -> bytes:
    """Return properties as an ECMA array, the form of metadata."""
    return bytes((_ECMA,)) + len(properties).to_bytes(4, "big") + _named(properties)


def _encoded(value: Any) -> bytes:
    if value is None:
        return bytes((_NULL,))
    if isinstance(value, bool):
        return bytes((_BOOLEAN, value))
    if isinstance(value, int | float):
        return struct.pack(">Bd", _NUMBER, value)
    if isinstance(value, str):
        text = value.encode()
        if len(text) > 0xFFFF:
            return bytes((_LONG,)) + len(text).to_bytes(4, "big") + text
        return bytes((_STRING,)) + len(text).to_bytes(2, "big") + text
    if isinstance(value, Mapping):
        return bytes((_OBJECT,)) + _named(value)
    if isinstance(value, list | tuple):
        return bytes((_STRICT,)) + len(value).to_bytes(4, "big") + b"".join(_encoded(one) for one in value)
    raise TypeError(f"AMF0 has no {type(value).__name__}")


def _named(properties: Mapping[str, Any]) -> bytes:
    parts = []
    for name, value in properties.items():
        text = name.encode()
        parts.append(len(text).to_bytes(2, "big") + text + _encoded(value))
    return b"".join(parts) + _OBJECT_END
