"""What a reader shows: signals to LED and buzzer commands of OSDP, in libosdp's terms. Pure; times are units of 100 ms."""

from __future__ import annotations

from typing import Any, Final

from sitewarden.nodes.controller.board import frames
from sitewarden.nodes.controller.hardware import Signal

OUTPUT_COMMAND, LED_COMMAND, BUZZER_COMMAND, STATUS_COMMAND = 1, 2, 3, 9
"""libosdp's numbers of commands (enum osdp_cmd_e)."""
INPUT_REPORT, LOCAL_REPORT = 0, 2
"""libosdp's kinds of status report."""
COLOURS: Final = {"off": 0, "red": 1, "green": 2, "amber": 3, "blue": 4}

HELD: Final = 100
"""How long a reader's output stays active by itself. It is asked for again before, so a door whose controller is gone locks."""
AGAIN: Final = 4.0
"""Seconds after which an active output is asked for again."""

LONGEST: Final = 255
"""The wrapper of libosdp cuts a time to one byte."""

Sent = tuple[int, dict[str, Any]]
"""The OSDP command's code, and the command for libosdp."""

_LED: Final[dict[Signal, tuple[str, int, int, int]]] = {
    "granted": ("green", 30, 0, 30),
    "denied": ("red", 2, 2, 16),
    "pin": ("amber", 5, 5, 0),
    "busy": ("amber", 1, 1, 10),
}
"""Colour, time on, time off, time in all."""
_BEEPS: Final[dict[Signal, tuple[int, int, int]]] = {
    "granted": (2, 1, 1),
    "denied": (1, 1, 3),
    "pin": (1, 1, 1),
    "busy": (1, 1, 2),
}
"""Time on, time off, how often."""


def show(signal: Signal, *, sound: bool, pin_time: float) -> list[Sent]:
    """Return the commands for a signal: the LED for a while ("pin": `pin_time` s) over its idle colour, and beeps."""
    colour, on, off, time = _LED[signal]
    if signal == "pin":
        time = min(LONGEST, int(pin_time * 10))
    led = _led(COLOURS[colour], on, off) | {"temporary": True, "control_code": 2, "timer_count": time}
    if not sound:
        return [(frames.LED, led)]
    on, off, times = _BEEPS[signal]
    beep = {"command": BUZZER_COMMAND, "reader": 0, "control_code": 2, "on_count": on, "off_count": off, "rep_count": times}
    return [(frames.LED, led), (frames.BUZ, beep)]


def idle(colour: str) -> Sent:
    """Return the command for the LED's colour while nothing happens."""
    return frames.LED, _led(COLOURS[colour], 1, 0) | {"temporary": False, "control_code": 1}


def output(number: int, active: bool) -> Sent:
    """Return the command for an output: active for HELD, or off at once."""
    code, time = (5, HELD) if active else (1, 0)
    return frames.OUT, {"command": OUTPUT_COMMAND, "output_no": number, "control_code": code, "timer_count": time}


def ask_local() -> Sent:
    """Return the question for tamper and power."""
    return frames.LSTAT, {"command": STATUS_COMMAND, "type": LOCAL_REPORT}


def ask_inputs() -> Sent:
    """Return the question for the inputs."""
    return frames.ISTAT, {"command": STATUS_COMMAND, "type": INPUT_REPORT}


def _led(colour: int, on: int, off: int) -> dict[str, Any]:
    where = {"command": LED_COMMAND, "led_number": 0, "reader": 0}
    return where | {"on_color": colour, "off_color": 0, "on_count": on, "off_count": off}
