"""Any bytes are a chunk, a journal row or rollups within their limits, or Corrupt; what is read can be written again."""

from __future__ import annotations

import zlib

import numpy as np

from sitewarden.domain.clock import MINUTE
from sitewarden.store.chunks import rollups
from sitewarden.store.chunks.codec import VERSION, Packer
from sitewarden.store.chunks.columns import Columns, from_values, numbers, to_values
from sitewarden.store.chunks.integers import QUICK, THOROUGH, USUAL
from sitewarden.store.chunks.octets import Corrupt, put_number
from sitewarden.store.chunks.parts import decode_parts, encode_parts

PACKER = Packer()


def _columns(values: list[object]) -> Columns:
    kinds, bits, texts = from_values(values)  # type: ignore[arg-type]
    times = np.arange(len(values), dtype=np.int64) ** 2 * 1_000_000
    points = np.arange(len(values), dtype=np.int32) % 3 + 1
    return Columns(points, times, times % 5, kinds, bits, (times % 3).astype(np.uint32), texts)


_ROLLED = _columns([float(number % 7) / 10 for number in range(200)])
_MIXED = _columns([20.5, None, "on", True, 1 << 70, -3, 1 / 3] * 8)
_PARTS = rollups.parts(_ROLLED.times, numbers(_ROLLED), _ROLLED.qualities, MINUTE)[0]
BODIES = [PACKER.unpack(encode_parts(PACKER, _PARTS), newest=2)]
SEEDS = [
    *(PACKER.encode(_MIXED, effort, points=effort == QUICK) for effort in (QUICK, USUAL, THOROUGH)),
    PACKER.encode(_columns([True, False] * 30)),
    PACKER.encode(_columns(["open", "closed", "open"] * 10), THOROUGH),
    PACKER.encode(_ROLLED, THOROUGH),
    encode_parts(PACKER, _PARTS),
    *BODIES,
]


def check(data: bytes) -> None:
    # As it is, which the checksum mostly stops; then with a checksum and a frame that fit.
    _read(data)
    if len(data) > 5:
        rest = data[5:]
        _read(bytes((VERSION,)) + zlib.crc32(rest).to_bytes(4, "big") + rest)
        for count in (56, 200):
            head = bytearray()
            put_number(head, count)
            head.append(data[0] & 1)
            put_number(head, len(rest))
            framed = bytes(head) + PACKER.compress(rest)
            _read(bytes((VERSION,)) + zlib.crc32(framed).to_bytes(4, "big") + framed)
    for version in (1, 2):
        _read(PACKER.pack(data, version=version))


def _read(data: bytes) -> None:
    try:
        found = PACKER.decode(data, 1)
    except Corrupt:
        pass
    else:
        assert len(to_values(found)) == len(found)
        again = PACKER.decode(PACKER.encode(found, USUAL, points=True))
        assert np.array_equal(again.times, found.times)
        assert np.array_equal(again.points, found.points)
        assert repr(to_values(again)) == repr(to_values(found))
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            parts = decode_parts(PACKER, data)
        except Corrupt:
            return
        assert parts.whole.shape == (6, len(parts))
        assert parts.real.shape == (7, len(parts))
