"""Settings of a Modbus endpoint (a TCP connection), a device (a unit behind it) and a point's address."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config

Table = Literal["coil", "discrete-input", "input", "holding"]
Type = Literal["bit", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "string"]

WORDS: Final[dict[str, int]] = {
    "bit": 1,
    "int16": 1,
    "uint16": 1,
    "int32": 2,
    "uint32": 2,
    "float32": 2,
    "int64": 4,
    "uint64": 4,
    "float64": 4,
}
"""Registers that a value of each type takes; a string takes `length`."""


class EndpointConfig(Config, frozen=True, kw_only=True):
    """One TCP connection: a device, or a gateway with several units behind it."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    """Address or name of the device or gateway."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 502
    timeout: Annotated[float, Meta(ge=0.05, le=60.0)] = 1.0
    """Seconds until a request without an answer has failed; it is sent twice before its unit counts as lost."""
    in_flight: Annotated[int, Meta(ge=1, le=16)] = 4
    """Requests under way at once, each to another unit unless a device says more. 1 for a gateway that takes one."""
    bad_after: Annotated[float, Meta(ge=1.0, le=86400.0)] = 30.0
    """Seconds after its last good reading at which a lost point turns from Uncertain (last known value) to Bad."""
    probe_every: Annotated[float, Meta(ge=1.0, le=3600.0)] = 30.0
    """Longest pause, in seconds, between two probes of a lost unit."""

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that this connection needs."""
        return (PortUse(row="modbus", way="out", host=self.host, number=self.port),)


class DeviceConfig(Config, frozen=True, kw_only=True):
    """One unit."""

    unit: Annotated[int, Meta(ge=0, le=255)] = 1
    """Unit identifier; 255 or 0 for a device that is the TCP peer itself and wants so."""
    in_flight: Annotated[int, Meta(ge=1, le=16)] = 1
    """Requests under way at once to this unit."""
    max_registers: Annotated[int, Meta(ge=1, le=125)] = 125
    """Most registers that it gives in one read."""
    max_bits: Annotated[int, Meta(ge=1, le=2000)] = 2000
    """Most coils or inputs that it gives in one read."""
    gap: Annotated[int, Meta(ge=0, le=120)] = 8
    """Registers that nobody asked for which one read may span to join two points (16 times as many coils or inputs)."""


class AddressConfig(Config, frozen=True, kw_only=True):
    """Where a point lies. `register` is the address on the wire, from 0: 40001 in a manual is holding register 0."""

    table: Table = "holding"
    register: Annotated[int, Meta(ge=0, le=65535)]
    type: Type | None = None
    """Absent: "bit" in coils and discrete inputs, "uint16" in registers."""
    word_order: Literal["big", "little"] = "big"
    """Which register comes first in 32 and 64 bits: "big" the high one (ABCD), "little" the low one (CDAB)."""
    byte_order: Literal["big", "little"] = "big"
    """Order of the two bytes in a register; Modbus says "big", some devices swap (BADC)."""
    bit: Annotated[int, Meta(ge=0, le=15)] | None = None
    """Lowest bit within a register, 0 to 15, for "bit", or for an unsigned field of `length` bits."""
    length: Annotated[int, Meta(ge=1, le=124)] | None = None
    """Registers of a string (two characters each), or bits of a field."""
    write: Literal["auto", "single", "multiple"] = "auto"
    """Function codes 5 and 6, or 15 and 16; "auto" takes single wherever one register or coil suffices.

    For bits within a register "auto" is function 22, and where the device lacks it, or for "single" and "multiple", the register
    is read, changed and written.
    """

    def __post_init__(self) -> None:
        if self.bits:
            if self.type not in (None, "bit") or self.bit is not None or self.length is not None:
                raise ValueError(f"a {self.table} is one bit: leave type, bit and length away")
            return
        if self.kind == "string" and (self.length is None or self.bit is not None):
            raise ValueError("a string needs its length in registers, and no bit")
        if self.kind == "bit" and (self.bit is None or self.length is not None):
            raise ValueError('type "bit" in a register needs bit, and no length')
        if self.bit is not None and self.kind not in ("bit", "uint16"):
            raise ValueError('bit goes with type "bit", or with "uint16" and length for a field')
        if self.kind == "uint16" and (self.bit is None) != (self.length is None):
            raise ValueError("a field needs both bit and length")
        if self.kind == "uint16" and self.bit is not None and self.length is not None and self.bit + self.length > 16:
            raise ValueError("the field reaches beyond its register: bit + length is at most 16")
        if self.kind not in ("string", "uint16") and self.length is not None:
            raise ValueError("length goes with a string or a field of bits")
        if self.write == "single" and self.size > 1:
            raise ValueError(f"{self.size} registers cannot be written with function code 6")
        if self.register + self.size > 65536:
            raise ValueError("the value reaches beyond register 65535")

    @property
    def bits(self) -> bool:
        """True in the tables of single bits."""
        return self.table in ("coil", "discrete-input")

    @property
    def kind(self) -> str:
        """The type, with the default of the table."""
        return self.type or ("bit" if self.bits else "uint16")

    @property
    def size(self) -> int:
        """Registers, or bits, that it takes."""
        if self.bits:
            return 1
        return (self.length or 1) if self.kind == "string" else WORDS[self.kind]


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig, "address": AddressConfig}
