"""How a board comes from what it holds to what it shall hold, one order after the other. Pure.

At no step does a card open a door that neither the old rules nor the new ones let it open: what goes is taken first, then time
profiles are written from the end of each chain (a board lets pass whoever refers to one that is not there), and only then are
cards brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sitewarden.domain.access.recurrence import to_date
from sitewarden.drivers.uhppote import messages as m
from sitewarden.drivers.uhppote.profiles import IDS, Chain, Part, written
from sitewarden.drivers.uhppote.table import CardRow, Right

Order = m.PutCard | m.DeleteCard | m.SetProfile


class Held(NamedTuple):
    """What a board holds, as it said itself."""

    cards: dict[int, m.Card]
    profiles: dict[int, m.Profile]


def steps(held: Held, wanted: Mapping[int, CardRow], serial: int) -> tuple[list[Order], list[int]]:
    """Return the orders, and the cards that have to be left out because no time profile is left for them."""
    orders: list[Order] = []
    kept = {number: card for number, card in held.cards.items() if number in wanted}
    orders += [m.DeleteCard(serial=serial, card=number) for number in held.cards if number not in wanted]
    chains: dict[Chain, None] = {}
    for row in wanted.values():
        chains.update(dict.fromkeys(right for right in row.rights if isinstance(right, tuple)))
    places = _reused(held.profiles, chains)
    taken = {id_ for ids in places.values() for id_ in ids}
    used = set(_reached(held.profiles, kept.values()))
    free = [id_ for id_ in IDS if id_ not in taken and id_ not in used]
    stale = [id_ for id_ in IDS if id_ not in taken and id_ in used]
    overwritten: set[int] = set()
    missing: set[Chain] = set()
    profiles: list[Order] = []
    for chain in chains:
        if chain in places:
            continue
        if len(chain) > len(free) + len(stale):
            missing.add(chain)
            continue
        ids = [free.pop(0) if free else stale.pop(0) for _ in chain]
        overwritten.update(used.intersection(ids))
        places[chain] = ids
        profiles += _written(chain, ids, serial)
    orders += _stripped(held, kept, overwritten, serial)
    orders += profiles
    left_out: list[int] = []
    for number, row in wanted.items():
        if any(right in missing for right in row.rights):
            left_out.append(number)
        put = _put(number, row, places, serial)
        if number not in kept or _differs(kept[number], put) or (overwritten and _touched(held, kept[number], overwritten)):
            orders.append(put)
    return orders, left_out


def _written(chain: Chain, ids: list[int], serial: int) -> Iterator[m.SetProfile]:
    for at in range(len(chain) - 1, -1, -1):
        profile = written(chain[at], ids[at], ids[at + 1] if at + 1 < len(chain) else 0, serial)
        yield m.SetProfile(**{name: getattr(profile, name) for name in m.SetProfile.__struct_fields__})


def _put(number: int, row: CardRow, places: Mapping[Chain, list[int]], serial: int) -> m.PutCard:
    def permission(right: Right) -> int:
        if not isinstance(right, tuple):
            return right
        ids = places.get(right)
        return ids[0] if ids else 0

    one, two, three, four = (permission(right) for right in row.rights)
    first, last = to_date(row.first), to_date(row.last)
    return m.PutCard(serial=serial, card=number, first=first, last=last, door_1=one, door_2=two, door_3=three, door_4=four)


def _differs(card: m.Card, put: m.PutCard) -> bool:
    return any(
        getattr(card, name) != getattr(put, name) for name in ("first", "last", "door_1", "door_2", "door_3", "door_4", "pin")
    )


def _doors(card: m.Card | m.PutCard) -> tuple[int, int, int, int]:
    return card.door_1, card.door_2, card.door_3, card.door_4


def _follow(profiles: Mapping[int, m.Profile], id_: int) -> Iterator[int]:
    """Yield the ids of the chain that begins with `id_`; a ring ends where it began."""
    seen: set[int] = set()
    while id_ in IDS and id_ not in seen:
        seen.add(id_)
        yield id_
        profile = profiles.get(id_)
        id_ = profile.linked if profile is not None else 0


def _reached(profiles: Mapping[int, m.Profile], cards: Iterable[m.Card]) -> Iterator[int]:
    for id_ in {door for card in cards for door in _doors(card)}:
        yield from _follow(profiles, id_)


def _reused(profiles: Mapping[int, m.Profile], chains: Iterable[Chain]) -> dict[Chain, list[int]]:
    """Return the chains that the board holds already, with their ids. No id serves two."""
    by_part: dict[Part, list[int]] = {}
    known = {id_: part for id_, profile in profiles.items() if (part := part_of(profile)) is not None}
    for id_, part in known.items():
        by_part.setdefault(part, []).append(id_)
    places: dict[Chain, list[int]] = {}
    taken: set[int] = set()
    for chain in chains:
        for first in by_part.get(chain[0], ()):
            ids = list(_follow(profiles, first))
            ends = profiles[ids[-1]].linked == 0 if ids[-1] in profiles else False
            if ends and taken.isdisjoint(ids) and tuple(known.get(id_) for id_ in ids) == chain:
                places[chain] = ids
                taken.update(ids)
                break
    return places


def part_of(profile: m.Profile) -> Part | None:
    """Return what a profile on a board says; None where it says nothing that we write."""
    if profile.first is None or profile.last is None:
        return None
    days = (
        profile.monday,
        profile.tuesday,
        profile.wednesday,
        profile.thursday,
        profile.friday,
        profile.saturday,
        profile.sunday,
    )
    spans = ((profile.start_1, profile.end_1), (profile.start_2, profile.end_2), (profile.start_3, profile.end_3))
    one = tuple(span for at, span in enumerate(spans) if at == 0 or span != spans[0])
    first, last = (day.toordinal() - _EPOCH for day in (profile.first, profile.last))
    return Part(first, last, sum(1 << at for at, day in enumerate(days) if day), one)


_EPOCH = to_date(0).toordinal()


def _touched(held: Held, card: m.Card, overwritten: set[int]) -> bool:
    return any(overwritten.intersection(_follow(held.profiles, door)) for door in _doors(card))


def _stripped(held: Held, kept: Mapping[int, m.Card], overwritten: set[int], serial: int) -> Iterator[m.PutCard]:
    """Yield the cards whose time profiles are about to mean something else, without those rights."""
    if not overwritten:
        return
    for number, card in kept.items():
        doors = [0 if overwritten.intersection(_follow(held.profiles, door)) else door for door in _doors(card)]
        if tuple(doors) != _doors(card):
            one, two, three, four = doors
            yield m.PutCard(
                serial=serial, card=number, first=card.first, last=card.last, door_1=one, door_2=two, door_3=three, door_4=four
            )
