"""Holders and credentials in memory: lists and arrays, found by key or by id, and changed a row at a time.

Rows that were there from the beginning are found by bisection, later ones by a dict; a row that is taken away leaves its place
empty and gets it back when it returns. One million credentials with as many holders take about 300 MB.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import TypeVar

from sitewarden.domain.access.columns import integers, packed_integers
from sitewarden.domain.access.snapshot import CredentialRow, Credentials, HolderRow, Holders, Link

V = TypeVar("V")


def is_card(key: str) -> bool:
    """Tell whether a key is a card's, "26:2a6f3b1"; others begin with their kind, "face:3f2a"."""
    return key[0] in "123456789"


class Ids:
    """Ids and their places."""

    __slots__ = ("_known", "_late", "gone", "texts")

    def __init__(self, ids: Sequence[str]) -> None:
        self.texts = list(ids)
        self._known = len(self.texts)
        self._late: dict[str, int] = {}
        self.gone: set[int] = set()
        """Places that are empty."""

    def place(self, id_: str) -> int | None:
        """Return the place of an id, whether empty or not."""
        place = bisect_left(self.texts, id_, 0, self._known)
        if place < self._known and self.texts[place] == id_:
            return place
        return self._late.get(id_)

    def find(self, id_: str) -> int | None:
        """Return the place of an id that is there."""
        place = self.place(id_)
        return None if place in self.gone else place

    def add(self, id_: str) -> int:
        """Return a new place at the end."""
        place = self._late[id_] = len(self.texts)
        self.texts.append(id_)
        return place

    def order(self) -> list[int]:
        """Return the places of all that are there, by id."""
        if not self._late and not self.gone:
            return list(range(len(self.texts)))
        return sorted((place for place in range(len(self.texts)) if place not in self.gone), key=self.texts.__getitem__)


class HolderTable:
    """The holders."""

    def __init__(self, rows: Holders) -> None:
        self.ids = Ids(rows.ids)
        self.flags = bytearray(rows.flags)
        self.valid_from, self.valid_to = integers("q", rows.valid_from), integers("q", rows.valid_to)
        self.groups = integers("I", rows.groups)
        self.sets = list(rows.sets)
        self._set_at = {names: place for place, names in enumerate(self.sets)}

    def row(self, place: int) -> HolderRow:
        """Return a row."""
        sets = self.sets[self.groups[place]]
        return HolderRow(self.ids.texts[place], self.flags[place], self.valid_from[place], self.valid_to[place], sets)

    def put(self, row: HolderRow) -> int:
        """Put a row in its place, and return that."""
        place = self.ids.place(row.id)
        if place is None:
            place = self.ids.add(row.id)
            self.flags.append(0)
            self.valid_from.append(0)
            self.valid_to.append(0)
            self.groups.append(0)
        self.ids.gone.discard(place)
        self.flags[place], self.valid_from[place], self.valid_to[place] = row.flags, row.valid_from, row.valid_to
        sets = self._set_at.get(row.groups)
        if sets is None:
            sets = self._set_at[row.groups] = len(self.sets)
            self.sets.append(row.groups)
        self.groups[place] = sets
        return place

    def take(self, place: int) -> None:
        """Empty a place."""
        self.ids.gone.add(place)
        self.flags[place] = 0

    def columns(self, order: Sequence[int]) -> Holders:
        """Return the columns of rows in this order."""
        sets: dict[tuple[str, ...], int] = {}
        groups: array[int] = array("I", (sets.setdefault(self.sets[self.groups[place]], len(sets)) for place in order))
        return Holders(
            [self.ids.texts[place] for place in order],
            bytes(self.flags[place] for place in order),
            packed_integers(array("q", (self.valid_from[place] for place in order))),
            packed_integers(array("q", (self.valid_to[place] for place in order))),
            packed_integers(groups),
            tuple(sets),
        )


class CredentialTable:
    """The credentials. `by_card` is asked at each card, `by_token` at each face or plate, `by_pin` where a PIN is asked for."""

    def __init__(self, rows: Credentials, holders: HolderTable) -> None:
        self._holders = holders
        self.ids = Ids(rows.ids)
        self.holders = integers("I", rows.holders)
        self.keys = list(rows.keys)
        self.flags = bytearray(rows.flags)
        self.valid_from, self.valid_to = integers("q", rows.valid_from), integers("q", rows.valid_to)
        self.bundles = integers("I", rows.bundles)
        self.sets = list(rows.sets)
        self._set_at = {links: place for place, links in enumerate(self.sets)}
        self.more, self.pins, self.duress, self.disabled = (
            dict(rows.more),
            dict(rows.pins),
            dict(rows.duress),
            dict(rows.disabled),
        )
        # Keyed by the column's own texts: a card in its one text form is found without being taken apart.
        self.by_card = dict(zip(self.keys, range(len(self.keys)), strict=True))
        self.by_card.pop("", None)
        self.by_token: dict[str, int] = {}
        for key in [key for key in self.by_card if not is_card(key)]:
            self.by_token[key] = self.by_card.pop(key)
        for place, keys in self.more.items():
            for key in keys:
                self.by(key)[key] = place
        self.by_pin: dict[bytes, tuple[int, ...]] = {}
        for table in (self.pins, self.duress):
            for place, digest in table.items():
                self.by_pin[digest] = (*self.by_pin.get(digest, ()), place)

    def row(self, place: int) -> CredentialRow:
        """Return a row."""
        return CredentialRow(
            self.ids.texts[place],
            self._holders.ids.texts[self.holders[place]],
            self.keys_of(place),
            self.flags[place],
            self.valid_from[place],
            self.valid_to[place],
            self.sets[self.bundles[place]],
            self.pins.get(place, b""),
            self.duress.get(place, b""),
            self.disabled.get(place, ""),
        )

    def by(self, key: str) -> dict[str, int]:
        """Return the dict that a key stands in: a card's is never one of another kind's, whatever a reader sends."""
        return self.by_card if is_card(key) else self.by_token

    def keys_of(self, place: int) -> tuple[str, ...]:
        """Return all keys of a credential."""
        first = self.keys[place]
        return (first, *self.more.get(place, ())) if first else ()

    def take(self, place: int) -> None:
        """Empty a place."""
        for key in self.keys_of(place):
            self.by(key).pop(key, None)
        self.keys[place] = ""
        for table in (self.pins, self.duress):
            digest = table.pop(place, None)
            if digest is not None:
                left = tuple(one for one in self.by_pin[digest] if one != place)
                if left:
                    self.by_pin[digest] = left
                else:
                    del self.by_pin[digest]
        self.more.pop(place, None)
        self.disabled.pop(place, None)
        self.flags[place] = 0
        self.ids.gone.add(place)

    def put(self, row: CredentialRow) -> int:
        """Put a row in its place, which is new or empty, and return that; its holder is there."""
        holder = self._holders.ids.find(row.holder)
        assert holder is not None
        place = self.ids.place(row.id)
        if place is None:
            place = self.ids.add(row.id)
            self.flags.append(0)
            self.keys.append("")
            self.valid_from.append(0)
            self.valid_to.append(0)
            self.bundles.append(0)
            self.holders.append(0)
        self.ids.gone.discard(place)
        self.holders[place] = holder
        self.flags[place], self.valid_from[place], self.valid_to[place] = row.flags, row.valid_from, row.valid_to
        bundle = self._set_at.get(row.links)
        if bundle is None:
            bundle = self._set_at[row.links] = len(self.sets)
            self.sets.append(row.links)
        self.bundles[place] = bundle
        if row.keys:
            self.keys[place] = row.keys[0]
            for key in row.keys:
                self.by(key)[key] = place
        if len(row.keys) > 1:
            self.more[place] = row.keys[1:]
        for table, digest in ((self.pins, row.pin), (self.duress, row.duress)):
            if digest:
                table[place] = digest
                self.by_pin[digest] = (*self.by_pin.get(digest, ()), place)
        if row.disabled:
            self.disabled[place] = row.disabled
        return place

    def columns(self, order: Sequence[int], holders: Sequence[int]) -> Credentials:
        """Return the columns of rows in this order; `holders` is the order of the holders' columns."""
        holder_at = {place: new for new, place in enumerate(holders)}
        sets: dict[tuple[Link, ...], int] = {}
        bundles: array[int] = array("I", (sets.setdefault(self.sets[self.bundles[place]], len(sets)) for place in order))
        return Credentials(
            [self.ids.texts[place] for place in order],
            packed_integers(array("I", (holder_at[self.holders[place]] for place in order))),
            [self.keys[place] for place in order],
            bytes(self.flags[place] for place in order),
            packed_integers(array("q", (self.valid_from[place] for place in order))),
            packed_integers(array("q", (self.valid_to[place] for place in order))),
            packed_integers(bundles),
            tuple(sets),
            _moved(self.more, order),
            _moved(self.pins, order),
            _moved(self.duress, order),
            _moved(self.disabled, order),
        )


def _moved(table: dict[int, V], order: Iterable[int]) -> dict[int, V]:
    return {new: table[place] for new, place in enumerate(order) if place in table}
