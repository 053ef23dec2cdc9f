"""The one format of packed samples: a chunk is those of one point in order of time, a journal row those of any in any order.

Layout, version 1: version (1 byte), CRC-32 of all that follows (4, big-endian), count, points? (1 byte: 1 where a column of
point numbers is in it), length of the body, then the body in one zstd frame without a checksum of its own. The body is columns:
points where they are in it, source times, lags, qualities, kinds, then of each kind that is there: integers and booleans
together, floats, indexes of texts and long integers together, and the table of texts: how many, their lengths, UTF-8.
"""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np
import zstandard
from msgspec import Struct

from sitewarden.store.chunks import floats, integers
from sitewarden.store.chunks.columns import BOOLEAN, FLOAT, INTEGER, LONG, NONE, TEXT, Columns
from sitewarden.store.chunks.integers import QUICK, THOROUGH, USUAL
from sitewarden.store.chunks.octets import Corrupt, Source, put_number

VERSION: Final = 1
MOST: Final = 1 << 20
"""Samples in one piece of bytes, at most."""
MOST_BYTES: Final = 1 << 28
"""Bytes of one body, at most."""
_LEVELS: Final = {QUICK: 1, USUAL: 3, THOROUGH: 15}
_ANY: Final = -1


class Packer:
    """Encodes and decodes; one for each thread, since zstd's contexts are used again."""

    def __init__(self) -> None:
        self._compressors = {
            effort: zstandard.ZstdCompressor(level=level, write_content_size=False, write_checksum=False, write_dict_id=False)
            for effort, level in _LEVELS.items()
        }
        self._decompressor = zstandard.ZstdDecompressor()

    def encode(self, columns: Columns, effort: int = USUAL, *, points: bool = False) -> bytes:
        """Return samples as bytes; with `points` their point numbers too."""
        body = _body(columns, effort, points)
        rest = bytearray()
        put_number(rest, len(columns))
        rest.append(points)
        put_number(rest, len(body))
        rest += self.compress(body, effort)
        return bytes((VERSION,)) + zlib.crc32(rest).to_bytes(4, "big") + rest

    def decode(self, data: bytes, point: int = _ANY) -> Columns:
        """Return the samples; those of a chunk get the number `point`. Raises Corrupt for what `encode` did not write."""
        head = read_head(data)
        body = self._body(data[head.offset :], head.length)
        source = Source(body)
        count = head.count
        if head.points:
            wide = integers.take(source, count)
            if count and not (int(wide.min()) >= 0 and int(wide.max()) < 1 << 31):
                raise Corrupt("a point number past its limits")
            numbers = wide.astype(np.int32)
        else:
            numbers = np.full(count, point, dtype=np.int32)
        times, lags, wide = (integers.take(source, count) for _ in range(3))
        if count and not (int(wide.min()) >= 0 and int(wide.max()) < 1 << 32):
            raise Corrupt("a quality past its limits")
        qualities = wide.astype(np.uint32)
        wide = integers.take(source, count)
        if count and not (int(wide.min()) >= NONE and int(wide.max()) <= LONG):
            raise Corrupt("a kind of value that there is not")
        kinds = wide.astype(np.uint8)
        bits, texts = _take_values(source, kinds)
        source.finish()
        return Columns(numbers, times, lags, kinds, bits, qualities, texts)

    def compress(self, body: bytes, effort: int = USUAL) -> bytes:
        """Return a body as one zstd frame."""
        return self._compressors[effort].compress(body)

    def pack(self, body: bytes, effort: int = USUAL, *, version: int = VERSION) -> bytes:
        """Return any body with its checksum, compressed; its layout is of a version."""
        rest = bytearray()
        put_number(rest, len(body))
        rest += self.compress(body, effort)
        return bytes((version,)) + zlib.crc32(rest).to_bytes(4, "big") + rest

    def unpack(self, data: bytes, *, newest: int = VERSION) -> bytes:
        """Return the body that `pack` was given, of a version up to `newest`, which is the first byte; raises Corrupt."""
        source = _checked(data, newest)
        length = source.number()
        return self._body(source.take(source.left), length)

    def _body(self, data: bytes, length: int) -> bytes:
        if length > MOST_BYTES:
            raise Corrupt(f"a body of {length} bytes")
        if not length:
            return b""
        try:
            body = self._decompressor.decompress(data, max_output_size=length, allow_extra_data=False)
        except zstandard.ZstdError as error:
            raise Corrupt(f"zstd: {error}") from None
        if len(body) != length:
            raise Corrupt(f"a body of {len(body)} bytes instead of {length}")
        return body


class Head(Struct, frozen=True):
    """What stands before the body."""

    count: int
    points: bool
    length: int
    offset: int


def read_head(data: bytes) -> Head:
    """Return what stands before the body, after the checksum was compared; raises Corrupt."""
    source = _checked(data)
    count = source.number()
    if count > MOST:
        raise Corrupt(f"{count} samples in one piece")
    points = source.take(1)[0]
    if points > 1:
        raise Corrupt("a mark that is neither of a chunk nor of a journal row")
    length = source.number()
    return Head(count, bool(points), length, len(data) - source.left)


def _checked(data: bytes, newest: int = VERSION) -> Source:
    source = Source(data)
    version = source.take(1)[0]
    if not VERSION <= version <= newest:
        raise Corrupt(f"format {version}, this program reads {newest}")
    if int.from_bytes(source.take(4), "big") != zlib.crc32(data[5:]):
        raise Corrupt("the checksum does not fit")
    return source


def _body(columns: Columns, effort: int, points: bool) -> bytes:
    out = bytearray()
    if points:
        integers.put(out, columns.points.astype(np.int64), effort)
    integers.put(out, columns.times, effort)
    integers.put(out, columns.lags, effort)
    integers.put(out, columns.qualities.astype(np.int64), effort)
    kinds, bits = columns.kinds, columns.bits
    integers.put(out, kinds.astype(np.int64), effort)
    if not len(kinds):
        return bytes(out)
    first = int(kinds[0])
    if not np.count_nonzero(kinds != first):
        if first in (INTEGER, BOOLEAN):
            integers.put(out, bits, effort)
        elif first == FLOAT:
            floats.put(out, bits, effort)
        elif first >= TEXT:
            _put_texts(out, bits, columns.texts, effort)
        return bytes(out)
    integers.put(out, bits[(kinds == INTEGER) | (kinds == BOOLEAN)], effort)
    floats.put(out, bits[kinds == FLOAT], effort)
    if int(kinds.max()) >= TEXT:
        _put_texts(out, bits[kinds >= TEXT], columns.texts, effort)
    return bytes(out)


def _put_texts(out: bytearray, bits: integers.Ints, texts: tuple[str, ...], effort: int) -> None:
    used, indexes = np.unique(bits, return_inverse=True)
    table = [texts[index].encode() for index in used.tolist()]
    integers.put(out, indexes.astype(np.int64), effort)
    put_number(out, len(table))
    for text in table:
        put_number(out, len(text))
    out += b"".join(table)


def _take_values(source: Source, kinds: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> tuple[integers.Ints, tuple[str, ...]]:
    bits = np.zeros(len(kinds), dtype=np.int64)
    if not len(kinds):
        return bits, ()
    present = np.bincount(kinds, minlength=LONG + 1).tolist()
    if present[FLOAT] == len(kinds):
        return floats.take(source, len(kinds)), ()
    whole = (kinds == INTEGER) | (kinds == BOOLEAN)
    bits[whole] = integers.take(source, present[INTEGER] + present[BOOLEAN])
    if present[BOOLEAN]:
        switched = bits[kinds == BOOLEAN]
        if int(switched.min()) < 0 or int(switched.max()) > 1:
            raise Corrupt("a boolean that is neither")
    bits[kinds == FLOAT] = floats.take(source, present[FLOAT])
    count = present[TEXT] + present[LONG]
    if not count:
        return bits, ()
    indexes = integers.take(source, count)
    size = source.number()
    if not 1 <= size <= count or int(indexes.min()) < 0 or int(indexes.max()) >= size:
        raise Corrupt("texts that do not fit their table")
    lengths = [source.number() for _ in range(size)]
    try:
        texts = tuple(source.take(length).decode() for length in lengths)
    except UnicodeDecodeError as error:
        raise Corrupt(f"a text that is not UTF-8: {error}") from None
    bits[kinds >= TEXT] = indexes
    for index in np.unique(bits[kinds == LONG]).tolist():
        text = texts[index]
        if not (1 <= len(text) <= 80 and text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal()):
            raise Corrupt("a long integer that is none")
    return bits, texts
