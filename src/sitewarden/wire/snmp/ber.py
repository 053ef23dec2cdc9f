"""BER as SNMP uses it (RFC 3417, clause 8; X.690): definite lengths, one-byte tags. Pure.

An object identifier is the bytes of its content wherever it is compared, and text ("1.3.6.1.2.1.1.3.0") where a person reads it.
"""

from __future__ import annotations

from typing import Final

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82

SIGNED: Final = frozenset({INTEGER})
UNSIGNED: Final = {COUNTER32: 0xFFFFFFFF, GAUGE32: 0xFFFFFFFF, TIMETICKS: 0xFFFFFFFF, COUNTER64: 0xFFFFFFFFFFFFFFFF}
"""Greatest value of each unsigned type."""
BYTES: Final = frozenset({OCTETS, OID, IP_ADDRESS, OPAQUE})
EMPTY: Final = frozenset({NULL, NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW})

ARCS: Final = 128
"""Most sub-identifiers of an object identifier (RFC 2578, clause 3.5)."""
ARC: Final = 0xFFFFFFFF


class WireError(ValueError):
    """The bytes are no SNMP message."""


def header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Return (tag, start, stop) of the element at `at`, which must end by `end`; raise WireError."""
    if at + 2 > end:
        raise WireError("the message ends within an element")
    tag, length = data[at], data[at + 1]
    start = at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > end:
            raise WireError("a length is indefinite or too long")
        length = int.from_bytes(data[start : start + count])
        start += count
    if start + length > end:
        raise WireError("an element is longer than what holds it")
    return tag, start, start + length


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Return (start, stop) of the element at `at`, which must have this tag."""
    found, start, stop = header(data, at, end)
    if found != tag:
        raise WireError(f"tag 0x{found:02x} stands where 0x{tag:02x} must")
    return start, stop


def integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return (value, what follows it) of an INTEGER of 32 bits."""
    start, stop = expect(data, at, end, INTEGER)
    if not 1 <= stop - start <= 4:
        raise WireError("an integer has more than 32 bits")
    return int.from_bytes(data[start:stop], signed=True), stop


def octets(data: bytes, at: int, end: int, most: int = 65535) -> tuple[bytes, int]:
    """Return (bytes, what follows them) of an OCTET STRING of at most `most` bytes."""
    start, stop = expect(data, at, end, OCTETS)
    if stop - start > most:
        raise WireError(f"a string has more than {most} bytes")
    return data[start:stop], stop


def length(count: int) -> bytes:
    """Return a length in the shortest form."""
    if count < 0x80:
        return bytes((count,))
    if count < 0x100:
        return bytes((0x81, count))
    if count < 0x10000:
        return b"\x82" + count.to_bytes(2)
    return b"\x83" + count.to_bytes(3)


def element(tag: int, content: bytes) -> bytes:
    """Return an element with its tag and length."""
    return bytes((tag,)) + length(len(content)) + content


def write_integer(value: int) -> bytes:
    """Return an INTEGER in the shortest form."""
    return element(INTEGER, value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, signed=True))


def write_unsigned(tag: int, value: int) -> bytes:
    """Return a Counter, Gauge or TimeTicks; raise WireError where it is out of range."""
    if not 0 <= value <= UNSIGNED[tag]:
        raise WireError(f"{value} does not fit the type")
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1))


def oid(text: str) -> bytes:
    """Return the content bytes of "1.3.6.1" (a leading dot is allowed); raise WireError for what is no object identifier."""
    words = text.removeprefix(".").split(".")
    if not all(word.isascii() and word.isdigit() and len(word) <= 10 for word in words):
        raise WireError(f'"{text[:80]}" is no object identifier')
    arcs = [int(word) for word in words]
    if not 2 <= len(arcs) <= ARCS or arcs[0] > 2 or (arcs[0] < 2 and arcs[1] > 39) or max(arcs) > ARC or arcs[1] > ARC - 80:
        raise WireError(f'"{text[:80]}" is no object identifier')
    return pack_arcs((arcs[0] * 40 + arcs[1], *arcs[2:]))


def pack_arcs(arcs: tuple[int, ...]) -> bytes:
    """Return sub-identifiers as bytes, the first two already joined."""
    packed = bytearray()
    for arc in arcs:
        if arc < 0x80:
            packed.append(arc)
            continue
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        packed += bytes(reversed(groups))
    return bytes(packed)


def arcs(content: bytes) -> tuple[int, ...]:
    """Return the sub-identifiers, the first two still joined: they sort as RFC 3416 orders names. Raise WireError."""
    found: list[int] = []
    arc, groups = 0, 0
    for byte in content:
        arc, groups = arc << 7 | byte & 0x7F, groups + 1
        if arc > ARC or len(found) >= ARCS:
            raise WireError("an object identifier is too long")
        if not byte & 0x80:
            found.append(arc)
            arc, groups = 0, 0
    if groups or not found:
        raise WireError("an object identifier ends within a number, or is empty")
    return tuple(found)


def oid_text(content: bytes) -> str:
    """Return "1.3.6.1.2.1.1.3.0"; raise WireError for what is no object identifier."""
    first, *rest = arcs(content)
    top = min(first // 40, 2)
    return ".".join(map(str, (top, first - 40 * top, *rest)))
