"""Payloads of Sparkplug B (Eclipse Sparkplug 3.0.0, clause 6): protobuf to metrics and back. Pure.

Of protobuf it reads and writes what Sparkplug's schema has; fields that are not known are skipped, as protobuf demands.
Data sets, templates and arrays are kept as metrics whose value is None, with their datatype.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from struct import pack, unpack_from
from typing import Final

from msgspec import Struct

METRICS: Final = 50_000
"""Metrics in one payload, at most."""
SEQUENCE: Final = 256
"""Payloads of an edge node are numbered from 0, modulo this."""

Value = float | int | bool | str | bytes | None


class Kind(IntEnum):
    """Datatypes of metrics (clause 6.4.16)."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19


_SIGNED: Final = {Kind.INT8: 8, Kind.INT16: 16, Kind.INT32: 32, Kind.INT64: 64}
_WIDE: Final = frozenset({Kind.INT64, Kind.UINT64, Kind.DATETIME})
_TEXTS: Final = frozenset({Kind.STRING, Kind.TEXT, Kind.UUID})
_BYTES: Final = frozenset({Kind.BYTES, Kind.FILE})
_RANGES: Final = {
    **{kind: (-(1 << bits - 1), (1 << bits - 1) - 1) for kind, bits in _SIGNED.items()},
    Kind.UINT8: (0, 0xFF),
    Kind.UINT16: (0, 0xFFFF),
    Kind.UINT32: (0, 0xFFFF_FFFF),
    Kind.UINT64: (0, (1 << 64) - 1),
    Kind.DATETIME: (0, (1 << 64) - 1),
}


class PayloadError(ValueError):
    """The bytes are no Sparkplug B payload."""


class Metric(Struct, kw_only=True, gc=False):
    """One metric. After a birth `name` is "" where an alias stands for it; `time` is milliseconds since 1970 UTC, or None."""

    name: str = ""
    alias: int | None = None
    time: int | None = None
    kind: int = 0
    """Datatype; 0 where a DATA message leaves it to the birth."""
    value: Value = None
    null: bool = False
    historical: bool = False
    quality: int | None = None
    """The property "Quality": 0 bad, 192 good, 500 stale."""


class Payload(Struct, kw_only=True):
    """A whole payload; `time` as in a metric, `seq` from 0 to 255, None where there is none (NDEATH)."""

    time: int | None = None
    seq: int | None = None
    metrics: list[Metric] = []


def decode(data: bytes) -> Payload:
    """Return a payload; raises PayloadError for anything else."""
    found = Payload(metrics=[])
    metrics = found.metrics
    for number, wire, value, begin, end in _fields(data, 0, len(data)):
        if number == 2 and wire == 2:
            if len(metrics) >= METRICS:
                raise PayloadError(f"more than {METRICS} metrics")
            metrics.append(_metric(data, begin, end))
        elif number == 1 and wire == 0:
            found.time = value
        elif number == 3 and wire == 0:
            found.seq = value
    return found


def typed(value: Value, kind: int) -> Value:
    """Return a value that came with no datatype as one of `kind`, the datatype of its birth: two's complement is undone."""
    bits = _SIGNED.get(kind)  # type: ignore[call-overload]
    if bits is not None and isinstance(value, int):
        value &= (1 << bits) - 1
        return value - (1 << bits) if value >> bits - 1 else value
    return value


def encode(payload: Payload) -> bytes:
    """Return the bytes of a payload; raises ValueError where a value does not fit its datatype."""
    out = bytearray()
    if payload.time is not None:
        out += b"\x08" + _varint(payload.time)
    for metric in payload.metrics:
        body = _write(metric)
        out += b"\x12" + _varint(len(body)) + body
    if payload.seq is not None:
        out += b"\x18" + _varint(payload.seq)
    return bytes(out)


def split(topic: str) -> tuple[str, str, str, str] | None:
    """Return (group, message type, edge node, device or "") of a topic of Sparkplug B; None for any other."""
    parts = topic.split("/")
    if len(parts) not in (4, 5) or parts[0] != "spBv1.0":
        return None
    return parts[1], parts[2], parts[3], parts[4] if len(parts) == 5 else ""


def _metric(data: bytes, at: int, end: int) -> Metric:
    metric = Metric()
    value: Value = None
    for number, wire, given, begin, behind in _fields(data, at, end):
        if wire == 0:
            if number == 2:
                metric.alias = given
            elif number == 3:
                metric.time = given
            elif number == 4:
                metric.kind = given
            elif number == 5:
                metric.historical = given != 0
            elif number == 7:
                metric.null = given != 0
            elif number in (10, 11):
                value = given & 0xFFFF_FFFF if number == 10 else given
            elif number == 14:
                value = given != 0
        elif number == 12 and wire == 5:
            value = unpack_from("<f", data, begin)[0]
        elif number == 13 and wire == 1:
            value = unpack_from("<d", data, begin)[0]
        elif wire == 2:
            if number == 1:
                metric.name = _text(data, begin, behind)
            elif number == 15:
                value = _text(data, begin, behind)
            elif number == 16:
                value = data[begin:behind]
            elif number == 9:
                metric.quality = _quality(data, begin, behind)
    metric.value = None if metric.null else typed(value, metric.kind)
    return metric


def _quality(data: bytes, at: int, end: int) -> int | None:
    """Return the number of the property "Quality" of a property set."""
    keys: list[str] = []
    values: list[int | None] = []
    for number, wire, _, begin, behind in _fields(data, at, end):
        if number == 1 and wire == 2:
            keys.append(_text(data, begin, behind))
        elif number == 2 and wire == 2:
            found = None
            for inner, kind, given, _, _ in _fields(data, begin, behind):
                if inner in (3, 4) and kind == 0:
                    found = given
            values.append(found)
    return next((value for key, value in zip(keys, values, strict=False) if key == "Quality"), None)


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (field number, wire type, number of a varint, begin, end) of a protobuf message."""
    while at < end:
        key = data[at]
        at += 1
        if key & 0x80:
            key, at = _take_varint(data, at - 1, end)
        wire = key & 7
        if not key >> 3:
            raise PayloadError("a field has the number 0")
        if wire == 0:
            value, at = _take_varint(data, at, end)
            yield key >> 3, 0, value, at, at
            continue
        if wire == 2:
            size, at = _take_varint(data, at, end)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise PayloadError(f"a field has the wire type {wire}")
        if at + size > end:
            raise PayloadError("a field is cut off")
        yield key >> 3, wire, 0, at, at + size
        at += size


def _take_varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    for place in range(at, min(at + 10, end)):
        byte = data[place]
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place + 1
        shift += 7
    raise PayloadError("a number does not end")


def _text(data: bytes, begin: int, end: int) -> str:
    try:
        return data[begin:end].decode()
    except UnicodeDecodeError:
        raise PayloadError("a text is no UTF-8") from None


def _varint(value: int) -> bytes:
    if not 0 <= value < 1 << 64:
        raise ValueError(f"{value} does not fit 64 bits")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _data(key: Sequence[int], value: bytes) -> bytes:
    return bytes(key) + _varint(len(value)) + value


def _write(metric: Metric) -> bytes:
    out = bytearray()
    if metric.name:
        out += _data((0x0A,), metric.name.encode())
    for key, number in ((0x10, metric.alias), (0x18, metric.time), (0x20, metric.kind or None)):
        if number is not None:
            out += bytes((key,)) + _varint(number)
    if metric.historical:
        out += b"\x28\x01"
    if metric.quality is not None:
        number_ = _data((0x12,), b"\x08\x03\x18" + _varint(metric.quality))
        out += _data((0x4A,), _data((0x0A,), b"Quality") + number_)
    if metric.value is None:
        return bytes(out + b"\x38\x01") if metric.null else bytes(out)
    return bytes(out) + _put(metric.value, metric.kind)


def _put(value: Value, kind: int) -> bytes:
    if kind == Kind.BOOLEAN and isinstance(value, (bool, int)):
        return b"\x70\x01" if value else b"\x70\x00"
    if kind in (Kind.FLOAT, Kind.DOUBLE) and isinstance(value, (bool, int, float)):
        try:
            return b"\x65" + pack("<f", value) if kind == Kind.FLOAT else b"\x69" + pack("<d", value)
        except OverflowError:
            raise ValueError(f"{value} does not fit a {Kind(kind).name}") from None
    if kind in _TEXTS and isinstance(value, str):
        return _data((0x7A,), value.encode())
    if kind in _BYTES and isinstance(value, bytes):
        return _data((0x82, 0x01), value)
    limits = _RANGES.get(kind)  # type: ignore[call-overload]
    if limits is None or not isinstance(value, int) or not limits[0] <= value <= limits[1]:
        named = Kind(kind).name if kind in Kind._value2member_map_ else f"datatype {kind}"
        raise ValueError(f"{value!r} does not fit a {named}")
    if kind in _WIDE:
        return b"\x58" + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)
    return b"\x50" + _varint(value & 0xFFFF_FFFF)
