"""A simulated air-handling unit, the driver under supervision on real sockets, and what it tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.bacnet import AirHandler
from sim.bacnet_device import BacnetDevice
from sitewarden.config import Settings
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.bacnet.driver import BacnetDriver
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from tests.kit.fakes import Recorder

FAST: dict[str, Any] = {"timeout": 0.3, "retries": 1, "bad_after": 1.0, "probe_every": 1.0}
SUPPLY, SETPOINT, MODE, ENABLE, FROST = (
    "analog-input,2", "analog-value,1", "multi-state-value,1", "binary-value,1", "binary-input,1",
)  # fmt: skip
MINUTE = 60.0


class Field:
    """One unit at an address, one supervisor at another, which share a port number as a network's devices do."""

    def __init__(self, host: str, folder: Path) -> None:
        self.host = host
        self.ours = host.replace("127.77.", "127.78.")
        self.port = 0
        self.unit = AirHandler()
        self.device: BacnetDevice = self.unit.device
        self.recorder = Recorder()
        self.net = LocalNetwork(Settings.for_test(self.ours), "iot", folder)
        driver = BacnetDriver()
        self.supervisor = Supervisor(
            self.recorder.context(self.net), lambda _name: driver, backoff=lambda: Backoff(0.02, 0.05), steady=0.0
        )

    async def switch_on(self) -> None:
        self.port = await self.device.start(self.host, self.port)

    async def start(self, *devices: DeviceSpec, **config: Any) -> None:
        await self.switch_on()
        await self.run(*devices, **config)

    async def run(self, *devices: DeviceSpec, **config: Any) -> None:
        spec = EndpointSpec(id="e", name="E", config={"port": self.port} | FAST | config, devices=devices)
        await self.supervisor.reconcile([("bacnet", spec)])

    async def close(self) -> None:
        await self.supervisor.close()
        await self.device.stop()
        await self.net.close()

    def values(self, id_: str) -> list[tuple[Value, int]]:
        return [
            (batch.values[place], batch.qualities[place])
            for batch in self.recorder.batches
            for place, point in enumerate(batch.points)
            if point == id_
        ]

    def last(self, id_: str) -> tuple[Value, int] | None:
        return (self.values(id_) or [None])[-1]

    def events(self) -> list[str]:
        return [f"{event.entity} {event.type}" for event in self.recorder.events]

    def detail(self, ref: str) -> str:
        return next((one.detail for one in reversed(self.recorder.statuses) if one.ref == ref), "")

    async def until(self, id_: str, value: Value, quality: int = Quality.GOOD) -> None:
        await self.recorder.until(lambda: self.last(id_) == (value, quality), MINUTE)

    async def said(self, event: str, times: int = 1) -> None:
        await self.recorder.until(lambda: self.events().count(event) >= times, MINUTE)

    async def subscribed(self, count: int) -> None:
        await self.recorder.until(lambda: len(self.device.subscribers) == count, MINUTE)

    async def do(self, name: str, entity: str, **args: Any) -> Result:
        return await self.supervisor.execute(Command(id="1", name=name, entity=entity, args=args, timeout=30.0))

    async def write(self, id_: str, value: Value, **args: Any) -> Result:
        return await self.do("point.write", f"point:{id_}", value=value, **args)

    def at(self, *points: Point, id_: str = "d", **config: Any) -> DeviceSpec:
        """Return a device that is known by its address."""
        where = {"host": self.host, "port": self.port} if self.port else {"instance": 1001}
        return DeviceSpec(id=id_, name=id_.upper(), config=where | config, points=points)


def looked_for(*points: Point, instance: int = 1001, id_: str = "d", **config: Any) -> DeviceSpec:
    """Return a device that is known by its instance alone."""
    return DeviceSpec(id=id_, name=id_.upper(), config={"instance": instance} | config, points=points)


def point(id_: str, object_: str, *, device: str = "d", **more: Any) -> Point:
    address = {"object": object_} | more.pop("address", {})
    return Point(id=id_, name=id_.upper(), device=device, address=address, period=more.pop("period", 0.05), **more)
