"""Prometheus remote write, without a socket: requests of version 1.0 and 2.0 read, requests of 1.0 written.

Protocol Buffers by hand, since two messages are all there is of it: https://prometheus.io/docs/specs/prw/remote_write_spec/ and
`io.prometheus.write.v2.Request` of remote_write_spec_2_0. A body is one block of Snappy.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import cramjam
from msgspec import Struct

COMPRESSED: Final = 8 << 20
"""Most bytes of a body as it is sent; senders keep to about 1 MiB."""
PLAIN: Final = 32 << 20
"""Most bytes of a body once it is unpacked."""
SERIES: Final = 50_000
"""Most series of a request."""
SAMPLES: Final = 200_000
"""Most samples of a request."""
LABELS: Final = 100
"""Most labels of a series."""
NAME: Final = 1024
VALUE: Final = 4096
"""Most bytes of a label's name and value."""
SYMBOLS: Final = 500_000
"""Most strings that a request of version 2.0 names once."""
STALE: Final = 0x7FF0000000000002
"""Bits of the NaN that says that a series ended here (a stale marker)."""
NAN: Final = 0x7FF8000000000001
"""Bits of a NaN that is a value like any other."""

VERSION_1: Final = "prometheus.WriteRequest"
VERSION_2: Final = "io.prometheus.write.v2.Request"
"""The parameter `proto` of application/x-protobuf."""

_DOUBLE: Final = struct.Struct("<d")
_BITS: Final = struct.Struct("<Q")
_FIXED: Final = {1: 8, 5: 4}


class Malformed(ValueError):
    """The bytes are no such request, or pass a stated limit."""


class Line(Struct, frozen=True):
    """A series of a request, in columns of equal length."""

    key: bytes
    """Its labels as version 1.0 writes them, in the order in which they came; `labels` reads them."""
    times: list[int]
    """Milliseconds since 1970 UTC."""
    values: list[float | None]
    """None is a stale marker."""
    others: int = 0
    """Histograms and exemplars that came along."""


def unpack(body: bytes) -> bytes:
    """Return what a block of Snappy holds; raise Malformed."""
    if len(body) > COMPRESSED:
        raise Malformed(f"the body has more than {COMPRESSED} bytes")
    size, start = _varint(body, 0, len(body))
    if size > PLAIN:
        raise Malformed(f"the body holds {size} bytes; at most {PLAIN} are taken")
    # Three bytes make at most sixty-four: whoever announces more lies, and no room is set aside for it.
    if size > (len(body) - start) * 64:
        raise Malformed("the body is no block of Snappy")
    try:
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise Malformed("the body is no block of Snappy") from error


def pack(plain: bytes) -> bytes:
    """Return a block of Snappy."""
    return bytes(cramjam.snappy.compress_raw(plain))


def read(data: bytes, version: str = VERSION_1) -> list[Line]:
    """Return the series of a request that was unpacked; raise Malformed. Labels are not looked at: `labels` does that."""
    return list(_lines_2(data) if version == VERSION_2 else _lines_1(data))


def labels(key: bytes) -> dict[str, str]:
    """Return the labels behind a `Line.key`; raise Malformed where they cannot be a series."""
    found: dict[str, str] = {}
    for _, body in _fields(key, 0, len(key)):
        if not isinstance(body, tuple):
            continue
        name = value = b""
        for tag, part in _fields(key, *body):
            if isinstance(part, tuple):
                if tag == 1:
                    name = key[slice(*part)]
                elif tag == 2:
                    value = key[slice(*part)]
        if not name or len(name) > NAME or len(value) > VALUE:
            raise Malformed(f"a label without a name, or of more than {NAME} and {VALUE} bytes")
        try:
            text = name.decode()
            if text in found:
                raise Malformed(f'the label "{text}" twice')
            found[text] = value.decode()
        except UnicodeDecodeError as error:
            raise Malformed("a label that is not UTF-8") from error
        if len(found) > LABELS:
            raise Malformed(f"more than {LABELS} labels")
    if not found.get("__name__"):
        raise Malformed("no label __name__, so no name")
    return found


def label_bytes(named: Iterable[tuple[str, str]]) -> bytes:
    """Return labels as a series begins with them; receivers ask for them in order of their names."""
    return b"".join(_message(1, _message(1, name.encode()) + _message(2, value.encode())) for name, value in named)


def line_bytes(key: bytes, times: Sequence[int], values: Sequence[float | None]) -> bytes:
    """Return one series of a request; times in milliseconds, ascending; None is a stale marker."""
    parts = [key]
    for time, value in zip(times, values, strict=True):
        bits = _BITS.pack(STALE) if value is None else _DOUBLE.pack(value) if value == value else _BITS.pack(NAN)
        body = b"\x09" + bits + b"\x10" + varint(time)
        parts.append(b"\x12" + varint(len(body)) + body)
    return _message(1, b"".join(parts))


def varint(number: int) -> bytes:
    """Return a number as base-128 varint; a negative one as its 64-bit two's complement."""
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _message(tag: int, body: bytes) -> bytes:
    return bytes([tag << 3 | 2]) + varint(len(body)) + body


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    number = shift = 0
    while at < end and shift < 64:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    raise Malformed("a number that does not end")


def _field(data: bytes, at: int, end: int) -> tuple[int, int | tuple[int, int], int]:
    """Return a field's tag, its number or (start, end) of what has a length or is fixed, and where the next one begins."""
    head, at = _varint(data, at, end)
    kind = head & 7
    if kind == 0:
        number, at = _varint(data, at, end)
        return head >> 3, number, at
    if kind == 2:
        size, at = _varint(data, at, end)
    elif kind in _FIXED:
        size = _FIXED[kind]
    else:
        raise Malformed(f"a field of the kind {kind}")
    if at + size > end:
        raise Malformed("a field that reaches beyond its message")
    return head >> 3, (at, at + size), at + size


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int | tuple[int, int]]]:
    while at < end:
        tag, part, at = _field(data, at, end)
        yield tag, part


class _Room:
    """Counts against the limits of a request."""

    def __init__(self) -> None:
        self.series = 0
        self.samples = 0

    def line(self) -> None:
        self.series += 1
        if self.series > SERIES:
            raise Malformed(f"more than {SERIES} series in a request")


def _lines_1(data: bytes) -> Iterator[Line]:
    room = _Room()
    for tag, whole in _fields(data, 0, len(data)):
        if tag == 1 and isinstance(whole, tuple):
            room.line()
            yield _line_1(data, *whole, room)


def _line_1(data: bytes, at: int, end: int, room: _Room) -> Line:
    key: list[bytes] = []
    times: list[int] = []
    values: list[float | None] = []
    others = 0
    while at < end:
        begin, head = at, data[at]
        # Almost all that comes is a label or a sample of less than 128 bytes: two bytes tell what it is and how long.
        if head & 0x87 == 2 and at + 1 < end and data[at + 1] < 0x80:
            tag, at = head >> 3, at + 2 + data[at + 1]
            body = begin + 2
            if at > end:
                raise Malformed("a field that reaches beyond its message")
        else:
            tag, part, at = _field(data, at, end)
            if not isinstance(part, tuple):
                continue
            body = part[0]
        if tag == 1:
            key.append(data[begin:at])
        elif tag == 2:
            _sample(data, body, at, room, times, values)
        elif tag in (3, 4):
            others += 1
    return Line(b"".join(key), times, values, others)


def _lines_2(data: bytes) -> Iterator[Line]:
    symbols: list[str] = []
    bodies: list[tuple[int, int]] = []
    room = _Room()
    for tag, part in _fields(data, 0, len(data)):
        if not isinstance(part, tuple):
            continue
        if tag == 4:
            if len(symbols) >= SYMBOLS:
                raise Malformed(f"more than {SYMBOLS} symbols in a request")
            try:
                symbols.append(data[slice(*part)].decode())
            except UnicodeDecodeError as error:
                raise Malformed("a symbol that is not UTF-8") from error
        elif tag == 5:
            room.line()
            bodies.append(part)
    for start, end in bodies:
        refs: list[int] = []
        times: list[int] = []
        values: list[float | None] = []
        others = 0
        for tag, part in _fields(data, start, end):
            if tag == 1:
                refs += [part] if isinstance(part, int) else _packed(data, *part)
            elif isinstance(part, tuple):
                if tag == 2:
                    _sample(data, *part, room, times, values)
                elif tag in (3, 4):
                    others += 1
        if len(refs) % 2 or len(refs) > 2 * LABELS or any(ref >= len(symbols) for ref in refs):
            raise Malformed("labels that refer to symbols which are not there")
        named = [(symbols[name], symbols[value]) for name, value in zip(refs[::2], refs[1::2], strict=True)]
        yield Line(label_bytes(named), times, values, others)


def _packed(data: bytes, at: int, end: int) -> list[int]:
    found = []
    while at < end:
        number, at = _varint(data, at, end)
        found.append(number)
        if len(found) > 2 * LABELS:
            raise Malformed(f"more than {LABELS} labels")
    return found


def _sample(data: bytes, at: int, end: int, room: _Room, times: list[int], values: list[float | None]) -> None:
    room.samples += 1
    if room.samples > SAMPLES:
        raise Malformed(f"more than {SAMPLES} samples in a request")
    bits, time = -1, 0
    if end - at > 10 and data[at] == 9 and data[at + 9] == 16:
        bits = at + 1
        time, last = _varint(data, at + 10, end)
        if last != end:
            bits = -1
    if bits < 0:
        bits, time = _sample_slow(data, at, end)
    value: float | None = _DOUBLE.unpack_from(data, bits)[0] if bits else 0.0
    if value != value and _BITS.unpack_from(data, bits)[0] == STALE:
        value = None
    times.append(time - (1 << 64) if time >> 63 else time)
    values.append(value)


def _sample_slow(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return where the value's bits lie (0: it is left away, so 0.0), and the time."""
    bits = time = 0
    for tag, part in _fields(data, at, end):
        if tag == 1:
            if not isinstance(part, tuple) or part[1] - part[0] != 8:
                raise Malformed("a value that is no number of 64 bits")
            bits = part[0]
        elif tag == 2 and isinstance(part, int):
            time = part
    return bits, time
