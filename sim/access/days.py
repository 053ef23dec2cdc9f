"""What people do at doors in a day. Pure: the same site, date and seed give the same day.

Office people come within an hour and a half of half past eight, most go out at noon, all walk between doors; shifts change at
six, fourteen and twenty-two; guards make rounds; cleaners come in the evening, visitors for an hour or two. Now and then a
card is not known, a door is not theirs, one is held open, one is forced, and somebody leaves by the button.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from sim.access.campus import BUILDING, Campus, Person

Kind = Literal["pass", "stranger", "exit", "hold", "force"]

DAY_SECONDS: Final = 86_400
HOUR: Final = 3600.0
STRANGERS, HELD, FORCED, BUTTON = 0.004, 0.003, 0.0003, 0.06
"""Share of deeds that are a card nobody knows, a door held open, a door forced, and the exit button in place of a card."""
WRONG_DOOR: Final = 0.01


@dataclass(frozen=True, slots=True, order=True)
class Deed:
    """One thing that somebody does at a door."""

    at: float
    """Second of the day."""
    door: int
    side: Literal["in", "out"]
    kind: Kind
    card: str
    """Empty where none is shown."""
    stays: float = 2.0
    """Seconds that the door stays open where it is opened."""


def day(campus: Campus, when: date, seed: int = 0) -> list[Deed]:
    """Return the deeds of a day in their order."""
    found: list[Deed] = []
    for place, person in enumerate(campus.people):
        draw = random.Random(f"{campus.seed}/{seed}/{when.isoformat()}/{place}")
        found += _spoiled(campus, person, draw, _walks(campus, person, when, draw))
    found.sort()
    return found


Walks = Iterator[tuple[float, int, Literal["in", "out"]]]


def _spoiled(campus: Campus, person: Person, draw: random.Random, walks: Walks) -> Iterator[Deed]:
    """Yield the deeds of walks; now and then one is not as it should be."""
    for at, door, side in walks:
        if not 0 <= at < DAY_SECONDS:
            continue
        chance, card, stays = draw.random(), person.card, draw.uniform(1.0, 4.0)
        kind: Kind = "pass"
        if draw.random() < WRONG_DOOR:
            door = draw.randrange(campus.doors)
        if chance < FORCED:
            kind, card = "force", ""
        elif chance < FORCED + STRANGERS:
            kind, card = "stranger", f"26:{draw.getrandbits(26):x}"
        elif chance < FORCED + STRANGERS + HELD:
            kind, stays = "hold", draw.uniform(15.0, 90.0)
        elif side == "out" and chance > 1 - BUTTON:
            kind, card = "exit", ""
        yield Deed(at, door, side, kind, card, stays)


def _walks(campus: Campus, person: Person, when: date, draw: random.Random) -> Walks:
    weekend = when.weekday() >= 5
    match person.role:
        case "office":
            if draw.random() < (0.97 if weekend else 0.12):
                return
            yield from _stay(campus, person, draw, draw.gauss(8.5, 0.75), draw.gauss(17.3, 0.9), lunch=0.7, walks=6)
        case "shift":
            if draw.random() < 0.3:
                return
            begin = draw.choice((6.0, 14.0, 22.0))
            yield from _stay(campus, person, draw, begin - draw.uniform(0.05, 0.4), begin + 8 + draw.uniform(0.0, 0.3), 0.2, 4)
        case "guard":
            begin = draw.choice((6, 14, 22))
            for hour in range(begin, begin + 8):
                yield from _round(campus, person, draw, (hour % 24) * HOUR + draw.uniform(0, HOUR / 4))
        case "cleaner":
            if not weekend:
                yield from _stay(campus, person, draw, draw.gauss(18.0, 0.2), draw.gauss(21.5, 0.3), lunch=0.0, walks=12)
        case "visitor":
            if not weekend and draw.random() < 0.3:
                begin = draw.uniform(9.0, 15.5)
                yield from _stay(campus, person, draw, begin, begin + draw.uniform(0.7, 2.2), lunch=0.0, walks=0)


def _stay(campus: Campus, person: Person, draw: random.Random, begin: float, end: float, lunch: float, walks: int) -> Walks:
    """Come at `begin`, leave at `end` (hours), with walks between; out for lunch by that chance."""
    gate = campus.entrance(person.building, draw.random())
    begin, end = begin * HOUR, max(end, begin + 0.5) * HOUR
    yield begin, gate, "in"
    if walks:
        yield begin + draw.uniform(30, 150), person.door, "in"
    for _ in range(walks):
        at = draw.uniform(begin + 600, end - 300)
        yield at, person.door, "out"
        yield at + draw.uniform(60, 900), person.door, "in"
    if draw.random() < lunch:
        out = draw.gauss(12.3, 0.35) * HOUR
        back = out + draw.uniform(1500, 3900)
        if begin + 1800 < out and back < end - 1800:
            yield out, gate, "out"
            yield back, gate, "in"
    yield end, gate, "out"


def _round(campus: Campus, person: Person, draw: random.Random, at: float) -> Walks:
    """Walk past the doors of the building, every third one."""
    first = 2 * person.building * BUILDING
    for door in range(first, min(first + 2 * BUILDING, campus.doors), 3):
        at += draw.uniform(15, 60)
        yield at, door, "in"
