"""Settings of our BACnet device: who may ask it, its instance, and what its objects stand for."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config
from sitewarden.wire.bacnet import names
from sitewarden.wire.bacnet.network import PORT
from sitewarden.wire.bacnet.tags import INSTANCES

OBJECTS: Final = 10_000
"""Most objects of the device."""
ANALOG, BINARY, MULTI_STATE, TEXT = frozenset({0, 2}), frozenset({3, 5}), frozenset({13, 19}), frozenset({40})
KINDS: Final = ANALOG | BINARY | MULTI_STATE | TEXT
WRITABLE: Final = frozenset({2, 5, 19, 40})


class EndpointConfig(Config, frozen=True, kw_only=True):
    """One port. BACnet/IP has no password: who may ask is told by address."""

    port: Annotated[int, Meta(ge=1, le=65535)] = PORT
    """UDP port; an endpoint of the driver "bacnet" may stand on the same."""
    clients: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(min_length=1, max_length=64)] = ("127.0.0.0/8",)
    """Addresses or networks ("10.1.20.0/24") whose programs may ask; all others get no answer."""
    timeout: Annotated[float, Meta(ge=0.05, le=60.0)] = 3.0
    """Seconds until a confirmed notification, or a segment, is sent again; three times in all."""

    def __post_init__(self) -> None:
        for network in self.clients:
            ipaddress.ip_network(network, strict=False)

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that it listens on, once for each network that may ask, and that it answers from."""
        heard = tuple(PortUse(row="bacnet", way="in", host=network, number=self.port) for network in self.clients)
        return (*heard, *(PortUse(row="bacnet", way="out", host=network) for network in self.clients))


class ObjectConfig(Config, frozen=True, kw_only=True):
    """One value of the site as an object."""

    object: Annotated[str, Meta(max_length=60)]
    """"analog-value,1"; analog, binary and multi-state inputs and values, and characterstring values."""
    of: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*:[^\s:]{1,120}$")]
    """"point:ahu-supply", "door:main", "camera:lobby"."""
    member: Annotated[str, Meta(max_length=64)] = ""
    """What of a door or camera, such as "lock"; empty: a point's value, the state of anything else."""
    name: Annotated[str, Meta(max_length=120)] = ""
    """Object name; empty is "of", with the member."""
    units: Annotated[int, Meta(ge=0, le=65535)] = 95
    """Engineering units of an analog object by their number: 62 is °C, 98 per cent, 95 none."""
    states: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...], Meta(max_length=64)] = ()
    """Words of a multi-state object's states, the first one 1; of a binary object's two, inactive first."""
    increment: Annotated[float, Meta(ge=0.0)] = 0.0
    """Change of an analog object that subscribers are told of; 0 is every change."""
    lost: Literal["nan", "last"] = "nan"
    """What an analog object says while its value is Bad, beside its status flags: NaN, or the last known value."""
    writable: bool = False
    """Others may write it (points that are writable alone)."""

    def __post_init__(self) -> None:
        kind = self.number() >> 22
        if kind not in KINDS:
            raise ValueError(
                f"{self.object} is none of the types that are served: {', '.join(names.OBJECTS[one] for one in sorted(KINDS))}"
            )
        if kind in MULTI_STATE and not self.states:
            raise ValueError(f"{self.object} needs the words of its states")
        if kind in BINARY and len(self.states) not in (0, 2):
            raise ValueError(f"{self.object} has two states, inactive and active")
        if self.writable and (not self.of.startswith("point:") or self.member):
            raise ValueError("only the value of a point can be written")
        if self.writable and kind not in WRITABLE:
            raise ValueError(f"{self.object} is an input; use a value object for what is written")

    def number(self) -> int:
        """Return the object's number."""
        return names.object_from(self.object)


class DeviceConfig(Config, frozen=True, kw_only=True):
    """The device object."""

    instance: Annotated[int, Meta(ge=0, lt=INSTANCES)]
    """Unique among all devices of the internetwork."""
    name: Annotated[str, Meta(min_length=1, max_length=120)] = "Sitewarden"
    """Its object name, unique as well."""
    objects: Annotated[tuple[ObjectConfig, ...], Meta(min_length=1, max_length=OBJECTS)]

    def __post_init__(self) -> None:
        taken: dict[object, str] = {}
        for one in self.objects:
            for what in (one.number(), one.name or f"{one.of} {one.member}"):
                if what in taken:
                    raise ValueError(f"{taken[what]} and {one.object} have the same number or name")
                taken[what] = one.object


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig}
