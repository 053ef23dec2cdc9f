"""Registers and bits to values with quality, and back. Pure.

A block's decoder is compiled once: the bytes of all its points are picked into big-endian order by one permutation, and
unpacked by one `struct` call, whatever their word order, gaps and overlaps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from operator import itemgetter
from struct import Struct
from struct import error as StructError
from typing import Any, Final

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.modbus.config import AddressConfig
from sitewarden.wire.modbus import ExceptionCode, unpack_bits

Finish = Callable[[Any], Value]

_CODES: Final[dict[str, str]] = {
    "bit": "H",
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}

_QUALITIES: Final[dict[int, Quality]] = {
    ExceptionCode.ILLEGAL_FUNCTION: Quality.BAD_CONFIGURATION_ERROR,
    ExceptionCode.ILLEGAL_DATA_ADDRESS: Quality.BAD_CONFIGURATION_ERROR,
    ExceptionCode.ILLEGAL_DATA_VALUE: Quality.BAD_CONFIGURATION_ERROR,
    ExceptionCode.SERVER_DEVICE_FAILURE: Quality.BAD_DEVICE_FAILURE,
    ExceptionCode.MEMORY_PARITY_ERROR: Quality.BAD_DEVICE_FAILURE,
    ExceptionCode.GATEWAY_PATH_UNAVAILABLE: Quality.BAD_NO_COMMUNICATION,
    ExceptionCode.GATEWAY_TARGET_FAILED_TO_RESPOND: Quality.BAD_NO_COMMUNICATION,
}


def quality_of(code: int) -> Quality:
    """Return the quality of a point whose read was answered with exception `code`; always Bad."""
    return _QUALITIES.get(code, Quality.BAD)


class Decoder:
    """Turns the data of one read into values, in the order of `points`."""

    def __init__(self, points: Sequence[tuple[Point, AddressConfig]], start: int) -> None:
        """`start` is the first address of the read; all points are of one table."""
        self._good: Final = [int(Quality.GOOD)] * len(points)
        self._finish = [(place, finish) for place, (p, a) in enumerate(points) if (finish := _finisher(p, a)) is not None]
        self._offsets: list[int] | None = None
        if points[0][1].bits:
            self._offsets = [address.register - start for _, address in points]
            self._span = max(self._offsets) + 1
            return
        order = [byte for _, address in points for byte in _order(address, (address.register - start) * 2)]
        self._identity = order == list(range(len(order)))
        self._pick = itemgetter(*order)
        self._size = len(order)
        self._struct = Struct(">" + "".join(_code(address) for _, address in points))

    def decode(self, data: bytes) -> tuple[list[Value], list[int]]:
        """Return values and qualities; a value that is no number (NaN) is None and Bad."""
        values: list[Any]
        if self._offsets is not None:
            bits = unpack_bits(data, self._span)
            values = [bits[offset] for offset in self._offsets]
        else:
            picked = data[: self._size] if self._identity else bytes(self._pick(data))
            values = list(self._struct.unpack(picked))
        qualities = self._good
        for place, finish in self._finish:
            values[place] = value = finish(values[place])
            if value is None:
                if qualities is self._good:
                    qualities = self._good.copy()
                qualities[place] = Quality.BAD_SENSOR_FAILURE
        return values, qualities


def encode(point: Point, address: AddressConfig, value: Value) -> bytes:
    """Return the registers (big-endian, as on the wire) or the one byte 0/1 of a coil that say `value`.

    Raises Invalid where the value does not fit the type; never cuts or wraps it.
    """
    if address.kind == "string":
        return _encode_string(point, address, value)
    if isinstance(value, str) or value is None:
        raise Invalid("a number or a Boolean is needed", where=f"point:{point.id}")
    if address.kind == "bit":
        if value not in (0, 1):
            raise Invalid(f"{value} is neither 0 nor 1", where=f"point:{point.id}")
        return b"\x01" if value else b"\x00"
    raw: float | int = value
    if (point.scale, point.offset) != (1.0, 0.0):
        if point.scale == 0.0:
            raise Invalid("a point with scale 0 cannot be written", where=f"point:{point.id}", remedy="Give it a scale.")
        raw = (value - point.offset) / point.scale
    code = _CODES[address.kind]
    try:
        if code not in "fd":
            raw = round(raw)
            if address.length is not None and not 0 <= raw < 1 << address.length:
                raise OverflowError
        elif not isfinite(raw):
            raise OverflowError
        canonical = Struct(">" + code).pack(raw)
    except (OverflowError, ValueError, StructError) as error:
        raise Invalid(f"{value} does not fit {address.kind}", where=f"point:{point.id}") from error
    return _place(address, canonical)


def merge_bits(address: AddressConfig, register: bytes, value: bytes) -> bytes:
    """Return `register` (two bytes as on the wire) with the bit or field of `address` set to an encoded `value`."""
    order = address.byte_order
    width = address.length or 1
    mask = ((1 << width) - 1) << (address.bit or 0)
    field = int.from_bytes(value, "big" if address.kind == "bit" else order) << (address.bit or 0)
    return (int.from_bytes(register, order) & ~mask | field & mask).to_bytes(2, order)


def masks(address: AddressConfig, value: bytes) -> tuple[bytes, bytes]:
    """Return the AND and OR masks of function 22 that set the bit or field of `address` to an encoded `value`."""
    zero = b"\x00" if address.kind == "bit" else b"\x00\x00"
    return merge_bits(address, b"\xff\xff", zero), merge_bits(address, b"\x00\x00", value)


def _code(address: AddressConfig) -> str:
    return f"{address.size * 2}s" if address.kind == "string" else _CODES[address.kind]


def _order(address: AddressConfig, at: int) -> list[int]:
    """Where the bytes of a value lie, from the most significant on."""
    words = range(address.size)
    if address.word_order == "little" and address.kind != "string":
        words = words[::-1]
    swap = (1, 0) if address.byte_order == "little" else (0, 1)
    return [at + word * 2 + byte for word in words for byte in swap]


def _place(address: AddressConfig, canonical: bytes) -> bytes:
    data = bytearray(len(canonical))
    for byte, place in zip(canonical, _order(address, 0), strict=True):
        data[place] = byte
    return bytes(data)


def _encode_string(point: Point, address: AddressConfig, value: Value) -> bytes:
    if not isinstance(value, str):
        raise Invalid("a text is needed", where=f"point:{point.id}")
    data, room = value.encode(), address.size * 2
    if len(data) > room or "\0" in value:
        raise Invalid(f"the text is {len(data)} bytes; there is room for {room}, without NUL", where=f"point:{point.id}")
    return _place(address, data.ljust(room, b"\0"))


def _finisher(point: Point, address: AddressConfig) -> Finish | None:
    """What turns a raw value into the point's; None where the raw value is it already."""
    if address.kind == "string":
        return _text
    scale, offset = point.scale, point.offset
    plain = (scale, offset) == (1.0, 0.0)
    if address.kind == "bit":
        return _bit(address, point.type)
    if address.length is not None:
        low, mask = address.bit or 0, (1 << address.length) - 1
        if point.type == "boolean":
            return lambda raw: raw >> low & mask != 0
        return (lambda raw: raw >> low & mask) if plain else (lambda raw: (raw >> low & mask) * scale + offset)
    if point.type == "boolean":
        return lambda raw: raw != 0 if raw == raw else None
    if address.kind in ("float32", "float64"):
        whole = point.type == "integer"
        return lambda raw: _finite(raw * scale + offset, whole)
    if plain:
        return None
    if point.type == "integer":
        return lambda raw: round(raw * scale + offset)
    return lambda raw: raw * scale + offset


def _bit(address: AddressConfig, type_: str) -> Finish | None:
    place = 0 if address.bits else address.bit or 0
    if type_ == "boolean":
        return None if address.bits else (lambda raw: raw >> place & 1 != 0)
    return lambda raw: int(raw) >> place & 1


def _finite(value: float, whole: bool) -> Value:
    if not isfinite(value):
        return None
    return round(value) if whole else value


def _text(raw: bytes) -> Value:
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace").rstrip()
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
