"""The access service: checks of entities, what it answers controllers, commands for doors, rules after a change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sim.demo_access import card_of
from sitewarden.bus.hub import Hub
from sitewarden.domain.access.decision import Decision, Request
from sitewarden.domain.access.model import AccessPoint, Controller, Door, DoorMode
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.rights import AccessProfile, Schedule
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Unreachable
from sitewarden.kit.clock import SystemClock
from sitewarden.services.access import AccessService, rulebook
from sitewarden.services.operations import system
from sitewarden.services.proposal import Proposal
from sitewarden.services.surface.access import (
    ApproveController,
    DoorCommand,
    PairingCodeRequest,
    RelayController,
    RevokeController,
    ScanCard,
)
from sitewarden.services.surface.identity import Nothing
from sitewarden.store.interfaces import Change, EventFilter
from sitewarden.store.sqlite import SqliteEventLog, SqliteStateStore
from sitewarden.wire.controller import MatchRequest
from tests.drivers.link.site import PIN_KEY, demo, kind_of

ADA = system("test")


class Bench:
    def __init__(self, folder: Path) -> None:
        self.log = SqliteEventLog.open(folder / "events.db")

        async def read(after: int, limit: int, types: Any) -> Any:
            return await self.log.read(EventFilter(after=after, limit=limit))

        self.hub = Hub(self.log, read)
        self.state = SqliteStateStore.open(folder / "state.db", SystemClock(), self.hub.emit)
        self.access = AccessService(
            self.state, SystemClock(), self.hub, pin_key=PIN_KEY, certificate=b"c", ca=b"a", sign=lambda request, node: b""
        )
        self.commands: list[Command] = []
        self.result = Result(ok=True, value={"door": {}})
        self.hub.claim(["*"], self._execute)

    async def _execute(self, command: Command) -> Result:
        self.commands.append(command)
        return self.result

    async def put(self, *entities: Entity) -> None:
        await self.state.apply([Change(kind=kind_of(entity), id=entity.id, entity=entity) for entity in entities])

    def check(self, entity: Entity) -> None:
        held = self.state.get(kind_of(entity), entity.id)
        before = held.entity if held else None
        for check in self.access.checks:
            check(Proposal(kind_of(entity), entity.id, before, entity, ADA, self.state))

    async def call(self, name: str, params: Any) -> Any:
        operation = next(one for one in self.access.operations() if one.name == name)
        return await operation.handler(ADA, params)

    async def match(self, person: str, controller: str = "front", point: str = "main-in") -> Decision:
        request = MatchRequest(Request(access_point=point, card=card_of(person)), DoorMode.LOCKED, 0)
        decision: Decision = await self.access.answers()["access.match"]((controller, request))
        return decision


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    await bench.put(*demo())
    running = asyncio.create_task(bench.access.run())
    yield bench
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await bench.hub.close()
    await bench.state.close()
    await bench.log.close()


HOLDER = CredentialHolder(id="new", name="New")


@pytest.mark.parametrize(
    ("entity", "refusal", "where"),
    [
        (Schedule(id="s", name="S", icalendar="BEGIN:VEVENT\nEND:VEVENT"), Invalid, "icalendar"),
        (Door(id="d", name="D", controller="front", output=0), Conflict, "output"),
        (AccessPoint(id="p", name="P", door="main-entrance", reader=2), Conflict, "reader"),
        (Credential(id="c", name="C", holder="ada"), Invalid, "card"),
        (Credential(id="c", name="C", holder="ada", card="26:zz"), Invalid, "card"),
        (Credential(id="c", name="C", holder="ada", card="26:001"), Invalid, "card"),
        (Credential(id="c", name="C", holder="ada", card=card_of("ben")), Conflict, "card"),
        (Credential(id="c", name="C", holder="ada", pin_hash=hash_pin(PIN_KEY, "2468")), Conflict, "pin"),
        (Credential(id="c", name="C", holder="ada", card="26:1", valid_from=2, valid_to=2), Invalid, "valid_to"),
    ],
)
async def test_what_does_not_fit_is_refused(bench: Bench, entity: Entity, refusal: type[Refusal], where: str) -> None:
    with pytest.raises(refusal) as told:
        bench.check(entity)
    assert where in told.value.where
    assert told.value.remedy


async def test_what_fits_passes_and_a_card_is_free_once_it_was_taken_away(bench: Bench) -> None:
    for entity in demo():
        bench.check(entity)
    bench.check(Door(id="d", name="D", controller="front", output=7))
    ben = bench.state.get("credential", "ben-card")
    assert ben is not None
    await bench.put(msgspec.structs.replace(ben.entity, card="26:1"))
    bench.check(Credential(id="c", name="C", holder="ada", card=card_of("ben")))


async def test_it_decides_for_a_controllers_own_access_points(bench: Bench) -> None:
    decision = await bench.match("hugo")
    assert decision.granted
    assert decision.explanation.decided_by == "server"
    with pytest.raises(Forbidden):
        await bench.match("hugo", controller="inner")


async def test_a_change_decides_at_once_and_every_controller_is_told(bench: Bench) -> None:
    version = bench.access.rulebook.rules.version
    await bench.put(AccessProfile(id="guard", name="Guards", enabled=False))
    assert (await bench.match("hugo")).explanation.rule == "right"
    assert bench.access.rulebook.rules.version > version
    async with asyncio.timeout(60):
        while {command.entity for command in bench.commands} != {"controller:front", "controller:inner"}:
            await asyncio.sleep(0)
    assert {command.name for command in bench.commands} == {"controller.sync"}


async def test_what_changes_no_rule_makes_no_new_version(bench: Bench) -> None:
    before = bench.access.rulebook.rules
    held = bench.state.get("credential-holder", "ada")
    assert held is not None
    await bench.put(msgspec.structs.replace(held.entity, description="Ground floor"))
    assert bench.access.rulebook.rules is before


async def test_a_large_site_is_compiled_beside_the_loop(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "SMALL", 3)
    await bench.put(AccessProfile(id="guard", name="Guards", enabled=False))
    async with asyncio.timeout(60):
        while (await bench.match("hugo")).granted:
            await asyncio.sleep(0.005)
    packed = await bench.access.answers()["access.rules"]("")
    assert packed.version == bench.access.rulebook.rules.version
    assert await bench.access.answers()["access.rules"](packed.digest) is None


async def test_names(bench: Bench) -> None:
    names = await bench.access.answers()["access.names"]({"door:main-entrance", "credential-holder:ada", "door:none"})
    assert names == {"door:main-entrance": "Main entrance", "credential-holder:ada": "Ada Marlow"}


async def test_a_command_goes_to_the_door_with_who_and_why(bench: Bench) -> None:
    result = await bench.call("doors.command", DoorCommand(id="main-entrance", command="lockdown", reason="drill"))
    command = next(command for command in bench.commands if command.name == "door.lockdown")
    assert (command.entity, command.reason, command.id) == ("door:main-entrance", "drill", result.id)


@pytest.mark.parametrize("command", ["unlock", "block", "lockdown", "release-lockdown", "lock-open"])
async def test_what_is_dangerous_asks_for_a_reason(bench: Bench, command: Any) -> None:
    with pytest.raises(Invalid, match="reason"):
        await bench.call("doors.command", DoorCommand(id="main-entrance", command=command, reason=" "))
    assert not bench.commands


async def test_what_the_owner_refuses_is_refused(bench: Bench) -> None:
    bench.result = Result(ok=False, code="unreachable", what="It is not connected.", remedy="Wait.")
    with pytest.raises(Unreachable) as refusal:
        await bench.call("doors.command", DoorCommand(id="main-entrance", command="release"))
    assert refusal.value.remedy == "Wait."
    with pytest.raises(NotFound):
        await bench.call("doors.command", DoorCommand(id="nowhere", command="release"))


async def test_codes_and_the_pending_list(bench: Bench) -> None:
    code = await bench.call("controllers.pairing-code", PairingCodeRequest(controller="front"))
    assert len(code.code.replace("-", "")) * 5 >= 80
    assert (await bench.call("controllers.pending", Nothing())).items == ()
    with pytest.raises(NotFound):
        await bench.call("controllers.pairing-code", PairingCodeRequest(controller="none"))
    with pytest.raises(Invalid):
        await bench.call("controllers.approve", ApproveController(id="annex", code="short"))


async def test_a_board_of_another_make_is_not_paired_revoked_or_asked_for_a_card(bench: Bench) -> None:
    await bench.put(Controller(id="board", name="Board", driver="uhppote", config={"serial": 423187757}))
    reason = "It was stolen"
    for name, params in (
        ("controllers.pairing-code", PairingCodeRequest(controller="board")),
        ("controllers.revoke", RevokeController(id="board", reason=reason)),
        ("controllers.scan", ScanCard(id="board", reader=0)),
        ("controllers.relay", RelayController(id="board", epoch=1)),
    ):
        with pytest.raises(Invalid, match="another make"):
            await bench.call(name, params)
    assert not bench.commands
    revoked = await bench.call("controllers.revoke", RevokeController(id="front", reason=reason))
    assert revoked.id == "front"
    with pytest.raises(Conflict, match="revoked already"):
        await bench.call("controllers.revoke", RevokeController(id="front", reason=reason))


def test_a_short_key_for_pins_is_a_defect(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AccessService(None, SystemClock(), None, pin_key=b"short")  # type: ignore[arg-type]
