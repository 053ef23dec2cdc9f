"""A made-up site of any size: buildings, doors, rights, people with cards. The same seed gives the same site.

Each controller has two doors with a reader on both sides. A building has `BUILDING` controllers; the first door of each is an
entrance, and so is the only one that leads in from outside.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from sitewarden.domain.access.cards import encode_h10301, format_card
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.entity import Entity
from sitewarden.nodes.controller.settings import LockSettings

Role = Literal["office", "shift", "guard", "cleaner", "visitor"]

BUILDING: Final = 20
"""Controllers of a building."""
ROLES: Final[tuple[tuple[Role, float], ...]] = (
    ("office", 0.74),
    ("shift", 0.16),
    ("cleaner", 0.04),
    ("visitor", 0.04),
    ("guard", 0.02),
)
"""Share of each role."""
LOCKS: Final = (LockSettings(output=0, contact=0, exit=1, tamper=2), LockSettings(output=1, contact=4, exit=5, tamper=6))
READERS: Final = (0, 1, 2, 3)
TAGS: Final = ("simulated",)

_GIVEN: Final = (
    "Ada",
    "Ben",
    "Clara",
    "Dmitri",
    "Elif",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kim",
    "Lena",
    "Musa",
    "Noor",
)
_FAMILY: Final = ("Adler", "Berg", "Costa", "Duarte", "Eriksen", "Faber", "Gomes", "Haddad", "Ivanov", "Jansen", "Kaya", "Lund")


def _weekly(days: str, begin: int, end: int) -> str:
    return (
        f"BEGIN:VEVENT\nDTSTART:20240101T{begin:02}0000\nDTEND:20240101T{end:02}0000\n"
        f"RRULE:FREQ=WEEKLY;BYDAY={days}\nEND:VEVENT\n"
    )


WEEK: Final = "MO,TU,WE,TH,FR"
SCHEDULES: Final[dict[Role, str]] = {
    "office": _weekly(WEEK, 6, 21),
    "shift": "",
    "guard": "",
    "cleaner": _weekly("MO,TU,WE,TH,FR,SA", 17, 23),
    "visitor": _weekly(WEEK, 8, 18),
}
"""When each role may pass; empty is always."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person: who they are, where they work, what they carry."""

    id: str
    name: str
    role: Role
    building: int
    door: int
    """The door of their own desk, by number of the site."""
    card: str


@dataclass(frozen=True, slots=True)
class Campus:
    """The site. Door `n` hangs on controller `n // 2`, as its output `n % 2`; `reader` gives the readers of its two sides."""

    controllers: int
    people: tuple[Person, ...]
    seed: int
    _cards: dict[str, Person] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def make(cls, controllers: int, people: int, seed: int = 1) -> Campus:
        """Return a site of so many controllers (two doors each) and people."""
        draw = random.Random(seed)
        roles, weights = zip(*ROLES, strict=True)
        buildings = -(-controllers // BUILDING)
        found = []
        for number in range(people):
            building = draw.randrange(buildings)
            first = building * BUILDING
            controller = draw.randrange(first, min(first + BUILDING, controllers))
            name = f"{_GIVEN[number % len(_GIVEN)]} {_FAMILY[number // len(_GIVEN) % len(_FAMILY)]} {number + 1}"
            card = format_card(26, encode_h10301(number >> 16 & 0xFF, number & 0xFFFF))
            role: Role = draw.choices(roles, weights)[0]
            found.append(Person(f"person-{number + 1}", name, role, building, 2 * controller + 1, card))
        return cls(controllers, tuple(found), seed)

    @property
    def doors(self) -> int:
        """How many doors there are."""
        return 2 * self.controllers

    @property
    def buildings(self) -> int:
        """How many buildings there are."""
        return -(-self.controllers // BUILDING)

    def entrance(self, building: int, chance: float) -> int:
        """Return one of the entrances of a building; `chance` within 0 and 1 chooses."""
        first = building * BUILDING
        count = min(BUILDING, self.controllers - first)
        return 2 * (first + min(int(chance * count), count - 1))

    def entities(self) -> Iterator[Entity]:
        """Yield everything, in the order in which it can be made."""
        for schedule, text in SCHEDULES.items():
            yield Schedule(id=schedule, name=schedule.capitalize(), icalendar=text, tags=TAGS)
        for building in range(self.buildings):
            yield Area(id=f"building-{building + 1}", name=f"Building {building + 1}", tags=TAGS)
        for number in range(self.controllers):
            area = f"building-{number // BUILDING + 1}"
            yield Controller(id=controller_id(number), name=f"Controller {number + 1}", area=area, tags=TAGS)
            for door in (2 * number, 2 * number + 1):
                yield from self._door(door, area)
        for building in range(self.buildings):
            for role in SCHEDULES:
                yield self._profile(building, role)
        for person in self.people:
            yield CredentialHolder(id=person.id, name=person.name, tags=TAGS)
            profile = CredentialProfile(profile=profile_id(person.building, person.role))
            yield Credential(
                id=f"card-of-{person.id}",
                name=f"Card of {person.name}",
                holder=person.id,
                card=person.card,
                profiles=(profile,),
                tags=TAGS,
            )

    def documents(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return everything as a site file holds it: kind, id, what differs from the defaults."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for entity in self.entities():
            blank = msgspec.to_builtins(type(entity)(**_required(entity)))
            document = {name: value for name, value in msgspec.to_builtins(entity).items() if value != blank.get(name)}
            document = {"name": entity.name, **document, **_required(entity)}
            document.pop("id")
            found.setdefault(_KINDS[type(entity)], {})[entity.id] = document
        return found

    def _door(self, door: int, area: str) -> Iterator[Entity]:
        kind = "entrance" if door % 2 == 0 else "office"
        yield Door(
            id=door_id(door),
            name=f"Door {door + 1} ({kind})",
            controller=controller_id(door // 2),
            output=door % 2,
            area=area,
            tags=TAGS,
        )
        inside = area if door % 2 == 0 else None
        for side, source, target in (("in", None, inside), ("out", inside, None)):
            yield AccessPoint(
                id=point_id(door, side),
                name=f"Door {door + 1}, {side}",
                door=door_id(door),
                reader=reader(door, side),
                area_from=source,
                area_to=target,
                area=area,
                tags=TAGS,
            )

    def _profile(self, building: int, role: Role) -> AccessProfile:
        first = 2 * building * BUILDING
        doors = range(first, min(first + 2 * BUILDING, self.doors))
        if role == "visitor":
            doors = range(first, min(first + 2 * BUILDING, self.doors), 2)
        return AccessProfile(
            id=profile_id(building, role),
            name=f"Building {building + 1}, {role}",
            policies=tuple(
                AccessPolicy(schedule=role, access_point=point_id(door, side)) for door in doors for side in ("in", "out")
            ),
            tags=TAGS,
        )


def controller_id(number: int) -> str:
    """Return the id of a controller."""
    return f"edge-{number + 1}"


def door_id(door: int) -> str:
    """Return the id of a door."""
    return f"door-{door + 1}"


def point_id(door: int, side: str) -> str:
    """Return the id of an access point; `side` is "in" or "out"."""
    return f"door-{door + 1}-{side}"


def profile_id(building: int, role: Role) -> str:
    """Return the id of a profile."""
    return f"building-{building + 1}-{role}"


def reader(door: int, side: str) -> int:
    """Return the reader of a side of a door, on its controller."""
    return 2 * (door % 2) + (side == "out")


_KINDS: Final[dict[type[Entity], str]] = {
    Schedule: "schedules",
    Area: "areas",
    Controller: "controllers",
    Door: "doors",
    AccessPoint: "access-points",
    AccessProfile: "access-profiles",
    CredentialHolder: "credential-holders",
    Credential: "credentials",
}


def _required(entity: Entity) -> dict[str, Any]:
    document = msgspec.to_builtins(entity)
    return {name.name: document[name.name] for name in msgspec.structs.fields(entity) if name.required}
