"""Rollups as bytes: they come back as they were, alone and many together, and older ones are read for ever."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.clock import MINUTE
from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.integers import THOROUGH, USUAL
from sitewarden.store.chunks.octets import Corrupt
from sitewarden.store.chunks.parts import decode_parts, encode_parts, slabs
from sitewarden.store.chunks.rollups import FIELDS, Parts, grouped, parts, sliced, together

PACKER = Packer()
NOON = 1_780_000_000_000_000
DECIMALS = st.integers(-10_000, 10_000).map(lambda number: number / 100)
NUMBERS = st.one_of(DECIMALS, st.floats(), st.sampled_from([-0.0, math.nan, math.inf, 1e300, 1 / 3, 1e17]))
GAPS = st.one_of(st.integers(1, 90_000_000), st.integers(1, 100).map(lambda seconds: seconds * 1_000_000), st.just(1 << 50))
SAMPLES = st.one_of(st.lists(st.tuples(GAPS, DECIMALS)), st.lists(st.tuples(GAPS, NUMBERS)))


def rolled(samples: list[tuple[int, float]]) -> Parts:
    times = NOON + np.cumsum(np.array([gap for gap, _ in samples], dtype=np.int64))
    values = np.array([value for _, value in samples], dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        return parts(times, values, (times % 3).astype(np.uint32) << 30, MINUTE)[0]


def same(found: Parts, expected: Parts, *, exact: bool = False) -> None:
    assert len(found) == len(expected)
    for field in FIELDS:
        one, other = found[field], expected[field]
        if field in ("total", "area") and not exact:
            np.testing.assert_allclose(one, other, rtol=2e-12)
        else:
            # A NaN that a number was divided by is not that of another, bit for bit.
            assert np.array_equal(one, other, equal_nan=one.dtype == np.float64), field
            assert np.array_equal(np.signbit(one[one == 0]), np.signbit(other[other == 0])), field


@given(SAMPLES, st.sampled_from((USUAL, THOROUGH)))
def test_parts_come_back(samples: list[tuple[int, float]], effort: int) -> None:
    expected = rolled(samples)
    same(decode_parts(PACKER, encode_parts(PACKER, expected, effort)), expected)


@settings(max_examples=50)
@given(st.lists(SAMPLES, max_size=5), st.sampled_from([1, 3, 4096]), st.integers(0, 4))
def test_many_pieces_are_what_each_is_alone(many: list[list[tuple[int, float]]], slab: int, torn: int) -> None:
    bodies = [encode_parts(PACKER, rolled(samples)) for samples in many]
    if torn < len(bodies):
        bodies[torn] = bodies[torn][:-1]
    told: list[int] = []
    found: list[Parts] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sitewarden.store.chunks.parts._SLAB", slab)
        for first, edges, some in slabs(PACKER, bodies, lambda index, _: told.append(index)):
            assert first == len(found)
            assert edges[-1] == len(some)
            # Their memory is used again.
            found += [Parts(some.whole[:, low:high].copy(), some.real[:, low:high].copy()) for low, high in pairwise(edges)]
    assert len(found) == len(bodies)
    assert told == [torn][: torn < len(bodies)]
    for index, body in enumerate(bodies):
        same(found[index], sliced([]) if index == torn else decode_parts(PACKER, body), exact=True)


@settings(max_examples=50)
@given(st.lists(SAMPLES.filter(len), min_size=1, max_size=4), st.sampled_from([1, 7]))
def test_parts_of_many_points_are_put_together_as_those_of_each(many: list[list[tuple[int, float]]], minutes: int) -> None:
    pieces = [rolled(samples) for samples in many]
    lengths = np.cumsum([0, *map(len, pieces)])
    with np.errstate(invalid="ignore", over="ignore"):
        whole, edge = grouped(together(pieces), minutes * MINUTE, lengths[:-1])
        cuts = np.searchsorted(edge, lengths)
        for piece, low, high in zip(pieces, cuts, cuts[1:], strict=False):
            alone = grouped(piece, minutes * MINUTE, None)[0]
            one = whole.take(slice(low, high))
            assert np.array_equal(one.whole, alone.whole)
            np.testing.assert_allclose(one.real, alone.real, rtol=1e-12)


@pytest.mark.parametrize("at", range(30))
def test_what_does_not_fit_is_found(at: int) -> None:
    body = PACKER.unpack(encode_parts(PACKER, rolled([(MINUTE, number**2 % 7 / 3) for number in range(9)])), newest=2)
    for changed in (body[:at], body[: -at - 1], body + bytes(at + 1), b"\xff" * (at + 1) + body[at + 1 :]):
        with pytest.raises(Corrupt):
            decode_parts(PACKER, PACKER.pack(changed, version=2))
    with pytest.raises(Corrupt, match="format 3, this program reads 2"):
        decode_parts(PACKER, PACKER.pack(body, version=3))


@pytest.mark.parametrize(
    ("odd", "packed"),
    [
        (
            0.5,
            "0183f9cc278f0428b52ffd00000d050062871a24a0298d0161ff8845bf6a3dbfc300d8f871bb60ab2a5820cc5c9efb77448b28291049bb"
            "534f34f18e42e42b16c3b788f2da780e82016291278459af4fa729d113ba3c84f5abaedce7eaadd4666e76f7a7f7d0d97d7f0f27e78042"
            "424464b4d65ac41863d200c8c33501170050e3291eef31d8144676a9a100038a4a2aa0050c00f77aa126c00f10c1285151cdb81038d074"
            "2008f6c032941570ae858122",
        ),
        (
            0.3333333333333333,
            "01e490eadb8f0428b52ffd0000450500a2471b25a0298d0161ff8845bf6a3d4fe355b238b315b35535c242438ee405f765bdba428c48da"
            "9d024f34f18e42e42b16c3bb88f2da78fe0f8201629127846133e99c34257a429787c0a45795d6f4f97aafb5999bddfdea3d7476dfdfc3"
            "ca39a0a0101119ce3917b5d61a3500f2989a19002004840b069ee2f11e834d6164971a0a04c028ba025ac00070af176a02fc00118c1215"
            "d58c0b81034d0782600f2c435901e75a182802",
        ),
    ],
)
def test_the_first_version_is_read(odd: float, packed: str) -> None:
    """Files of older versions are read for ever."""
    times = NOON + np.arange(9, dtype=np.int64) * 25_000_000
    values = np.array([20.5, 20.25, np.nan, 7.0, -3.5, 0.0, np.nan, np.nan, odd])
    expected = parts(times, values, (np.arange(9) % 2).astype(np.uint32) << 30, MINUTE)[0]
    same(decode_parts(PACKER, bytes.fromhex(packed)), expected)
