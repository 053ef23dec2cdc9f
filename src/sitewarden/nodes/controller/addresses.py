"""What a controller board offers of its network settings; a Linux board with systemd-networkd, and one that changes nothing."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from pathlib import Path
from typing import Protocol

import psutil

from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.net.broadcast import local_networks
from sitewarden.wire.device_udp import Ipv4

ROUTES = Path("/proc/net/route")


class NetworkSettings(Protocol):
    """The board's interface to the site's network."""

    @property
    def hardware(self) -> str:
        """Its MAC address; empty where it has none."""
        ...

    def current(self) -> Ipv4:
        """Return the settings as they are now."""
        ...

    def check(self, wanted: Ipv4) -> None:
        """Raise a Refusal for settings that this board does not take."""
        ...

    async def apply(self, wanted: Ipv4) -> None:
        """Try settings; a start forgets them. Raises a Refusal where that fails."""
        ...

    async def keep(self) -> None:
        """Keep the settings that are tried over starts."""
        ...

    async def undo(self) -> None:
        """Go back to the settings that were kept."""
        ...

    def bound(self) -> list[ipaddress.IPv4Interface]:
        """Return the addresses on which the controller is to be found."""
        ...


class FixedNetwork:
    """The network is set on the board's operating system. `bind` is the address that this controller serves on."""

    def __init__(self, bind: str = "0.0.0.0") -> None:  # noqa: S104
        self._bind = bind

    @property
    def hardware(self) -> str:
        return hardware_of(_interface_of(self.bound()))

    def current(self) -> Ipv4:
        bound = self.bound()
        if not bound:
            return Ipv4(False)
        return Ipv4(False, str(bound[0].ip), bound[0].network.prefixlen, gateway_of(_interface_of(bound)))

    def check(self, wanted: Ipv4) -> None:
        raise Refusal("This controller's network is set on its operating system.", remedy="Change it there.")

    async def apply(self, wanted: Ipv4) -> None:
        self.check(wanted)

    async def keep(self) -> None:
        """Keep what is fixed."""

    async def undo(self) -> None:
        """Nothing was changed."""

    def bound(self) -> list[ipaddress.IPv4Interface]:
        found = local_networks(self._bind)
        return sorted(found, key=lambda each: each.ip.is_loopback)


class NetworkdNetwork:
    """An interface that systemd-networkd manages. Needs the right to write the unit and to run `networkctl` (root on a board).

    A change is tried from `/run`, which a start forgets, and kept under `/etc` (systemd.network(5)); both before other units.
    """

    def __init__(
        self,
        interface: str,
        *,
        run: Path = Path("/run/systemd/network"),
        etc: Path = Path("/etc/systemd/network"),
        networkctl: str = "networkctl",
    ) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_.:-]{1,15}", interface):
            raise Invalid(f"{interface!r} is no name of an interface.", where="interface", remedy="See `ip link`.")
        self._interface, self._networkctl = interface, networkctl
        self._trial = run / f"05-sitewarden-{interface}.network"
        self._kept = etc / f"06-sitewarden-{interface}.network"
        self._text: str | None = None

    @property
    def hardware(self) -> str:
        return hardware_of(self._interface)

    def current(self) -> Ipv4:
        bound = self.bound()
        dhcp = "DHCP=ipv4" in (self._text or _read(self._kept))
        if not bound:
            return Ipv4(dhcp)
        return Ipv4(dhcp, str(bound[0].ip), bound[0].network.prefixlen, gateway_of(self._interface))

    def check(self, wanted: Ipv4) -> None:
        if not self._trial.parent.is_dir():
            raise Refusal("systemd-networkd does not run here.", where=str(self._trial.parent), remedy="Change it on the board.")

    async def apply(self, wanted: Ipv4) -> None:
        self._text = unit(self._interface, wanted)
        await asyncio.to_thread(_replace, self._trial, self._text)
        await self._reload()

    async def keep(self) -> None:
        if self._text is None:
            return
        await asyncio.to_thread(_replace, self._kept, self._text)
        await asyncio.to_thread(self._trial.unlink, missing_ok=True)
        self._text = None

    async def undo(self) -> None:
        self._text = None
        await asyncio.to_thread(self._trial.unlink, missing_ok=True)
        await self._reload()

    def bound(self) -> list[ipaddress.IPv4Interface]:
        entries = psutil.net_if_addrs().get(self._interface, [])
        mine = {entry.address for entry in entries}
        return [each for each in local_networks() if str(each.ip) in mine]

    async def _reload(self) -> None:
        for arguments in (("reload",), ("reconfigure", self._interface)):
            process = await asyncio.create_subprocess_exec(
                self._networkctl, *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
            )
            _, said = await process.communicate()
            if process.returncode:
                raise Refusal(
                    f"networkctl {arguments[0]} failed: {said.decode(errors='replace').strip()[:120]}.",
                    where=self._interface,
                    remedy="See `journalctl -u systemd-networkd` on the board.",
                )


def unit(interface: str, wanted: Ipv4) -> str:
    """Return the unit of systemd-networkd for these settings, which `check_network` passed."""
    lines = ["[Match]", f"Name={interface}", "", "[Network]"]
    if wanted.dhcp:
        lines.append("DHCP=ipv4")
    else:
        lines += ["DHCP=no", f"Address={wanted.address}/{wanted.prefix}"]
        if wanted.gateway:
            lines.append(f"Gateway={wanted.gateway}")
    return "\n".join(lines) + "\n"


def hardware_of(interface: str) -> str:
    """Return the MAC address of an interface; empty where it has none."""
    found = (entry.address for entry in psutil.net_if_addrs().get(interface, []) if entry.family == psutil.AF_LINK)
    return next(found, "").lower().replace("-", ":")[:17]


def gateway_of(interface: str, routes: Path = ROUTES) -> str:
    """Return the default gateway by an interface, from the kernel's table (little-endian hex); empty where there is none."""
    for line in _read(routes).splitlines()[1:]:
        fields = line.split()
        if len(fields) > 3 and fields[0] == interface and fields[1] == "00000000" and int(fields[3], 16) & 0x2:
            return str(ipaddress.IPv4Address(bytes.fromhex(fields[2])[::-1]))
    return ""


def _interface_of(bound: list[ipaddress.IPv4Interface]) -> str:
    first = str(bound[0].ip) if bound else ""
    named = psutil.net_if_addrs().items()
    return next((name for name, entries in named if any(entry.address == first for entry in entries)), "")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise Refusal(
            f"The unit cannot be written: {error.strerror}.",
            where=str(path),
            remedy="Run the controller as root, or change it there.",
        ) from None
