"""A controller's real board: OSDP readers and GPIO lines as one `Hardware`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Invalid, Refusal, Unreachable
from sitewarden.kit.clock import SystemClock
from sitewarden.net import Network
from sitewarden.nodes.controller.hardware import Events, Hardware, Signal
from sitewarden.nodes.controller.settings import ControllerSettings

if TYPE_CHECKING:
    from sitewarden.nodes.controller.board.bus import Bus
    from sitewarden.nodes.controller.board.gpio import GpioLines
    from sitewarden.nodes.controller.board.reader import ReaderStatus

_INSTALL = "Run: pip install 'sitewarden[controller]'"


def board_of(settings: ControllerSettings, network: Network, clock: Clock | None = None) -> Board:
    """Return the board that the settings name; its GPIO lines are held and at rest from here on.

    `network` has the role controller. Raises Refusal where no hardware is named, or a library, a key or a chip is missing.
    """
    if not settings.osdp and settings.gpio is None:
        raise Invalid(
            "no hardware is named",
            where="the controller's settings",
            remedy="Add [[osdp]] for readers and [gpio] for locks and contacts; docs/controller.md has an example.",
        )
    return Board(settings, _buses(settings, network, clock or SystemClock()), _gpio(settings))


def _buses(settings: ControllerSettings, network: Network, clock: Clock) -> list[Bus]:
    if not settings.osdp:
        return []
    try:
        from sitewarden.nodes.controller.board.bus import Bus
        from sitewarden.nodes.controller.board.keys import KeyStore
    except ModuleNotFoundError as error:
        raise _no_library("osdp", error) from None
    keys = KeyStore(Path(settings.data) / "readers")
    return [
        Bus(bus, network, keys, [keys.key_of(reader) for reader in bus.readers], clock=clock, pin_time=settings.pin_time)
        for bus in settings.osdp
    ]


def _gpio(settings: ControllerSettings) -> GpioLines | None:
    if settings.gpio is None:
        return None
    try:
        from sitewarden.nodes.controller.board.gpio import GpioLines
    except ModuleNotFoundError as error:
        raise _no_library("gpio", error) from None
    return GpioLines(settings.gpio)


def _no_library(section: str, error: ModuleNotFoundError) -> Refusal:
    return Unreachable(f"the library {error.name} is not installed.", where=section, remedy=_INSTALL)


class Board(Hardware):
    """Implements `Hardware`."""

    def __init__(self, settings: ControllerSettings, buses: Sequence[Bus], gpio: GpioLines | None) -> None:
        self._buses, self._gpio = buses, gpio
        self._signals: dict[int, tuple[Bus, int]] = {}
        self._outputs: dict[int, Callable[[bool], Any]] = {}
        for bus in buses:
            for index, reader in enumerate(bus.settings.readers):
                self._signals[reader.reader] = (bus, index)
                for number, line in enumerate(reader.outputs):
                    self._outputs[line] = _driver(bus, index, number)
        if gpio is not None and settings.gpio is not None:
            for one in settings.gpio.outputs:
                self._outputs[one.line] = _line_driver(gpio, one.line)

    def start(self, events: Events) -> None:
        """Report the state of the GPIO inputs, and begin to connect to the readers, which report theirs once they answer."""
        if self._gpio is not None:
            self._gpio.start(events.input)
        for bus in self._buses:
            bus.start(events)

    def set_output(self, number: int, active: bool) -> None:
        """Drive a relay; one that no section names does not exist and is passed over."""
        drive = self._outputs.get(number)
        if drive is not None:
            drive(active)

    def signal(self, reader: int, signal: Signal) -> None:
        """Show the user of a reader what came of it."""
        found = self._signals.get(reader)
        if found is not None:
            found[0].signal(found[1], signal)

    def close(self) -> None:
        """Let go of the hardware; every output is at rest. A reader's output that cannot be told falls by itself within 10 s."""
        for bus in self._buses:
            bus.close()
        if self._gpio is not None:
            self._gpio.close()

    def statuses(self) -> list[ReaderStatus]:
        """Return how the readers are."""
        return [status for bus in self._buses for status in bus.statuses()]


def _driver(bus: Bus, index: int, number: int) -> Callable[[bool], Any]:
    return lambda active: bus.set_output(index, number, active)


def _line_driver(gpio: GpioLines, line: int) -> Callable[[bool], Any]:
    return lambda active: gpio.set_output(line, active)
