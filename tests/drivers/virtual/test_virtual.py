"""Calculated points: they move with their inputs, keep quality and time, and are never made of themselves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from sitewarden.app.checks import typed_config
from sitewarden.domain.errors import Conflict, Invalid
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Latest
from sitewarden.drivers.virtual.driver import DRIVER
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.house import Reading, Source
from sitewarden.services.operations import Caller
from sitewarden.services.points.table import PointTable
from sitewarden.services.proposal import Proposal
from tests.kit.fakes import FakeHouse, Recorder
from tests.services.memory import MemoryState

CALLER = Caller(actor="user:ada")


def point(id_: str, expression: str, **fields: Any) -> Point:
    return Point(id=id_, name=id_, device="sums", address={"expression": expression}, **fields)


def spec(*points: Point) -> EndpointSpec:
    return EndpointSpec(id="calc", name="Calc", devices=(DeviceSpec(id="sums", name="Sums", points=points),))


class Running:
    """An endpoint over a house whose values a test puts, and the table that its samples go to."""

    def __init__(self, *points: Point) -> None:
        self.house = FakeHouse()
        self.told = Recorder()
        self.table = PointTable()
        self.table.configure(points)
        self._endpoint = DRIVER.endpoint(spec(*points))
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Running:
        context = replace(self.told.context(), house=self.house, samples=self.table.take)
        self._task = asyncio.create_task(self._endpoint.run(context))
        await self.told.until(lambda: len(self.told.statuses) == 2)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        assert not self.house.followers, "nobody follows any more"

    def put(self, reference: str, value: Any, quality: int = Quality.GOOD, time: int = 5) -> None:
        kind, _, member = reference.partition(".")
        self.house.put(Source(kind, member), Reading(value, quality, time))

    def latest(self, id_: str) -> Latest:
        (found,) = self.table.latest([id_])
        return found


async def test_a_point_follows_its_inputs_with_their_quality_and_time() -> None:
    gap = point("gap", "[supply] - [return]", scale=2.0)
    doors = point("doors", "count([door:main] == 'open', [door:yard] == 'open')", type="integer")
    locked = point("locked", "[door:main.lock] == 'locked'", type="boolean")
    async with Running(gap, doors, locked, point("two", "1 + 1")) as running:
        assert running.latest("two").value == 2.0
        assert (running.latest("gap").value, running.latest("gap").quality) == (None, Quality.BAD_NO_COMMUNICATION)
        running.put("point:supply", 21.0, time=7)
        running.put("point:return", 18.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE, time=9)
        found = running.latest("gap")
        assert (found.value, found.quality, found.source_time) == (6.0, Quality.UNCERTAIN_LAST_KNOWN_VALUE, 9)
        running.put("door:main", "open")
        running.put("door:yard", "closed")
        running.put("door:main.lock", "locked")
        assert running.latest("doors").value == 1
        assert running.latest("locked").value is True
        running.put("point:return", None, Quality.BAD_NOT_CONNECTED, time=11)
        found = running.latest("gap")
        assert (found.value, found.quality) == (None, Quality.BAD_NOT_CONNECTED)


async def test_a_value_that_is_none_of_the_points_type_is_bad() -> None:
    async with Running(point("text", "'open'", type="number")) as running:
        found = running.latest("text")
        assert (found.value, found.quality) == (None, Quality.BAD_CONFIGURATION_ERROR)


async def site() -> MemoryState:
    state = MemoryState()
    await state.put("endpoint", Endpoint(id="calc", name="Calc", driver="virtual"))
    await state.put("device", Device(id="sums", name="Sums", endpoint="calc"))
    await state.put("point", point("a", "1"), point("b", "[a] + 1"), point("c", "[b] + [a]"))
    return state


async def test_a_point_that_would_be_made_of_itself_is_refused_with_the_way() -> None:
    state: Any = await site()
    typed_config(Proposal("point", "d", None, point("d", "[c] + [a]"), CALLER, state))
    with pytest.raises(Invalid, match="made of itself: a -> c -> b -> a") as refused:
        typed_config(Proposal("point", "a", point("a", "1"), point("a", "[c]"), CALLER, state))
    assert refused.value.where == "address.expression"
    with pytest.raises(Invalid, match="d -> d"):
        typed_config(Proposal("point", "d", None, point("d", "[d] + 1"), CALLER, state))


async def test_what_an_expression_names_exists_and_stays() -> None:
    state: Any = await site()
    with pytest.raises(Invalid, match="There is no point 'x'"):
        typed_config(Proposal("point", "d", None, point("d", "[x]"), CALLER, state))
    with pytest.raises(Invalid, match="at 1: a value is expected"):
        typed_config(Proposal("point", "d", None, point("d", "*"), CALLER, state))
    with pytest.raises(Conflict, match="in use by point:b, point:c"):
        typed_config(Proposal("point", "a", point("a", "1"), None, CALLER, state))
    typed_config(Proposal("point", "c", point("c", "[b] + [a]"), None, CALLER, state))
