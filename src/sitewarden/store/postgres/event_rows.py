"""Events as columns for the database: rows of one statement, months, and names that PostgreSQL's text can hold. Pure."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

BLOCK: Final = 4096
"""Events whose times and bytes are summed up in one row of `event_blocks`."""
OVERHEAD: Final = 200
"""Bytes that an event is counted as beside its body: its row's columns and its entries in the indexes."""
FARTHEST: Final = 65_535
"""Greatest distance between two events of one row of `event_concerns`; a place is two bytes, little-endian."""
LARGEST: Final = (1 << 63) - 1


def month_of(stored: int) -> str:
    """Return "2026_11" for microseconds since 1970 UTC."""
    return datetime.fromtimestamp(stored // 1_000_000, UTC).strftime("%Y_%m")


def span_of(month: str) -> tuple[int, int]:
    """Return the first microsecond of a month, and of the one after it."""
    year, number = (int(part) for part in month.split("_"))
    first = datetime(year, number, 1, tzinfo=UTC)
    until = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return int(first.timestamp()) * 1_000_000, int(until.timestamp()) * 1_000_000


def kept(name: str) -> str:
    """Return a name as it is stored: PostgreSQL's text cannot hold NUL."""
    return name.replace("\\", "\\\\").replace("\x00", "\\0") if "\\" in name or "\x00" in name else name


def told(stored: str) -> str:
    """Return the name that `kept` made `stored` of."""
    if "\\" not in stored:
        return stored
    return "\\".join(part.replace("\\0", "\x00") for part in stored.split("\\\\"))


def bounded(number: int) -> int:
    """Return what a bigint can hold of a number that somebody asks for."""
    return max(-LARGEST, min(LARGEST, number))


Row = tuple[int, int, int, int, bytes]
"""Entity, first and last seq, stored, and the places of its events from the first on."""


def rows_of(seqs: Sequence[int], stored: Sequence[int], entities: Sequence[Iterable[int]]) -> list[Row]:
    """Return which entities the events of one statement concern: a row for each entity, not for each pair of it and an event.

    `seqs` only grow. A row holds events of one month.
    """
    found: list[Row] = []
    start = 0
    while start < len(seqs):
        base, moment = seqs[start], stored[start]
        end = bisect_right(seqs, base + FARTHEST, start)
        first, until = span_of(month_of(moment))
        if not first <= min(stored[start:end]) <= max(stored[start:end]) < until:
            end = next(at for at in range(start, end) if not first <= stored[at] < until)
        places: defaultdict[int, list[int]] = defaultdict(list)
        for seq, numbers in zip(seqs[start:end], entities[start:end], strict=True):
            for number in numbers:
                places[number].append(seq)
        for entity, of in places.items():
            one = of[0]
            found.append((entity, one, of[-1], moment, _little(array("H", [seq - one for seq in of])) if len(of) > 1 else _ONE))
        start = end
    return found


_ONE: Final = bytes(2)
_LITTLE: Final = array("H", [1]).tobytes() == b"\x01\x00"


def _little(places: array[int]) -> bytes:
    if not _LITTLE:
        places.byteswap()
    return places.tobytes()


def literal(numbers: Iterable[int]) -> str:
    """Return PostgreSQL's text for an array of numbers: the driver looks at every element of an array several times."""
    return f"{{{','.join(map(str, numbers))}}}"


def blocks_of(seqs: Sequence[int], times: Sequence[int], bodies: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Return number, earliest and latest time and bytes of each block that events, in order of `seqs`, lie in."""
    found: list[tuple[int, int, int, int]] = []
    start = 0
    while start < len(seqs):
        block = seqs[start] // BLOCK
        end = bisect_left(seqs, (block + 1) * BLOCK, start)
        part = times[start:end]
        found.append((block, min(part), max(part), sum(map(len, bodies[start:end])) + OVERHEAD * (end - start)))
        start = end
    return found


def seqs_of(first: int, places: bytes) -> Iterator[int]:
    """Yield the seqs of a row, ascending. An odd byte at the end is no place."""
    for at in range(0, len(places) - 1, 2):
        yield first + int.from_bytes(places[at : at + 2], "little")
