"""Points that act as inputs: each change is one status and one event, and an outbox that refuses loses none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sitewarden.domain.clock import SECOND
from sitewarden.domain.errors import Unreachable
from sitewarden.domain.events import Event
from sitewarden.domain.points.inputs import PointInput
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.samples import Samples, Value
from sitewarden.domain.status import Status
from sitewarden.services.points import inputs as module
from sitewarden.services.points.inputs import PointInputs
from tests.services.memory import TestClock

TANK = Point(id="tank", name="Tank", device="plc", unit="%", input=PointInput(above=80.0, delay=3.0))
PLAIN = Point(id="plain", name="Plain", device="plc")


class Told:
    def __init__(self) -> None:
        self.clock = TestClock()
        self.statuses: list[Status] = []
        self.events: list[Event] = []
        self.refuses = 0
        self.arrived = asyncio.Event()
        self.inputs = PointInputs(self.clock, self.statuses.append, self._emit)
        self.inputs.configure([TANK, PLAIN])

    async def _emit(self, events: Sequence[Event]) -> None:
        if self.refuses:
            self.refuses -= 1
            raise Unreachable("the outbox is full")
        self.events += events
        self.arrived.set()

    def say(self, value: Value, quality: int = 0, after: float = 1.0) -> None:
        self.clock.seconds += after
        now = self.clock.now()
        self.inputs.told(Samples(["tank", "plain", "gone"], [now] * 3, [now] * 3, [value] * 3, [quality] * 3))


async def test_each_change_is_one_status_and_one_event(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.0)
    told = Told()
    told.say(10.0)
    assert [one.data["input"] for one in told.statuses] == ["normal"]
    told.say(90.0)
    told.say(95.0)
    told.inputs.look()
    assert len(told.statuses) == 1, "it has not lasted yet"
    told.clock.seconds += 3
    told.inputs.look()
    told.inputs.look()
    told.say(None, 0x808A0000)
    told.clock.seconds += 3
    told.inputs.look()
    told.say(20.0)
    assert [one.data["input"] for one in told.statuses] == ["normal", "active", "trouble", "normal"]
    told.refuses = 2
    running = asyncio.create_task(told.inputs.run())
    try:
        async with asyncio.timeout(60):
            await told.arrived.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [one.text for one in told.events] == [
        "Tank is active: 95 %",
        "Tank is in trouble: no value",
        "Tank is normal again: 20 %",
    ]
    assert {one.entity for one in told.events} == {"point:tank"}
    assert len({one.key for one in told.events}) == 3


async def test_a_changed_configuration_keeps_the_state_of_what_stayed() -> None:
    told = Told()
    told.say(10.0)
    told.inputs.configure([TANK])
    told.say(11.0)
    assert len(told.statuses) == 1
    told.inputs.configure([PLAIN])
    told.say(99.0)
    told.inputs.look()
    assert len(told.statuses) == 1
    assert told.clock.now() > SECOND
