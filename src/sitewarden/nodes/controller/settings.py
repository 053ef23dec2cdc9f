"""Settings of a controller: one TOML file, typed, unknown keys refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from sitewarden.domain.entity import Id
from sitewarden.domain.errors import Invalid
from sitewarden.kit.config import Config, check
from sitewarden.nodes.controller.board.settings import BusSettings, GpioSettings, Line, check_hardware


class LockSettings(Config, frozen=True, kw_only=True):
    """The wires of one door. The server's door names the same `output`."""

    output: Line
    """Relay of the lock."""
    contact: Line | None = None
    """Input of the door contact, active while the door is open; absent where there is none."""
    exit: Line | None = None
    """Input of the request-to-exit button."""
    tamper: Line | None = None
    """Input of the tamper contact."""
    bond: Line | None = None
    """Input of the bond sensor, active while the lock is locked; a lock that does not follow is a fault."""
    double_lock: Line | None = None
    """Relay of a second lock, active while it is engaged; absent, a double-locked door is a locked one."""


class ServerSettings(Config, frozen=True, kw_only=True):
    """Where the server listens for controllers."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 1480
    match_timeout: Annotated[float, Meta(ge=0.05, le=10.0)] = 1.0
    """Seconds that the server has to decide; then the controller decides by itself."""


class ControllerSettings(Config, frozen=True, kw_only=True):
    """The whole file."""

    node: Id
    """Id of the controller, as the site knows it."""
    data: str
    """Directory of the log, the rules and the keys."""
    server: ServerSettings | None = None
    """Absent: it decides alone, from the rules that it has."""
    locks: tuple[LockSettings, ...] = ()
    readers: tuple[Line, ...] = ()
    """Numbers of readers that stand in no other section; the server's access points name them."""
    osdp: Annotated[tuple[BusSettings, ...], Meta(max_length=16)] = ()
    """Buses of OSDP readers."""
    gpio: GpioSettings | None = None
    """Lines of the board's GPIO chips."""
    fire: Line | None = None
    """Input of the fire alarm panel: it releases every door, with no server, until an operator ends that."""
    log_records: Annotated[int, Meta(ge=1000, le=10_000_000)] = 1_000_000
    """Records that the log keeps; then the oldest go, and the gap is recorded."""
    pin_time: Annotated[float, Meta(ge=1.0, le=120.0)] = 15.0
    """Seconds from the card to the end of the PIN."""
    interface: Annotated[str, Meta(max_length=15)] = ""
    """Interface whose network settings may be changed by UDP 51110; systemd-networkd manages it. Empty: they are only shown."""
    decide: Literal["as-configured", "local"] = "as-configured"
    """"local" never asks the server, whatever the site says."""

    def __post_init__(self) -> None:
        inputs = (line for lock in self.locks for line in (lock.contact, lock.exit, lock.tamper) if line is not None)
        check_hardware(self.osdp, self.gpio, (lock.output for lock in self.locks), inputs)

    @property
    def reader_numbers(self) -> frozenset[int]:
        """Numbers of all readers."""
        return frozenset(self.readers) | {reader.reader for bus in self.osdp for reader in bus.readers}


def load(path: Path) -> ControllerSettings:
    """Read the file; raises Invalid with the place and what to do."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Invalid(
            f"cannot be read: {error.strerror}", where=str(path), remedy="Give the path of the controller's settings."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"is no TOML: {error}", where=str(path), remedy="Correct the line that it names.") from None
    return check(ControllerSettings, data, str(path))
