"""GPIO lines: the request that is made of a chip, edges, debouncing, rest at the end, and what is said where no chip is.

This needs a chip. Where the kernel has gpio-sim, a simulated one would do; CI kernels have no GPIOLIB at all, so a chip stands in
at the seam `gpiod.request_lines`, with the library's own types, and a real pipe for its file descriptor.
"""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import gpiod
import pytest
from gpiod.line import Bias, Direction, Edge, Value

from sitewarden.domain.errors import Refusal
from sitewarden.nodes.controller.board.board import board_of
from sitewarden.nodes.controller.board.gpio import GpioLines
from sitewarden.nodes.controller.board.settings import GpioInput, GpioOutput, GpioSettings
from tests.nodes.controller.board.rig import Told, settings_of, until

SETTINGS = GpioSettings(
    inputs=(
        GpioInput(line=1, offset=17, debounce=0.05),
        GpioInput(line=2, offset=27, active_low=True, bias="pull-down"),
    ),
    outputs=(GpioOutput(line=1, offset=4), GpioOutput(line=2, offset=5, chip="/dev/gpiochip1", active_low=True)),
)


class Chip:
    """Stands in for `gpiod.request_lines` and what it returns."""

    def __init__(self, path: str, config: dict[int, gpiod.LineSettings]) -> None:
        self.path, self.config = path, config
        self.values = dict.fromkeys(config, Value.INACTIVE)
        self.edges: list[gpiod.EdgeEvent] = []
        self.history: list[Any] = []
        self.fd, self._write = os.pipe2(os.O_NONBLOCK)

    def edge(self, offset: int, active: bool, *, last: bool | None = None) -> None:
        """Let a line change; `last` is its level by the time that it is read, where that is another."""
        kind = gpiod.EdgeEvent.Type.RISING_EDGE if active else gpiod.EdgeEvent.Type.FALLING_EDGE
        self.edges.append(gpiod.EdgeEvent(kind.value, 0, offset, 0, 0))
        self.values[offset] = Value.ACTIVE if (active if last is None else last) else Value.INACTIVE
        os.write(self._write, b"x")

    def get_values(self) -> list[Value]:
        return list(self.values.values())

    def set_value(self, line: int, value: Value) -> None:
        self.history.append((line, value))

    def read_edge_events(self) -> list[gpiod.EdgeEvent]:
        os.read(self.fd, 100)
        edges, self.edges = self.edges, []
        return edges

    def release(self) -> None:
        self.history.append("released")
        os.close(self.fd)
        os.close(self._write)


class Chips:
    def __init__(self) -> None:
        self.made: list[Chip] = []

    def __call__(self, path: str, *, consumer: str, config: dict[int, gpiod.LineSettings]) -> Chip:
        assert consumer == "sitewarden"
        self.made.append(Chip(path, config))
        return self.made[-1]


def test_lines_are_asked_for_as_they_are_set() -> None:
    chips = Chips()
    lines = GpioLines(SETTINGS, chips)
    relay, other, inputs = chips.made
    assert [chip.path for chip in chips.made] == ["/dev/gpiochip0", "/dev/gpiochip1", "/dev/gpiochip0"]
    assert (relay.config[4].direction, relay.config[4].active_low, relay.config[4].output_value) == (
        Direction.OUTPUT,
        False,
        Value.INACTIVE,
    )
    assert (other.config[5].active_low, other.config[5].output_value) == (True, Value.INACTIVE)
    contact, button = inputs.config[17], inputs.config[27]
    assert (contact.direction, contact.edge_detection, contact.bias) == (Direction.INPUT, Edge.BOTH, Bias.PULL_UP)
    assert (contact.debounce_period, contact.active_low) == (timedelta(milliseconds=50), False)
    assert (button.active_low, button.bias, button.debounce_period) == (True, Bias.PULL_DOWN, timedelta(milliseconds=20))
    lines.close()


async def test_inputs_are_told_first_as_they_are_and_then_as_they_change() -> None:
    chips, told = Chips(), Told()
    lines = GpioLines(SETTINGS, chips)
    inputs = chips.made[2]
    inputs.values[17] = Value.ACTIVE
    lines.start(told.input)
    assert told.all == [("input", 1, True), ("input", 2, False)]
    inputs.edge(27, True)
    inputs.edge(27, False)
    await until(lambda: len(told.all) == 4, "a short press is told whole")
    assert told.all[2:] == [("input", 2, True), ("input", 2, False)]
    inputs.edge(17, True, last=False)
    await until(lambda: told.all[-1] == ("input", 1, False), "a lost edge is made good from the level")
    lines.close()


async def test_outputs_are_driven_and_at_rest_at_the_end() -> None:
    chips = Chips()
    lines = GpioLines(SETTINGS, chips)
    lines.start(lambda line, active: None)
    relay, other, _ = chips.made
    lines.set_output(1, True)
    assert relay.history == [(4, Value.ACTIVE)]
    lines.close()
    assert relay.history == [(4, Value.ACTIVE), (4, Value.INACTIVE), "released"]
    assert other.history == [(5, Value.INACTIVE), "released"]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.EBUSY, "Device or resource busy"), "is in use"),
        (PermissionError(errno.EACCES, "Permission denied"), "may not be opened"),
        (ValueError("Invalid argument"), "does not take lines 5"),
    ],
)
def test_a_chip_that_refuses_is_said_and_the_others_are_let_go(error: Exception, says: str) -> None:
    chips = Chips()

    def request(path: str, *, consumer: str, config: dict[int, gpiod.LineSettings]) -> Chip:
        if path == "/dev/gpiochip1":
            raise error
        return chips(path, consumer=consumer, config=config)

    with pytest.raises(Refusal, match=says):
        GpioLines(SETTINGS, request)
    assert chips.made[0].history[-1] == "released"


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this computer has a GPIO chip")
def test_the_real_library_says_where_there_is_no_chip(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[gpio]\n[[gpio.outputs]]\nline = 1\noffset = 4\n")
    with pytest.raises(Refusal, match="/dev/gpiochip0 is not there"):
        board_of(settings, None)  # type: ignore[arg-type]
