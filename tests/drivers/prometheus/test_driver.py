"""The driver of remote write: numbers become values of a point's type, and silence is noticed."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import msgspec
import pytest

from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import PointRun, Samples
from sitewarden.domain.status import Status
from sitewarden.drivers.prometheus import driver as module
from sitewarden.drivers.prometheus.driver import DRIVER, PrometheusEndpoint
from sitewarden.drivers.prometheus.mapping import wanted
from sitewarden.kit.context import Context
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.errors import Misconfigured, Unavailable
from tests.services.memory import TestClock

GOOD, GONE, ODD = int(Quality.GOOD), int(Quality.BAD_NO_COMMUNICATION), int(Quality.BAD_SENSOR_FAILURE)


def spec(**config: Any) -> EndpointSpec:
    points = (
        Point(id="load", name="Load", device="pump", address={"metric": "node_load1"}, scale=10.0),
        Point(id="boots", name="Boots", device="pump", type="integer", address={"metric": "node_boots"}),
        Point(id="up", name="Up", device="pump", type="boolean", address={"metric": "up"}),
    )
    device = DeviceSpec(id="pump", name="Pump", config={"labels": {"instance": "pump:9100"}}, points=points)
    return EndpointSpec(id="plant", name="Plant", config=config, devices=(device,))


class Running:
    """An endpoint that runs, with what it told."""

    def __init__(self, endpoint: PrometheusEndpoint) -> None:
        self.endpoint = endpoint
        self.clock = TestClock()
        self.statuses: list[Status] = []
        self.samples: list[Samples] = []
        nothing = cast("Any", None)
        self.context = Context(
            net=nothing, clock=self.clock, emit=nothing, samples=self.samples.append, status=self.statuses.append
        )

    async def until(self, state: str) -> None:
        async with asyncio.timeout(60):
            while not any((one.ref, one.state) == ("device:pump", state) for one in self.statuses):
                await asyncio.sleep(0)


async def test_values_by_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK", 0.0)
    running = Running(cast("PrometheusEndpoint", DRIVER.endpoint(spec(bad_after=60.0))))
    with pytest.raises(Unavailable):
        running.endpoint.receive([PointRun("load", [1], [1.0])])
    task = asyncio.create_task(running.endpoint.run(running.context))
    await running.until("pending")
    found = running.endpoint.receive(
        [
            PointRun("load", [1, 2, 3, 4], [0.5, None, float("nan"), float("inf")]),
            PointRun("boots", [5], [7.0]),
            PointRun("up", [6, 7], [1.0, 0.0]),
            PointRun("another", [8], [1.0]),
        ]
    )
    now = running.clock.now()
    assert found == Samples(
        ["load"] * 4 + ["boots", "up", "up"],
        [1, 2, 3, 4, 5, 6, 7],
        [now] * 7,
        [5.0, None, None, None, 7, True, False],
        [GOOD, GONE, ODD, ODD, GOOD, GOOD, GOOD],
    )
    await running.until("online")

    # Silence: the device is offline once, and what had a value is Bad once.
    running.clock.seconds += 59.0
    running.endpoint.receive([PointRun("up", [9], [1.0])])
    running.clock.seconds += 59.0
    for _ in range(20):
        await asyncio.sleep(0)
    assert not running.samples
    running.clock.seconds += 2.0
    await running.until("offline")
    moment = running.clock.now()
    assert running.samples == [Samples(["boots", "up"], [moment] * 2, [moment] * 2, [None] * 2, [GONE] * 2)]
    running.endpoint.receive([PointRun("up", [10], [1.0])])
    assert [one.state for one in running.statuses if one.ref == "device:pump"] == ["pending", "online", "offline", "online"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_which_series() -> None:
    device, address = {"labels": {"instance": "a"}}, {"metric": "x", "labels": {"job": "j", "instance": "a"}}
    assert wanted(device, address) == {"__name__": "x", "instance": "a", "job": "j"}
    with pytest.raises(Invalid, match="no series has both"):
        wanted(device, {"metric": "x", "labels": {"instance": "b"}}, "point:p")
    with pytest.raises(Invalid, match="metric"):
        wanted(device, {"metric": "no name"}, "point:p.address.metric")
    whole = spec()
    clash = replace_address(whole, {"metric": "x", "labels": {"instance": "b"}})
    with pytest.raises(Misconfigured, match="point:load"):
        DRIVER.endpoint(clash)


def replace_address(whole: EndpointSpec, address: dict[str, Any]) -> EndpointSpec:
    [device] = whole.devices
    points = (msgspec.structs.replace(device.points[0], address=address), *device.points[1:])
    return msgspec.structs.replace(whole, devices=(msgspec.structs.replace(device, points=points),))
