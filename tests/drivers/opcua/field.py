"""A simulated line, the driver under supervision, and what it tells."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from sim.opcua import Line
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.opcua.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.tls import application
from tests.kit.fakes import Recorder
from tests.kit.network import LoopNetwork

LINE = "nsu=http://line.example/;s=Line"


class GatedNetwork(LoopNetwork):
    """A network that can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False

    async def dial(self, *given: Any, **more: Any) -> Any:
        if self.away:
            raise ConnectionRefusedError(111, "Connection refused")
        return await super().dial(*given, **more)


class Field:
    """What a test of the driver stands in."""

    def __init__(self, host: str, folder: Path) -> None:
        self.host, self.port = host, 0
        self.line = Line()
        self.recorder = Recorder()
        self.net = GatedNetwork()
        self.own = application(folder, "ours", "urn:test:ours")
        context = dataclasses.replace(self.recorder.context(self.net), application=lambda: self.own)
        self.supervisor = Supervisor(context, lambda _name: DRIVER, backoff=lambda: Backoff(0.02, 0.05), steady=0.0)

    async def serve(self, **given: Any) -> None:
        self.port = await self.line.start(self.host, self.port, **given)

    async def run(self, *points: Point, **config: Any) -> None:
        device = DeviceSpec(id="d", name="D", config={"root": LINE}, points=points)
        settings = {"host": self.host, "port": self.port, "path": "/line", "security": "None", "timeout": 30.0} | config
        await self.supervisor.reconcile([("opcua", EndpointSpec(id="e", name="E", config=settings, devices=(device,)))])

    async def ready(self, state: str = "online") -> None:
        await self.recorder.until(lambda: self.state("endpoint:e") == state)

    def state(self, ref: str) -> str:
        return next((one.state for one in reversed(self.recorder.statuses) if one.ref == ref), "")

    def detail(self, ref: str) -> str:
        return next((one.detail for one in reversed(self.recorder.statuses) if one.ref == ref), "")

    def values(self, id_: str) -> list[tuple[Value, int]]:
        return [
            (batch.values[place], batch.qualities[place])
            for batch in self.recorder.batches
            for place, point in enumerate(batch.points)
            if point == id_
        ]

    async def until(self, id_: str, value: Value, quality: int = Quality.GOOD) -> None:
        await self.recorder.until(lambda: (self.values(id_) or [None])[-1] == (value, quality))

    async def write(self, id_: str, value: Value, **args: Any) -> Result:
        order = Command(id="1", name="point.write", entity=f"point:{id_}", args={"value": value} | args, timeout=60.0)
        return await self.supervisor.execute(order)

    async def browse(self, **args: Any) -> Result:
        return await self.supervisor.execute(Command(id="1", name="device.browse", entity="device:d", args=args, timeout=60.0))

    async def scout(self, **args: Any) -> Result:
        return await self.supervisor.execute(
            Command(id="1", name="endpoint.browse", entity="endpoint:e", args=args, timeout=60.0)
        )

    async def close(self) -> None:
        await self.supervisor.close()
        await self.line.stop()


def point(id_: str, node: str, **more: Any) -> Point:
    address = {"node": node if "=" in node else f"{LINE}.{node}"} | more.pop("address", {})
    return Point(id=id_, name=id_.upper(), device="d", address=address, **{"period": 0.05} | more)
