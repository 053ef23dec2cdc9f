"""The demo site's doors and people, and how its two simulated controllers are set up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from sitewarden.domain.access.cards import encode_h10301, format_card
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity
from sitewarden.net.tls import Authority, NodeKey
from sitewarden.nodes.controller.commissioning import Commissioning
from sitewarden.nodes.controller.settings import ControllerSettings, LockSettings, ServerSettings

FACILITY = 71
TAGS = ("demo",)

PEOPLE = (
    ("ada", "Ada Marlow", "staff", "2468"),
    ("ben", "Ben Okafor", "staff", ""),
    ("clara", "Clara Weiss", "staff", ""),
    ("dmitri", "Dmitri Volkov", "staff", ""),
    ("elif", "Elif Kaya", "staff", ""),
    ("farid", "Farid Haddad", "facility", "1357"),
    ("grace", "Grace Lindqvist", "facility", "8642"),
    ("hugo", "Hugo Silva", "guard", "9753"),
    ("ines", "Ines Duarte", "guard", "3141"),
    ("jonas", "Jonas Berg", "cleaner", ""),
    ("kim", "Kim Park", "visitor", ""),
    ("lena", "Lena Roth", "", ""),
)
"""(id, name, access profile, PIN); Lena's card was lost and is disabled, Kim's has expired."""

OFFICE_HOURS = """BEGIN:VEVENT
DTSTART:20240101T070000
DTEND:20240101T190000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
EXDATE:20261225T070000,20270101T070000
END:VEVENT
"""
CLEANING = """BEGIN:VEVENT
DTSTART:20240101T180000
DTEND:20240101T220000
RRULE:FREQ=DAILY
END:VEVENT
"""
DAYTIME = """BEGIN:VEVENT
DTSTART:20240101T060000
DTEND:20240101T230000
RRULE:FREQ=DAILY
END:VEVENT
"""


def card_of(person: str) -> str:
    """Return the card of a person of the demo."""
    number = next(place for place, entry in enumerate(PEOPLE) if entry[0] == person)
    return format_card(26, encode_h10301(FACILITY, 1001 + number))


CARDS = {card_of(id_): pin for id_, _, _, pin in PEOPLE}
"""The cards of the demo's people, each with its PIN."""


def entities(area: str | None = None) -> list[Entity]:
    """Return the areas, controllers, doors, schedules, profiles and people, in the order in which they can be made."""
    return [*_places(area), *_rules(), *_people()]


def documents(area: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """Return (kind, document) as they are written, PINs in clear among them."""
    found = []
    pins = {id_: pin for id_, _, _, pin in PEOPLE}
    for entity in entities(area):
        kind = next(kind for kind, model in KINDS.items() if type(entity) is model)
        document = msgspec.to_builtins(entity)
        if isinstance(entity, Credential):
            del document["pin_hash"], document["duress_pin_hash"]
            if pins[entity.holder]:
                document["pin"] = pins[entity.holder]
        if isinstance(entity, Controller):
            del document["fingerprint"]
        if isinstance(entity, CredentialHolder):
            del document["picture"], document["picture_key"]
        found.append((kind, document))
    return found


def _places(area: str | None) -> list[Entity]:
    return [
        Area(id="lobby", name="Lobby", area=area, tags=TAGS),
        Area(id="offices", name="Offices", area=area, tags=TAGS),
        Area(id="server-room", name="Server room", area="offices", tags=TAGS),
        Controller(id="front", name="Front controller", area="lobby", matching="server", tags=TAGS),
        Controller(id="inner", name="Inner controller", area="offices", tags=TAGS),
        Door(id="main-entrance", name="Main entrance", controller="front", output=0, area="lobby", tags=TAGS),
        Door(id="staff-entrance", name="Staff entrance", controller="front", output=1, area="lobby", tags=TAGS),
        Door(id="office-wing", name="Office wing", controller="inner", output=0, area="offices", tags=TAGS),
        Door(id="server-room", name="Server room", controller="inner", output=1, area="server-room", open_time=15.0, tags=TAGS),
        _point("main-in", "Main entrance, in", "main-entrance", 0, None, "lobby"),
        _point("main-out", "Main entrance, out", "main-entrance", 1, "lobby", None),
        _point("staff-in", "Staff entrance, in", "staff-entrance", 2, None, "lobby"),
        _point("office-in", "Office wing, in", "office-wing", 0, "lobby", "offices"),
        _point("office-out", "Office wing, out", "office-wing", 1, "offices", "lobby"),
        _point("server-in", "Server room, in", "server-room", 2, "offices", "server-room", "card-and-pin"),
    ]


def _point(id_: str, name: str, door: str, reader: int, source: str | None, target: str | None, how: Any = "card") -> AccessPoint:
    return AccessPoint(
        id=id_, name=name, door=door, reader=reader, area_from=source, area_to=target, authentication=how, area=target, tags=TAGS
    )


def _rules() -> list[Entity]:
    public = ("main-in", "main-out", "staff-in", "office-in", "office-out")
    everywhere = (*public, "server-in")

    def profile(id_: str, name: str, schedule: str, points: tuple[str, ...]) -> AccessProfile:
        policies = tuple(AccessPolicy(schedule=schedule, access_point=point) for point in points)
        return AccessProfile(id=id_, name=name, policies=policies, tags=TAGS)

    return [
        Schedule(id="always", name="Always", tags=TAGS),
        Schedule(id="office-hours", name="Office hours", icalendar=OFFICE_HOURS, tags=TAGS),
        Schedule(id="daytime", name="Daytime", icalendar=DAYTIME, tags=TAGS),
        Schedule(id="cleaning", name="Cleaning", icalendar=CLEANING, tags=TAGS),
        profile("staff", "Staff", "always", public),
        profile("facility", "Facility", "daytime", everywhere),
        profile("guard", "Guards", "always", everywhere),
        profile("cleaner", "Cleaners", "cleaning", public),
        profile("visitor", "Visitors", "office-hours", ("main-in", "main-out")),
    ]


def _people() -> list[Entity]:
    holders: list[Entity] = [CredentialHolder(id=id_, name=name, tags=TAGS) for id_, name, _, _ in PEOPLE]
    credentials: list[Entity] = [
        Credential(
            id=f"{id_}-card",
            name=f"Card of {name}",
            holder=id_,
            card=card_of(id_),
            profiles=(CredentialProfile(profile=profile),) if profile else (),
            enabled=id_ != "lena",
            disabled_reason="lost" if id_ == "lena" else "",
            valid_to=1_735_689_600_000_000 if id_ == "kim" else None,
            tags=TAGS,
        )
        for id_, name, profile, _ in PEOPLE
    ]
    return holders + credentials


CONTROLLERS = ("front", "inner")
ADDRESSES = {"front": "127.0.0.21/8", "inner": "127.0.0.22/8"}
"""Where a search finds them: loopback has an address for each."""


def settings(controller: str, data: Path, host: str, port: int = 1480) -> ControllerSettings:
    """Return the settings of a simulated controller of the demo; it keeps its files under `data`."""
    return ControllerSettings(
        node=controller,
        data=str(data / controller),
        server=ServerSettings(host=host, port=port),
        locks=(LockSettings(output=0, contact=0, exit=1, tamper=2), LockSettings(output=1, contact=4, exit=5, tamper=6)),
        readers=(0, 1, 2),
    )


def provision(authority: Authority, controller: str, data: Path) -> None:
    """Pair a simulated controller before it starts, as a workshop would: key and certificate lie in its directory."""
    Commissioning.load(data / controller / "commissioning-code")
    key = NodeKey(data / controller / "identity")
    if not key.paired:
        key.accept(authority.sign(key.request(controller), controller), authority.pem)
