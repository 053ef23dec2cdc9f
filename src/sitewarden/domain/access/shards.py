"""A dict that does not change: putting a key gives another one that shares all but one of its 512 parts.

Small enough a copy for a passage at a door: some ten microseconds with a million keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Generic, TypeVar
from zlib import crc32

V = TypeVar("V")

COUNT: Final = 512


class Shards(Generic[V]):
    """Text to value."""

    __slots__ = ("_parts", "_size")

    def __init__(self, parts: tuple[dict[str, V], ...] = ({},) * COUNT, size: int = 0) -> None:
        self._parts = parts
        self._size = size

    @classmethod
    def of(cls, entries: dict[str, V]) -> Shards[V]:
        """Return the shards of a dict."""
        parts: list[dict[str, V]] = [{} for _ in range(COUNT)]
        for key, value in entries.items():
            parts[crc32(key.encode()) % COUNT][key] = value
        return cls(tuple(parts), len(entries))

    def get(self, key: str) -> V | None:
        """Return the value of a key, or None."""
        return self._parts[crc32(key.encode()) % COUNT].get(key)

    def put(self, key: str, value: V) -> Shards[V]:
        """Return shards in which `key` is `value`."""
        place = crc32(key.encode()) % COUNT
        before = self._parts[place]
        return self._with(place, {**before, key: value}, key not in before)

    def without(self, key: str) -> Shards[V]:
        """Return shards that lack `key`."""
        place = crc32(key.encode()) % COUNT
        before = self._parts[place]
        if key not in before:
            return self
        return self._with(place, {one: value for one, value in before.items() if one != key}, -1)

    def items(self) -> Iterator[tuple[str, V]]:
        """Yield all keys with their values, in no order that means anything."""
        for part in self._parts:
            yield from part.items()

    def __len__(self) -> int:
        return self._size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shards) and self._size == other._size and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._size)

    def _with(self, place: int, part: dict[str, V], more: int) -> Shards[V]:
        return Shards((*self._parts[:place], part, *self._parts[place + 1 :]), self._size + more)
