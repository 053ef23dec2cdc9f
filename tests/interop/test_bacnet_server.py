"""Our BACnet device against a client of bacpypes3: found, read, subscribed to with confirmed notifications, written."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.drivers import registry
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.house import Reading, Source
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from tests.kit.fakes import FakeHouse, Recorder

pytestmark = pytest.mark.interop

OURS, THEIRS = "10.99.0.1", "10.99.0.2"
LEVEL, LOCK = Source("point:level"), Source("door:main", "lock")
OBJECTS: list[dict[str, Any]] = [
    {"object": "analog-value,1", "of": "point:level", "writable": True, "units": 98},
    {"object": "multi-state-input,1", "of": "door:main", "member": "lock", "states": ["unlocked", "locked"]},
    *({"object": f"analog-input,{n}", "of": f"point:p{n}"} for n in range(300)),
]


async def test_a_client_of_bacpypes3_reads_subscribes_and_writes(netns: bool, tmp_path: Path) -> None:
    if not netns or shutil.which("ip") is None:
        pytest.skip("a network with broadcasts needs a network namespace, and iproute2")
    for address in (OURS, THEIRS):
        subprocess.run(["ip", "address", "add", f"{address}/24", "broadcast", "10.99.0.255", "dev", "lo"], check=True, timeout=60)
    recorder, house = Recorder(), FakeHouse()
    house.put(LEVEL, Reading(40.0))
    house.put(LOCK, Reading("locked"))
    net = LocalNetwork(Settings.for_test(OURS), "iot", tmp_path / "run")
    supervisor = Supervisor(replace(recorder.context(net), house=house), registry.load)
    device = DeviceSpec(id="site", name="Site", config={"instance": 7, "objects": OBJECTS})
    config = {"clients": ["10.99.0.0/24"]}
    try:
        await supervisor.reconcile([("bacnet-server", EndpointSpec(id="bms", name="BMS", config=config, devices=(device,)))])
        await recorder.until(lambda: any(one.type == "endpoint.online" for one in recorder.events))
        found = await asyncio.wait_for(asked(house), 120)
    finally:
        await supervisor.close()
        await net.close()
    assert found["i-am"] == [["device,7", 1476]] and found["name"] == "Sitewarden"
    assert found["list"] == len(OBJECTS) + 1 and found["element"] == [8, 7]
    several = found["several"]
    assert several["analog-value,1,present-value"] == "40.0" and several["analog-value,1,units"] == "percent"
    assert several["multi-state-input,1,present-value"] == "2" and "locked" in several["multi-state-input,1,state-text"]
    assert several["analog-value,1,status-flags"] == ""
    assert ["present-value", "40.0"] in (found["first"], found["second"]) and found["told"] == 55.0
    assert "write-access-denied" in found["refused"]
    assert house.written == [("point:level", 66.0, "bms", THEIRS)]


async def asked(house: FakeHouse) -> dict[str, Any]:
    """Run the client, change a value once it has subscribed, and return what it found by step."""
    # Two programs of one computer cannot both hear broadcasts at addresses of their own: the client goes without.
    command = [sys.executable, "-m", "tests.interop.bacpypes_client", "--address", f"{THEIRS}/32:47808", f"{OURS}:47808"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    found: dict[str, Any] = {}
    assert process.stdout is not None
    try:
        while line := await asyncio.to_thread(process.stdout.readline):
            step, value = json.loads(line)
            found[step] = value
            if step == "second":
                house.put(LEVEL, Reading(55.0))
        await asyncio.to_thread(process.wait, 60)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    return found
