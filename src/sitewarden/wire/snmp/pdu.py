"""PDUs and their variable bindings (RFC 3416, clause 3; the Trap-PDU of RFC 1157, 4.1.6). Pure.

A value is an int for integers, counters, gauges and ticks, bytes for strings, addresses and object identifiers, and None for what
has no content. `tag` tells which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from sitewarden.wire.snmp import ber
from sitewarden.wire.snmp.ber import WireError

VARBINDS: Final = 4096
"""Most variable bindings that are taken of one message."""
TRAPS: Final = bytes((43, 6, 1, 6, 3, 1, 1, 5))
"""snmpTraps, 1.3.6.1.6.3.1.1.5: the names of the generic traps."""
SYS_UP_TIME: Final = bytes((43, 6, 1, 2, 1, 1, 3, 0))
SNMP_TRAP_OID: Final = bytes((43, 6, 1, 6, 3, 1, 1, 4, 1, 0))


class Kind(IntEnum):
    """Tags of the PDUs."""

    GET = 0xA0
    GET_NEXT = 0xA1
    RESPONSE = 0xA2
    SET = 0xA3
    TRAP_V1 = 0xA4
    GET_BULK = 0xA5
    INFORM = 0xA6
    TRAP = 0xA7
    REPORT = 0xA8


class Status(IntEnum):
    """error-status of a response (RFC 3416, clause 3)."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    BAD_VALUE = 3
    READ_ONLY = 4
    GEN_ERR = 5
    NO_ACCESS = 6
    WRONG_TYPE = 7
    WRONG_LENGTH = 8
    WRONG_ENCODING = 9
    WRONG_VALUE = 10
    NO_CREATION = 11
    INCONSISTENT_VALUE = 12
    RESOURCE_UNAVAILABLE = 13
    COMMIT_FAILED = 14
    UNDO_FAILED = 15
    AUTHORIZATION_ERROR = 16
    NOT_WRITABLE = 17
    INCONSISTENT_NAME = 18


class Varbind(NamedTuple):
    """A name (an object identifier's content) and what it holds."""

    name: bytes
    tag: int
    value: int | bytes | None


class Pdu(NamedTuple):
    """A PDU. `position` is error-index. Of a GETBULK, `status` is non-repeaters and `position` max-repetitions."""

    kind: int
    id: int
    status: int
    position: int
    varbinds: list[Varbind]


class TrapV1(NamedTuple):
    """The Trap-PDU of version 1."""

    enterprise: bytes
    agent: bytes
    generic: int
    specific: int
    ticks: int
    varbinds: list[Varbind]

    def as_v2(self) -> Pdu:
        """Return the same as an SNMPv2 trap (RFC 3584, 3.1)."""
        if 0 <= self.generic < 6:
            name = TRAPS + bytes((self.generic + 1,))
        else:
            name = self.enterprise + b"\x00" + ber.pack_arcs((self.specific & ber.ARC,))
        first = [Varbind(SYS_UP_TIME, ber.TIMETICKS, self.ticks), Varbind(SNMP_TRAP_OID, ber.OID, name)]
        return Pdu(Kind.TRAP, 0, 0, 0, [*first, *self.varbinds])


def read_varbinds(data: bytes, at: int, end: int) -> list[Varbind]:
    """Return the bindings between `at` and `end`; raise WireError."""
    found: list[Varbind] = []
    append, new = found.append, Varbind._make
    header, unsigned, bytes_like, number = ber.header, ber.UNSIGNED, ber.BYTES, int.from_bytes
    try:
        while at < end:
            # Nearly every binding is shorter than 128 bytes: its three lengths are one byte each.
            if data[at] != 0x30:
                raise WireError("a variable binding is no sequence")
            size = data[at + 1]
            if size < 0x80:
                inner, stop = at + 2, at + 2 + size
                if stop > end:
                    raise WireError("an element is longer than what holds it")
            else:
                _, inner, stop = header(data, at, end)
            size = data[inner + 1]
            if data[inner] == 0x06 and size < 0x80:
                start = inner + 2
                middle = start + size
                if middle > stop:
                    raise WireError("an element is longer than what holds it")
            else:
                start, middle = ber.expect(data, inner, stop, ber.OID)
            name = data[start:middle]
            # A name that is cut within a number, or has none, is nothing that could be compared.
            if not name or name[-1] & 0x80:
                raise WireError("an object identifier ends within a number, or is empty")
            tag, size = data[middle], data[middle + 1]
            if size < 0x80:
                first = middle + 2
                last = first + size
            else:
                _, first, last = header(data, middle, stop)
            if last != stop:
                raise WireError("a variable binding has more than name and value")
            if tag in unsigned:
                value = number(data[first:last], "big")
                if first == last or value > unsigned[tag]:
                    raise WireError("a counter is out of its range")
                append(new((name, tag, value)))
            elif tag in bytes_like:
                append(new((name, tag, data[first:last])))
            elif tag == 0x02:
                if not 1 <= last - first <= 4:
                    raise WireError("an integer has more than 32 bits")
                append(new((name, tag, number(data[first:last], "big", signed=True))))
            elif tag in ber.EMPTY and first == last:
                append(new((name, tag, None)))
            else:
                raise WireError(f"a value has the type 0x{tag:02x}, or content where it has none")
            at = stop
            if len(found) > VARBINDS:
                raise WireError(f"a message has more than {VARBINDS} variable bindings")
    except IndexError:
        raise WireError("the message ends within an element") from None
    return found


def write_value(tag: int, value: int | bytes | None) -> bytes:
    """Return a value as an element; raise WireError where it does not fit its type."""
    if tag in ber.EMPTY and value is None:
        return bytes((tag, 0))
    if tag in ber.BYTES and isinstance(value, bytes):
        return ber.element(tag, value)
    if isinstance(value, int):
        if tag in ber.UNSIGNED:
            return ber.write_unsigned(tag, value)
        if tag == ber.INTEGER and -0x80000000 <= value <= 0x7FFFFFFF:
            return ber.write_integer(value)
    raise WireError(f"{value!r} does not fit the type 0x{tag:02x}")


def write_varbinds(varbinds: Iterable[Varbind]) -> bytes:
    """Return the list of bindings as an element."""
    packed = b"".join(
        ber.element(ber.SEQUENCE, ber.element(ber.OID, name) + write_value(tag, value)) for name, tag, value in varbinds
    )
    return ber.element(ber.SEQUENCE, packed)


def ask(names: Sequence[bytes]) -> bytes:
    """Return the list of bindings that asks for these names, to be sent again and again."""
    return write_varbinds(Varbind(name, ber.NULL, None) for name in names)


def write_pdu(kind: int, id_: int, status: int, index: int, varbinds: bytes) -> bytes:
    """Return a PDU around a written list of bindings."""
    return ber.element(kind, ber.write_integer(id_) + ber.write_integer(status) + ber.write_integer(index) + varbinds)


def write(pdu: Pdu | TrapV1) -> bytes:
    """Return a PDU as bytes."""
    if isinstance(pdu, Pdu):
        return write_pdu(pdu.kind, pdu.id, pdu.status, pdu.position, write_varbinds(pdu.varbinds))
    body = (
        ber.element(ber.OID, pdu.enterprise)
        + ber.element(ber.IP_ADDRESS, pdu.agent)
        + ber.write_integer(pdu.generic)
        + ber.write_integer(pdu.specific)
        + ber.write_unsigned(ber.TIMETICKS, pdu.ticks)
    )
    return ber.element(Kind.TRAP_V1, body + write_varbinds(pdu.varbinds))


def read(data: bytes, at: int, end: int) -> Pdu | TrapV1:
    """Return the PDU at `at`, which fills what it stands in; raise WireError."""
    kind, at, stop = ber.header(data, at, end)
    if stop != end:
        raise WireError("bytes follow the PDU")
    if kind == Kind.TRAP_V1:
        return _read_trap(data, at, end)
    if kind not in _KINDS:
        raise WireError(f"0x{kind:02x} is no PDU")
    id_, at = ber.integer(data, at, end)
    status, at = ber.integer(data, at, end)
    index, at = ber.integer(data, at, end)
    at, stop = ber.expect(data, at, end, ber.SEQUENCE)
    if stop != end:
        raise WireError("bytes follow the variable bindings")
    return Pdu(kind, id_, status, index, read_varbinds(data, at, end))


def _read_trap(data: bytes, at: int, end: int) -> TrapV1:
    start, at = ber.expect(data, at, end, ber.OID)
    enterprise = data[start:at]
    ber.arcs(enterprise)
    start, at = ber.expect(data, at, end, ber.IP_ADDRESS)
    agent = data[start:at]
    generic, at = ber.integer(data, at, end)
    specific, at = ber.integer(data, at, end)
    start, at = ber.expect(data, at, end, ber.TIMETICKS)
    ticks = int.from_bytes(data[start:at])
    if len(agent) != 4 or start == at or ticks > 0xFFFFFFFF:
        raise WireError("a trap's address or time is out of its range")
    at, stop = ber.expect(data, at, end, ber.SEQUENCE)
    if stop != end:
        raise WireError("bytes follow the variable bindings")
    return TrapV1(enterprise, agent, generic, specific, ticks, read_varbinds(data, at, end))


_KINDS: Final = frozenset(Kind)
