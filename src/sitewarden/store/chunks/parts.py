"""Parts of rollups as bytes, such that thousands of them are read with few steps, in one piece or in many.

Layout, version 2, inside the frame of `Packer.pack`: count (4 bytes), places (0: floats as their bits; n + 1: as integers over
10^n), marks of which of total and area are integers too, two bytes of nothing, divisor of the times (8), divisor of the starts
(8); then of each of 13 columns its first number (8) and its least difference (8), and which of its eight byte planes follow (1);
then those planes. All little-endian. Times are less the start of their span. Integers stand as differences to the part before,
less the least of them; floats as XOR with it. Version 1 is read too: see `_decode_first`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from struct import Struct as Layout
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.integers import USUAL
from sitewarden.store.chunks.octets import Corrupt, Source
from sitewarden.store.chunks.rollups import Parts, blank

VERSION: Final = 2
MOST: Final = 1 << 20
"""Parts in one piece of bytes, at most."""
_WIDTH: Final = 13
_WHOLE: Final = 7
_HEAD: Final = Layout("<IBBxxqq")
_FRONT: Final = _HEAD.size + 17 * _WIDTH
_SLAB: Final = 2048
"""Parts that are done together: what is made on the way stays in the processor's cache."""
_LIMIT: Final = float(1 << 52)
_PLACES: Final = 6
_CLOSE: Final = 1e-12

Ints = NDArray[np.int64]


def encode_parts(packer: Packer, pieces: Parts, effort: int = USUAL) -> bytes:
    """Return parts as bytes. Total and area of decimals are rounded to what the exact sum of them can be."""
    count = len(pieces)
    if not count:
        return packer.pack(_HEAD.pack(0, 0, 0, 1, 1) + bytes(17 * _WIDTH), effort, version=VERSION)
    rows = np.empty((_WIDTH, count), dtype=np.int64)
    starts = pieces["start"]
    step = max(int(np.gcd.reduce(starts)), 1)
    rows[0] = starts // step
    rows[1] = pieces["first_time"] - starts
    rows[2] = pieces["last_time"] - starts
    rows[3] = pieces["cover"]
    divisor = max(int(np.gcd.reduce(rows[1:4], axis=None)), 1)
    rows[1:4] //= divisor
    rows[4] = pieces["count"]
    rows[5] = pieces["worst"]
    rows[6] = np.isnan(pieces["tail"])
    floats = np.stack([pieces[name] for name in ("low", "high", "first", "last", "total", "area")])
    places, marks = _scale(rows, floats, divisor)
    integers, others = _kinds(places, marks)
    firsts, least = rows[:, 0].copy(), np.zeros(_WIDTH, dtype=np.int64)
    steps = rows.copy()
    steps[integers, 1:] -= rows[integers, :-1]
    steps[others, 1:] ^= rows[others, :-1]
    if count > 1:
        least[integers] = steps[integers, 1:].min(axis=1)
    steps -= least[:, None]
    steps[:, 0] = 0
    planes = np.bitwise_or.reduce(steps, axis=1).astype("<i8").view(np.uint8) != 0
    body = np.ascontiguousarray(steps, dtype="<i8").view(np.uint8).reshape(_WIDTH, count, 8).transpose(0, 2, 1)
    return packer.pack(
        b"".join(
            (
                _HEAD.pack(count, places, marks, divisor, step),
                firsts.astype("<i8").tobytes(),
                least.astype("<i8").tobytes(),
                np.packbits(planes, bitorder="little").tobytes(),
                body.reshape(-1, count)[planes].tobytes(),
            )
        ),
        effort,
        version=VERSION,
    )


def decode_parts(packer: Packer, data: bytes) -> Parts:
    """Return the parts; raises Corrupt for what `encode_parts` did not write."""
    return _finished([_read(packer, data)], _Scratch())


def slabs(packer: Packer, bodies: Sequence[bytes], damaged: Callable[[int, str], None]) -> Iterator[tuple[int, list[int], Parts]]:
    """Yield the parts of some pieces at a time: which is the first, where each begins and the last ends, and their parts.

    The memory of parts is used again for the next ones: fresh memory costs more than what is done to the numbers in it.
    `damaged` is told the index and what is wrong of a piece that cannot be read; it has no parts then.
    """
    first, edges = 0, [0]
    slab: list[_Piece] = []
    scratch = _Scratch()
    for index, data in enumerate(bodies):
        try:
            slab.append(_read(packer, data))
            edges.append(edges[-1] + slab[-1].count)
        except Corrupt as error:
            damaged(index, str(error))
            edges.append(edges[-1])
        if edges[-1] >= _SLAB:
            yield first, edges, _finished(slab, scratch)
            first, edges, slab = index + 1, [0], []
    if len(edges) > 1:
        yield first, edges, _finished(slab, scratch)


class _Piece(Struct, frozen=True, eq=False):
    """What stands in one piece of bytes; of version 1 the rows themselves, of version 2 what makes them."""

    count: int
    places: int
    marks: int
    divisor: int
    step: int = 1
    rows: Ints | None = None
    firsts: Ints | None = None
    least: Ints | None = None
    which: Ints | None = None
    """Numbers of the byte planes that are there."""
    planes: NDArray[np.uint8] | None = None


def _read(packer: Packer, data: bytes) -> _Piece:
    body = packer.unpack(data, newest=VERSION)
    if data[0] == 1:
        return _decode_first(body)
    if len(body) < _FRONT:
        raise Corrupt("parts that end too early")
    count, places, marks, divisor, step = _HEAD.unpack_from(body)
    _check(count, places, marks, divisor)
    if step < 1:
        raise Corrupt("parts past their limits")
    edges = np.frombuffer(body, dtype="<i8", count=2 * _WIDTH, offset=_HEAD.size).reshape(2, _WIDTH)
    which = _which(body[_FRONT - _WIDTH : _FRONT])
    if len(body) != _FRONT + len(which) * count:
        raise Corrupt("parts whose planes do not fit their count")
    planes = np.frombuffer(body, dtype=np.uint8, offset=_FRONT).reshape(len(which), count)
    return _Piece(count, places, marks, divisor, step, None, edges[0], edges[1], which, planes)


@lru_cache(maxsize=1024)
def _which(bits: bytes) -> Ints:
    return np.flatnonzero(np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little"))


def _check(count: int, places: int, marks: int, divisor: int) -> None:
    if count > MOST or places > _PLACES + 1 or marks > (3 if places else 0) or not 1 <= divisor < 1 << 63:
        raise Corrupt("parts past their limits")


def _decode_first(body: bytes) -> _Piece:
    """Return what stands in version 1.

    Count, divisor, places, marks, then all byte planes of a matrix whose columns of integers stand before those of floats.
    """
    source = Source(body)
    count, divisor = source.number(), source.number()
    places, marks = source.take(2)
    _check(count, places, marks, divisor)
    planes = np.frombuffer(source.take(count * _WIDTH * 8), dtype=np.uint8)
    source.finish()
    steps = np.ascontiguousarray(planes.reshape(_WIDTH * 8, count).T).view("<i8").astype(np.int64, copy=False).T
    integers, others = _kinds(places, marks)
    rows = np.empty((_WIDTH, count), dtype=np.int64)
    rows[integers] = np.cumsum(steps[: len(integers)], axis=1)
    rows[others] = np.bitwise_xor.accumulate(steps[len(integers) :], axis=1)
    return _Piece(count, places, marks, divisor, rows=rows)


def _kinds(places: int, marks: int) -> tuple[list[int], list[int]]:
    """Return the columns of integers, and those of bits."""
    integers = [*range(_WHOLE + (4 if places else 0)), *(11 + index for index in range(2) if marks >> index & 1)]
    return integers, [column for column in range(_WIDTH) if column not in integers]


class _Scratch:
    """Memory for the numbers of a slab and for its parts."""

    def __init__(self) -> None:
        self._rows = np.empty((_WIDTH, 0), dtype="<i8")
        self._parts = blank(0)

    def room(self, count: int) -> tuple[Ints, Parts]:
        """Return room for so many parts, where the numbers are zeros."""
        if self._rows.shape[1] < count:
            self._rows, self._parts = np.empty((_WIDTH, count), dtype="<i8"), blank(count)
        rows = self._rows[:, :count]
        rows.fill(0)
        return rows, self._parts.take(slice(0, count))


def _finished(pieces: Sequence[_Piece], scratch: _Scratch) -> Parts:
    rows, found = scratch.room(sum(piece.count for piece in pieces))
    rows = _unpacked(pieces, rows)
    for low, high, piece in _alike(pieces):
        block = rows[:, low:high]
        block[0] *= piece.step
        block[1:4] *= piece.divisor
        values = found.real[:, low:high]
        if not piece.places:
            # REAL: low, high, total, first, last, tail, area.
            values[[0, 1, 3, 4, 2, 6]] = block[_WHOLE:].view(np.float64)
            continue
        tens = 10.0 ** (piece.places - 1)
        for row, into in ((7, 0), (8, 1), (9, 3), (10, 4)):
            np.divide(block[row], tens, out=values[into])
        if piece.marks & 1:
            np.divide(block[11], tens, out=values[2])
        else:
            values[2] = block[11].view(np.float64)
        if piece.marks & 2:
            np.divide(block[12], tens, out=values[6])
            values[6] *= piece.divisor
        else:
            values[6] = block[12].view(np.float64)
    whole = found.whole
    whole[0] = rows[0]
    np.add(rows[1:3], rows[0], out=whole[1:3])
    whole[3] = rows[4]
    whole[4] = rows[3]
    np.bitwise_and(rows[5], 0xFFFFFFFF, out=whole[5])
    found["tail"][:] = found["last"]
    if rows[6].any():
        found["tail"][rows[6] != 0] = np.nan
    return found


def _alike(pieces: Sequence[_Piece]) -> Iterator[tuple[int, int, _Piece]]:
    """Yield from, up to and the first of pieces in a row that have the same scales."""
    low = 0
    for _, group in groupby(pieces, key=lambda piece: (piece.places, piece.marks, piece.divisor, piece.step)):
        some = list(group)
        high = low + sum(piece.count for piece in some)
        yield low, high, some[0]
        low = high


def _unpacked(pieces: Sequence[_Piece], rows: Ints) -> Ints:
    """Return the numbers of all pieces by column; `rows` are zeros and become them."""
    count = rows.shape[1]
    used = np.zeros(_WIDTH * 8, dtype=bool)
    for piece in pieces:
        if piece.which is not None:
            used[piece.which] = True
    places = np.cumsum(used) - 1
    planes = np.zeros((int(np.count_nonzero(used)), count), dtype=np.uint8)
    low = 0
    for piece in pieces:
        if piece.which is not None and piece.planes is not None:
            planes[places[piece.which], low : low + piece.count] = piece.planes
        low += piece.count
    octets = rows.view(np.uint8).reshape(_WIDTH, count, 8)
    for number, plane in zip(np.flatnonzero(used).tolist(), planes, strict=True):
        octets[number >> 3, :, number & 7] = plane
    rows = rows.astype(np.int64, copy=False)
    low = 0
    for piece in pieces:
        block = rows[:, low : low + piece.count]
        low += piece.count
        if piece.rows is not None:
            block[:] = piece.rows
            continue
        if not piece.count or piece.least is None or piece.firsts is None:
            continue
        block += piece.least[:, None]
        block[:, 0] = piece.firsts
        if piece.marks == 3:
            np.cumsum(block, axis=1, out=block)
            continue
        integers, others = _kinds(piece.places, piece.marks)
        block[integers] = np.cumsum(block[integers], axis=1)
        block[others] = np.bitwise_xor.accumulate(block[others], axis=1)
    return rows


def _scale(rows: Ints, floats: NDArray[np.float64], divisor: int) -> tuple[int, int]:
    """Put the floats into their columns, as integers where they are decimals; return places (0: they are none) and marks."""
    rows[_WHOLE:] = floats.view(np.int64)
    values = floats[:4]
    with np.errstate(invalid="ignore", over="ignore"):
        for places in range(_PLACES + 1):
            tens = 10.0**places
            scaled = np.rint(values * tens)
            if not bool((np.abs(scaled) < _LIMIT).all()):
                return 0, 0
            whole = scaled.astype(np.int64)
            if not np.array_equal((whole / tens).view(np.int64), values.view(np.int64)):
                continue
            rows[_WHOLE : _WHOLE + 4] = whole
            marks = 0
            for index, unit in ((0, 1.0), (1, float(divisor))):
                sums = floats[4 + index] / unit
                scaled = np.rint(sums * tens)
                if bool((np.abs(scaled) < _LIMIT).all()) and bool((np.abs(scaled / tens - sums) <= _CLOSE * np.abs(sums)).all()):
                    rows[11 + index] = scaled.astype(np.int64)
                    marks |= 1 << index
            return places + 1, marks
    return 0, 0
