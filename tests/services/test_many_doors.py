"""One command for an area or the site: which doors it means, what came of each, and what stands in the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.domain.access.model import Area
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Invalid, NotFound
from sitewarden.domain.identity.grants import rights
from sitewarden.domain.identity.model import Grant
from sitewarden.services.subjects import Subjects
from sitewarden.services.surface.access import DoorsCommand
from sitewarden.store.interfaces import EventFilter
from tests.drivers.link.site import demo
from tests.services.test_access import Bench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    await bench.put(*demo())
    yield bench
    await bench.hub.close()
    await bench.state.close()
    await bench.log.close()


def lockdown(area: str | None = None, reason: str = "drill") -> DoorsCommand:
    return DoorsCommand(command="lockdown", reason=reason, area=area)


def answering(bench: Bench, **answers: Result | None) -> None:
    """Let controllers answer: a Result, or None for never."""

    async def execute(command: Command) -> Result:
        bench.commands.append(command)
        answer = answers.get(command.entity.partition(":")[2])
        if answer is None:
            await asyncio.Event().wait()
            raise AssertionError
        return answer

    bench.hub.claim([], bench._execute)
    bench.hub.claim(["*"], execute)


def done(*doors: str) -> Result:
    return Result(ok=True, value={"done": dict.fromkeys(doors, "locked-down"), "refused": {}})


@pytest.mark.parametrize(
    ("area", "doors"),
    [
        (None, {"main-entrance", "staff-entrance", "office-wing", "server-room"}),
        ("lobby", {"main-entrance", "staff-entrance", "office-wing"}),
        ("offices", {"office-wing", "server-room"}),
        ("server-room", {"server-room"}),
    ],
)
async def test_which_doors_an_area_has(bench: Bench, area: str | None, doors: set[str]) -> None:
    assert {door.id for door in bench.access.many.doors_of(area)} == doors


async def test_each_door_is_told_of_and_those_that_did_not_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitewarden.services.access.many.TIMEOUT", 0.05)
    refused = {"staff-entrance": ["conflict", "the door is locked open", "End it."]}
    answering(bench, front=Result(ok=True, value={"done": {"main-entrance": "locked-down"}, "refused": refused}), inner=None)
    result = await bench.call("doors.command-many", lockdown())
    assert [(one.door, one.outcome) for one in result.doors] == [
        ("office-wing", "not-reached"),
        ("server-room", "not-reached"),
        ("staff-entrance", "refused"),
        ("main-entrance", "done"),
    ]
    assert (result.done, result.total) == (1, 4)
    assert {(command.entity, command.name) for command in bench.commands} == {
        ("controller:front", "controller.command-doors"),
        ("controller:inner", "controller.command-doors"),
    }
    (stored,) = await bench.log.read(EventFilter(after=0, types=("site.command",), limit=10))
    assert (stored.event.severity, stored.event.data["missed"]) == (2, ["office-wing", "server-room", "staff-entrance"])
    assert stored.event.data["reason"] == "drill"


async def test_controllers_are_told_at_the_same_time(bench: Bench) -> None:
    both = asyncio.Barrier(2)

    async def execute(command: Command) -> Result:
        async with asyncio.timeout(60):
            await both.wait()
        return done(*command.args["doors"])

    bench.hub.claim([], bench._execute)
    bench.hub.claim(["*"], execute)
    result = await bench.call("doors.command-many", lockdown())
    assert result.done == 4


async def test_a_driver_that_knows_only_single_doors_is_asked_door_by_door(bench: Bench) -> None:
    async def execute(command: Command) -> Result:
        if command.name.startswith("controller."):
            return Result(ok=False, code="not-found", what="unknown")
        return Result(ok=True, value={"door": {"mode": "locked-down"}})

    bench.hub.claim([], bench._execute)
    bench.hub.claim(["*"], execute)
    assert (await bench.call("doors.command-many", lockdown("offices"))).done == 2


@pytest.mark.parametrize(
    ("params", "refusal"),
    [(lockdown(reason=" "), Invalid), (lockdown("nowhere"), NotFound), (lockdown("empty"), Conflict)],
)
async def test_what_is_refused_before_any_door_is_told(bench: Bench, params: DoorsCommand, refusal: type[Exception]) -> None:
    await bench.put(Area(id="empty", name="Empty"))
    with pytest.raises(refusal):
        await bench.call("doors.command-many", params)
    assert not [command for command in bench.commands if command.name != "controller.sync"]


async def test_a_right_to_one_area_is_none_to_the_site(bench: Bench) -> None:
    (operation,) = bench.access.many.operations()
    subjects = Subjects(bench.state)
    held = rights((Grant(action="door.lockdown", selector="area:offices"),))

    def may(params: Any) -> bool:
        assert callable(operation.action)
        assert operation.entity is not None
        return held.allows(operation.action(params), subjects.of(operation.entity(params)), subjects.parent)

    assert may(lockdown("offices"))
    assert may(lockdown("server-room"))
    assert not may(lockdown("lobby"))
    assert not may(lockdown())
    assert not may(DoorsCommand(command="fire-release", reason="x", area="offices"))
