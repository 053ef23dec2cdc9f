"""Network settings of simulated controllers: kept in a file, and made so on a real interface where one is named."""

from __future__ import annotations

import asyncio
import ipaddress
from pathlib import Path

import msgspec

from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.net.broadcast import local_networks
from sitewarden.nodes.controller.addresses import hardware_of
from sitewarden.wire.device_udp import Ipv4


class SimWiring:
    """Implements `NetworkSettings`. Without an interface the addresses are loopback's, which need no setting up."""

    def __init__(self, file: Path, first: Ipv4, interface: str = "") -> None:
        self._file, self._interface = file, interface
        self._now = msgspec.json.decode(file.read_bytes(), type=Ipv4) if file.exists() else first
        self._kept = self._now

    @property
    def hardware(self) -> str:
        return hardware_of(self._interface) if self._interface else ""

    def current(self) -> Ipv4:
        return self._now

    def check(self, wanted: Ipv4) -> None:
        if wanted.dhcp:
            raise Refusal("A simulated controller takes no DHCP.", remedy="Give it an address.")
        if not self._interface and not ipaddress.IPv4Address(wanted.address).is_loopback:
            raise Invalid("This simulated controller lives on loopback.", where="address", remedy="Give one of 127.0.0.0/8.")

    async def apply(self, wanted: Ipv4) -> None:
        if self._interface:
            await self._ip("address", "flush", "dev", self._interface, "scope", "global")
            await self._ip("address", "add", f"{wanted.address}/{wanted.prefix}", "brd", "+", "dev", self._interface)
            if wanted.gateway:
                await self._ip("route", "replace", "default", "via", wanted.gateway, "dev", self._interface)
        self._now = wanted

    async def keep(self) -> None:
        self._kept = self._now
        await asyncio.to_thread(self._file.write_bytes, msgspec.json.encode(self._kept))

    async def undo(self) -> None:
        await self.apply(self._kept)

    def bound(self) -> list[ipaddress.IPv4Interface]:
        if self._interface:
            return [each for each in local_networks() if not each.ip.is_loopback]
        return local_networks(self._now.address)

    async def _ip(self, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            "ip", *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
        if process.returncode:
            raise Refusal(f"ip {' '.join(arguments)} failed: {said.decode(errors='replace').strip()[:120]}.")
