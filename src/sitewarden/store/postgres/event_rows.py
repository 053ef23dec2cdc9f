"""Events as columns for the database: rows of one statement, months, and names that PostgreSQL's text can hold. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
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


class Concerned:
    """Gathers, for the events of one statement, which entities they concern: a row for each entity, not for each pair."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, array[int]]] = []
        self._open: dict[int, tuple[int, array[int]]] = {}
        self._month = (0, 0)

    def add(self, seq: int, stored: int, entities: Iterable[int]) -> None:
        """Note an event; `seq` only grows."""
        if not self._month[0] <= stored < self._month[1]:
            self._month = span_of(month_of(stored))
            self._open.clear()
        opened = self._open
        for entity in entities:
            row = opened.get(entity)
            if row is None or seq - row[0] > FARTHEST:
                row = opened[entity] = (seq, array("H"))
                self._rows.append((entity, seq, stored, row[1]))
            row[1].append(seq - row[0])

    def columns(self) -> tuple[list[int], list[int], list[int], list[int], list[bytes]]:
        """Return entity, first, last, stored and places of every row."""
        return (
            [entity for entity, _, _, _ in self._rows],
            [first for _, first, _, _ in self._rows],
            [first + places[-1] for _, first, _, places in self._rows],
            [stored for _, _, stored, _ in self._rows],
            [_little(places) for _, _, _, places in self._rows],
        )


def _little(places: array[int]) -> bytes:
    if array("H", [1]).tobytes() == b"\x01\x00":
        return places.tobytes()
    swapped = array("H", places)
    swapped.byteswap()
    return swapped.tobytes()


def seqs_of(first: int, places: bytes) -> Iterator[int]:
    """Yield the seqs of a row, ascending. An odd byte at the end is no place."""
    for at in range(0, len(places) - 1, 2):
        yield first + int.from_bytes(places[at : at + 2], "little")
