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
        self._rows: dict[int, list[tuple[int, int, array[int]]]] = {}

    def add(self, seq: int, stored: int, entities: Iterable[int]) -> None:
        """Note an event; `seq` only grows."""
        for entity in entities:
            rows = self._rows.setdefault(entity, [])
            if not rows or seq - rows[-1][0] > FARTHEST or month_of(rows[-1][1]) != month_of(stored):
                rows.append((seq, stored, array("H")))
            first, _, places = rows[-1]
            places.append(seq - first)

    def columns(self) -> tuple[list[int], list[int], list[int], list[int], list[bytes]]:
        """Return entity, first, last, stored and places of every row."""
        entities, firsts, lasts, storeds, texts = [], [], [], [], []
        for entity, rows in self._rows.items():
            for first, stored, places in rows:
                entities.append(entity)
                firsts.append(first)
                lasts.append(first + places[-1])
                storeds.append(stored)
                texts.append(_little(places))
        return entities, firsts, lasts, storeds, texts


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
