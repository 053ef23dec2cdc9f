"""Settings of the hardware: the sections [[osdp]] and [gpio] of the controller's file. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta

from sitewarden.domain.entity import Id
from sitewarden.kit.config import Config

Line = Annotated[int, Meta(ge=0, le=255)]
"""Number of an output, an input or a reader. Outputs, inputs and readers are counted apart."""
Path = Annotated[str, Meta(max_length=4096)]

MAX_READERS = 16
"""Readers on one bus; each is asked every 50 ms, and a dead one holds the others up by 200 ms a second."""


class ReaderSettings(Config, frozen=True, kw_only=True):
    """One OSDP reader."""

    reader: Line
    """Its number; the server's access points name it."""
    address: Annotated[int, Meta(ge=0, le=126)] = 0
    """Its OSDP address on the bus."""
    security: Literal["secure", "install", "none"] = "secure"
    """"secure" demands the secure channel with the key that is held. "install" makes a key, gives it to a reader that is in its
    install mode, and demands it from then on. "none" speaks in clear, for readers that cannot do better: whoever reaches the
    wire reads the cards and may play them back."""
    key_file: Path = ""
    """File with the key (SCBK) as 32 hexadecimal digits, which only its owner may read. Empty: the key that "install" made."""
    outputs: Annotated[tuple[Line, ...], Meta(max_length=8)] = ()
    """Numbers that the reader's outputs 0, 1, … have here."""
    inputs: Annotated[tuple[Line, ...], Meta(max_length=8)] = ()
    """Numbers that the reader's inputs 0, 1, … have here."""
    idle: Literal["off", "red", "green", "amber", "blue"] = "red"
    """Colour of the LED while nothing happens."""
    sound: bool = True
    """Whether it beeps."""
    key_time: Annotated[float, Meta(ge=1.0, le=60.0)] = 8.0
    """Seconds from one key to the next, after which the keys are forgotten."""
    pin_length: Annotated[int, Meta(ge=0, le=16)] = 0
    """Keys after which a PIN is complete without `#`; 0 waits for `#`."""

    def __post_init__(self) -> None:
        if self.key_file and self.security != "secure":
            raise ValueError(f'key_file goes with security = "secure", not with "{self.security}"')


class BusSettings(Config, frozen=True, kw_only=True):
    """One OSDP bus: a serial line, or a TCP connection to a converter or a reader."""

    name: Id
    """What logs and refusals call it."""
    serial: Path = ""
    """The line's device, such as "/dev/ttyS1"; 8 data bits, no parity, 1 stop bit."""
    baud: Literal[9600, 19200, 38400, 57600, 115200, 230400] = 9600
    rs485: bool = False
    """Let the kernel's driver switch an RS-485 transceiver by RTS. Converters that switch by themselves need it off."""
    host: Annotated[str, Meta(max_length=253)] = ""
    """Where to dial instead of a serial line."""
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    readers: Annotated[tuple[ReaderSettings, ...], Meta(min_length=1, max_length=MAX_READERS)]

    def __post_init__(self) -> None:
        if bool(self.serial) == bool(self.host):
            raise ValueError(f'bus "{self.name}" needs either serial or host')
        if bool(self.host) != (self.port is not None):
            raise ValueError(f'bus "{self.name}": host and port go together')
        _unique("address", (each.address for each in self.readers), f'on bus "{self.name}"')

    @property
    def place(self) -> str:
        """Where the bus is, for people."""
        return self.serial or f"{self.host}:{self.port}"


class GpioInput(Config, frozen=True, kw_only=True):
    """One line that is read."""

    line: Line
    """Its number here; [[locks]] name it."""
    offset: Annotated[int, Meta(ge=0, le=1023)]
    """Its number on the chip."""
    chip: Path = ""
    """Where it is not the section's."""
    active_low: bool = False
    """Whether it is active at 0 V."""
    bias: Literal["as-is", "pull-up", "pull-down", "disabled"] = "pull-up"
    debounce: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.02
    """Seconds that a new state must last."""


class GpioOutput(Config, frozen=True, kw_only=True):
    """One line that is driven. Active releases a lock; it is inactive before the start and after the end."""

    line: Line
    """Its number here; [[locks]] name it."""
    offset: Annotated[int, Meta(ge=0, le=1023)]
    """Its number on the chip."""
    chip: Path = ""
    """Where it is not the section's."""
    active_low: bool = False
    """Whether active is 0 V."""


class GpioSettings(Config, frozen=True, kw_only=True):
    """Lines of the board's GPIO chips."""

    chip: Path = "/dev/gpiochip0"
    inputs: Annotated[tuple[GpioInput, ...], Meta(max_length=128)] = ()
    outputs: Annotated[tuple[GpioOutput, ...], Meta(max_length=128)] = ()

    def __post_init__(self) -> None:
        pins = [(each.chip or self.chip, each.offset) for each in self.inputs]
        pins += [(each.chip or self.chip, each.offset) for each in self.outputs]
        _unique("pin", (f"{offset} of {chip}" for chip, offset in pins), "in [gpio]")


def check_hardware(
    osdp: tuple[BusSettings, ...], gpio: GpioSettings | None, outputs: Iterable[int], inputs: Iterable[int]
) -> None:
    """Refuse numbers given twice, and locks whose lines nothing drives or reads; raises ValueError.

    `outputs` and `inputs` are those of the locks. A file with neither section names no hardware, and all is taken as it is.
    """
    if not osdp and gpio is None:
        return
    readers = [reader for bus in osdp for reader in bus.readers]
    _unique("name", (bus.name for bus in osdp), "in [[osdp]]")
    _unique("reader", (reader.reader for reader in readers), "in [[osdp.readers]]")
    driven = [line for reader in readers for line in reader.outputs] + [each.line for each in (gpio.outputs if gpio else ())]
    read = [line for reader in readers for line in reader.inputs] + [each.line for each in (gpio.inputs if gpio else ())]
    _unique("output", driven, "in the hardware")
    _unique("input", read, "in the hardware")
    for line in outputs:
        if line not in driven:
            raise ValueError(f"nothing drives output {line} of a lock: name it in [[gpio.outputs]] or a reader's outputs")
    for line in inputs:
        if line not in read:
            raise ValueError(f"nothing reads input {line} of a lock: name it in [[gpio.inputs]] or a reader's inputs")


def _unique(what: str, values: Iterable[object], where: str) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{what} {value} stands twice {where}")
        seen.add(value)
