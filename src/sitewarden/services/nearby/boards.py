"""The search for controllers of other makes, in the same list as ours."""

from __future__ import annotations

import ipaddress

from sitewarden.domain.errors import Unreachable
from sitewarden.drivers.uhppote.link import find
from sitewarden.drivers.uhppote.table import doors_of
from sitewarden.kit.errors import Unavailable
from sitewarden.net import Network
from sitewarden.services.surface.nearby import FoundController


async def search(network: Network, bind: str, seconds: float, address: str = "") -> list[FoundController]:
    """Return the UHPPOTE boards that answer, by serial number; `address` asks one computer alone. Raises Unreachable."""
    try:
        found = await find(network, bind, seconds, address=address)
    except Unavailable as error:
        raise Unreachable(str(error), where="device.search", remedy="Connect this computer to the network.") from None
    return [
        FoundController(
            id=f"uhppote-{serial}",
            driver="uhppote",
            serial=serial,
            model=f"UHPPOTE, {doors_of(serial)} doors",
            firmware=who.version,
            hardware=who.hardware,
            dhcp=False,
            address=who.address,
            prefix=_prefix(who.netmask),
            gateway=who.gateway,
            mode="direct",
            server="",
            paired=False,
            trial=False,
            sender=sender,
            in_site=False,
            proven=None,
        )
        for serial, (who, sender) in sorted(found.items())
    ]


def _prefix(netmask: str) -> int:
    """Return the bits of a mask; 0 where it is none."""
    try:
        return ipaddress.IPv4Network(f"0.0.0.0/{netmask}").prefixlen
    except ValueError:
        return 0
