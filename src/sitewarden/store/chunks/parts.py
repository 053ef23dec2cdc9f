"""Parts of rollups as bytes: one matrix of 64-bit numbers, so that many small pieces are read quickly.

Layout, inside the frame of `Packer.pack`: count, divisor of the times, places (0: floats as their bits; n + 1: as integers over
10^n), marks of which of total and area are integers too, then the byte planes of the matrix. Times are less the start of their
span. Integers stand as differences to the row before, floats as XOR with it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.integers import USUAL
from sitewarden.store.chunks.octets import Corrupt, Source, put_number
from sitewarden.store.chunks.rollups import PART, Parts

MOST: Final = 1 << 20
"""Parts in one piece of bytes, at most."""
_WIDTH: Final = 13
_WHOLE: Final = 7
_LIMIT: Final = float(1 << 52)
_PLACES: Final = 6
_CLOSE: Final = 1e-12


def encode_parts(packer: Packer, pieces: Parts, effort: int = USUAL) -> bytes:
    """Return parts as bytes. Total and area of decimals are rounded to what the exact sum of them can be."""
    count = len(pieces)
    rows = np.zeros((count, _WIDTH), dtype=np.int64)
    starts = pieces["start"]
    rows[:, 0] = starts
    rows[:, 1] = pieces["first_time"] - starts
    rows[:, 2] = pieces["last_time"] - starts
    rows[:, 3] = pieces["cover"]
    divisor = max(int(np.gcd.reduce(rows[:, 1:4], axis=None)), 1) if count else 1
    rows[:, 1:4] //= divisor
    rows[:, 4] = pieces["count"]
    rows[:, 5] = pieces["worst"]
    rows[:, 6] = np.isnan(pieces["tail"])
    floats = np.stack([pieces[name] for name in ("low", "high", "first", "last", "total", "area")], axis=1)
    places, marks = _scale(rows, floats, divisor)
    whole = _WHOLE + (4 if places else 0)
    order = _order(marks, whole)
    whole += marks.bit_count()
    steps = np.ascontiguousarray(rows[:, order], dtype="<i8")
    before = steps[:-1].copy()
    steps[1:, :whole] -= before[:, :whole]
    steps[1:, whole:] ^= before[:, whole:]
    out = bytearray()
    put_number(out, count)
    put_number(out, divisor)
    out.append(places)
    out.append(marks)
    out += np.ascontiguousarray(steps.view(np.uint8).reshape(count, _WIDTH * 8).T).tobytes()
    return packer.pack(bytes(out), effort)


def decode_parts(packer: Packer, data: bytes) -> Parts:
    """Return the parts; raises Corrupt for what `encode_parts` did not write."""
    source = Source(packer.unpack(data))
    count, divisor = source.number(), source.number()
    places, marks = source.take(2)
    if count > MOST or places > _PLACES + 1 or marks > (3 if places else 0) or not 1 <= divisor < 1 << 63:
        raise Corrupt("parts past their limits")
    planes = np.frombuffer(source.take(count * _WIDTH * 8), dtype=np.uint8)
    source.finish()
    steps = np.ascontiguousarray(planes.reshape(_WIDTH * 8, count).T).view("<i8").astype(np.int64, copy=False)
    whole = _WHOLE + (4 if places else 0)
    order = _order(marks, whole)
    whole += marks.bit_count()
    rows = np.empty_like(steps)
    rows[:, order[:whole]] = np.cumsum(steps[:, :whole], axis=0)
    rows[:, order[whole:]] = np.bitwise_xor.accumulate(steps[:, whole:], axis=0)
    rows[:, 1:4] *= divisor
    found = np.zeros(count, dtype=PART)
    starts = rows[:, 0]
    found["start"] = starts
    found["first_time"] = starts + rows[:, 1]
    found["last_time"] = starts + rows[:, 2]
    found["cover"] = rows[:, 3]
    found["count"] = rows[:, 4]
    found["worst"] = rows[:, 5] & 0xFFFFFFFF
    tens = 10.0 ** max(places - 1, 0)
    floats: NDArray[np.float64] = rows[:, _WHOLE:] / tens if places else np.ascontiguousarray(rows[:, _WHOLE:]).view(np.float64)
    for index, name in enumerate(("low", "high", "first", "last")):
        found[name] = floats[:, index]
    bits = np.ascontiguousarray(rows[:, 11:]).view(np.float64)
    found["total"] = floats[:, 4] if marks & 1 else bits[:, 0]
    found["area"] = floats[:, 5] * divisor if marks & 2 else bits[:, 1]
    found["tail"] = np.where(rows[:, 6] != 0, np.nan, found["last"])
    return found


def _order(marks: int, whole: int) -> list[int]:
    """Return the columns such that those of integers stand before those of bits."""
    integers = [*range(whole), *(11 + index for index in range(2) if marks >> index & 1)]
    return integers + [column for column in range(_WIDTH) if column not in integers]


def _scale(rows: NDArray[np.int64], floats: NDArray[np.float64], divisor: int) -> tuple[int, int]:
    """Put the floats into their columns, as integers where they are decimals; return places (0: they are none) and marks."""
    rows[:, _WHOLE:] = floats.view(np.int64)
    if not len(rows):
        return 0, 0
    values = floats[:, :4]
    with np.errstate(invalid="ignore", over="ignore"):
        for places in range(_PLACES + 1):
            tens = 10.0**places
            scaled = np.rint(values * tens)
            if not bool((np.abs(scaled) < _LIMIT).all()):
                return 0, 0
            whole = scaled.astype(np.int64)
            if not np.array_equal((whole / tens).view(np.int64), np.ascontiguousarray(values).view(np.int64)):
                continue
            rows[:, _WHOLE : _WHOLE + 4] = whole
            marks = 0
            for index, unit in ((0, 1.0), (1, float(divisor))):
                sums = floats[:, 4 + index] / unit
                scaled = np.rint(sums * tens)
                if bool((np.abs(scaled) < _LIMIT).all()) and bool((np.abs(scaled / tens - sums) <= _CLOSE * np.abs(sums)).all()):
                    rows[:, 11 + index] = scaled.astype(np.int64)
                    marks |= 1 << index
            return places + 1, marks
    return 0, 0
