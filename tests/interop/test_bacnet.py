"""BACnet against bacpypes3: its device found, polled, subscribed to, written, browsed, killed and restarted in mid-load."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers.bacnet.driver import BacnetDriver
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from tests.kit.fakes import Recorder

pytestmark = pytest.mark.interop

MINUTE = 60.0
PORT = 47808
INSTANCE = 2001
OURS, THEIRS = "10.99.0.1", "10.99.0.2"


class Peer:
    """The device as a process, at an address of its own."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self.kill()
        command = [sys.executable, "-m", "tests.interop.bacpypes_device", "--address", f"{self.host}/24:{PORT}"]
        self._process = subprocess.Popen(
            [*command, "--instance", str(INSTANCE), "--name", "peer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        assert await asyncio.to_thread(self._process.stdout.readline) == b"ready\n"

    def put(self, object_: str, value: float | str) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(f"{object_} {value}\n".encode())
        self._process.stdin.flush()

    def kill(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        self._process = None


@pytest.fixture
def peer(netns: bool) -> Iterator[Peer]:
    if not netns or shutil.which("ip") is None:
        pytest.skip("a network with broadcasts needs a network namespace, and iproute2")
    # bacpypes3 takes every address of 127.0.0.0/8 for its own.
    for address in (OURS, THEIRS):
        subprocess.run(["ip", "address", "add", f"{address}/24", "broadcast", "10.99.0.255", "dev", "lo"], check=True, timeout=60)
    made = Peer(THEIRS)
    yield made
    made.kill()


@pytest.fixture
async def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def supervisor(peer: Peer, tmp_path: Path, recorder: Recorder) -> AsyncIterator[Supervisor]:
    net, driver = LocalNetwork(Settings.for_test(OURS), "iot", tmp_path / "run"), BacnetDriver()
    made = Supervisor(recorder.context(net), lambda _name: driver, backoff=lambda: Backoff(0.05, 0.2), steady=0.0)
    yield made
    await made.close()
    await net.close()


def last(recorder: Recorder) -> dict[str, tuple[Any, int]]:
    found = {}
    for batch in recorder.batches:
        found.update(zip(batch.points, zip(batch.values, batch.qualities, strict=True), strict=True))
    return found


def endpoint(*points: Point, **config: Any) -> tuple[str, EndpointSpec]:
    device = DeviceSpec(id="d", name="peer", config={"instance": INSTANCE} | config, points=points)
    whole = {"timeout": 1.0, "retries": 1, "bad_after": 1.0, "probe_every": 1.0}
    return "bacnet", EndpointSpec(id="e", name="e", config=whole, devices=(device,))


def point(id_: str, object_: str, type_: Any = "number", *, poll: bool = False, **more: Any) -> Point:
    address = {"object": object_, "poll": poll}
    return Point(id=id_, name=id_, device="d", type=type_, address=address, period=0.2, **more)


POINTS = (
    point("supply", "analog-input,1"),
    point("fan", "analog-output,1", writable=True),
    point("frost", "binary-input,1", "boolean"),
    point("mode", "multi-state-value,1", "string", writable=True),
    point("none", "analog-input,99"),
    *(point(f"v{number}", f"analog-input,{number}", poll=True) for number in range(100, 140)),
)


async def told(recorder: Recorder, id_: str, value: Any, quality: int = Quality.GOOD) -> None:
    await recorder.until(lambda: last(recorder).get(id_) == (value, quality), MINUTE)


async def test_our_driver_against_a_device_of_bacpypes3(peer: Peer, supervisor: Supervisor, recorder: Recorder) -> None:
    async def do(name: str, entity: str, **args: Any) -> Result:
        return await supervisor.execute(Command(id="1", name=name, entity=entity, args=args, timeout=60.0))

    await peer.start()
    await supervisor.reconcile([endpoint(*POINTS)])
    await told(recorder, "supply", 18.0)
    await told(recorder, "fan", 50.0)
    await told(recorder, "frost", value=False)
    await told(recorder, "mode", "Heating")
    await told(recorder, "none", None, Quality.BAD_CONFIGURATION_ERROR)
    await told(recorder, "v139", 139.0)
    # Told by the device, since it is polled once a minute alone.
    peer.put("analog-input,1", 21.5)
    await told(recorder, "supply", 21.5)
    peer.put("binary-input,1", "active")
    await told(recorder, "frost", value=True)
    peer.put("analog-input,120", -7)
    await told(recorder, "v120", -7.0)
    written = await do("point.write", "point:fan", value=75.0, priority=8)
    assert written.ok and (written.value["old"], written.value["read_back"]) == (50.0, 75.0), written
    below = await do("point.write", "point:fan", value=10.0, priority=12)
    assert below.ok and below.value["read_back"] == 75.0
    given_back = await do("point.write", "point:fan", value=None, priority=8)
    assert given_back.ok and given_back.value["read_back"] == 10.0
    assert (await do("point.write", "point:mode", value="Cooling")).value["read_back"] == "Cooling"
    found = await do("device.browse", "device:d", most=300)
    items = {one["address"]["object"]: one for one in found.value["items"]}
    assert items["analog-input,1"]["label"] == "Supply" and items["analog-input,1"]["value"] == 21.5
    assert "°C" in items["analog-input,1"]["detail"] and len(items) >= 45
    # A busy peer may take longer than that second.
    async with asyncio.timeout(MINUTE):
        while not (devices := await do("endpoint.browse", "endpoint:e", seconds=1.0)).value["items"]:
            pass
    assert [one["label"] for one in devices.value["items"]] == [f"device {INSTANCE}"]


async def test_a_device_of_bacpypes3_is_killed_in_mid_load_and_comes_back(
    peer: Peer, supervisor: Supervisor, recorder: Recorder
) -> None:
    # The one that comes first hears broadcasts; two programs with addresses of their own do not share that on one computer.
    await peer.start()
    await supervisor.reconcile([endpoint(*POINTS)])
    await told(recorder, "v120", 120.0)
    peer.put("analog-input,1", 30.0)
    await told(recorder, "supply", 30.0)
    peer.kill()
    await told(recorder, "v120", None, Quality.BAD_NO_COMMUNICATION)
    await told(recorder, "supply", None, Quality.BAD_NO_COMMUNICATION)
    await peer.start()
    await told(recorder, "v120", 120.0)
    peer.put("analog-input,1", 31.0)
    await told(recorder, "supply", 31.0)
