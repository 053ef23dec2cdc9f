"""A column of 64-bit integers in as few bytes as its shape allows. Differences are taken modulo 2^64, so nothing overflows.

A column is its form (one byte) and what the form needs:
CONSTANT value · PLAIN lowest, divisor, planes · DELTAS first, lowest, divisor, planes · SECOND (deltas of deltas) first, first
delta, lowest, divisor, planes · RUNS how many, their values and lengths as columns · TABLE how many, its entries and indexes as
columns.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import zstandard
from numpy.typing import NDArray

from sitewarden.store.chunks.octets import MASK, Corrupt, Source, put_number, put_planes, put_signed, take_planes

QUICK, USUAL, THOROUGH = 0, 1, 2
"""How hard a writer tries: for the journal, for a seal, for what is merged and then stays."""

CONSTANT, PLAIN, DELTAS, _SECOND, _RUNS, _TABLE = range(6)
_PROBE: Final = 24
"""Numbers that are looked at before a whole column is."""
_TABLE_MOST: Final = 256

Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]


def put(out: bytearray, column: Ints, effort: int = USUAL) -> None:
    """Append a column; its length is not written."""
    count = len(column)
    if not count:
        return
    bits = column.view(np.uint64)
    if effort == QUICK:
        low, high = int(column.min()), int(column.max())
        if low == high:
            _put_constant(out, low)
        else:
            _put_plain(out, bits, low, high)
        return
    deltas = bits[1:] - bits[:-1]
    changes = int(np.count_nonzero(deltas))
    if not changes:
        _put_constant(out, int(column[0]))
        return
    if effort == THOROUGH:
        out += min(_candidates(column, bits, deltas, changes), key=_compressed)
    elif changes * 6 <= count:
        _put_runs(out, column, deltas, USUAL)
    else:
        low, high = int(column.min()), int(column.max())
        signed = deltas.view(np.int64)
        least, most = int(signed.min()), int(signed.max())
        # The narrower one; a delta that wrapped around only makes its span look wide.
        if most - least < high - low:
            _put_deltas(out, bits, deltas, least, most)
        else:
            _put_plain(out, bits, low, high)


def take(source: Source, count: int, *, nested: bool = True) -> Ints:
    """Return a column of `count` integers; raises Corrupt."""
    if not count:
        return np.zeros(0, dtype=np.int64)
    form = source.take(1)[0]
    if form == CONSTANT:
        return np.full(count, source.signed(), dtype=np.int64)
    if form == PLAIN:
        return _take_reduced(source, count).view(np.int64)
    if form == DELTAS:
        first = source.signed() & MASK
        return _summed(first, _take_reduced(source, count - 1)).view(np.int64)
    if form == _SECOND and count > 1:
        first, second = source.signed() & MASK, source.signed() & MASK
        return _summed(first, _summed(second, _take_reduced(source, count - 2))).view(np.int64)
    if form == _RUNS and nested:
        return _take_runs(source, count)
    if form == _TABLE and nested:
        size = source.number()
        if not 1 <= size <= _TABLE_MOST:
            raise Corrupt(f"a table of {size} entries")
        entries = take(source, size, nested=False)
        indexes = take(source, count, nested=False)
        if int(indexes.min()) < 0 or int(indexes.max()) >= size:
            raise Corrupt("an index past its table")
        return entries[indexes]
    raise Corrupt(f"a column of form {form}")


def _take_runs(source: Source, count: int) -> Ints:
    size = source.number()
    if not 1 <= size <= count:
        raise Corrupt(f"{size} runs of {count} numbers")
    values = take(source, size, nested=False)
    lengths = take(source, size, nested=False)
    if int(lengths.min()) < 1 or int(lengths.max()) > count or int(lengths.sum()) != count:
        raise Corrupt(f"runs that do not make {count} numbers")
    return np.repeat(values, lengths)


def _summed(first: int, deltas: Bits) -> Bits:
    whole = np.empty(len(deltas) + 1, dtype=np.uint64)
    whole[0] = first
    whole[1:] = deltas
    return np.cumsum(whole, dtype=np.uint64)


def _put_constant(out: bytearray, value: int) -> None:
    out.append(CONSTANT)
    put_signed(out, value)


def _put_plain(out: bytearray, bits: Bits, low: int, high: int) -> None:
    out.append(PLAIN)
    _put_reduced(out, bits, low, high)


def _put_deltas(out: bytearray, bits: Bits, deltas: Bits, least: int, most: int) -> None:
    out.append(DELTAS)
    put_signed(out, int(bits.view(np.int64)[0]))
    _put_reduced(out, deltas, least, most)


def _put_reduced(out: bytearray, bits: Bits, low: int, high: int) -> None:
    """Append numbers less their lowest, divided by what divides them all."""
    rest = bits - np.uint64(low & MASK)
    top = high - low
    divisor = int(np.gcd.reduce(rest[:_PROBE]))
    if divisor != 1 and top:
        # Dividing and multiplying costs a tenth of what the divisor of all numbers does, and mostly shows that it is this one.
        parts = rest // np.uint64(max(divisor, 1))
        if not divisor or not np.array_equal(parts * np.uint64(divisor), rest):
            divisor = int(np.gcd.reduce(rest))
            parts = rest // np.uint64(divisor)
        rest = parts
        top //= divisor
    put_signed(out, low)
    put_number(out, max(divisor, 1))
    put_planes(out, rest, top)


def _take_reduced(source: Source, count: int) -> Bits:
    low = source.signed()
    divisor = source.number()
    return take_planes(source, count) * np.uint64(divisor) + np.uint64(low & MASK)


def _put_runs(out: bytearray, column: Ints, deltas: Bits, effort: int) -> None:
    starts = np.concatenate((np.zeros(1, dtype=np.int64), np.flatnonzero(deltas) + 1))
    lengths = np.diff(starts, append=len(column))
    out.append(_RUNS)
    put_number(out, len(starts))
    _put_simple(out, column[starts], effort)
    _put_simple(out, lengths, effort)


def _put_simple(out: bytearray, column: Ints, effort: int) -> None:
    """Append a column in a form that holds no other."""
    bits = column.view(np.uint64)
    low, high = int(column.min()), int(column.max())
    if low == high:
        _put_constant(out, low)
        return
    plain = bytearray()
    _put_plain(plain, bits, low, high)
    if effort == THOROUGH:
        deltas = bits[1:] - bits[:-1]
        signed = deltas.view(np.int64)
        other = bytearray()
        _put_deltas(other, bits, deltas, int(signed.min()), int(signed.max()))
        plain = min(plain, other, key=_compressed)
    out += plain


def _candidates(column: Ints, bits: Bits, deltas: Bits, changes: int) -> list[bytearray]:
    made: list[bytearray] = []
    signed = deltas.view(np.int64)
    form = bytearray()
    _put_plain(form, bits, int(column.min()), int(column.max()))
    made.append(form)
    form = bytearray()
    _put_deltas(form, bits, deltas, int(signed.min()), int(signed.max()))
    made.append(form)
    if len(deltas) > 1:
        seconds = deltas[1:] - deltas[:-1]
        again = seconds.view(np.int64)
        form = bytearray((_SECOND,))
        put_signed(form, int(column[0]))
        put_signed(form, int(signed[0]))
        _put_reduced(form, seconds, int(again.min()), int(again.max()))
        made.append(form)
    if changes * 2 <= len(column):
        form = bytearray()
        _put_runs(form, column, deltas, THOROUGH)
        made.append(form)
    entries = np.unique(column)
    if len(entries) <= _TABLE_MOST:
        form = bytearray((_TABLE,))
        put_number(form, len(entries))
        _put_simple(form, entries, THOROUGH)
        _put_simple(form, np.searchsorted(entries, column), THOROUGH)
        made.append(form)
    return made


def _compressed(form: bytearray) -> int:
    return len(zstandard.ZstdCompressor(level=3).compress(bytes(form)))
