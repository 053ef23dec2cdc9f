"""What a server answers to Publish and Read, as columns (OPC 10000-6, clause 5.2). Bytes in, values out; no I/O.

The library reads each field into an object of its own. Here the items of a notification that look alike are unpacked all at once,
and the others one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct, error
from typing import Any, Final
from uuid import UUID

ITEMS: Final = 100_000
"""Most elements of one array."""
DEEP: Final = 16
"""Levels of values within values."""
PUBLISH_RESPONSE: Final = 829
READ_RESPONSE: Final = 634
HISTORY_RESPONSE: Final = 667
HISTORY_DATA: Final = 658
DATA_CHANGE: Final = 811
STATUS_CHANGE: Final = 820
_EPOCH: Final = 11_644_473_600_000_000
"""Microseconds from 1601 to 1970."""
_LAST: Final = 253_402_300_799_000_000
"""The last second of the year 9999, in microseconds since 1970."""

_U8, _U16, _U32, _I32, _I64, _F64 = Struct("<B"), Struct("<H"), Struct("<I"), Struct("<i"), Struct("<q"), Struct("<d")
_CODES: Final = {1: "?", 2: "b", 3: "B", 4: "h", 5: "H", 6: "i", 7: "I", 8: "q", 9: "Q", 10: "f", 11: "d", 19: "I"}
"""Built-in types of fixed size (Part 6, table 1) and their form."""


class WireError(Exception):
    """These bytes are no such answer."""


class Opaque:
    """A value that no point can take: a structure, or a matrix."""

    def __repr__(self) -> str:
        return "a structure"


OPAQUE: Final = Opaque()


@dataclass(slots=True)
class Values:
    """Values in columns of equal length, as the server told them."""

    handles: list[int] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    """Source times, microseconds since 1970 UTC; 0 where there is none."""
    servers: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Published:
    """One PublishResponse."""

    subscription: int
    sequence: int
    more: bool
    changes: Values
    status: int | None = None
    """What became of the subscription itself (StatusChangeNotification)."""
    empty: bool = False
    """A keep-alive: its sequence number is not acknowledged."""


def published(data: bytes) -> Published:
    """Read the body of a PublishResponse; raises WireError."""
    try:
        reader = _Reader(data)
        reader.header(PUBLISH_RESPONSE)
        subscription = reader.number(_U32)
        reader.skip(4 * reader.count())
        more = bool(reader.number(_U8))
        sequence = reader.number(_U32)
        reader.skip(8)
        found = Published(subscription, sequence, more, Values())
        count = reader.count()
        found.empty = not count
        for _ in range(count):
            kind, at, end = reader.extension()
            if kind == DATA_CHANGE:
                _changes(_Reader(data, at, end), found.changes)
            elif kind == STATUS_CHANGE:
                found.status = _Reader(data, at, end).number(_U32)
        return found
    except (error, IndexError, ValueError, OverflowError, RecursionError) as fault:
        raise WireError(f"a PublishResponse cannot be read ({fault})") from None


def read_results(data: bytes) -> Values:
    """Read the body of a ReadResponse; the handles are the places of the results. Raises WireError."""
    try:
        reader = _Reader(data)
        reader.header(READ_RESPONSE)
        found = Values()
        for place in range(reader.count()):
            _add(found, place, reader.data_value())
        return found
    except (error, IndexError, ValueError, OverflowError, RecursionError) as fault:
        raise WireError(f"a ReadResponse cannot be read ({fault})") from None


def history_results(data: bytes) -> list[tuple[int, bytes, Values]]:
    """Read the body of a HistoryReadResponse: for each node its StatusCode, continuation point and values. Raises WireError."""
    try:
        reader = _Reader(data)
        reader.header(HISTORY_RESPONSE)
        found = []
        for _ in range(reader.count()):
            status, more = reader.number(_U32), reader.octets() or b""
            kind, at, end = reader.extension()
            values = Values()
            if kind == HISTORY_DATA:
                part = _Reader(data, at, end)
                for place in range(part.count()):
                    _add(values, place, part.data_value())
            found.append((status, more, values))
        return found
    except (error, IndexError, ValueError, OverflowError, RecursionError) as fault:
        raise WireError(f"a HistoryReadResponse cannot be read ({fault})") from None


def micros(ticks: int) -> int:
    """Return an OPC UA DateTime (100 ns since 1601) as microseconds since 1970 UTC; 0 for none, or one beyond 9999."""
    if ticks <= 0:
        return 0
    time = ticks // 10 - _EPOCH
    return time if 0 < time < _LAST else 0


def iso(ticks: int) -> str:
    """Return an OPC UA DateTime as text."""
    time = micros(ticks)
    return (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=time)).isoformat() if time else ""


@lru_cache(maxsize=512)
def _shape(mask: int, kind: int) -> tuple[Struct, int, int, int, int] | None:
    """Return how an item with these two bytes is unpacked, and which of its fields are value, status, source, server."""
    code = _CODES.get(kind)
    if mask & 0xC0 or not mask & 1 or code is None:
        return None
    form, places, fields = f"<IBB{code}", [3, -1, -1, -1], 4
    for bit, part, place in ((2, "I", 1), (4, "q", 2), (16, "H", 0), (8, "q", 3), (32, "H", 0)):
        if mask & bit:
            form += part
            if place:
                places[place] = fields
            fields += 1
    return Struct(form), places[0], places[1], places[2], places[3]


def _changes(reader: _Reader, found: Values) -> None:
    count = reader.count()
    data, end = reader.data, reader.end
    left = count
    while left:
        at = reader.at
        if at + 6 > end:
            raise WireError("a notification ends within an item")
        mask, kind = data[at + 4], data[at + 5]
        shape = _shape(mask, kind)
        if shape is None:
            handle = reader.number(_U32)
            _add(found, handle, reader.data_value())
            left -= 1
            continue
        size = shape[0].size
        alike = min(left, (end - at) // size)
        if not alike:
            raise WireError("a notification ends within an item")
        span = alike * size
        alike = min(_run(data[at + 4 : at + span : size], mask), _run(data[at + 5 : at + span : size], kind))
        _alike(found, shape, data[at : at + alike * size], alike)
        reader.at = at + alike * size
        left -= alike


def _run(column: bytes, first: int) -> int:
    """Return how many bytes at the beginning of `column` are `first`."""
    return len(column) - len(column.lstrip(bytes((first,))))


def _alike(found: Values, shape: tuple[Struct, int, int, int, int], data: bytes, count: int) -> None:
    form, value, status, source, server = shape
    columns = list(zip(*form.iter_unpack(data), strict=True))
    none = [0] * count
    found.handles += columns[0]
    found.values += columns[value]
    found.statuses += columns[status] if status >= 0 else none
    found.sources += [micros(one) for one in columns[source]] if source >= 0 else none
    found.servers += [micros(one) for one in columns[server]] if server >= 0 else none


def _add(found: Values, handle: int, one: tuple[Any, int, int, int]) -> None:
    found.handles.append(handle)
    found.values.append(one[0])
    found.statuses.append(one[1])
    found.sources.append(one[2])
    found.servers.append(one[3])


class _Reader:
    """A place in the bytes. All that goes past `end` raises."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data, self.at = data, at
        self.end = len(data) if end is None else end

    def number(self, form: Struct) -> int:
        at = self.at
        self.skip(form.size)
        return int(form.unpack_from(self.data, at)[0])

    def skip(self, size: int) -> None:
        self.at += size
        if size < 0 or self.at > self.end:
            raise WireError("the answer ends too early")

    def count(self) -> int:
        """Return the length of an array; null is empty."""
        count = self.number(_I32)
        if count > ITEMS:
            raise WireError(f"an array of {count} elements")
        return max(count, 0)

    def octets(self) -> bytes | None:
        size = self.number(_I32)
        if size < 0:
            return None
        at = self.at
        self.skip(size)
        return self.data[at : self.at]

    def text(self) -> str | None:
        found = self.octets()
        return None if found is None else found.decode("utf-8", "replace")

    def header(self, kind: int) -> None:
        """Read the type of the answer and its ResponseHeader (Part 4, clause 7.34)."""
        found = self.node()
        if found != kind:
            raise WireError(f"an answer of the type {found} in place of {kind}")
        self.skip(16)
        self.diagnostics(0)
        for _ in range(self.count()):
            self.octets()
        self.extension()

    def node(self, flags: int = 0) -> int | str:
        """Return a NodeId: its number within the namespace 0, else its text."""
        kind = self.number(_U8)
        bits, kind = kind & ~flags & 0xC0, kind & 0x3F
        if bits:
            raise WireError(f"a NodeId of the encoding {kind | bits}")
        if kind == 0:
            return self.number(_U8)
        if kind == 1:
            space, number = self.number(_U8), self.number(_U16)
            return number if not space else f"ns={space};i={number}"
        space = self.number(_U16)
        if kind == 2:
            number = self.number(_U32)
            return number if not space else f"ns={space};i={number}"
        if kind == 3:
            return f"ns={space};s={self.text()}"
        if kind == 4:
            return f"ns={space};g={self.guid()}"
        if kind == 5:
            return f"ns={space};b={(self.octets() or b'').hex()}"
        raise WireError(f"a NodeId of the encoding {kind}")

    def expanded(self) -> str:
        """Return an ExpandedNodeId as text."""
        flags = self.data[self.at] & 0xC0 if self.at < self.end else 0
        found = self.node(0xC0)
        uri = self.text() if flags & 0x80 else None
        if flags & 0x40:
            self.skip(4)
        return f"nsu={uri};{found}" if uri else str(found)

    def guid(self) -> str:
        at = self.at
        self.skip(16)
        return str(UUID(bytes_le=self.data[at : self.at]))

    def extension(self) -> tuple[int | str, int, int]:
        """Return the type of an ExtensionObject, and where its body begins and ends."""
        kind = self.node()
        encoding = self.number(_U8)
        if not encoding:
            return kind, self.at, self.at
        if encoding > 2:
            raise WireError(f"an ExtensionObject of the encoding {encoding}")
        size = max(0, self.number(_I32))
        at = self.at
        self.skip(size)
        return (kind if encoding == 1 else ""), at, self.at

    def diagnostics(self, depth: int) -> None:
        """Skip a DiagnosticInfo (Part 6, clause 5.2.2.12)."""
        if depth > DEEP:
            raise WireError("diagnostics within diagnostics without end")
        mask = self.number(_U8)
        for bit in (1, 2, 4, 8):
            if mask & bit:
                self.skip(4)
        if mask & 16:
            self.octets()
        if mask & 32:
            self.skip(4)
        if mask & 64:
            self.diagnostics(depth + 1)

    def data_value(self, depth: int = 0) -> tuple[Any, int, int, int]:
        """Return value, status, source time and server time of a DataValue (Part 6, clause 5.2.2.17)."""
        mask = self.number(_U8)
        value = self.variant(depth) if mask & 1 else None
        status = self.number(_U32) if mask & 2 else 0
        source = micros(self.number(_I64)) if mask & 4 else 0
        if mask & 16:
            self.skip(2)
        server = micros(self.number(_I64)) if mask & 8 else 0
        if mask & 32:
            self.skip(2)
        return value, status, source, server

    def variant(self, depth: int = 0) -> Any:
        """Return a Variant's value (Part 6, clause 5.2.2.16): a list for an array, OPAQUE for what has dimensions."""
        if depth > DEEP:
            raise WireError("values within values without end")
        mask = self.number(_U8)
        kind = mask & 0x3F
        if not mask & 0x80:
            return self.scalar(kind, depth) if kind else None
        found = [self.scalar(kind, depth) for _ in range(self.count())]
        if not mask & 0x40:
            return found
        self.skip(4 * self.count())
        return OPAQUE

    def scalar(self, kind: int, depth: int) -> Any:
        code = _CODES.get(kind)
        if code is not None:
            form = Struct(f"<{code}")
            at = self.at
            self.skip(form.size)
            return form.unpack_from(self.data, at)[0]
        if kind == 24:
            return self.variant(depth + 1)
        read = _SCALARS.get(kind)
        if read is None:
            raise WireError(f"a value of the type {kind}")
        return read(self)

    def localized(self) -> str:
        """Return the text of a LocalizedText, without its locale."""
        mask = self.number(_U8)
        if mask & 1:
            self.octets()
        return (self.text() or "") if mask & 2 else ""

    def qualified(self) -> str:
        self.skip(2)
        return self.text() or ""

    def structure(self) -> Opaque:
        self.extension()
        return OPAQUE

    def opaque_data_value(self) -> Opaque:
        self.data_value(DEEP)
        return OPAQUE

    def opaque_diagnostics(self) -> Opaque:
        self.diagnostics(0)
        return OPAQUE


_SCALARS: Final[dict[int, Callable[[_Reader], Any]]] = {
    12: _Reader.text,
    13: lambda reader: iso(reader.number(_I64)),
    14: _Reader.guid,
    15: _Reader.octets,
    16: _Reader.text,
    17: lambda reader: str(reader.node()),
    18: _Reader.expanded,
    20: _Reader.qualified,
    21: _Reader.localized,
    22: _Reader.structure,
    23: _Reader.opaque_data_value,
    25: _Reader.opaque_diagnostics,
}
