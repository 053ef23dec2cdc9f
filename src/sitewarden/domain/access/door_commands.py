"""The commands for a door, what each asks for, and which of them its mode refuses (ONVIF Door Control). Pure.

Two rules go beyond ONVIF. Life safety wins: a fire release is taken in every mode, and a lockdown that is asked for
meanwhile is kept until the fire release ends. And a command that asks for what is so already is taken, so that a lockdown of many
doors may be repeated.
"""

from __future__ import annotations

from typing import Final, Literal

from sitewarden.domain.access.door import DoorMachine
from sitewarden.domain.access.door_signals import Grant, Input, Priority, SetMode
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.errors import Conflict

DoorCommandName = Literal[
    "release", "lock", "unlock", "block", "double-lock", "normal", "lockdown", "release-lockdown", "lock-open",
    "release-lock-open", "fire-release", "end-fire-release",
]  # fmt: skip

COMMANDS: Final[dict[str, Input]] = {
    "release": Grant(),
    "lock": SetMode(Priority.OPERATOR, DoorMode.LOCKED),
    "unlock": SetMode(Priority.OPERATOR, DoorMode.UNLOCKED),
    "block": SetMode(Priority.OPERATOR, DoorMode.BLOCKED),
    "double-lock": SetMode(Priority.OPERATOR, DoorMode.DOUBLE_LOCKED),
    "normal": SetMode(Priority.OPERATOR, None),
    "lockdown": SetMode(Priority.EMERGENCY, DoorMode.LOCKED_DOWN),
    "release-lockdown": SetMode(Priority.EMERGENCY, None),
    "lock-open": SetMode(Priority.EMERGENCY, DoorMode.LOCKED_OPEN),
    "release-lock-open": SetMode(Priority.EMERGENCY, None),
    "fire-release": SetMode(Priority.FIRE, DoorMode.LOCKED_OPEN),
    "end-fire-release": SetMode(Priority.FIRE, None),
}
"""Command to the input that it is; `release` takes the extended times where it says so."""

Level = Literal["none", "scheduled", "operator", "emergency"]
HeldBy = Literal["", "schedule", "operator", "lockdown", "lock-open", "fire-release"]

LEVELS: Final[dict[Priority, Level]] = {
    Priority.SCHEDULED: "scheduled",
    Priority.OPERATOR: "operator",
    Priority.EMERGENCY: "emergency",
    Priority.FIRE: "emergency",
}
"""The levels that a person sees; below them is "none"."""
_HOLDERS: Final[dict[Priority, HeldBy]] = {
    Priority.SCHEDULED: "schedule",
    Priority.OPERATOR: "operator",
    Priority.EMERGENCY: "lockdown",
    Priority.FIRE: "fire-release",
}


def level(machine: DoorMachine) -> Level:
    """Return the priority that holds the mode: none, scheduled, operator or emergency."""
    return LEVELS[machine.holder] if machine.holder is not None else "none"


def held_by(machine: DoorMachine) -> HeldBy:
    """Return what holds the mode: "" for nothing, schedule, operator, lockdown, lock-open or fire-release."""
    holder = machine.holder
    if holder is None:
        return ""
    if holder is Priority.EMERGENCY and machine.base is DoorMode.LOCKED_OPEN:
        return "lock-open"
    return _HOLDERS[holder]


def order(command: DoorCommandName, machine: DoorMachine, *, extended: bool = False, where: str = "") -> Input:
    """Return the input that a command is; raise Conflict where the door's mode refuses it."""
    why = _refusal(command, machine)
    if why is not None:
        raise Conflict(why[0], where=where, remedy=why[1])
    return Grant(extended=extended) if command == "release" else COMMANDS[command]


def _refusal(command: str, machine: DoorMachine) -> tuple[str, str] | None:
    """Return what is wrong and the remedy, None where the command is taken."""
    emergency, fire = machine.slots.get(Priority.EMERGENCY), Priority.FIRE in machine.slots
    if command == "fire-release":
        return None
    if command == "end-fire-release":
        return None if fire else ("no fire release holds the door open", "Look at the door's mode.")
    if command == "release-lockdown":
        down = emergency is DoorMode.LOCKED_DOWN
        return None if down else ("the door is not locked down", "Look at the door's mode.")
    if command == "release-lock-open":
        is_open = emergency is DoorMode.LOCKED_OPEN
        return None if is_open else ("the door is not locked open", "Look at the door's mode.")
    if emergency is DoorMode.LOCKED_DOWN and command != "lockdown" and not fire:
        return "the door is locked down", "Release the lockdown first."
    if emergency is DoorMode.LOCKED_OPEN and command != "lock-open" and not fire:
        return "the door is locked open", "End it with release-lock-open first."
    if fire and not (command == "lockdown" and emergency is not DoorMode.LOCKED_OPEN):
        return "a fire release holds the door open", "End the fire release first."
    if command == "release" and machine.base is DoorMode.BLOCKED:
        return "the door is blocked", "Lock it first, which ends the block."
    return None
