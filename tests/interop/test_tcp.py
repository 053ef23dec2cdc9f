"""TCP against peers that are not ours: socat as a device that serves and restarts, ncat with TLS as one that dials."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.config.model import TlsSettings
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.tcp.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.tls import server_context
from tests.kit.fakes import Recorder
from tests.kit.listening import ListenNetwork

pytestmark = pytest.mark.interop
PATIENCE = 60.0
DEVICE = """
import itertools, sys, time
for number in itertools.count(int(sys.argv[1])):
    try:
        print(f"S1 W={number}", flush=True)
    except OSError:
        break
    time.sleep(0.001)
"""
"""A device that tells as fast as it is let, counting from a number that tells which of its lives it is in."""


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name} (scripts/system-packages.sh)")
    return found


class Peers:
    """Programs of a test; all end with it."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, stdin: bytes = b"") -> subprocess.Popen[bytes]:
        """Start a program; what it is told lies in a file, so that no pipe is left unread."""
        source = subprocess.PIPE if stdin else subprocess.DEVNULL
        process = subprocess.Popen(arguments, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if process.stdin is not None:
            process.stdin.write(stdin)
            process.stdin.flush()
        self._running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()

    def end(self) -> None:
        for process in self._running:
            self.kill(process)


class Rig:
    def __init__(self, host: str) -> None:
        self.host, self.port = host, free_port(host)
        self.peers = Peers()
        self.recorder = Recorder()
        self.context = self.recorder.context(ListenNetwork(host))
        self.supervisor = Supervisor(self.context, lambda _name: DRIVER, backoff=lambda: Backoff(0.05, 0.2), steady=0.0)

    async def run(self, *, pattern: str = r"W=(\d+)", **config: Any) -> None:
        points = (Point(id="w", name="W", device="d", type="integer"),)
        device = DeviceSpec(id="d", name="D", config={"pattern": pattern}, points=points)
        spec = EndpointSpec(id="e", name="E", config={"port": self.port, "bad_after": 60.0} | config, devices=(device,))
        await self.supervisor.reconcile([("tcp", spec)])

    def values(self) -> list[Any]:
        return [
            value
            for batch in self.recorder.batches
            for value, quality in zip(batch.values, batch.qualities, strict=True)
            if quality == Quality.GOOD
        ]

    async def until(self, condition: Callable[[], Any]) -> None:
        await self.recorder.until(condition, PATIENCE)


@pytest.fixture
async def rig(host: str) -> AsyncIterator[Rig]:
    rig = Rig(host)
    yield rig
    await rig.supervisor.close()
    rig.peers.end()


async def test_a_device_behind_socat_is_killed_in_mid_load_and_comes_back(rig: Rig, tmp_path: Path) -> None:
    script = tmp_path / "device.py"
    script.write_text(DEVICE)

    def socat(first: int) -> subprocess.Popen[bytes]:
        listen = f"TCP-LISTEN:{rig.port},bind={rig.host},reuseaddr"
        return rig.peers.start(program("socat"), listen, f"EXEC:{sys.executable} {script} {first}")

    device = socat(1_000_000)
    await rig.run(mode="client", host=rig.host)
    await rig.until(lambda: len(rig.values()) > 200)
    rig.peers.kill(device)
    await rig.until(lambda: rig.recorder.batches[-1].qualities[-1] == Quality.UNCERTAIN_LAST_KNOWN_VALUE)
    before = rig.values()
    assert before == list(range(1_000_000, 1_000_000 + len(before))), "lines were lost or doubled"
    socat(2_000_000)
    await rig.until(lambda: rig.values()[-1] > 2_000_100)
    after = [value for value in rig.values() if value >= 2_000_000]
    assert after == list(range(2_000_000, 2_000_000 + len(after))), "the first lines after the reconnection are missing"


async def test_ncat_tells_over_tls(rig: Rig, tmp_path: Path) -> None:
    settings = Settings.for_test(rig.host, tmp_path, tls=TlsSettings(names=(rig.host,)))
    context = server_context(settings, tmp_path / "tls")
    rig.supervisor = Supervisor(replace(rig.context, own_tls=lambda: context), lambda _name: DRIVER)
    await rig.run(mode="server", tls=True)
    await rig.until(lambda: rig.recorder.statuses)
    rig.peers.start(program("ncat"), "--ssl", rig.host, str(rig.port), stdin=b"S1 W=7\nS1 W=8\n")
    await rig.until(lambda: rig.values() == [7, 8])


async def test_a_plain_client_in_pieces(rig: Rig) -> None:
    await rig.run(mode="server", framing="length", pattern=r"W=(\d+)")
    await rig.until(lambda: rig.recorder.statuses)
    reader, writer = await asyncio.open_connection(rig.host, rig.port)
    for byte in b"\x00\x04W=12\x00\x03W=3":
        writer.write(bytes([byte]))
        await writer.drain()
    await rig.until(lambda: rig.values() == [12, 3])
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""
