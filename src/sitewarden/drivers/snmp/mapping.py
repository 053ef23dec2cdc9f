"""Variable bindings to values with quality, and a written value back. Pure."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, Final

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.snmp.config import AddressConfig
from sitewarden.kit.values import raw, taker
from sitewarden.wire.snmp import ber
from sitewarden.wire.snmp.pdu import Status, Varbind

Read = Callable[[int, Any], Value]

TAGS: Final[dict[str, int]] = {
    "integer": ber.INTEGER,
    "octets": ber.OCTETS,
    "oid": ber.OID,
    "ip": ber.IP_ADDRESS,
    "counter": ber.COUNTER32,
    "gauge": ber.GAUGE32,
    "ticks": ber.TIMETICKS,
    "counter64": ber.COUNTER64,
}
_NAMES: Final = {tag: name for name, tag in TAGS.items()} | {ber.OPAQUE: "opaque", ber.NULL: "null"}
_NUMBERS: Final = frozenset({ber.INTEGER, *ber.UNSIGNED})
_GOOD: Final = int(Quality.GOOD)
_ABSENT: Final = int(Quality.BAD_CONFIGURATION_ERROR)
_UNREADABLE: Final = int(Quality.BAD_SENSOR_FAILURE)
_FLOAT, _DOUBLE = b"\x9f\x78\x04", b"\x9f\x79\x08"
"""How net-snmp wraps floating point numbers in an Opaque."""

REFUSALS: Final[dict[int, str]] = {
    Status.TOO_BIG: "the answer would be too big",
    Status.NO_SUCH_NAME: "the agent has no such object, or does not let it be written",
    Status.BAD_VALUE: "the agent does not take the value",
    Status.READ_ONLY: "the object is read-only",
    Status.GEN_ERR: "the agent failed",
    Status.NO_ACCESS: "the agent gives no access to the object",
    Status.WRONG_TYPE: "the object has another type",
    Status.WRONG_LENGTH: "the value has the wrong length",
    Status.WRONG_ENCODING: "the value has the wrong encoding",
    Status.WRONG_VALUE: "the object does not take the value",
    Status.NO_CREATION: "the object does not exist and cannot be made",
    Status.INCONSISTENT_VALUE: "the value does not fit the others now",
    Status.RESOURCE_UNAVAILABLE: "the agent lacks what it needs for it",
    Status.COMMIT_FAILED: "the agent could not set it",
    Status.UNDO_FAILED: "the agent could not set it, nor undo what it had done",
    Status.AUTHORIZATION_ERROR: "the community or the user may not do it",
    Status.NOT_WRITABLE: "the object cannot be written",
    Status.INCONSISTENT_NAME: "the object cannot be made now",
}
ABSENT: Final = frozenset(
    {Status.NO_SUCH_NAME, Status.NO_ACCESS, Status.AUTHORIZATION_ERROR, Status.WRONG_TYPE, Status.NOT_WRITABLE}
)
"""Refusals that a person has to do something about; the others are the device's own."""


def quality_of(status: int) -> Quality:
    """Return the quality of a point whose read was refused; always Bad."""
    return Quality.BAD_CONFIGURATION_ERROR if status in ABSENT else Quality.BAD_DEVICE_FAILURE


def reader(point: Point, address: AddressConfig) -> Read:
    """Return what turns a binding's tag and value into the point's value; None where it is none of its type."""
    take = taker(point)
    as_hex = address.format == "hex"
    if point.type == "number" and not as_hex and isfinite(2.0**64 * point.scale + point.offset):
        scale, offset = point.scale, point.offset

        def number(tag: int, value: Any) -> Value:
            # Nearly every binding of nearly every poll.
            return value * scale + offset if tag in _NUMBERS else take(value if tag == ber.OCTETS else plain(tag, value))

        return number

    def read(tag: int, value: Any) -> Value:
        if tag in _NUMBERS:
            return take(value)
        if tag == ber.OCTETS:
            return take(value.hex(" ") if as_hex else value)
        return take(plain(tag, value))

    return read


def plain(tag: int, value: int | bytes | None) -> Value:
    """Return a value as a person reads it, without a point; bytes that are no text are hexadecimal."""
    if value is None or isinstance(value, int):
        return value
    if tag == ber.OID:
        try:
            return ber.oid_text(value)
        except ber.WireError:
            return None
    if tag == ber.IP_ADDRESS:
        return str(ipaddress.ip_address(value)) if len(value) in (4, 16) else None
    if tag == ber.OPAQUE:
        if value[:3] == _FLOAT and len(value) == 7:
            return float(struct.unpack(">f", value[3:])[0])
        if value[:3] == _DOUBLE and len(value) == 11:
            return float(struct.unpack(">d", value[3:])[0])
        return value.hex(" ")
    text = value.rstrip(b"\0").decode("utf-8", "replace")
    return text if all(one.isprintable() or one in "\r\n\t" for one in text) else value.hex(" ")


def kind(tag: int) -> str:
    """Return the word of a type, as `type` of an address has it."""
    return _NAMES.get(tag, "none")


def decode(reads: Sequence[Read], varbinds: Sequence[Varbind]) -> tuple[list[Value], list[int]]:
    """Return values and qualities, in the order of `reads`; what the agent lacks is Bad, and never 0."""
    values = [read(tag, value) for read, (_, tag, value) in zip(reads, varbinds, strict=True)]
    if None not in values:
        return values, [_GOOD] * len(values)
    qualities = [
        _GOOD if value is not None else _ABSENT if tag in (ber.NO_SUCH_OBJECT, ber.NO_SUCH_INSTANCE) else _UNREADABLE
        for value, (_, tag, _) in zip(values, varbinds, strict=True)
    ]
    return values, qualities


def encode(point: Point, address: AddressConfig, held: int, value: Value) -> Varbind:
    """Return the binding that says `value`, in the type of the address or in `held`, what the agent gave when it was read.

    Raises Invalid where the value does not fit; never cuts or wraps it.
    """
    where = f"point:{point.id}"
    tag = held if address.type == "auto" else TAGS[address.type]
    if tag not in _NAMES or tag in (ber.OPAQUE, ber.NULL):
        raise Invalid("the agent does not have the object now, so its type is not known", where=where, remedy="Set address.type.")
    told = raw(point, value)
    try:
        found = _packed(tag, told, as_hex=address.format == "hex")
        if isinstance(found, int) and tag == ber.INTEGER and not -0x80000000 <= found <= 0x7FFFFFFF:
            raise ValueError
        if isinstance(found, int) and tag in ber.UNSIGNED and not 0 <= found <= ber.UNSIGNED[tag]:
            raise ValueError
    except ValueError:
        raise Invalid(f"{value} does not fit the type {kind(tag)}", where=where) from None
    return Varbind(address.name, tag, found)


def _packed(tag: int, told: Value, *, as_hex: bool) -> int | bytes:
    if tag in _NUMBERS:
        if isinstance(told, str) or told is None:
            raise ValueError
        return round(told)
    text = told if isinstance(told, str) else str(int(told) if isinstance(told, bool) else told)
    if tag == ber.OID:
        return ber.oid(text)
    if tag == ber.IP_ADDRESS:
        return ipaddress.IPv4Address(text).packed
    return bytes.fromhex(text) if as_hex else text.encode()
