"""Modbus against peers that are not ours: libmodbus as a server, mbpoll (libmodbus too) and pymodbus as masters."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sim.machine import Plant
from sitewarden.domain.commands import Command
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.modbus.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from tests.kit.fakes import Recorder
from tests.kit.network import LoopNetwork

pytestmark = pytest.mark.interop


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def libmodbus_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the C server; skipped where libmodbus's headers or a compiler are not installed."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not Path("/usr/include/modbus/modbus.h").exists():
        pytest.skip("needs a C compiler and libmodbus-dev (scripts/system-packages.sh)")
    built = tmp_path_factory.mktemp("libmodbus") / "server"
    source = Path(__file__).with_name("libmodbus_server.c")
    subprocess.run([compiler, "-O1", "-I/usr/include/modbus", "-o", built, source, "-lmodbus"], check=True, timeout=60)
    return built


class Peer:
    def __init__(self, program: Path, host: str, port: int) -> None:
        self._arguments = [str(program), host, str(port)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        for _ in range(100):
            self._process = subprocess.Popen(self._arguments, stdout=subprocess.PIPE)
            assert self._process.stdout is not None
            if self._process.stdout.readline() == b"ready\n":
                return
            self.kill()
            time.sleep(0.1)
        raise AssertionError("libmodbus's server does not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None


def point(id_: str, register: int, **more: Any) -> Point:
    address = {"register": register} | more.pop("address", {})
    return Point(id=id_, name=id_, device="d", address=address, period=0.05, writable=more.pop("writable", True), **more)


@pytest.fixture
async def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def supervisor(recorder: Recorder) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(recorder.context(LoopNetwork()), lambda _name: DRIVER, backoff=lambda: Backoff(0.05, 0.2), steady=0.0)
    yield supervisor
    await supervisor.close()


def last(recorder: Recorder) -> dict[str, tuple[Any, int]]:
    found = {}
    for batch in recorder.batches:
        found.update(zip(batch.points, zip(batch.values, batch.qualities, strict=True), strict=True))
    return found


async def test_our_driver_against_libmodbus(
    libmodbus_server: Path, host: str, supervisor: Supervisor, recorder: Recorder
) -> None:
    peer = Peer(libmodbus_server, host, free_port(host))
    peer.start()
    points = (
        point("first", 0),
        point("tenth", 9),
        point("beyond", 99, address={"type": "uint32"}, writable=False),
        point("abcd", 50, address={"type": "float32"}),
        point("cdab", 52, address={"type": "float32", "word_order": "little"}),
        point("badc", 54, address={"type": "float32", "byte_order": "little"}),
        point("dcba", 56, address={"type": "float32", "word_order": "little", "byte_order": "little"}),
        point("even", 2, address={"table": "coil"}, type="boolean"),
        point("odd", 3, address={"table": "coil"}, type="boolean"),
        point("bit", 20, address={"type": "bit", "bit": 15}, type="boolean"),
    )
    device = DeviceSpec(id="d", name="D", config={"unit": 255}, points=points)
    config = {"host": peer._arguments[1], "port": int(peer._arguments[2]), "timeout": 0.5, "bad_after": 60.0}
    try:
        await supervisor.reconcile([("modbus", EndpointSpec(id="e", name="E", config=config, devices=(device,)))])
        await recorder.until(lambda: len(last(recorder)) == len(points))
        assert last(recorder) == {
            "first": (100, 0),
            "tenth": (109, 0),
            "beyond": (None, Quality.BAD_CONFIGURATION_ERROR),
            **dict.fromkeys(["abcd", "cdab", "badc", "dcba"], (123.5, 0)),
            "even": (True, 0),
            "odd": (False, 0),
            "bit": (False, 0),
        }
        for id_, value in [("first", 7), ("cdab", -0.25), ("dcba", 2.5), ("odd", True), ("bit", True)]:
            order = Command(id="1", name="point.write", entity=f"point:{id_}", args={"value": value})
            result = await supervisor.execute(order)
            assert result.ok and result.value["read_back"] == value, result
        peer.kill()
        await recorder.until(lambda: last(recorder)["first"] == (7, Quality.UNCERTAIN_LAST_KNOWN_VALUE))
        peer.start()
        await recorder.until(lambda: last(recorder)["first"] == (100, 0))
    finally:
        await supervisor.close()
        peer.kill()


async def mbpoll(host: str, port: int, *arguments: str) -> str:
    program = shutil.which("mbpoll")
    if program is None:
        pytest.skip("needs mbpoll (scripts/system-packages.sh)")
    process = await asyncio.create_subprocess_exec(
        program, "-m", "tcp", "-p", str(port), "-0", "-1", "-q", *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    return output.decode()


async def test_mbpoll_reads_and_writes_our_machine(host: str) -> None:
    plant = Plant()
    port = await plant.server.start(host, 0)
    try:
        assert "[0]: \t210" in await mbpoll(host, port, "-a", "1", "-r", "0", "-c", "2", "-t", "4", host)
        assert "[7]: \t" in await mbpoll(host, port, "-a", "1", "-r", "0", "-c", "9", "-t", "3", host)
        assert "Written 1 references" in await mbpoll(host, port, "-a", "1", "-r", "0", "-t", "4", host, "--", "245")
        assert plant.air.bank.holding[0] == 245
        assert "Written 1 references" in await mbpoll(host, port, "-a", "2", "-r", "0", "-t", "0", host, "0")
        assert plant.generator.bank.coils[0] is False
        assert "Illegal data address" in await mbpoll(host, port, "-a", "1", "-r", "500", "-c", "1", "-t", "4", host)
        for _ in range(600):
            plant.step(0.1)
        assert plant.air.supply == pytest.approx(24.5, abs=0.5) and plant.generator.power < 5.0
    finally:
        await plant.server.stop()


async def test_pymodbus_reads_and_writes_our_machine(host: str) -> None:
    from pymodbus.client import AsyncModbusTcpClient

    plant = Plant()
    port = await plant.server.start(host, 0)
    client = AsyncModbusTcpClient(host, port=port)
    try:
        assert await client.connect()
        plate = await client.read_holding_registers(10, count=8, device_id=1)
        assert b"".join(word.to_bytes(2, "big") for word in plate.registers) == b"AHU roof east   "
        assert not (await client.write_registers(0, [220, 50], device_id=1)).isError()
        assert (plant.air.bank.holding[0], plant.air.bank.holding[1]) == (220, 50)
        assert not (await client.write_coils(0, [False], device_id=2)).isError()
        assert plant.generator.bank.coils[0] is False
        refused = await client.read_input_registers(100, count=1, device_id=1)
        assert refused.isError() and refused.exception_code == 2
    finally:
        client.close()
        await plant.server.stop()
