"""The driver of CONTRIBUTING.md is true: it is made from the page, keeps the kit's rules, and delivers values."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import sitewarden.drivers
from sitewarden.domain.points.model import Point
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.conformance import conform
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.quality import faults
from sitewarden.kit.supervise import Supervisor
from tests.arch.source import ROOT
from tests.kit.fakes import Recorder
from tests.kit.network import LoopNetwork

BLOCK = re.compile(r"^ *```(?:python|toml)\n *# drivers/(tally/[a-z.]+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def tally(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "tally"
    folder.mkdir()
    for match in BLOCK.finditer((ROOT / "CONTRIBUTING.md").read_text()):
        (tmp_path / match[1]).write_text(dedent(match[2]))
    (folder / "__init__.py").write_text('"""Line counters over TCP."""\n')
    (folder / "README.md").touch()
    sitewarden.drivers.__path__.append(str(tmp_path))
    yield folder
    sitewarden.drivers.__path__.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("sitewarden.drivers.tally")]:
        del sys.modules[name]


def spec(host: str, port: int) -> EndpointSpec:
    point = Point(id="hall", name="Hall", device="counter", address={"name": "hall"}, type="integer")
    device = DeviceSpec(id="counter", name="Counter", points=(point,))
    return EndpointSpec(id="tally", name="Tally", config={"host": host, "port": port}, devices=(device,))


def test_its_folder_is_whole(tally: Path, tmp_path: Path) -> None:
    for proof in ("sim/tally.py", "tests/fuzz/tally.py", "tests/interop/test_tally.py"):
        (tmp_path / proof).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / proof).touch()
    assert faults(tally, tmp_path) == []


async def test_it_keeps_the_rules(tally: Path) -> None:
    driver: Any = import_module("sitewarden.drivers.tally.driver").DRIVER
    await conform(driver, import_module("sitewarden.drivers.tally.config").CONFIG, spec("127.0.0.1", 42000))


async def test_it_delivers_values_and_survives_nonsense(tally: Path, host: str) -> None:
    driver: Any = import_module("sitewarden.drivers.tally.driver").DRIVER
    said = [b"hall 41\nyard 7\nha", b"nonsense\n", b"ll 1\nhall 42\n"]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said[0] if len(said) == 1 else said.pop(0))
        await writer.drain()
        if len(said) == 1:
            await reader.read()
        writer.close()

    counter = await asyncio.start_server(talk, host, 0)
    recorder = Recorder()
    supervisor = Supervisor(recorder.context(LoopNetwork()), lambda _name: driver, backoff=lambda: Backoff(0.01, 0.02))
    try:
        await supervisor.reconcile([("tally", spec(host, counter.sockets[0].getsockname()[1]))])
        await recorder.until(lambda: [batch.values for batch in recorder.batches] == [[41], [42]])
        assert {batch.points[0] for batch in recorder.batches} == {"hall"}
        errors = [status.data.get("error") for status in recorder.statuses if status.ref == "endpoint:tally"]
        assert [error for error in errors if error] == ["unavailable", "peer-violation"]
    finally:
        await supervisor.close()
        counter.close()
        await counter.wait_closed()
