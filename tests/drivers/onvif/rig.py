"""A simulated camera and the driver's endpoint for it, run as in a media process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sim.onvif.camera import OnvifCamera
from sim.onvif.server import OnvifServer
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.events import Confirm, Event
from sitewarden.domain.status import Status
from sitewarden.drivers.onvif.driver import DRIVER
from sitewarden.kit.backoff import Backoff
from sitewarden.kit.clock import SystemClock
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.supervise import Supervisor
from sitewarden.net.network import LocalNetwork

REF = "camera-control:gate"
PATIENCE = 30.0


class Rig:
    def __init__(self, net: LocalNetwork, host: str, *, proof: Any = "token", **camera: Any) -> None:
        self.net, self.host = net, host
        given = {"user": "ada", "password": "pw"} | camera
        self.camera = OnvifCamera("gate", **given)
        self.server = OnvifServer(self.camera, proof=proof)
        self.statuses: list[Status] = []
        self.events: list[Event] = []
        self._news = asyncio.Event()
        self.context = Context(net=net, clock=SystemClock(), emit=self._emit, samples=lambda samples: None, status=self._status)
        self.supervisor = Supervisor(self.context, lambda name: DRIVER, backoff=lambda: Backoff(0.05, 0.2))

    async def _emit(self, events: Any, confirm: Confirm | None = None) -> None:
        self.events += events
        self._news.set()

    def _status(self, status: Status) -> None:
        self.statuses.append(status)
        self._news.set()

    def config(self, **config: Any) -> dict[str, Any]:
        return {"address": f"http://{self.host}:{self.server.port}", "username": "ada", "password": "pw", **config}

    def spec(self, **config: Any) -> EndpointSpec:
        return EndpointSpec(id="gate", name="Gate", config=self.config(**config), ref=REF, subject="camera:gate")

    async def begin(self, **config: Any) -> None:
        await self.server.start(self.host)
        await self.supervisor.reconcile([("onvif", self.spec(**config))])

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                try:
                    # What happens at the camera tells nobody here, so it is looked at now and then.
                    await asyncio.wait_for(self._news.wait(), 0.02)
                except TimeoutError:
                    pass

    async def online(self) -> Status:
        await self.until(lambda: self.statuses and self.statuses[-1].state == "online")
        return self.statuses[-1]

    async def subscribed(self) -> None:
        """Wait until what happens at the camera is heard of."""
        await self.online()
        await self.until(
            lambda: "relay-1" in {one["token"] for one in self.statuses[-1].data.get("relays", ()) if one["active"] is not None}
        )

    async def told(self, type_: str, count: int = 1) -> Event:
        await self.until(lambda: len([one for one in self.events if one.type == type_]) >= count)
        return [one for one in self.events if one.type == type_][count - 1]

    async def command(self, name: str, /, **args: Any) -> Result:
        return await self.supervisor.execute(Command(id="1", name=name, entity=REF, args=args))

    async def close(self) -> None:
        await self.supervisor.close()
        await self.server.stop()
