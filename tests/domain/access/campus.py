"""A site with areas in each other, two controllers and whatever zones a test gives it. Outside → hall → lab → vault.

`Campus` walks people through its doors: it decides, passes them, and keeps the state of the zones.
"""

from __future__ import annotations

from typing import Any

from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import Decision, DoorContext, Request
from sitewarden.domain.access.engine import Rules, decide
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door, DoorMode
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile, HolderGroup
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, AuthenticationPolicy, AuthenticationProfile, Schedule
from sitewarden.domain.access.transitions import advance, facts_of, held_by, holders_of
from sitewarden.domain.access.zone_state import DoorShut, Fact, NotPassed, Passed, ZoneState
from sitewarden.domain.access.zones import Zone
from sitewarden.domain.clock import SECOND
from tests.domain.access.test_schedules import OFFICE, at

KEY = b"k" * 32
NOON = at("2026-01-05T12:00:00", "Europe/Berlin")
"""A Monday."""
PEOPLE = ("ada", "ben", "cleo", "dora", "emil")
GROUPS = {"ada": ("guards",), "ben": ("guards", "staff"), "cleo": ("staff",), "dora": (), "emil": ()}
POINTS = {
    "hall-in": ("front", None, "hall"),
    "hall-out": ("front", "hall", None),
    "lab-in": ("inner", "hall", "lab"),
    "lab-out": ("inner", "lab", "hall"),
    "vault-in": ("strong", "lab", "vault"),
    "vault-out": ("strong", "vault", "lab"),
    "back-in": ("back", None, "lab"),
    "back-out": ("back", "lab", None),
}
"""Access point to (door, area from, area to)."""
DOORS = {"front": "c1", "inner": "c1", "strong": "c1", "back": "c2"}


def entities(zones: tuple[Zone, ...] = (), **more: Any) -> dict[str, Any]:
    """Return what `compile` takes."""
    return {
        "controllers": [Controller(id="c1", name="C1"), Controller(id="c2", name="C2")],
        "areas": [
            Area(id="hall", name="Hall"),
            Area(id="lab", name="Lab", area="hall"),
            Area(id="vault", name="Vault", area="lab"),
        ],
        "doors": [
            Door(id=id_, name=id_.title(), controller=controller, output=number, unlock_schedule="office")
            for number, (id_, controller) in enumerate(DOORS.items())
        ],
        "access_points": [
            AccessPoint(id=id_, name=id_, door=door, reader=number, area_from=source, area_to=target)
            for number, (id_, (door, source, target)) in enumerate(POINTS.items())
        ],
        "schedules": [Schedule(id="always", name="Always"), Schedule(id="office", name="Office hours", icalendar=OFFICE)],
        "authentications": [
            AuthenticationProfile(
                id="two",
                name="Two",
                policies=(
                    AuthenticationPolicy(schedule="office", level="card"),
                    AuthenticationPolicy(schedule="always", level="card-and-pin", mode="dual"),
                ),
            )
        ],
        "profiles": [
            AccessProfile(
                id="all", name="All", policies=tuple(AccessPolicy(schedule="always", access_point=point) for point in POINTS)
            )
        ],
        "groups": [HolderGroup(id="guards", name="Guards"), HolderGroup(id="staff", name="Staff")],
        "zones": zones,
        "holders": [CredentialHolder(id=id_, name=id_.title(), groups=GROUPS[id_]) for id_ in PEOPLE],
        "credentials": [
            Credential(
                id=f"{id_}-card",
                name=id_,
                holder=id_,
                card=f"26:{number + 1:x}",
                pin_hash=hash_pin(KEY, f"100{number}"),
                profiles=(CredentialProfile(profile="all"),),
            )
            for number, id_ in enumerate(PEOPLE)
        ],
        **more,
    }


def rules_of(*zones: Zone, **more: Any) -> Rules:
    """Return the rules of the campus with these zones."""
    return Rules(compile(version=3, zone="Europe/Berlin", pin_key=KEY, **entities(zones, **more)))


class Campus:
    """The rules, the state of the zones as `node` holds it, and the time."""

    def __init__(self, *zones: Zone, node: str = "", now: int = NOON, **more: Any) -> None:
        self.rules = rules_of(*zones, **more)
        self.zones = held_by(self.rules, node, ZoneState())
        self.now = now

    def ask(self, person: str, point: str, mode: DoorMode = DoorMode.LOCKED, **more: Any) -> Decision:
        """Decide, and tell the zones of it."""
        request = Request(access_point=point, card=f"26:{PEOPLE.index(person) + 1:x}", **more)
        decision = decide(self.rules, request, DoorContext(mode=mode), self.now, "test", self.zones)
        for fact in facts_of(request, decision, self.now):
            self.tell(fact)
        self.last = request, decision
        return decision

    def go(self, person: str, point: str, **more: Any) -> Decision:
        """Ask, and pass where that is granted."""
        decision = self.ask(person, point, **more)
        if decision.granted:
            self.tell(Passed(point, holders_of(decision), self.now))
            self.tell(DoorShut(POINTS[point][0], True, self.now))
        return decision

    def stay(self) -> None:
        """Not go, after the last grant."""
        request, decision = self.last
        self.tell(NotPassed(request.access_point, holders_of(decision), self.now))

    def tell(self, fact: Fact) -> None:
        """Take a fact."""
        self.zones = advance(self.rules, self.zones, fact)

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.now += round(seconds * SECOND)
