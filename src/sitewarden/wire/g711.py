"""G.711 (ITU-T): 16-bit samples to µ-law and A-law, and back. Pure."""

from __future__ import annotations

import array
import sys
from functools import cache
from typing import Literal

Law = Literal["PCMU", "PCMA"]
_BIAS, _CLIP = 0x84, 32635


def encode(samples: bytes, law: Law) -> bytes:
    """Return one byte for each sample of 16 bits, little-endian; an odd last byte is left out."""
    table = _encoded(law)
    return bytes([table[one] for one in _words(samples)])


def decode(data: bytes, law: Law) -> bytes:
    """Return 16-bit samples, little-endian."""
    table = _decoded(law)
    found = array.array("h", [table[one] for one in data])
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def _words(samples: bytes) -> array.array[int]:
    found = array.array("H", samples[: len(samples) & ~1])
    if sys.byteorder == "big":
        found.byteswap()
    return found


@cache
def _encoded(law: Law) -> bytes:
    """The code of every sample, by its 16 bits."""
    one = _mu_law if law == "PCMU" else _a_law
    return bytes(one(word - 0x10000 if word & 0x8000 else word) for word in range(0x10000))


@cache
def _decoded(law: Law) -> tuple[int, ...]:
    return tuple(_from_mu_law(code) if law == "PCMU" else _from_a_law(code) for code in range(256))


def _mu_law(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    size = min(abs(sample), _CLIP) + _BIAS
    exponent = size.bit_length() - 8
    return ~(sign | exponent << 4 | size >> exponent + 3 & 0x0F) & 0xFF


def _from_mu_law(code: int) -> int:
    code = ~code & 0xFF
    size = ((code & 0x0F) << 3 | _BIAS) << (code >> 4 & 7)
    return _BIAS - size if code & 0x80 else size - _BIAS


def _a_law(sample: int) -> int:
    sign, size = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    size >>= 4
    segment = max(0, size.bit_length() - 4)
    code = segment << 4 | size >> max(0, segment - 1) & 0x0F
    return (sign | code) ^ 0x55


def _from_a_law(code: int) -> int:
    code ^= 0x55
    exponent, size = code >> 4 & 7, (code & 0x0F) << 4 | 8
    if exponent:
        size = (size | 0x100) << exponent - 1
    return size if code & 0x80 else -size
