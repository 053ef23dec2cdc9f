"""A simulated agent, the driver under supervision on real sockets, and what it tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.snmp import Ups
from sim.snmp_agent import Notifier, SnmpAgent
from sitewarden.config import Settings
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.quality import Quality
from sitewarden.domain.points.samples import Value
from sitewarden.drivers.snmp.driver import SnmpDriver
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.driver import DeviceSpec, EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork
from sitewarden.wire.snmp.usm import User
from tests.kit.fakes import Recorder

FAST: dict[str, Any] = {"timeout": 0.2, "bad_after": 1.0, "probe_every": 1.0, "write_community": "private"}
V3: dict[str, Any] = {
    "version": "3",
    "user": "ops",
    "auth": "sha256",
    "auth_password": "a password",
    "priv": "aes128",
    "priv_password": "another one",
}
OPS = User("ops", "sha256", "a password", "aes128", "another one")
CHARGE, CONTACT, AUDIBLE = "upsEstimatedChargeRemaining.0", "sysContact.0", "upsConfigAudibleStatus.0"
MINUTE = 60.0


class Field:
    """One agent at an address, one supervisor."""

    def __init__(self, host: str, folder: Path) -> None:
        self.host, self.port = host, 0
        self.ups = Ups()
        self.agent = SnmpAgent(self.ups.mib, user=OPS)
        self.senders: list[Notifier] = []
        self.recorder = Recorder()
        self.net = LocalNetwork(Settings.for_test(host), "iot", folder)
        driver = SnmpDriver()
        self.supervisor = Supervisor(
            self.recorder.context(self.net), lambda _name: driver, backoff=lambda: Backoff(0.02, 0.05), steady=0.0
        )

    async def start(self, *devices: DeviceSpec, **config: Any) -> None:
        self.port = await self.agent.start(self.host, self.port)
        await self.run(*devices, **config)

    def spec(self, *devices: DeviceSpec, id_: str = "e", **config: Any) -> tuple[str, EndpointSpec]:
        return "snmp", EndpointSpec(id=id_, name=id_.upper(), config={"port": self.port} | FAST | config, devices=devices)

    async def run(self, *devices: DeviceSpec, **config: Any) -> None:
        await self.supervisor.reconcile([self.spec(*devices, **config)])

    async def close(self) -> None:
        for sender in self.senders:
            sender.stop()
        await self.supervisor.close()
        await self.agent.stop()
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

    async def said(self, event: str) -> None:
        await self.recorder.until(lambda: event in self.events(), MINUTE)

    async def write(self, id_: str, value: Value, **args: Any) -> Result:
        return await self.supervisor.execute(
            Command(id="1", name="point.write", entity=f"point:{id_}", args={"value": value} | args, timeout=30.0)
        )

    async def browse(self, under: str, **args: Any) -> Result:
        return await self.supervisor.execute(
            Command(id="1", name="device.browse", entity="device:d", args={"under": under} | args, timeout=30.0)
        )

    def device(self, *points: Point, id_: str = "d", **config: Any) -> DeviceSpec:
        return DeviceSpec(id=id_, name=id_.upper(), config={"host": self.host} | config, points=points)


def point(id_: str, oid: str, *, device: str = "d", **more: Any) -> Point:
    address = {"oid": oid} | more.pop("address", {})
    return Point(id=id_, name=id_.upper(), device=device, address=address, period=more.pop("period", 0.05), **more)
