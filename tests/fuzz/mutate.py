"""Seeded mutation of byte strings: flips, cuts, joins, repeats, and numbers at their edges."""

from __future__ import annotations

import random

EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
LIMIT = 200_000


def mutate(seeds: list[bytes], rng: random.Random) -> bytes:
    """Return a mutation of one or two of the seeds, at most LIMIT bytes long."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 8))):
        _STEPS[rng.randrange(len(_STEPS))](data, seeds, rng)
    return bytes(data[:LIMIT])


def _flip(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.randrange(256)


def _edge(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    value = rng.choice(EDGES)
    width = rng.choice([size for size in (1, 2, 4, 8) if value < 1 << 8 * size])
    at = rng.randrange(len(data) + 1)
    data[at : at + width] = value.to_bytes(width, rng.choice(("big", "little")))


def _cut(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    if data:
        start = rng.randrange(len(data))
        del data[start : start + rng.randint(1, max(1, len(data) // 2))]


def _truncate(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _insert(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.randint(1, 16))


def _repeat(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    if data:
        start = rng.randrange(len(data))
        piece = data[start : start + rng.randint(1, 16)]
        data[start:start] = piece * rng.choice((1, 2, 10, 1000))


def _join(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    data += rng.choice(seeds)


def _splice(data: bytearray, seeds: list[bytes], rng: random.Random) -> None:
    other = rng.choice(seeds)
    if other:
        start = rng.randrange(len(other))
        at = rng.randrange(len(data) + 1)
        data[at : at + rng.randint(0, 8)] = other[start : start + rng.randint(1, 64)]


_STEPS = (_flip, _set, _edge, _cut, _truncate, _insert, _repeat, _join, _splice)
