"""The OPC UA server: a port, its folders, and the clients that are let in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.status import Status
from sitewarden.drivers.opcua.server.config import DeviceConfig, EndpointConfig
from sitewarden.drivers.opcua.server.manifest import MANIFEST
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import LocalMisuse, Misconfigured

if TYPE_CHECKING:
    from sitewarden.drivers.opcua.server.serving import Serving

STATUS_EVERY: Final = 10.0


class ServerEndpoint:
    """One port; `run` ends only by being cancelled, or where the port cannot be had."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, f"{spec.reference}.config")
        self._folders: list[DeviceConfig] = []
        for device in spec.devices:
            folder = load(DeviceConfig, device.config, f"{device.reference}.config")
            if any(one.folder == folder.folder for one in self._folders):
                raise Misconfigured(f'{device.reference}: the folder "{folder.folder}" stands on this port already; rename it')
            self._folders.append(folder)

    async def execute(self, command: Command) -> Result:
        """It is asked by clients alone."""
        raise Invalid(f"{command.name} is nothing that an OPC UA server can do", where=command.entity)

    async def run(self, ctx: Context) -> None:
        """Listen, and keep the nodes as the house is."""
        if ctx.application is None:
            raise LocalMisuse("the opcua-server driver needs an application's certificate in its context")
        made = await asyncio.to_thread(_library)
        own = await asyncio.to_thread(ctx.application)
        serving = made(ctx, self._spec.id, self._config, own, self._folders)
        try:
            await serving.start()
            telling = asyncio.create_task(serving.run(), name=f"nodes of {self._spec.id}")
            try:
                await self._look_after(ctx, serving, telling)
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
        finally:
            await serving.stop()

    async def _look_after(self, ctx: Context, serving: Serving, telling: asyncio.Task[None]) -> None:
        since = ctx.clock.now()
        for device in self._spec.devices:
            ctx.status(Status(ref=device.reference, state="online", since=since))
        while True:
            data = {"clients": serving.clients, "writes": serving.writes}
            ctx.status(Status(ref=self._spec.reference, state="online", detail=serving.refused, since=since, data=data))
            done, _ = await asyncio.wait([telling], timeout=STATUS_EVERY)
            for one in done:
                one.result()


def _library() -> type[Serving]:
    """Import what needs asyncua; blocks for a second or more at the first use."""
    from sitewarden.drivers.opcua.server.serving import Serving

    return Serving


class OpcuaServerDriver:
    """Makes OPC UA servers."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> ServerEndpoint:
        """Return the endpoint; raise Misconfigured where a setting does not fit."""
        return ServerEndpoint(spec)


DRIVER: Final = OpcuaServerDriver()
