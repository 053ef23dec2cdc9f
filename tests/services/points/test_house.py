"""The house as other systems see it: a Modbus master reads a point and a door's state, and writes through core."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import msgspec
import pytest
from pymodbus.client import AsyncModbusTcpClient

from sim.demo_points import entities, specs
from sitewarden.bus.interfaces import Bus
from sitewarden.domain.points.model import Endpoint
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.status import Status
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.house import Reading, Source
from sitewarden.services.points.house import LocalHouse
from sitewarden.services.points.machines import MachineWrites
from sitewarden.services.points.table import PointTable
from sitewarden.services.status import StatusBoard
from tests.services.busses import MemoryBus
from tests.services.points.test_points import Iot


@pytest.fixture
async def served(host: str, tmp_path: Path) -> AsyncIterator[tuple[Iot, int]]:
    """An iot worker with a machine, whose points a Modbus server tells."""
    iot = Iot(host, tmp_path)
    await iot.open()
    iot.board = StatusBoard(iot.bus, iot.state, iot.subjects)
    board = asyncio.create_task(iot.board.run())
    iot.board.put(Status(ref="door:lab-door", state="online", since=1, data={"lock": "locked"}))
    MachineWrites(iot.bus, iot.operations, iot.state, iot.subjects, SystemClock()).attach()
    with socket.socket() as probe:
        probe.bind((host, 0))
        port = int(probe.getsockname()[1])
    registers = [
        {"of": "point:ahu-setpoint", "register": 0, "type": "int16", "scale": 0.1, "writable": True},
        {"of": "door:lab-door", "member": "lock", "register": 1, "words": {"locked": 1, "unlocked": 0}},
        {"of": "door:lab-door", "table": "discrete-input", "register": 0, "words": {"online": 1, "offline": 0}},
        {"of": "point:ahu-co2", "register": 2, "writable": True},
    ]
    scada = EndpointSpec(
        id="scada",
        name="SCADA",
        config={"port": port},
        devices=(DeviceSpec(id="scada-1", name="Unit 1", config={"registers": registers}),),
    )
    await iot.memory.put("endpoint", Endpoint(id="scada", name="SCADA", driver="modbus-server", config=scada.config))
    await iot.worker.configure([*specs(entities(iot.machine.host, iot.machine.port, area="lab")), ("modbus-server", scada)])
    yield iot, port
    board.cancel()
    await iot.shut()


async def test_a_master_reads_the_site_and_writes_it_as_a_person_would(served: tuple[Iot, int]) -> None:
    iot, port = served
    await iot.live("ahu-setpoint", lambda _value, quality: quality == Quality.GOOD)
    async with AsyncModbusTcpClient(iot.machine.host, port=port, timeout=60) as master:
        async with asyncio.timeout(60):
            while (found := await master.read_holding_registers(0, count=2, device_id=1)).isError():
                await asyncio.sleep(0.05)
            while (state := await master.read_discrete_inputs(0, count=1, device_id=1)).isError():
                await asyncio.sleep(0.05)
        assert found.registers == [210, 1]
        assert state.bits[0] is True
        assert not (await master.write_register(0, 245, device_id=1)).isError()
        async with asyncio.timeout(60):
            while (await master.read_holding_registers(0, count=1, device_id=1)).registers != [245]:
                await asyncio.sleep(0.05)
        assert (await master.write_register(0, 900, device_id=1)).exception_code == 3
        assert (await master.write_register(2, 1, device_id=1)).exception_code == 3
    done = next(one for one in iot.memory.audited if one.outcome == "done" and one.action == "point.write")
    assert (done.actor, done.entity, done.detail) == ("endpoint:scada", "point:ahu-setpoint", {"value": 24.5})
    event = next(one.event for one in iot.log.events if one.event.type == "point.written")
    assert event.data["actor"] == "endpoint:scada" and "Modbus master" in event.data["reason"]
    assert iot.memory.audited[-1].outcome == "refused: invalid"


async def test_who_follows_is_told_at_once_after_each_change_and_no_more_after_the_end() -> None:
    bus = MemoryBus()
    house = LocalHouse(cast("Bus", bus), PointTable())
    running = asyncio.create_task(house.run())
    told: list[tuple[Source, Reading]] = []
    lock, state = Source("door:main", "lock"), Source("door:main")
    end = house.follow([lock, state], told.extend)
    assert [reading.quality for _, reading in told] == [Quality.BAD_NO_COMMUNICATION] * 2
    async with asyncio.timeout(60):
        while not bus._topics:
            await asyncio.sleep(0.01)

    def tell(state_: str) -> None:
        bus.publish("status", msgspec.msgpack.encode(Status(ref="door:main", state=state_, since=5, data={"lock": "locked"})))

    async def heard(count: int) -> None:
        async with asyncio.timeout(60):
            while len(told) < count:
                await asyncio.sleep(0.01)

    tell("online")
    await heard(4)
    assert told[2:] == [(lock, Reading("locked", 0, 5)), (state, Reading("online", 0, 5))]
    tell("offline")
    await heard(6)
    assert told[4][1] == Reading("locked", Quality.UNCERTAIN_LAST_KNOWN_VALUE, 5)
    end()
    tell("online")
    await asyncio.sleep(0.05)
    assert len(told) == 6
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
