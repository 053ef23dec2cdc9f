"""A controller in direct mode: the server dials it, and holds it until the hold expires or the link ends."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from functools import partial
from typing import Final

from msgspec.structs import replace

from sitewarden import __version__
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Forbidden, Refusal
from sitewarden.drivers.link.config import DeviceConfig, EndpointConfig
from sitewarden.drivers.link.device import Device, key_fingerprint
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import LocalMisuse, Misconfigured, Unavailable
from sitewarden.link import LinkSession, dial_link, pair
from sitewarden.net.interfaces import Tls
from sitewarden.net.tls import NodeKey, link_client_context, pairing_client_context
from sitewarden.wire.controller import AUTHORITY
from sitewarden.wire.link import VERSION, Hello
from sitewarden.wire.pairing import parse_code

PORTS: Final = {"station": "device-direct-station", "reader": "device-direct-reader"}


class DirectEndpoint:
    """One controller that is dialled on 1470 or 1471."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._config = load(EndpointConfig, spec.config, spec.reference)
        for device in spec.devices:
            load(DeviceConfig, device.config, device.reference)
        self._spec = spec
        self._device: Device | None = None

    async def run(self, ctx: Context) -> None:
        """Dial once, and hold the controller until the link ends."""
        if ctx.dial_tls is None:
            raise LocalMisuse("direct mode needs a TLS context for dialling")
        (one,) = self._spec.devices
        if one.config.get("revoked") and not one.config.get("fingerprint"):
            raise Misconfigured("its pairing was revoked; delete it and add it again to bring it back")
        if self._device is None:
            self._device = Device(one, ctx, dialled=True)
        device = self._device
        try:
            try:
                session = await self._dial(ctx, device, ctx.dial_tls, commissioned=False)
            except Refusal as refusal:
                if not self._config.code or not _unknown(refusal):
                    raise
                session = await self._commission(ctx, device)
            reason = await asyncio.shield(session.closed)
        except Refusal as refusal:
            raise Unavailable(_said(refusal)) from refusal
        finally:
            device.detach()
        raise Unavailable(_said(reason) if reason is not None else "the controller closed the link")

    def reconfigure(self, spec: EndpointSpec) -> bool:
        """Take what leaves the link as it is: doors, names, the code, the key that this very link has paired."""
        config = load(EndpointConfig, spec.config, spec.reference)
        device, (one,) = self._device, spec.devices
        if device is None or replace(config, code="") != replace(self._config, code="") or one.id != device.spec.id:
            return False
        load(DeviceConfig, one.config, one.reference)
        self._config, self._spec = config, spec
        device.respecify(one)
        return True

    async def execute(self, command: Command) -> Result:
        """Carry out a command for the controller or one of its doors."""
        if self._device is None:
            raise Unavailable("the controller was not reached yet")
        return await self._device.execute(command)

    async def _dial(self, ctx: Context, device: Device, tls: Tls, *, commissioned: bool) -> LinkSession:
        def admit(session: LinkSession) -> None:
            if not commissioned:
                device.demand(key_fingerprint(session.certificate or b""))
            device.attach(session, commissioned=commissioned)

        return await self._link(ctx, tls, Hello(VERSION, VERSION, ctx.node, "server", SOFTWARE, (AUTHORITY,)), admit)

    async def _commission(self, ctx: Context, device: Device) -> LinkSession:
        """Prove the commissioning code, and hold the controller with what it gives for that: it then asks for the site's."""
        try:
            code = parse_code(self._config.code)
        except Refusal:
            raise Misconfigured("its commissioning code is damaged; enter the code of its label again") from None
        with tempfile.TemporaryDirectory(prefix="sitewarden-") as folder:
            key = await asyncio.to_thread(NodeKey, folder)
            hello = Hello(VERSION, VERSION, "", "server", SOFTWARE)
            strange = await self._link(ctx, pairing_client_context(), hello, None)
            try:
                await pair(strange, code, key, node=ctx.node, model="server", software=SOFTWARE)
            except Forbidden:
                raise Misconfigured("the commissioning code is not this controller's; enter the code of its label") from None
            finally:
                strange.close()
            tls = await asyncio.to_thread(partial(link_client_context, key.ca, key.pair))
        return await self._dial(ctx, device, tls, commissioned=True)

    async def _link(self, ctx: Context, tls: Tls, hello: Hello, admit: object) -> LinkSession:
        config = self._config
        return await dial_link(
            ctx.net,
            PORTS[config.family],
            config.dial,
            config.number or None,
            tls=tls,
            hello=hello,
            admit=admit,  # type: ignore[arg-type]
            expect=self._spec.devices[0].id if hello.node else "",
        )


SOFTWARE: Final = f"sitewarden/{__version__}"


def _unknown(refusal: Refusal) -> bool:
    """Tell whether the controller is not of the site yet: its certificate is not of the site's CA."""
    return isinstance(refusal.__cause__, ssl.SSLCertVerificationError)


def _said(refusal: Refusal) -> str:
    held = isinstance(refusal, Conflict)
    return f"{refusal.what} {refusal.remedy}".strip() if held else refusal.what
