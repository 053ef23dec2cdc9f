"""Many chunks at once, in the format of `codec`: what is done to numbers is done to those of all chunks together.

A seal makes thousands of chunks of some hundred samples; one after the other, calls would cost ten times what the numbers do.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sitewarden.store.chunks import floats, integers
from sitewarden.store.chunks.codec import VERSION, Packer
from sitewarden.store.chunks.columns import BOOLEAN, FLOAT, INTEGER, TEXT, Columns
from sitewarden.store.chunks.integers import THOROUGH, USUAL
from sitewarden.store.chunks.octets import put_number, put_signed

_FEW: Final = 4
"""Groups from which it pays."""
_SLAB: Final = 1 << 15
"""Samples that are done together: what is made on the way stays in the processor's cache, and memory is bounded."""
_PROBE: Final = 8
_SAFE: Final = float(1 << 52)
_TENS: Final = 10.0 ** np.arange(floats.PLACES + 1)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class _Groups:
    """Where each group lies; arrays of one entry a group, and how they are laid out over the samples."""

    def __init__(self, starts: Ints, count: int) -> None:
        self.starts = starts
        self.ends = np.append(starts[1:], count)
        self.lengths = self.ends - starts
        self.edges = list(zip(starts.tolist(), self.ends.tolist(), strict=True))
        self.each = np.repeat(np.arange(len(starts)), self.lengths)
        self.probes = np.minimum(starts[:, None] + np.arange(_PROBE), (self.ends - 1)[:, None])


def encode_groups(packer: Packer, columns: Columns, starts: Ints, effort: int = USUAL) -> list[bytes]:
    """Return the bytes of each group of samples that begins at an index of `starts`."""
    if effort == THOROUGH or len(starts) < _FEW:
        return [packer.encode(columns.take(slice(*edge)), effort) for edge in pairwise([*starts.tolist(), len(columns)])]
    found: list[bytes] = []
    first = 0
    while first < len(starts):
        low = int(starts[first])
        after = max(int(np.searchsorted(starts, low + _SLAB)), first + 1)
        high = int(starts[after]) if after < len(starts) else len(columns)
        found += _encode(packer, columns.take(slice(low, high)), starts[first:after] - low, effort)
        first = after
    return found


def _encode(packer: Packer, columns: Columns, starts: Ints, effort: int) -> list[bytes]:
    groups = _Groups(starts, len(columns))
    first = columns.kinds[starts]
    usual = (np.maximum.reduceat(columns.kinds, starts) == np.minimum.reduceat(columns.kinds, starts)) & (first < TEXT)
    parts = [
        _integers(groups, columns.times),
        _integers(groups, columns.lags),
        _integers(groups, columns.qualities.astype(np.int64)),
        _integers(groups, columns.kinds.astype(np.int64)),
        _values(groups, columns.bits, first, usual),
    ]
    found: list[bytes] = []
    kinds = usual.tolist()
    for index, (low, high) in enumerate(groups.edges):
        if not kinds[index]:
            found.append(packer.encode(columns.take(slice(low, high)), effort))
            continue
        body = b"".join([part[index] for part in parts])
        rest = bytearray()
        put_number(rest, high - low)
        rest.append(0)
        put_number(rest, len(body))
        rest += packer.compress(body, effort)
        found.append(bytes((VERSION,)) + zlib.crc32(rest).to_bytes(4, "big") + rest)
    return found


def _values(groups: _Groups, bits: Ints, first: NDArray[np.uint8], usual: Bools) -> list[bytes]:
    whole = (first == INTEGER) | (first == BOOLEAN)
    real = first == FLOAT
    if bool((real | ~usual).all()):
        return _floats(groups, bits, usual)
    integer = _integers(groups, bits)
    if not bool((real & usual).any()):
        return [one if is_whole else b"" for one, is_whole in zip(integer, whole.tolist(), strict=True)]
    other = _floats(groups, bits, real & usual)
    kinds = zip(integer, other, whole.tolist(), real.tolist(), strict=True)
    return [one if is_whole else two if is_real else b"" for one, two, is_whole, is_real in kinds]


def _floats(groups: _Groups, bits: Ints, which: Bools) -> list[bytes]:
    """Return the columns of floats of these groups; those of others mean nothing."""
    numbers = bits.view(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        probes, probe_bits = numbers[groups.probes], bits[groups.probes]
        places = np.full(len(groups.starts), -1, dtype=np.int64)
        for number, tens in enumerate(_TENS.tolist()):
            scaled = np.rint(probes * tens)
            fits = ((scaled / tens).view(np.int64) == probe_bits).all(axis=1)
            places[(places < 0) & fits] = number
            if bool((places >= 0).all()):
                break
        tens = _TENS[np.maximum(places, 0)][groups.each]
        scaled = np.rint(numbers * tens)
        safe = np.abs(scaled) < _SAFE
        whole = np.where(safe, scaled, 0.0).astype(np.int64)
        fits = ((whole / tens).view(np.int64) == bits) & safe
    decimal = np.logical_and.reduceat(fits, groups.starts) & (places >= 0)
    integer = _integers(groups, whole)
    found = []
    rows = zip(groups.edges, decimal.tolist(), which.tolist(), places.tolist(), integer, strict=True)
    for (low, high), is_decimal, wanted, place, column in rows:
        if is_decimal:
            found.append(bytes((floats.DECIMAL, place)) + column + b"\0")
        elif wanted:
            out = bytearray()
            floats.put(out, bits[low:high])
            found.append(bytes(out))
        else:
            found.append(b"")
    return found


def _integers(groups: _Groups, column: Ints) -> list[bytes]:
    """Return each group's column as `integers.put` writes it."""
    starts, each = groups.starts, groups.each
    low, high = np.minimum.reduceat(column, starts), np.maximum.reduceat(column, starts)
    constant = low == high
    known: dict[int, bytes] = {}
    if bool(constant.all()):
        return [known.get(value) or known.setdefault(value, _constant(value)) for value in low.tolist()]
    deltas = np.empty(len(column), dtype=np.int64)
    np.subtract(column[1:], column[:-1], out=deltas[:-1])
    deltas[groups.ends - 1] = 0
    changes = np.add.reduceat((deltas != 0).astype(np.int64), starts)
    # What would lead into the next group says again what led into the second sample, which changes nothing.
    deltas[groups.ends - 1] = deltas[starts]
    least, most = np.minimum.reduceat(deltas, starts), np.maximum.reduceat(deltas, starts)
    unsigned: Callable[[Ints], NDArray[np.uint64]] = lambda numbers: numbers.view(np.uint64)  # noqa: E731
    wide, narrow = unsigned(high - low), unsigned(most - least)
    by_deltas = narrow < wide
    base = np.where(by_deltas, least, low)
    rest = unsigned(np.where(by_deltas[each], deltas, column) - base[each])
    divisors = np.gcd.reduce(rest[groups.probes], axis=1)
    unsure = np.flatnonzero(divisors != 1)
    if len(unsure):
        within = np.flatnonzero((divisors != 1)[each])
        lengths = groups.lengths[unsure]
        divisors[unsure] = np.gcd.reduceat(rest[within], np.cumsum(lengths) - lengths)
    divisors = np.maximum(divisors, np.uint64(1))
    tops = np.where(by_deltas, narrow, wide) // divisors
    if bool((divisors > 1).any()):
        rest = rest // divisors[each]
    small = rest.astype(np.uint8)
    planes = np.ascontiguousarray(rest, dtype="<u8").view(np.uint8).reshape(-1, 8)
    runs = changes * 6 <= groups.lengths
    found: list[bytes] = []
    rows = zip(
        groups.edges,
        constant.tolist(),
        runs.tolist(),
        by_deltas.tolist(),
        low.tolist(),
        base.tolist(),
        column[starts].tolist(),
        divisors.tolist(),
        tops.tolist(),
        strict=True,
    )
    for (begin, end), is_constant, in_runs, is_deltas, value, lowest, opening, divisor, top in rows:
        if is_constant:
            found.append(known.get(value) or known.setdefault(value, _constant(value)))
            continue
        out = bytearray()
        if in_runs:
            integers.put(out, column[begin:end])
            found.append(bytes(out))
            continue
        if is_deltas:
            out.append(integers.DELTAS)
            put_signed(out, opening)
            end -= 1
        else:
            out.append(integers.PLAIN)
        put_signed(out, lowest)
        put_number(out, divisor)
        width = (top.bit_length() + 7) // 8
        out.append(width)
        if width == 1:
            out += small[begin:end].tobytes()
        elif width:
            out += planes[begin:end, :width].T.tobytes()
        found.append(bytes(out))
    return found


def _constant(value: int) -> bytes:
    out = bytearray((integers.CONSTANT,))
    put_signed(out, value)
    return bytes(out)
