"""Lines of GPIO chips through libgpiod. The only importer of gpiod (LGPL-2.1-or-later, unmodified)."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import gpiod
from gpiod.line import Bias, Direction, Edge, Value

from sitewarden.domain.errors import Invalid, Refusal, Unreachable
from sitewarden.nodes.controller.board.settings import GpioInput, GpioOutput, GpioSettings

log = logging.getLogger(__name__)

RISING: Final = gpiod.EdgeEvent.Type.RISING_EDGE
"""To active: the kernel tells edges after active_low."""
_CONSUMER: Final = "sitewarden"
_BIAS: Final = {"as-is": Bias.AS_IS, "pull-up": Bias.PULL_UP, "pull-down": Bias.PULL_DOWN, "disabled": Bias.DISABLED}


class Request(Protocol):
    """What is used of `gpiod.LineRequest`."""

    @property
    def fd(self) -> int: ...
    def get_values(self) -> list[Value]: ...
    def set_value(self, line: int, value: Value) -> None: ...
    def read_edge_events(self) -> list[Any]: ...
    def release(self) -> None: ...


RequestLines = Callable[..., Request]
"""`gpiod.request_lines(path, consumer=…, config=…)`."""


@dataclass(slots=True)
class _Inputs:
    """Inputs of one chip: offset to number, in the order of the request, and their last states."""

    request: Request
    lines: dict[int, int]
    active: dict[int, bool] = field(default_factory=dict)


class GpioLines:
    """The lines of all chips. Opened when made, with every output at rest; raises Refusal with what is missing."""

    def __init__(self, settings: GpioSettings, request: RequestLines = gpiod.request_lines) -> None:
        self._outputs: dict[int, tuple[Request, int]] = {}
        self._inputs: list[_Inputs] = []
        self._requests: list[Request] = []
        self._on_input: Callable[[int, bool], None] = lambda line, active: None
        try:
            for chip, outputs in _by_chip(settings.outputs, settings.chip).items():
                held = self._request(request, chip, {one.offset: _output(one) for one in outputs})
                self._outputs |= {one.line: (held, one.offset) for one in outputs}
            for chip, inputs in _by_chip(settings.inputs, settings.chip).items():
                held = self._request(request, chip, {one.offset: _input(one) for one in inputs})
                self._inputs.append(_Inputs(held, {one.offset: one.line for one in inputs}))
        except Refusal:
            self.close()
            raise

    def start(self, on_input: Callable[[int, bool], None]) -> None:
        """Tell the state of every input, then each change, which the kernel has debounced."""
        self._on_input = on_input
        loop = asyncio.get_running_loop()
        for chip in self._inputs:
            for line, value in zip(chip.lines.values(), chip.request.get_values(), strict=True):
                chip.active[line] = value is Value.ACTIVE
                on_input(line, chip.active[line])
            loop.add_reader(chip.request.fd, self._changed, chip)

    def set_output(self, line: int, active: bool) -> None:
        """Drive a line."""
        request, offset = self._outputs[line]
        try:
            request.set_value(offset, Value.ACTIVE if active else Value.INACTIVE)
        except OSError as error:
            log.error("output %d cannot be driven: %s; check the board", line, error.strerror)

    def close(self) -> None:
        """Let every output come to rest, and give the lines back. Many chips keep the last state then, so it is set before."""
        for line in self._outputs:
            self.set_output(line, False)
        for chip in self._inputs:
            self._deaf(chip.request)
        for request in self._requests:
            request.release()
        self._outputs, self._inputs, self._requests = {}, [], []

    def _changed(self, chip: _Inputs) -> None:
        """Tell each edge, so that a short press counts, then hold against the lines: the kernel drops edges that nobody reads."""
        try:
            edges = [(event.line_offset, event.event_type is RISING) for event in chip.request.read_edge_events()]
            levels = list(zip(chip.lines, (value is Value.ACTIVE for value in chip.request.get_values()), strict=True))
        except OSError as error:
            log.error("inputs %s are lost: %s; check the board", ", ".join(map(str, chip.lines.values())), error.strerror)
            self._deaf(chip.request)
            return
        for offset, active in (*edges, *levels):
            line = chip.lines.get(offset)
            if line is not None and chip.active.get(line) is not active:
                chip.active[line] = active
                self._on_input(line, active)

    def _deaf(self, request: Request) -> None:
        try:
            asyncio.get_running_loop().remove_reader(request.fd)
        except RuntimeError:
            return

    def _request(self, request: RequestLines, chip: str, config: dict[int, gpiod.LineSettings]) -> Request:
        pins = ", ".join(map(str, config))
        try:
            held = request(chip, consumer=_CONSUMER, config=config)
        except OSError as error:
            raise _missing(chip, pins, error) from None
        except (ValueError, NotImplementedError) as error:
            raise Invalid(
                f"{chip} does not take lines {pins}: {error}", where="gpio", remedy="Compare offset and bias with gpioinfo."
            ) from None
        self._requests.append(held)
        return held


def _missing(chip: str, pins: str, error: OSError) -> Refusal:
    if isinstance(error, FileNotFoundError):
        found = ", ".join(sorted(map(str, Path("/dev").glob("gpiochip*"))))
        remedy = f"There is {found}." if found else "This computer has no GPIO chip: remove [gpio], or run it on the board."
        return Unreachable(f"{chip} is not there", where="gpio.chip", remedy=remedy)
    if isinstance(error, PermissionError):
        return Unreachable(
            f"{chip} may not be opened", where="gpio.chip", remedy="Add this user to the chip's group, often gpio."
        )
    if error.errno == errno.EBUSY:
        return Unreachable(
            f"a line of {pins} on {chip} is in use", where="gpio", remedy="See gpioinfo for who has it; stop that program."
        )
    return Unreachable(f"{chip}, lines {pins}: {error.strerror}", where="gpio", remedy="Compare the section with gpioinfo.")


def _by_chip(lines: tuple[Any, ...], default: str) -> dict[str, list[Any]]:
    chips: dict[str, list[Any]] = {}
    for line in lines:
        chips.setdefault(line.chip or default, []).append(line)
    return chips


def _output(one: GpioOutput) -> gpiod.LineSettings:
    return gpiod.LineSettings(direction=Direction.OUTPUT, active_low=one.active_low, output_value=Value.INACTIVE)


def _input(one: GpioInput) -> gpiod.LineSettings:
    return gpiod.LineSettings(
        direction=Direction.INPUT,
        edge_detection=Edge.BOTH,
        bias=_BIAS[one.bias],
        active_low=one.active_low,
        debounce_period=timedelta(seconds=one.debounce),
    )
