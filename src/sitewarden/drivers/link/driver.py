"""The listener for controllers on 1480, and who may come in."""

from __future__ import annotations

import asyncio
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sitewarden import __version__
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Forbidden, NotFound
from sitewarden.domain.refs import ref, split_ref
from sitewarden.domain.status import Status
from sitewarden.drivers.link.config import DeviceConfig, EndpointConfig
from sitewarden.drivers.link.device import Device
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

    async def run(self, ctx: Context) -> None:
        """Listen until cancelled."""
        if ctx.tls is None:
            raise LocalMisuse("the link driver needs a TLS context for its listener")
        self._ctx = ctx
        self._devices = {spec.id: Device(spec, ctx) for spec in self._spec.devices}
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
                self._devices[id_] = Device(device_spec, self._ctx)
            elif device.spec != device_spec:
                if device.spec.config.get("fingerprint") != device_spec.config.get("fingerprint"):
                    device.detach()
                device.spec = device_spec
                device.tell()
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
            self._demand_key(session, device)
            device.attach(session)

    def _demand_key(self, session: LinkSession, device: Device) -> None:
        """Refuse the key of a controller that was replaced: its certificate is still good, its pairing is not."""
        paired = str(device.spec.config.get("fingerprint", ""))
        if paired and key_fingerprint(session.certificate or b"") != paired:
            raise Forbidden(
                f"Controller {device.spec.name} was paired again with another key.",
                where=device.spec.reference,
                remedy="If this is the right one, pair it again.",
            )

    def _admit_stranger(self, session: LinkSession) -> None:
        if self._ctx is None or self._ctx.strangers is None:
            raise Forbidden("This controller is not paired.", where=session.peer.address, remedy="Pairing is not open here.")
        self._ctx.strangers(session)


def key_fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate's public key (SubjectPublicKeyInfo, DER) as hex; empty for no certificate."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError:
        return ""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


class LinkDriver:
    """The entry of this folder."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> Endpoint:
        """Check the configuration and make the endpoint."""
        return LinkEndpoint(spec)


DRIVER = LinkDriver()

__all__ = ["DRIVER", "LinkDriver", "LinkEndpoint"]
