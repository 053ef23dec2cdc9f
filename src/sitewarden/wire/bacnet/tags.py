"""Tagged values (clause 20.2): what every service of BACnet is written in. Pure.

A value is a pair (application tag, Python value). What is constructed, or tagged by context, stays bytes under the tag `OTHER`.
An object is its number, type << 22 | instance, wherever it is compared.
"""

from __future__ import annotations

from struct import Struct, error
from typing import Any, Final

NULL, BOOLEAN, UNSIGNED, SIGNED, REAL, DOUBLE, OCTETS, TEXT, BITS, ENUMERATED, DATE, TIME, OBJECT = range(13)
OTHER: Final = -1
NAMES: Final = (
    "null", "boolean", "unsigned", "signed", "real", "double", "octets", "text", "bits", "enumerated", "date", "time", "object",
)  # fmt: skip
"""Word of each application tag, in their order."""

DEPTH: Final = 16
"""Deepest nesting of what is constructed."""
INSTANCES: Final = 0x3FFFFF
"""Greatest instance; as a device's it means any device (clause 12.11)."""

Tagged = tuple[int, Any]

_REAL = Struct(">f")
_DOUBLE = Struct(">d")
_CHARSETS: Final = {0: "utf-8", 3: "utf-32-be", 4: "utf-16-be", 5: "iso-8859-1"}


class WireError(ValueError):
    """The bytes are not BACnet."""


def header(data: bytes, at: int, end: int) -> tuple[int, bool, int, int, int]:
    """Return (tag, by context?, the length/value/type bits, start, stop) of the tag at `at`; opening is 6, closing is 7."""
    if at >= end:
        raise WireError("the message ends where a tag must be")
    first = data[at]
    at += 1
    number, context, length = first >> 4, bool(first & 8), first & 7
    if number == 15:
        if at >= end:
            raise WireError("the message ends within a tag")
        number = data[at]
        at += 1
    if context and length >= 6:
        return number, context, length, at, at
    if not context and number == BOOLEAN:
        return number, context, length, at, at
    size = length
    if length == 5:
        if at >= end:
            raise WireError("the message ends within a tag")
        size = data[at]
        at += 1
        if size >= 254:
            count = 2 if size == 254 else 4
            if at + count > end:
                raise WireError("the message ends within a length")
            size = int.from_bytes(data[at : at + count])
            at += count
    elif length > 5:
        raise WireError("an opening or closing tag is no application tag")
    if at + size > end:
        raise WireError("a value is longer than what holds it")
    return number, context, length, at, at + size


def value(data: bytes, at: int, end: int) -> tuple[Tagged, int]:
    """Return the application-tagged value at `at`, and what follows it."""
    first = data[at] if at < end else 0
    # Nearly every value of nearly every answer.
    if first == 0x44 and at + 5 <= end:
        return (REAL, _REAL.unpack_from(data, at + 1)[0]), at + 5
    if first == 0x91 and at + 2 <= end:
        return (ENUMERATED, data[at + 1]), at + 2
    tag, context, length, start, stop = header(data, at, end)
    if context:
        raise WireError("a context tag stands where an application tag must")
    return (tag, _content(tag, length, data, start, stop)), stop


def _content(tag: int, length: int, data: bytes, start: int, stop: int) -> Any:
    size = stop - start
    try:
        match tag:
            case 0:
                if not size:
                    return None
            case 1:
                if length <= 1:
                    return length == 1
            case 2 | 9:
                if 1 <= size <= 8:
                    return int.from_bytes(data[start:stop])
            case 3:
                if 1 <= size <= 8:
                    return int.from_bytes(data[start:stop], signed=True)
            case 4:
                return _REAL.unpack(data[start:stop])[0]
            case 5:
                return _DOUBLE.unpack(data[start:stop])[0]
            case 6:
                return bytes(data[start:stop])
            case 7:
                if size:
                    return text(data[start:stop])
            case 8:
                if size:
                    return bits(data[start:stop])
            case 10 | 11:
                if size == 4:
                    return tuple(data[start:stop])
            case 12:
                if size == 4:
                    return int.from_bytes(data[start:stop])
            case _:
                raise WireError(f"{tag} is no application tag")
    except error:
        pass
    raise WireError(f"a value of type {NAMES[tag]} has the wrong length")


def text(content: bytes) -> str:
    """Return a character string's content (clause 20.2.9); what its character set does not have is shown as such."""
    charset = _CHARSETS.get(content[0])
    if charset is None:
        raise WireError(f"character set {content[0]} is not known here")
    return content[1:].decode(charset, "replace")


def bits(content: bytes) -> tuple[bool, ...]:
    """Return a bit string's content (clause 20.2.10)."""
    unused, count = content[0], (len(content) - 1) * 8
    if unused > 7 or unused > count:
        raise WireError("a bit string leaves more unused than it has")
    return tuple(bool(content[1 + at // 8] >> (7 - at % 8) & 1) for at in range(count - unused))


def skip(data: bytes, at: int, end: int) -> int:
    """Return what follows the element at `at`, whatever stands in it."""
    depth = 0
    while True:
        _, context, length, _, at = header(data, at, end)
        if context and length == 6:
            depth += 1
            if depth > DEPTH:
                raise WireError(f"constructed values are nested more than {DEPTH} deep")
        elif context and length == 7:
            depth -= 1
            if depth < 0:
                raise WireError("a closing tag closes nothing")
        if depth == 0:
            return at


def opening(data: bytes, at: int, end: int, number: int) -> int:
    """Return what follows the opening tag that must stand at `at`."""
    tag, context, length, _, after = header(data, at, end)
    if (tag, context, length) != (number, True, 6):
        raise WireError(f"an opening tag {number} is missing")
    return after


def closes(data: bytes, at: int, end: int, number: int) -> bool:
    """Tell whether the closing tag `number` stands at `at`."""
    if at >= end:
        raise WireError(f"a closing tag {number} is missing")
    return data[at] == number << 4 | 0x0F if number < 15 else False


def values(data: bytes, at: int, end: int, number: int) -> tuple[list[Tagged], int]:
    """Return what stands up to the closing tag `number`, and what follows that."""
    found: list[Tagged] = []
    closing = number << 4 | 0x0F
    while at < end:
        first = data[at]
        if first == closing:
            return found, at + 1
        if first & 8:
            after = skip(data, at, end)
            found.append((OTHER, bytes(data[at:after])))
            at = after
        else:
            one, at = value(data, at, end)
            found.append(one)
    raise WireError(f"a closing tag {number} is missing")


def unsigned(data: bytes, at: int, end: int, number: int) -> tuple[int, int]:
    """Return the unsigned or enumerated value that must stand at `at` under the context tag `number`."""
    tag, context, length, start, stop = header(data, at, end)
    if tag != number or not context or length >= 6 or not 1 <= stop - start <= 4:
        raise WireError(f"a number under the context tag {number} is missing")
    return int.from_bytes(data[start:stop]), stop


def optional(data: bytes, at: int, end: int, number: int) -> tuple[int | None, int]:
    """Return the same where it stands at `at`, None where something else does."""
    if at < end and data[at] >> 4 == number and data[at] & 8 and data[at] & 7 < 6:
        return unsigned(data, at, end, number)
    return None, at


def context(number: int, content: int) -> bytes:
    """Write an unsigned or enumerated value under a context tag below 15."""
    if content < 0x100:
        return bytes((number << 4 | 9, content))
    size = (content.bit_length() + 7) // 8
    return bytes((number << 4 | 8 | size,)) + content.to_bytes(size)


def context_object(number: int, content: int) -> bytes:
    """Write an object under a context tag below 15."""
    return bytes((number << 4 | 12,)) + content.to_bytes(4)


def write(tag: int, content: Any) -> bytes:
    """Write a value; raise ValueError or OverflowError where it does not fit its tag."""
    match tag:
        case 0:
            return b"\x00"
        case 1:
            return b"\x11" if content else b"\x10"
        case 2 | 9:
            raw = int(content).to_bytes(max(1, (int(content).bit_length() + 7) // 8))
        case 3:
            raw = int(content).to_bytes(int(content).bit_length() // 8 + 1, signed=True)
        case 4:
            raw = _REAL.pack(content)
        case 5:
            raw = _DOUBLE.pack(content)
        case 6:
            raw = bytes(content)
        case 7:
            raw = b"\0" + str(content).encode()
        case 8:
            raw = write_bits(content)
        case 10 | 11:
            raw = bytes(content)
            if len(raw) != 4:
                raise ValueError("a date and a time are four numbers")
        case 12:
            raw = int(content).to_bytes(4)
        case -1:
            return bytes(content)
        case _:
            raise ValueError(f"{tag} is no application tag")
    if tag in (2, 3, 9) and len(raw) > 8:
        raise OverflowError("an integer has more than 64 bits")
    return _head(tag, len(raw)) + raw


def write_bits(content: Any) -> bytes:
    """Write the content of a bit string."""
    flags = list(content)
    raw = bytearray((len(flags) + 7) // 8)
    for at, flag in enumerate(flags):
        if flag:
            raw[at // 8] |= 0x80 >> at % 8
    return bytes((-len(flags) % 8,)) + bytes(raw)


def _head(tag: int, size: int) -> bytes:
    if size < 5:
        return bytes((tag << 4 | size,))
    if size < 254:
        return bytes((tag << 4 | 5, size))
    if size < 0x10000:
        return bytes((tag << 4 | 5, 254)) + size.to_bytes(2)
    return bytes((tag << 4 | 5, 255)) + size.to_bytes(4)


def object_of(kind: int, instance: int) -> int:
    """Return an object's number."""
    return kind << 22 | instance
