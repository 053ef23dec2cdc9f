"""What holds each door of a board: a wish for each priority, as Sitewarden controllers keep them. Pure.

The board is told the highest, and keeps that mode alone. After a restart of the server a door that is held shut or open counts as
held by an operator, and every command that ends such a mode ends it.
"""

from __future__ import annotations

from typing import Final, cast

from sitewarden.domain.access.door import DoorMachine
from sitewarden.domain.access.door_commands import COMMANDS, DoorCommandName, order
from sitewarden.domain.access.door_signals import OPEN_MODES, SHUT_MODES, Priority, SetMode, Timings
from sitewarden.domain.access.model import DoorMode

Slots = dict[Priority, DoorMode]

KNOWN: Final = frozenset(COMMANDS) - {"double-lock"}
"""Commands for a door of a board, which has no second lock."""
_ENDS: Final = {"release-lockdown": SHUT_MODES, "release-lock-open": OPEN_MODES, "end-fire-release": OPEN_MODES}


class Wishes:
    """The doors of a board by id."""

    def __init__(self) -> None:
        self._doors: dict[str, DoorMachine] = {}
        self._found: set[str] = set()
        """Doors whose mode is the one that the board was found in."""

    def adopt(self, door: str, mode: DoorMode) -> DoorMode:
        """Return the mode of a door; one that is new here has the mode that its board shows."""
        if door not in self._doors:
            self._doors[door] = _machine({} if mode is DoorMode.LOCKED else {Priority.OPERATOR: mode})
            self._found.add(door)
        return self._doors[door].base

    def of(self, door: str) -> DoorMachine:
        """Return what holds a door."""
        return self._doors.get(door) or _machine({})

    def after(self, door: str, command: str, where: str) -> Slots | None:
        """Return the wishes after a command, None for a release; raises Conflict where the mode of the door refuses it."""
        machine = self.of(door)
        if door in self._found and machine.base in _ENDS.get(command, ()):
            return {}
        asked = order(cast("DoorCommandName", command), machine, where=where)
        if not isinstance(asked, SetMode):
            return None
        slots = dict(machine.slots)
        slots.pop(asked.priority, None)
        if asked.mode is not None:
            slots[asked.priority] = asked.mode
        return slots

    def take(self, door: str, slots: Slots) -> None:
        """Take the wishes that the board obeyed."""
        self._doors[door] = _machine(slots)
        self._found.discard(door)


def mode_of(slots: Slots) -> DoorMode:
    """Return the mode that wishes make."""
    return _machine(slots).base


def _machine(slots: Slots) -> DoorMachine:
    return DoorMachine(Timings(), slots=slots)
