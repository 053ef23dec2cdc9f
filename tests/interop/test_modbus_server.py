"""Our Modbus server with masters that are not ours: pymodbus, and libmodbus's mbpoll."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from pymodbus.client import AsyncModbusTcpClient

from sitewarden.config import Settings
from sitewarden.domain.commands import Result
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.status import Status
from sitewarden.drivers.modbus.server.driver import DRIVER
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.context import Context
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.house import Reading, Source
from sitewarden.net.network import LocalNetwork
from tests.kit.fakes import FakeHouse

pytestmark = pytest.mark.interop
TEMPERATURE, PUMP = Source("point:t"), Source("point:pump")


class Rig:
    def __init__(self, host: str, port: int) -> None:
        self.host, self.port, self.house = host, port, FakeHouse()
        self.statuses: list[Status] = []


async def nothing(*_: Any) -> None:
    return


@pytest.fixture
async def rig(host: str, tmp_path: Any) -> AsyncIterator[Rig]:
    with socket.socket() as probe:
        probe.bind((host, 0))
        made = Rig(host, int(probe.getsockname()[1]))
    registers = [
        {"of": "point:t", "table": "input", "register": 0, "type": "float32"},
        {"of": "point:t", "table": "input", "register": 2, "type": "int16", "scale": 0.1},
        {"of": "point:t", "register": 0, "type": "int16", "scale": 0.1, "writable": True},
        {"of": "point:pump", "table": "coil", "register": 0, "writable": True},
    ]
    spec = EndpointSpec(
        id="scada",
        name="SCADA",
        config={"port": made.port, "clients": ["127.0.0.0/8"], "connections": 2},
        devices=(DeviceSpec(id="unit", name="Unit", config={"unit": 7, "registers": registers}),),
    )
    network = LocalNetwork(Settings.for_test(host, tmp_path), "iot", tmp_path / "run")
    context = Context(
        net=network, clock=SystemClock(), emit=nothing, samples=lambda _: None, status=made.statuses.append, house=made.house
    )
    made.house.put(TEMPERATURE, Reading(21.5, Quality.GOOD, 1))
    made.house.put(PUMP, Reading(True, Quality.GOOD, 1))
    running = asyncio.create_task(DRIVER.endpoint(spec).run(context))
    async with asyncio.timeout(60):
        while not network.ledger() and not running.done():
            await asyncio.sleep(0.01)
    yield made
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await network.close()


async def test_pymodbus_reads_writes_and_is_refused(rig: Rig) -> None:
    async with AsyncModbusTcpClient(rig.host, port=rig.port, timeout=60) as master:
        found = await master.read_input_registers(0, count=3, device_id=7)
        assert master.convert_from_registers(found.registers[:2], master.DATATYPE.FLOAT32) == 21.5
        assert found.registers[2] == 215
        assert (await master.read_coils(0, count=1, device_id=7)).bits[0] is True
        assert not (await master.write_register(0, 185, device_id=7)).isError()
        assert not (await master.write_coil(0, False, device_id=7)).isError()
        both = await master.readwrite_registers(read_address=0, read_count=1, write_address=0, values=[190], device_id=7)
        assert both.registers == [215]
        assert [(ref, value, by) for ref, value, by, _ in rig.house.written] == [
            ("point:t", 18.5, "scada"),
            ("point:pump", False, "scada"),
            ("point:t", 19.0, "scada"),
        ]
        assert (await master.read_holding_registers(50, count=1, device_id=7)).exception_code == 2
        assert (await master.read_input_registers(0, count=1, device_id=8)).exception_code == 11
        rig.house.answer = Result(ok=False, code="invalid", what="outside the limits")
        assert (await master.write_register(0, 9999, device_id=7)).exception_code == 3
        rig.house.put(TEMPERATURE, Reading(None, Quality.BAD_NO_COMMUNICATION, 2))
        assert (await master.read_input_registers(2, count=1, device_id=7)).exception_code == 4


async def test_a_master_too_many_is_cut_off_and_told_of(rig: Rig) -> None:
    pairs = [await asyncio.open_connection(rig.host, rig.port) for _ in range(2)]
    for reader, writer in pairs:
        writer.write(bytes.fromhex("0001 0000 0006 07 04 0002 0001"))
        assert len(await asyncio.wait_for(reader.readexactly(11), 60)) == 11
    reader, third = await asyncio.open_connection(rig.host, rig.port)
    assert await asyncio.wait_for(reader.read(), 60) == b""
    for writer in (*(one for _, one in pairs), third):
        writer.close()


async def test_requests_behind_a_write_are_answered_after_it_and_in_order(rig: Rig) -> None:
    free = asyncio.Event()
    plain = rig.house.write

    async def slow(*given: Any, **named: Any) -> Result:
        await free.wait()
        return await plain(*given, **named)

    rig.house.write = slow  # type: ignore[method-assign]
    reader, writer = await asyncio.open_connection(rig.host, rig.port)
    write = bytes.fromhex("0001 0000 0006 07 06 0000 00b9")
    read = bytes.fromhex("0002 0000 0006 07 04 0002 0001")
    writer.write(write + read * 40)
    await writer.drain()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)
    free.set()
    assert await asyncio.wait_for(reader.readexactly(12), 60) == write
    answers = await asyncio.wait_for(reader.readexactly(11 * 40), 60)
    assert answers == bytes.fromhex("0002 0000 0005 07 04 02 00d7") * 40
    writer.close()


async def test_mbpoll_reads_what_stands_there(rig: Rig) -> None:
    if shutil.which("mbpoll") is None:
        pytest.skip("needs mbpoll (scripts/system-packages.sh)")
    command = ["mbpoll", "-m", "tcp", "-p", str(rig.port), "-a", "7", "-t", "3:float", "-B", "-r", "1", "-c", "1", "-1", rig.host]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert b"21.5" in output
