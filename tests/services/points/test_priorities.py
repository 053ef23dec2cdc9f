"""Writing with a priority, and giving one back: what the driver is told, what is recorded, who knows no priorities."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
import pytest

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Forbidden, Invalid, NotFound
from sitewarden.domain.events import Event
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.points.model import Device, Endpoint, Point
from sitewarden.services.points.operations import Points
from sitewarden.services.surface.points import WritePoint
from tests.services.busses import MemoryBus
from tests.services.house import House


class Field(MemoryBus):
    """Devices of two protocols: it takes the orders, and the fan falls back to 20."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[dict[str, Any]] = []
        self.told: list[Event] = []

    async def command(self, command: Command) -> Result:
        self.orders.append(command.args)
        value = command.args["value"]
        done = {"old": 50.0, "new": value, "read_back": 20.0 if value is None else value}
        if command.entity == "point:fan":
            done["priority"] = command.args.get("priority", 8)
        return Result(ok=True, value=done)

    async def emit(self, events: Any) -> None:
        self.told += events


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    await house.begin()
    bus = house.bus = Field()
    house.operations.add(Points(cast("Bus", bus), house.state, house.subjects, house.clock).operations())
    await house.memory.put(
        "endpoint",
        Endpoint(id="air", name="Air", driver="bacnet"),
        Endpoint(id="plc", name="PLC", driver="modbus", config={"host": "127.0.0.1"}),
    )
    await house.memory.put(
        "device",
        Device(id="ahu", name="AHU", endpoint="air", config={"instance": 7}),
        Device(id="unit", name="Unit", endpoint="plc"),
    )
    fan = Point(id="fan", name="Fan", device="ahu", unit="%", maximum=100.0, writable=True, address={"object": "analog-output,2"})
    ro = Point(id="ro", name="Room", device="ahu", address={"object": "analog-input,3"})
    await house.memory.put("point", fan, ro, Point(id="valve", name="Valve", device="unit", writable=True))
    await house.memory.put("point", Point(id="lost", name="Lost", device="gone", writable=True))
    yield house
    house.close()


def of(house: House) -> Field:
    return cast(Field, house.bus)


async def test_a_write_goes_with_its_priority_and_is_recorded_with_it(house: House) -> None:
    done = (await house.ask("points.write", id="fan", value=60.0, priority=5, reason="smoke")).value
    assert (done.old, done.new, done.read_back, done.priority) == (50.0, 60.0, 60.0, 5)
    assert of(house).orders == [{"value": 60.0, "priority": 5, "read_back": True}]
    (event,) = of(house).told
    assert event.text == "Fan set from 50.00 % to 60.00 % (priority 5) by user:ada" and event.data["priority"] == 5
    entry = house.memory.audited[-1]
    assert (entry.action, entry.outcome, entry.detail) == ("point.write", "done", {"value": 60.0, "priority": 5})
    with pytest.raises(Invalid, match="outside the limits"):
        await house.ask("points.write", id="fan", value=101.0, priority=5)


async def test_without_one_the_event_says_which_the_driver_took(house: House) -> None:
    done = (await house.ask("points.write", id="fan", value=60.0)).value
    assert done.priority == 8 and of(house).orders == [{"value": 60.0, "read_back": True}]
    assert of(house).told[0].text.endswith("to 60.00 % (priority 8) by user:ada")


async def test_a_priority_is_given_back(house: House) -> None:
    done = (await house.ask("points.write", id="fan", value=None, priority=5)).value
    assert (done.new, done.read_back, done.priority) == (None, 20.0, 5)
    assert of(house).orders == [{"value": None, "priority": 5, "read_back": True}]
    assert of(house).told[0].text == "Fan set from 50.00 % to 20.00 % (priority 5 given back) by user:ada"
    assert house.memory.audited[-1].detail == {"value": None, "priority": 5}
    assert (await house.ask("points.write", id="fan", value=None)).value.priority == 8


async def test_who_knows_no_priorities_refuses_with_a_sentence(house: House) -> None:
    with pytest.raises(Invalid, match="Modbus TCP knows no priorities: nothing of Valve takes the priority 8") as refused:
        await house.ask("points.write", id="valve", value=1.0, priority=8)
    assert refused.value.where == "priority" and refused.value.remedy
    with pytest.raises(Invalid, match="nothing of Valve can be given back"):
        await house.ask("points.write", id="valve", value=None)
    with pytest.raises(Invalid, match="read-only"):
        await house.ask("points.write", id="ro", value=None, priority=8)
    with pytest.raises(NotFound, match="device of Lost is gone"):
        await house.ask("points.write", id="lost", value=None)
    assert of(house).orders == [] and house.memory.audited[-1].outcome == "refused: not-found"
    done = (await house.ask("points.write", id="valve", value=1.0)).value
    assert done.priority is None and of(house).told[0].text == "Valve set from 50.00 to 1.00 by user:ada"


async def test_a_dialog_learns_what_it_may_offer(house: House) -> None:
    assert (await house.ask("points.writing", id="fan")).value.priorities
    assert not (await house.ask("points.writing", id="valve")).value.priorities
    reader = await house.person("rita", Grant(action="point.read"))
    with pytest.raises(Forbidden):
        await house.ask("points.writing", reader, id="fan")


@pytest.mark.parametrize("priority", [0, 17, -1, True, 1.5, "8"])
def test_a_priority_is_a_number_from_1_to_16(priority: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"id": "fan", "value": 1, "priority": priority}, WritePoint)
    assert msgspec.convert({"id": "fan", "value": None, "priority": 16}, WritePoint).value is None
