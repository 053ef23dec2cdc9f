"""OPC UA against a peer that is not ours: asyncua's server as a process, secured, killed in mid-load."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sitewarden.domain.commands import Command
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality, is_bad
from sitewarden.drivers.opcua.driver import DRIVER
from sitewarden.drivers.opcua.trust import shown
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.tls import application
from tests.kit.fakes import Recorder
from tests.kit.network import LoopNetwork

pytestmark = pytest.mark.interop
SERVER = Path(__file__).parent / "opcua_server.py"
NODES = 200
ROOT = Path(__file__).parents[2]
PATHS = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
WAIT = 100.0


class Plant:
    """The peer."""

    def __init__(self, host: str, folder: Path) -> None:
        self.host = host
        with socket.socket() as probe:
            probe.bind((host, 0))
            self.port = int(probe.getsockname()[1])
        self.folder = folder
        self.own = application(folder, "plant", "urn:test:plant")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        pair = (str(self.folder / "plant.pem"), str(self.folder / "plant.key"))
        with (self.folder / "plant.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(SERVER), self.host, str(self.port), str(NODES), *pair], stdout=log, stderr=log, env=PATHS
            )

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()


@pytest.fixture
async def plant(host: str, tmp_path: Path) -> AsyncIterator[Plant]:
    plant = Plant(host, tmp_path)
    yield plant
    plant.kill()


async def test_a_server_that_is_killed_in_mid_load_is_taken_up_again(plant: Plant, tmp_path: Path) -> None:
    recorder = Recorder()
    ours = application(tmp_path, "ours", "urn:test:ours")
    context = dataclasses.replace(recorder.context(LoopNetwork()), application=lambda: ours)
    supervisor = Supervisor(context, lambda _name: DRIVER, backoff=lambda: Backoff(0.05, 0.2), steady=0.0)
    address = "nsu=http://plant.example/;s="
    points = tuple(
        Point(id=f"n{place}", name=f"N{place}", device="d", address={"node": f"{address}N{place}"}, period=0.1)
        for place in range(NODES)
    )
    kept = Point(id="kept", name="Kept", device="d", address={"node": f"{address}Kept"}, writable=True, period=0.1)
    config = {"host": plant.host, "port": plant.port, "path": "/plant", "fingerprint": shown(plant.own.certificate)}
    devices = (DeviceSpec(id="d", name="D", points=(*points, kept)),)
    spec = EndpointSpec(id="e", name="E", config=config | {"timeout": 30.0, "bad_after": 600.0}, devices=devices)
    latest: dict[str, tuple[object, int]] = {}
    seen = 0

    def look() -> dict[str, tuple[object, int]]:
        nonlocal seen
        for batch in recorder.batches[seen:]:
            latest.update(zip(batch.points, zip(batch.values, batch.qualities, strict=True), strict=True))
        seen = len(recorder.batches)
        return latest

    def all_good() -> bool:
        return len(look()) == NODES + 1 and all(quality == Quality.GOOD for _, quality in latest.values())

    plant.start()
    try:
        await supervisor.reconcile([("opcua", spec)])
        await recorder.until(all_good, WAIT)
        order = Command(id="1", name="point.write", entity="point:kept", args={"value": 4.5}, timeout=60.0)
        written = await supervisor.execute(order)
        assert (written.ok, written.value["old"], written.value["read_back"]) == (True, 1.0, 4.5), written.what
        before = latest["n0"][0]
        await recorder.until(lambda: look()["n0"][0] != before, WAIT)
        plant.kill()
        await recorder.until(
            lambda: all(one[1] == Quality.UNCERTAIN_LAST_KNOWN_VALUE and one[0] is not None for one in look().values()), WAIT
        )
        told = len(recorder.batches)
        plant.start()
        await recorder.until(all_good, WAIT)
        # The server forgot what was written, and its first values after the loss are there.
        assert latest["kept"] == (1.0, Quality.GOOD)
        assert not any(is_bad(quality) for batch in recorder.batches[told:] for quality in batch.qualities)
        before = latest["n0"][0]
        await recorder.until(lambda: look()["n0"][0] != before, WAIT)
    finally:
        await supervisor.close()
