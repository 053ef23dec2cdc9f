"""A controller's zones: it follows who went where, asks the server about the rest, and forgets nothing when it is killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sim.board import Board
from sim.demo_access import card_of, entities, settings
from sitewarden.domain.access.compiler import compile
from sitewarden.domain.access.decision import Decision
from sitewarden.domain.access.engine import Rules
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.rights import AccessProfile, AuthenticationPolicy, AuthenticationProfile, Schedule
from sitewarden.domain.access.zones import AntipassbackZone, FireInput, FireZone, OccupancyZone, Zone
from sitewarden.domain.errors import Unreachable
from sitewarden.kit.clock import SystemClock
from sitewarden.nodes.controller.controller import Controller as Node
from sitewarden.nodes.controller.journal import Journal
from sitewarden.wire.controller import MatchRequest, Record

IN, OUT = 0, 1
CONTACT = 0
OFFICES = AntipassbackZone(id="offices", name="Offices", areas=("offices",))


def packed(*zones: Zone, two: bool = False) -> Any:
    found = entities()
    profile = AuthenticationProfile(
        id="two", name="Two", policies=(AuthenticationPolicy(schedule="always", level="card", mode="dual"),)
    )
    points = [one for one in found if isinstance(one, AccessPoint)]
    if two:
        points = [msgspec.structs.replace(point, authentication_profile="two") for point in points]
    kinds = {
        "controllers": Controller,
        "areas": Area,
        "doors": Door,
        "schedules": Schedule,
        "profiles": AccessProfile,
        "holders": CredentialHolder,
        "credentials": Credential,
    }
    given: dict[str, Any] = {name: [one for one in found if isinstance(one, kind)] for name, kind in kinds.items()}
    return Rules(
        compile(
            version=1,
            zone="Europe/Berlin",
            pin_key=b"k" * 32,
            access_points=points,
            authentications=[profile],
            zones=zones,
            **given,
        )
    ).packed()


class Life:
    """A controller that starts, is killed and starts again on the same disk. The contact of its first door follows the lock."""

    def __init__(self, folder: Path, name: str = "inner") -> None:
        self.settings = settings(name, folder, "127.0.0.1")
        self.folder = folder / name

    async def start(self) -> None:
        self.journal = Journal.open(self.folder / "controller.db", SystemClock())
        self.board = Board(self.settings.locks)
        self.controller = Node(self.settings, self.board, self.journal, SystemClock())
        self.controller.start()
        self.task = asyncio.create_task(self.journal.run())

    async def kill(self) -> None:
        """Only what is in the log is left; the file of the zones is not written."""
        await self.journal.flush()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        if self.controller.zones._timer is not None:
            self.controller.zones._timer.cancel()
        await self.journal.close()

    async def stop(self) -> None:
        self.controller.close()
        await self.kill()

    async def take(self, rules: Any) -> None:
        await self.controller.take_rules(rules.digest, rules.data)

    async def go(self, person: str, reader: int, *, through: bool = True) -> str:
        answer = await self.board.swipe(reader, card_of(person))
        if answer.signal == "granted" and through:
            self.board.set_input(CONTACT, True)
            self.board.set_input(CONTACT, False)
        return answer.signal

    async def told(self, type_: str) -> list[Record]:
        await self.journal.flush()
        return [record for _, record in self.journal.records() if record.type == type_]


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    life = Life(tmp_path)
    await life.start()
    yield life
    await life.stop()


async def test_who_went_in_does_not_go_in_again(life: Life) -> None:
    await life.take(packed(OFFICES))
    assert [await life.go("hugo", IN) for _ in range(2)] == ["granted", "denied"]
    (denied,) = await life.told("access.denied")
    assert denied.data["reason"] == "antipassback-violation"
    (view,) = denied.data["explanation"]["zones"]
    assert (view["zone"], view["verdict"]) == ("antipassback-zone:offices", "refused")
    assert [await life.go("hugo", OUT), await life.go("hugo", IN)] == ["granted", "granted"]


async def test_who_only_showed_a_card_is_not_in(life: Life) -> None:
    await life.take(packed(OFFICES))
    assert [await life.go("hugo", IN, through=False) for _ in range(2)] == ["granted", "granted"]


@pytest.mark.parametrize("how", ["kill", "stop"])
async def test_where_people_are_is_known_after_a_start(tmp_path: Path, how: str) -> None:
    life = Life(tmp_path)
    await life.start()
    await life.take(packed(OFFICES))
    assert await life.go("hugo", IN) == "granted"
    await getattr(life, how)()
    await life.start()
    assert await life.go("hugo", IN) == "denied"
    assert await life.go("ines", IN) == "granted"
    await life.kill()
    await life.start()
    assert [await life.go(person, IN) for person in ("hugo", "ines")] == ["denied", "denied"]
    await life.stop()


async def test_changed_rules_keep_where_people_are(life: Life) -> None:
    await life.take(packed(OFFICES))
    await life.go("hugo", IN)
    await life.take(packed(OFFICES, OccupancyZone(id="o", name="O", areas=("offices",), limit=5)))
    assert await life.go("hugo", IN) == "denied"


async def test_a_zone_of_the_servers_is_asked_of_the_server(life: Life) -> None:
    asked: list[str] = []
    wide = AntipassbackZone(id="wide", name="Wide", areas=("lobby", "offices"), offline="deny")
    await life.take(packed(wide))

    async def match(question: MatchRequest) -> Decision:
        asked.append(question.request.access_point)
        raise Unreachable("The server is away.")

    life.controller.match = match
    assert await life.go("hugo", IN) == "denied"
    assert asked == ["office-in"]
    (denied,) = await life.told("access.denied")
    assert denied.data["reason"] == "server-unreachable"
    assert denied.data["explanation_text"] == "Wide: only the server knows, and it was not reached"


async def test_two_people_are_let_in_together(life: Life) -> None:
    await life.take(packed(OFFICES, two=True))
    assert await life.go("hugo", IN) == "pin", "the reader waits for more"
    assert await life.go("hugo", IN) == "denied", "the same one twice is not two"
    assert await life.go("hugo", IN) == "pin"
    assert await life.go("ines", IN) == "granted"
    (granted,) = await life.told("access.granted")
    assert (granted.data["first_holder"], granted.holder) == ("hugo", "ines")
    held = life.controller.zones.state
    assert {person for person in ("hugo", "ines") if held.place("antipassback-zone:offices", person)} == {"hugo", "ines"}


async def test_fire_opens_its_doors_and_is_told_once(life: Life) -> None:
    zone = FireZone(id="all", name="All", doors=("office-wing", "server-room"), inputs=(FireInput(controller="inner", input=9),))
    await life.take(packed(zone))
    life.board.set_input(9, True)
    assert life.board.outputs == {0: True, 1: True}
    assert await life.go("lena", IN) == "denied", "who is not known is not made known"
    life.board.set_input(9, False)
    assert life.board.outputs == {0: True, 1: True}, "until somebody looks"
    assert len(await life.told("zone.fire")) == len(await life.told("zone.fire-over")) == 1
