"""Settings of a BACnet endpoint (a network), a device on it, and a point's address."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config
from sitewarden.wire.bacnet import names
from sitewarden.wire.bacnet.network import PORT, Station
from sitewarden.wire.bacnet.tags import INSTANCES

PRESENT_VALUE: Final = names.NUMBERS["present-value"]
Address = Annotated[str, Meta(max_length=15)]
Priority = Annotated[int, Meta(ge=1, le=16)]


class EndpointConfig(Config, frozen=True, kw_only=True):
    """One BACnet/IP network, as seen by one port of this computer."""

    port: Annotated[int, Meta(ge=1, le=65535)] = PORT
    """UDP port of ours, to which devices answer; the server "bacnet-server" may stand on the same."""
    broadcast: Address = ""
    """Where Who-Is goes; empty is the broadcast address of each network of this computer."""
    bbmd: Address = ""
    """A BBMD of another network, where this computer registers as a foreign device."""
    bbmd_port: Annotated[int, Meta(ge=1, le=65535)] = PORT
    ttl: Annotated[int, Meta(ge=10, le=65535)] = 120
    """Seconds that the registration holds; it is renewed after half of them."""
    timeout: Annotated[float, Meta(ge=0.05, le=60.0)] = 3.0
    """Seconds until a request without an answer is sent again; or has failed, after `retries` more."""
    retries: Annotated[int, Meta(ge=0, le=10)] = 2
    in_flight: Annotated[int, Meta(ge=1, le=1024)] = 64
    """Requests under way at once, to all devices together."""
    bad_after: Annotated[float, Meta(ge=1.0, le=86400.0)] = 30.0
    """Seconds after its last good reading at which a lost point turns from Uncertain (last known value) to Bad."""
    probe_every: Annotated[float, Meta(ge=1.0, le=3600.0)] = 30.0
    """Longest pause, in seconds, between two looks for a lost device."""

    def __post_init__(self) -> None:
        for name, address in (("broadcast", self.broadcast), ("bbmd", self.bbmd)):
            _checked(name, address)

    def uses(self) -> tuple[PortUse, ...]:
        """Return the ports that it needs."""
        going = [PortUse(row="bacnet", way="out")]
        if self.bbmd:
            going.append(PortUse(row="bacnet", way="out", host=self.bbmd, number=self.bbmd_port))
        return (PortUse(row="bacnet", way="in", number=self.port), *going)


class DeviceConfig(Config, frozen=True, kw_only=True):
    """One device: by its instance, which is looked for, or by its address."""

    instance: Annotated[int, Meta(ge=0, lt=INSTANCES)] | None = None
    """Instance of its device object; it is looked for by Who-Is where no address is given."""
    host: Address = ""
    """IPv4 address of the device, or of the router before it."""
    port: Annotated[int, Meta(ge=1, le=65535)] = PORT
    network: Annotated[int, Meta(ge=0, le=65534)] = 0
    """Number of its network, where it stands behind a router; 0 is this one."""
    mac: Annotated[str, Meta(max_length=20)] = ""
    """Its address on that network in hexadecimal: "07" on MS/TP."""
    cov: Literal["confirmed", "unconfirmed", "off"] = "confirmed"
    """How its objects tell changes; "off" polls them all, and so is what it does not tell."""
    lifetime: Annotated[int, Meta(ge=20, le=86400)] = 300
    """Seconds that a subscription holds; it is renewed after half of them."""
    refresh: Annotated[float, Meta(ge=1.0, le=86400.0)] = 60.0
    """Seconds between two polls of what tells its changes by itself."""
    in_flight: Annotated[int, Meta(ge=1, le=16)] = 2
    """Requests under way at once to this device."""
    max_apdu: Annotated[int, Meta(ge=50, le=1476)] = 1476
    """Longest message that is asked of it; less where the device says so, or aborts."""
    multiple: bool = True
    """Ask for many properties at once (ReadPropertyMultiple); false, and where it does not know that, one by one."""
    priority: Priority | None = None
    """Priority of written values; absent tells none, which devices take as 16."""

    def __post_init__(self) -> None:
        _checked("host", self.host)
        if not self.host and self.instance is None:
            raise ValueError("a device needs its instance, or its host")
        if bool(self.network) != bool(self.mac):
            raise ValueError("a device behind a router needs both network and mac")
        if self.network and not self.host:
            raise ValueError("network and mac need the router's address as host; without them the device is looked for")
        try:
            raw = bytes.fromhex(self.mac)
        except ValueError:
            raise ValueError('mac is hexadecimal, such as "07"') from None
        if len(raw) > 6:
            raise ValueError("mac has at most 6 bytes")

    @property
    def station(self) -> Station | None:
        """Where it is; None where it is looked for."""
        return Station(self.host, self.port, self.network, bytes.fromhex(self.mac)) if self.host else None


class AddressConfig(Config, frozen=True, kw_only=True):
    """Which property of which object is the point's."""

    object: Annotated[str, Meta(min_length=1, max_length=60)]
    """Type and instance: "analog-input,3", or with the type's number "150,3". "analog-input,3,present-value" names both."""
    property: Annotated[str, Meta(min_length=1, max_length=60)] = "present-value"
    """By its word or its number."""
    index: Annotated[int, Meta(ge=0, le=0xFFFFFFFF)] | None = None
    """Element of an array; 0 is its length."""
    poll: bool = False
    """True polls it, whether or not the device would tell its changes."""
    priority: Priority | None = None
    """Priority of written values, in place of the device's."""

    def __post_init__(self) -> None:
        self.target()

    def target(self) -> tuple[int, int]:
        """Return the numbers of object and property; raise ValueError where they are none."""
        parts = self.object.split(",")
        if len(parts) > 3 or (len(parts) == 3 and self.property != "present-value"):
            raise ValueError(f'"{self.object}" names more than an object and a property')
        return names.object_from(",".join(parts[:2])), names.property_of(parts[2] if len(parts) == 3 else self.property)


def _checked(name: str, address: str) -> None:
    if not address:
        return
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        raise ValueError(f"{name} is an IPv4 address; BACnet/IP has no others") from None


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig, "address": AddressConfig}
