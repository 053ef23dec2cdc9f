"""Settings of a Modbus server (a port), a unit of it, and what stands in its registers."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

from sitewarden.domain.network.use import PortUse
from sitewarden.drivers.modbus.config import AddressConfig
from sitewarden.kit.config import Config

REGISTERS: Final = 10_000
"""Most entries of one unit."""


class EndpointConfig(Config, frozen=True, kw_only=True):
    """One port. Modbus has no password: who may connect is told by address."""

    port: Annotated[int, Meta(ge=1, le=65535)] = 502
    clients: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(min_length=1, max_length=64)] = ("127.0.0.0/8",)
    """Addresses or networks ("10.1.20.0/24") whose masters may connect; all others are cut off at once."""
    connections: Annotated[int, Meta(ge=1, le=256)] = 16
    """Masters at once; one more is cut off."""
    idle: Annotated[float, Meta(ge=1.0, le=86400.0)] = 300.0
    """Seconds without a request after which a connection is closed."""

    def __post_init__(self) -> None:
        for network in self.clients:
            ipaddress.ip_network(network, strict=False)

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that it listens on, once for each network that may."""
        return tuple(PortUse(row="modbus", way="in", host=network, number=self.port) for network in self.clients)


class RegisterConfig(AddressConfig, frozen=True, kw_only=True):
    """One value of the site in this unit: where it stands, and what it is."""

    of: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*:[^\s:]{1,120}$")]
    """"point:ahu-supply", "door:main", "camera:lobby"."""
    member: Annotated[str, Meta(max_length=64)] = ""
    """What of a door or camera, such as "lock"; empty: a point's value, the state of anything else."""
    what: Literal["value", "quality"] = "value"
    """The value, or its OPC UA StatusCode (uint32: 0 is Good)."""
    scale: float = 1.0
    offset: float = 0.0
    """value = register * scale + offset, as for points that are read."""
    words: Annotated[dict[Annotated[str, Meta(max_length=64)], int], Meta(max_length=64)] = field(default_factory=dict)
    """Numbers that stand for words: {"open": 1, "closed": 0}; any other word is no value."""
    lost: Literal["refuse", "last", "nan"] | None = None
    """What a master reads while the value is Bad: exception 4, the last known value, or NaN. Absent: NaN in floats, else
    refuse."""
    writable: bool = False
    """Masters may write it (points that are writable alone)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scale == 0.0:
            raise ValueError("scale 0 leaves nothing of the value")
        if self.what == "quality" and self.kind not in ("uint32", "int64", "uint64"):
            raise ValueError('a quality is a StatusCode of 32 bits: use type "uint32"')
        if self.lost == "nan" and self.kind not in ("float32", "float64"):
            raise ValueError("only a float can be NaN")
        if self.writable and (not self.of.startswith("point:") or self.member or self.what != "value"):
            raise ValueError("only the value of a point can be written")
        if self.writable and self.table not in ("coil", "holding"):
            raise ValueError(f"masters cannot write the table {self.table}; use coil or holding")

    @property
    def when_lost(self) -> str:
        """`lost`, with the default of its type."""
        return self.lost or ("nan" if self.kind in ("float32", "float64") else "refuse")


class DeviceConfig(Config, frozen=True, kw_only=True):
    """One unit."""

    unit: Annotated[int, Meta(ge=0, le=255)] = 1
    gaps: Literal["refuse", "zero"] = "refuse"
    """What a read across registers gets where nothing stands: exception 2, or zeros for masters that only read whole blocks."""
    registers: Annotated[tuple[RegisterConfig, ...], Meta(min_length=1, max_length=REGISTERS)]

    def __post_init__(self) -> None:
        taken: dict[tuple[str, int], dict[int, str]] = {}
        for one in self.registers:
            mask = ((1 << (one.length or 1)) - 1) << one.bit if one.bit is not None else 0xFFFF
            for place in range(one.register, one.register + one.size):
                held = taken.setdefault((one.table, place), {})
                if any(mask & other for other in held):
                    raise ValueError(f"{one.of} and {next(iter(held.values()))} both stand in {one.table} {place}")
                held[mask] = one.of


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig}
