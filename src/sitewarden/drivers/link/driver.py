"""The listener for controllers on 1480, and who may come in; and the entry of this folder."""

from __future__ import annotations

import asyncio

from sitewarden import __version__
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Forbidden, NotFound
from sitewarden.domain.refs import ref, split_ref
from sitewarden.domain.status import Status
from sitewarden.drivers.link.config import DeviceConfig, EndpointConfig
from sitewarden.drivers.link.device import TURNS, Device, key_fingerprint
from sitewarden.drivers.link.direct import DirectEndpoint
from sitewarden.drivers.link.manifest import MANIFEST
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import Endpoint, EndpointSpec
from sitewarden.kit.errors import LocalMisuse
from sitewarden.link import LinkSession, Sessions, listen_link
from sitewarden.wire.link import VERSION, Hello


class LinkEndpoint:
    """All controllers in server mode."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        self._config = load(EndpointConfig, spec.config, spec.reference)
        for device in spec.devices:
            load(DeviceConfig, device.config, device.reference)
        self._devices: dict[str, Device] = {}
        self._ctx: Context | None = None
        self._turns = asyncio.Semaphore(TURNS)

    async def run(self, ctx: Context) -> None:
        """Listen until cancelled."""
        if ctx.tls is None:
            raise LocalMisuse("the link driver needs a TLS context for its listener")
        self._ctx = ctx
        self._devices = {spec.id: Device(spec, ctx, turns=self._turns) for spec in self._spec.devices}
        hello = Hello(VERSION, VERSION, ctx.node, "server", f"sitewarden/{__version__}")
        sessions = Sessions(hello, self._admit, capacity=self._config.connections)
        listener = await listen_link(ctx.net, "device-server", sessions, tls=ctx.tls, host=self._config.host or None)
        ctx.status(Status(ref=self._spec.reference, state="online", since=ctx.clock.now()))
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            for device in self._devices.values():
                device.settle()
            await listener.close()

    def reconfigure(self, spec: EndpointSpec) -> bool:
        """Take changed controllers and doors; connected ones stay connected."""
        if self._ctx is None or spec.config != self._spec.config:
            return False
        wanted = {one.id: one for one in spec.devices}
        for one in wanted.values():
            load(DeviceConfig, one.config, one.reference)
        self._spec = spec
        for id_ in self._devices.keys() - wanted.keys():
            self._devices.pop(id_).detach()
        for id_, device_spec in wanted.items():
            device = self._devices.get(id_)
            if device is None:
                self._devices[id_] = Device(device_spec, self._ctx, turns=self._turns)
            elif device.spec != device_spec:
                device.respecify(device_spec)
        return True

    async def execute(self, command: Command) -> Result:
        """Carry out a command for a controller or one of its doors."""
        kind, id_ = split_ref(command.entity)
        if command.entity == self._spec.reference and command.name == "controller.sync":
            for device in self._devices.values():
                device.outdated()
            return Result(ok=True)
        for device in self._devices.values():
            if (kind == "controller" and id_ == device.spec.id) or command.entity in device.spec.entities:
                return await device.execute(command)
        raise NotFound(f"{command.entity} belongs to no controller here", where=command.entity, remedy="Is it enabled?")

    def _admit(self, session: LinkSession) -> None:
        peer = session.peer
        device = self._devices.get(peer.node)
        if not peer.proven:
            self._admit_stranger(session)
        elif device is None:
            raise Forbidden(
                f"Node {peer.node} is no controller of this site.",
                where=ref("controller", peer.node),
                remedy="Add it with this id, or enable it.",
            )
        else:
            device.demand(key_fingerprint(session.certificate or b""))
            device.attach(session)

    def _admit_stranger(self, session: LinkSession) -> None:
        if self._ctx is None or self._ctx.strangers is None:
            raise Forbidden("This controller is not paired.", where=session.peer.address, remedy="Pairing is not open here.")
        self._ctx.strangers(session)


class LinkDriver:
    """The entry of this folder."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> Endpoint:
        """Check the configuration and make the endpoint."""
        if load(EndpointConfig, spec.config, spec.reference).dial:
            return DirectEndpoint(spec)
        return LinkEndpoint(spec)


DRIVER = LinkDriver()

__all__ = ["DRIVER", "LinkDriver", "LinkEndpoint"]
