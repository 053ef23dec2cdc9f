"""One door at run time: the pure machine, its timer, its relay, and the records of what it does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from sitewarden.domain.access.door import Changed, DoorMachine, Input, Lock, Priority, SetMode, Tick, Timings
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.access.snapshot import DoorRow
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.nodes.controller.hardware import Hardware
from sitewarden.nodes.controller.journal import Journal
from sitewarden.wire.controller import DoorReport, Record

PASSAGES: Final = 64
"""Grants of a door whose passage is still open; the oldest goes."""

TYPES: Final = {
    "opened": "door.opened",
    "closed": "door.closed",
    "forced": "door.forced",
    "held": "door.held",
    "held-cleared": "door.held-cleared",
    "forced-cleared": "door.forced-cleared",
    "pre-alarm": "door.pre-alarm",
    "mode": "door.mode",
    "taken": "access.taken",
    "not-taken": "access.not-taken",
    "tamper": "door.tamper",
    "tamper-cleared": "door.tamper",
    "fault": "door.fault",
    "fault-cleared": "door.fault",
}
"""What the machine tells to the type of the record; what is not in it is not recorded."""

STATES: Final = {"tamper": "active", "tamper-cleared": "at rest", "fault": "active", "fault-cleared": "gone"}


class LiveDoor:
    """Runs one door. `changed` is called with its report after each change."""

    def __init__(
        self,
        row: DoorRow,
        hardware: Hardware,
        journal: Journal,
        clock: Clock,
        changed: Callable[[DoorReport], None],
        slots: dict[Priority, DoorMode],
    ) -> None:
        self.row = row
        self.machine = DoorMachine(Timings.of(row), slots=slots)
        self._hardware = hardware
        self._journal = journal
        self._clock = clock
        self._changed = changed
        self._timer: asyncio.TimerHandle | None = None
        self._passages: dict[int, Record] = {}
        self._passage = 0
        hardware.set_output(row.output, not self.machine.locked)

    def new_passage(self) -> int:
        """Return the number of a passage that is about to be granted."""
        self._passage += 1
        return self._passage

    def remember(self, passage: int, record: Record) -> None:
        """Keep who was granted, for the record of whether they passed."""
        self._passages[passage] = record
        if len(self._passages) > PASSAGES:
            del self._passages[next(iter(self._passages))]

    def apply(self, happened: Input, cause: Record | None = None) -> None:
        """Tell the machine what happens. The lock is driven first; `cause`, and then what the door did, are recorded after it."""
        now = self._clock.now()
        effects = self.machine.apply(happened, now)
        for effect in effects:
            if isinstance(effect, Lock):
                self._hardware.set_output(self.row.output, not effect.locked)
        if cause is not None:
            self._journal.add(cause)
        for effect in effects:
            if isinstance(effect, Changed):
                self._record(effect, now)
        if isinstance(happened, SetMode):
            self._journal.keep_modes(self.row.id, self.machine.slots)
        self._wind()
        if effects:
            self._changed(self.report())

    def retime(self, row: DoorRow) -> None:
        """Take changed timings and names."""
        self.row = row
        self.machine.timings = Timings.of(row)
        self._wind()

    def report(self) -> DoorReport:
        """Return how the door is now."""
        machine = self.machine
        return DoorReport(
            self.row.id, machine.mode, machine.locked, machine.is_open, machine.alarm, machine.tamper, machine.fault
        )

    def close(self) -> None:
        """Stop the timer and lock."""
        if self._timer is not None:
            self._timer.cancel()
        self._hardware.set_output(self.row.output, False)

    def _record(self, effect: Changed, now: int) -> None:
        type_ = TYPES.get(effect.what)
        if type_ is None:
            return
        if effect.passage is not None:
            granted = self._passages.pop(effect.passage, None)
            if granted is not None:
                two: dict[str, Any] = {
                    name: granted.data[name] for name in ("first_holder", "first_credential") if name in granted.data
                }
                self._journal.add(Record(now, type_, self.row.id, granted.access_point, granted.credential, granted.holder, two))
            return
        more: dict[str, Any] = {}
        if effect.what == "mode":
            more["mode"] = str(self.machine.mode)
        if effect.what in STATES:
            more["state"] = STATES[effect.what]
        self._journal.add(Record(now, type_, self.row.id, data=more))

    def _wind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.machine.deadline
        if due is not None:
            delay = max(0.0, (due - self._clock.now()) / SECOND)
            self._timer = asyncio.get_running_loop().call_later(delay, self.apply, Tick())
