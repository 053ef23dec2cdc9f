"""Ids of points by number: whatever they are, and whichever numbers stand for none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import INTEGER, Columns
from sitewarden.store.chunks.known import Known, of_block
from sitewarden.store.chunks.octets import Corrupt

PACKER = Packer()
ROWS = st.dictionaries(st.integers(1, 60), st.text(min_size=1, max_size=8), max_size=20)


def columns(points: list[int]) -> Columns:
    numbers = np.array(points, dtype=np.int32)
    zeros = np.zeros(len(points), dtype=np.int64)
    return Columns(numbers, zeros, zeros, np.full(len(points), INTEGER, dtype=np.uint8), zeros, zeros.astype(np.uint32))


@given(ROWS, st.integers(0, 60), st.lists(st.integers(0, 70), max_size=20))
def test_ids_are_those_of_their_rows(rows: dict[int, str], middle: int, asked: list[int]) -> None:
    pairs = sorted(rows.items())
    known = Known().more([pair for pair in pairs if pair[0] <= middle])
    known = of_block(PACKER, known.block(PACKER)).more([pair for pair in pairs if pair[0] > middle])
    assert known.last == max(rows, default=0)
    assert {point: name for point in range(known.last + 1) if (name := known.name(point))} == rows
    assert set(known.numbers) == set(rows.values())
    assert all(rows[number] == name for name, number in known.numbers.items())
    found = known.only(columns(asked))
    assert found.points.tolist() == [point for point in asked if point in rows]
    assert known.of(found) == [rows[point] for point in asked if point in rows]


@pytest.mark.parametrize("body", [b"", b"\x90", b"\x91\xa1a", b"\x91\x01", b"\xa1a"])
def test_what_is_no_block_is_found(body: bytes) -> None:
    with pytest.raises(Corrupt):
        of_block(PACKER, PACKER.pack(body))
