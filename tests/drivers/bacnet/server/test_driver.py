"""Our device asked by our own client over real sockets: read in segments, told of changes, written; and one port for both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sitewarden.config import Settings
from sitewarden.domain.commands import Result
from sitewarden.domain.points.quality import Quality
from sitewarden.drivers import registry
from sitewarden.drivers.bacnet.server import driver
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.house import Reading, Source
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from tests.drivers.bacnet.field import MINUTE, Field, looked_for, point
from tests.kit.fakes import FakeHouse

COUNT = 600
OBJECTS: list[dict[str, Any]] = [
    {"object": "analog-value,1", "of": "point:level", "writable": True, "increment": 2.0},
    {"object": "multi-state-input,1", "of": "door:main", "member": "lock", "states": ["unlocked", "locked"]},
    *({"object": f"analog-input,{n}", "of": f"point:p{n}"} for n in range(COUNT)),
]
LEVEL, LOCK = Source("point:level"), Source("door:main", "lock")


class Site(Field):
    """The house behind our device at one address; a client at another, and the unit to share a port with."""

    def __init__(self, host: str, folder: Path) -> None:
        super().__init__(host, folder)
        self.house = FakeHouse()
        self.serving = Supervisor(
            replace(self.recorder.context(self.net), house=self.house), registry.load, backoff=lambda: Backoff(0.02, 0.05)
        )

    async def serve(self, *more: tuple[str, EndpointSpec], **config: Any) -> None:
        device = DeviceSpec(id="site", name="Site", config={"instance": 7, "objects": OBJECTS})
        whole = {"port": self.port} | config
        await self.serving.reconcile(
            [("bacnet-server", EndpointSpec(id="bms", name="BMS", config=whole, devices=(device,))), *more]
        )

    async def close(self) -> None:
        await self.serving.close()
        await super().close()


@pytest.fixture
async def site(host: str, tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(host, tmp_path)
    yield site
    await site.close()


@pytest.fixture
async def client(tmp_path: Path, host: str) -> AsyncIterator[Field]:
    """A client of its own, at a third address."""
    other = Field(host, tmp_path / "client")
    other.ours = host.replace("127.77.", "127.79.")
    other.net = LocalNetwork(Settings.for_test(other.ours), "iot", tmp_path / "client")
    other.supervisor = Supervisor(
        other.recorder.context(other.net), registry.load, backoff=lambda: Backoff(0.02, 0.05), steady=0.0
    )
    yield other
    await other.close()


async def begin(site: Site, client: Field, *points: Any, **config: Any) -> None:
    # The unit finds a free number and gives it back.
    client.port = site.port = await site.device.start(site.host)
    await site.device.stop()
    site.house.put(LEVEL, Reading(40.0))
    site.house.put(LOCK, Reading("locked"))
    await site.serve(clients=["127.0.0.0/8"])
    await site.recorder.until(lambda: "endpoint:bms endpoint.online" in site.events(), MINUTE)
    where = {"host": site.ours, "port": site.port} | config
    await client.run(DeviceSpec(id="d", name="D", config=where, points=points))


async def test_values_changes_and_writes_go_through(site: Site, client: Field) -> None:
    await begin(
        site,
        client,
        point("level", "analog-value,1", writable=True),
        point("lock", "multi-state-input,1", type="string"),
        point("never", "analog-input,1"),
    )
    await client.until("level", 40.0)
    await client.until("lock", "locked")
    await client.recorder.until(lambda: client.last("never") and client.last("never")[1] != Quality.GOOD, MINUTE)
    endpoint = site.serving._running["endpoint:bms"]._endpoint
    await client.recorder.until(lambda: len(endpoint._subscribers[0]) == 3, MINUTE)  # type: ignore[union-attr]
    site.house.put(LEVEL, Reading(50.0))
    await client.until("level", 50.0)
    site.house.put(LOCK, Reading("unlocked"))
    await client.until("lock", "unlocked")
    site.house.put(LEVEL, Reading(None, Quality.BAD_OUT_OF_SERVICE))
    await client.until("level", None, Quality.BAD_OUT_OF_SERVICE)
    done = await client.write("level", 60.0, read_back=False)
    assert done.ok and site.house.written == [("point:level", 60.0, "bms", client.ours)]
    site.house.answer = Result(ok=False, code="invalid", what="too much")
    refused = await client.write("level", 99.0)
    assert not refused.ok and "out of its range" in refused.what


async def test_a_long_list_of_objects_comes_in_segments(site: Site, client: Field) -> None:
    await begin(site, client, point("level", "analog-value,1"))
    await client.until("level", 40.0)
    found = await client.do("device.browse", "device:d", most=2000)
    assert found.ok and len(found.value["items"]) == COUNT + 3, found


async def test_who_may_not_ask_gets_no_answer_and_it_is_said(site: Site, client: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "STATUS_EVERY", 0.1)
    await begin(site, client, point("level", "analog-value,1"))
    await client.until("level", 40.0)
    await site.serve(clients=["10.0.0.0/8"])
    await client.until("level", None, Quality.BAD_NO_COMMUNICATION)
    await site.recorder.until(lambda: any("in none of the networks" in one.detail for one in site.recorder.statuses), MINUTE)


async def test_client_and_device_stand_on_one_port(site: Site, client: Field) -> None:
    await site.switch_on()
    own = EndpointSpec(
        id="e",
        name="E",
        config={"port": site.port, "timeout": 0.3, "bad_after": 1.0},
        devices=(looked_for(point("supply", "analog-input,2")),),
    )
    site.house.put(LEVEL, Reading(40.0))
    await site.serve(("bacnet", own))
    await site.until("supply", 18.0)
    client.port = site.port
    await client.run(
        DeviceSpec(id="d", name="D", config={"host": site.ours, "port": site.port}, points=(point("level", "analog-value,1"),))
    )
    await client.until("level", 40.0)
    # The device goes, the client stays on the port.
    await site.serving.reconcile([("bacnet", own)])
    site.device.put("analog-input,2", 23.0)
    await site.until("supply", 23.0)
