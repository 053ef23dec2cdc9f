"""Browsing through core: who may, what has nothing to browse, what is not running."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import pytest

from sitewarden.bus.interfaces import Bus
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Forbidden, NotFound, Unreachable
from sitewarden.domain.identity.model import Grant
from sitewarden.domain.points.browse import Found
from sitewarden.domain.points.model import Device, Endpoint
from sitewarden.services.points.browsing import Browsing
from tests.services.busses import MemoryBus
from tests.services.house import House


class Answering(MemoryBus):
    def __init__(self) -> None:
        super().__init__()
        self.orders: list[Command] = []
        self.answer = Result(ok=True, value={"items": [{"label": "line/1", "address": {"topic": "line/1"}, "value": 3}]})

    async def command(self, command: Command) -> Result:
        self.orders.append(command)
        return self.answer


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    await house.begin()
    bus = house.bus = Answering()
    house.operations.add(Browsing(cast("Bus", bus), house.state).operations())
    broker = {"host": "127.0.0.1", "port": 8883}
    await house.memory.put(
        "endpoint",
        Endpoint(id="broker", name="Broker", driver="mqtt", config=broker),
        Endpoint(id="empty", name="Empty", driver="mqtt", config=broker),
        Endpoint(id="plc", name="PLC", driver="modbus", config={"host": "127.0.0.1"}),
    )
    await house.memory.put(
        "device", Device(id="line", name="Line", endpoint="broker"), Device(id="unit", name="Unit", endpoint="plc")
    )
    yield house
    house.close()


async def test_what_is_heard_comes_with_addresses_and_is_audited(house: House) -> None:
    found = (await house.ask("endpoints.browse", id="broker", filter="line/#", seconds=0.5)).value
    assert found.items == (Found(label="line/1", address={"topic": "line/1"}, value=3),) and not found.more
    order = cast(Answering, house.bus).orders[-1]
    assert (order.name, order.entity, order.args) == ("endpoint.browse", "endpoint:broker", {"filter": "line/#", "seconds": 0.5})
    assert (house.memory.audited[-1].action, house.memory.audited[-1].entity) == ("endpoint.browse", "endpoint:broker")


async def test_what_cannot_be_browsed_says_why_and_what_else(house: House) -> None:
    with pytest.raises(Conflict, match="Browse the endpoint instead"):
        await house.ask("devices.browse", id="line")
    with pytest.raises(Conflict, match="Modbus TCP has nothing to browse"):
        await house.ask("devices.browse", id="unit")
    with pytest.raises(Conflict, match="no enabled device"):
        await house.ask("endpoints.browse", id="empty")
    with pytest.raises(NotFound):
        await house.ask("endpoints.browse", id="none")
    cast(Answering, house.bus).answer = Result(ok=False, code="unreachable", what="Broker is not connected")
    with pytest.raises(Unreachable, match="not connected"):
        await house.ask("endpoints.browse", id="broker")


async def test_only_who_may(house: House) -> None:
    rita = await house.person("rita", Grant(action="point.read"))
    with pytest.raises(Forbidden):
        await house.ask("endpoints.browse", rita, id="broker")
