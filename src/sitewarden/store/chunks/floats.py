"""A column of floats, bit for bit: as decimals where they are such, as differences of their bits otherwise.

A column is its form (one byte) and what the form needs: DECIMAL places, integers as a column, exceptions (how many, where, their
bits) · CHANGED shift, planes of each one's bits XOR those before · PLAIN planes of the bits.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import zstandard
from numpy.typing import NDArray

from sitewarden.store.chunks import integers
from sitewarden.store.chunks.integers import QUICK, THOROUGH, USUAL
from sitewarden.store.chunks.octets import Corrupt, Source, put_number, put_planes, take_planes

_PLAIN, _CHANGED, _DECIMAL = range(3)
_PLACES: Final = 10
"""Most decimal places that are tried."""
_EXACT: Final = float(1 << 53)
_PROBE: Final = 16
_TENS: Final = [10.0**places for places in range(_PLACES + 1)]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def put(out: bytearray, bits: Ints, effort: int = USUAL) -> None:
    """Append floats, given as their bits; their number is not written."""
    if not len(bits):
        return
    if effort == QUICK:
        out.append(_PLAIN)
        put_planes(out, bits.view(np.uint64), int(bits.view(np.uint64).max()))
        return
    decimal = _decimal(bits, effort)
    if decimal is not None and effort != THOROUGH:
        out += decimal
        return
    changed = _changed(bits)
    if decimal is not None and _compressed(decimal) <= _compressed(changed):
        changed = decimal
    out += changed


def take(source: Source, count: int) -> Ints:
    """Return the bits of `count` floats; raises Corrupt."""
    if not count:
        return np.zeros(0, dtype=np.int64)
    form = source.take(1)[0]
    if form == _PLAIN:
        return take_planes(source, count).view(np.int64)
    if form == _CHANGED:
        shift = source.number()
        if shift > 63:
            raise Corrupt(f"a shift of {shift} bits")
        return np.bitwise_xor.accumulate(take_planes(source, count) << np.uint64(shift)).view(np.int64)
    if form != _DECIMAL:
        raise Corrupt(f"floats of form {form}")
    places = source.number()
    if places > _PLACES:
        raise Corrupt(f"{places} decimal places")
    found = (integers.take(source, count) / _TENS[places]).view(np.int64)
    exceptions = source.number()
    if exceptions > count:
        raise Corrupt(f"{exceptions} exceptions of {count} floats")
    if exceptions:
        where = integers.take(source, exceptions)
        if int(where.min()) < 0 or int(where.max()) >= count:
            raise Corrupt("an exception past the end")
        found[where] = take_planes(source, exceptions).view(np.int64)
    return found


def _decimal(bits: Ints, effort: int) -> bytearray | None:
    """Return the column as integers over a power of ten, or None where too many of them are none."""
    floats = bits.view(np.float64)
    probe, probe_bits = floats[:_PROBE], bits[:_PROBE]
    with np.errstate(invalid="ignore", over="ignore"):
        for places in range(_PLACES + 1):
            tens = _TENS[places]
            scaled = np.rint(probe * tens)
            if np.count_nonzero((scaled / tens).view(np.int64) == probe_bits) * 4 < len(probe) * 3:
                continue
            scaled = np.rint(floats * tens)
            safe = np.abs(scaled) < _EXACT
            whole = np.where(safe, scaled, 0.0).astype(np.int64)
            fits = ((whole / tens).view(np.int64) == bits) & safe
            missing = len(bits) - int(np.count_nonzero(fits))
            if missing * 16 > len(bits):
                continue
            out = bytearray((_DECIMAL,))
            put_number(out, places)
            where = np.flatnonzero(~fits) if missing else None
            if where is not None:
                # In their places stands the one before, so that they cost no jump.
                known = np.maximum.accumulate(np.where(fits, np.arange(len(bits)), 0))
                whole = whole[known]
            integers.put(out, whole, effort)
            put_number(out, missing)
            if where is not None:
                integers.put(out, where.astype(np.int64), effort)
                odd = bits[where].view(np.uint64)
                put_planes(out, odd, int(odd.max()))
            return out
    return None


def _changed(bits: Ints) -> bytearray:
    raw = bits.view(np.uint64)
    changes = raw.copy()
    changes[1:] ^= raw[:-1]
    used = int(np.bitwise_or.reduce(changes))
    shift = (used & -used).bit_length() - 1 if used else 0
    out = bytearray((_CHANGED,))
    put_number(out, shift)
    put_planes(out, changes >> np.uint64(shift), used >> shift)
    return out


def _compressed(form: bytearray) -> int:
    return len(zstandard.ZstdCompressor(level=3).compress(bytes(form)))
