"""One door at run time: the pure machine, its timer, its relay, and the records of what it does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from sitewarden.domain.access.door import DoorMachine
from sitewarden.domain.access.door_commands import held_by, level
from sitewarden.domain.access.door_signals import (
    Changed,
    Conduct,
    DoubleLock,
    Input,
    Lock,
    Priority,
    Scheduled,
    SetMode,
    Tick,
    Timings,
)
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.access.snapshot import DoorRow
from sitewarden.domain.clock import SECOND, Clock
from sitewarden.nodes.controller.hardware import Hardware
from sitewarden.nodes.controller.journal import Journal
from sitewarden.nodes.controller.settings import LockSettings
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
    "first-person": "door.first-person",
}
"""What the machine tells to the type of the record; what is not in it is not recorded."""

STATES: Final = {"tamper": "active", "tamper-cleared": "at rest", "fault": "active", "fault-cleared": "gone"}


class LiveDoor:
    """Runs one door. `changed` is called with its report after each change.

    The machine runs on the monotonic clock, so that a clock that is set leaves no lock released; records carry the time of day.
    """

    def __init__(
        self,
        row: DoorRow,
        lock: LockSettings,
        hardware: Hardware,
        journal: Journal,
        clock: Clock,
        changed: Callable[[DoorReport], None],
        slots: dict[Priority, DoorMode],
    ) -> None:
        self.row = row
        self.monitored = lock.contact is not None
        """It has a door contact, so it is known who passed."""
        self.machine = DoorMachine(Timings.of(row), Conduct.of(row), slots=slots)
        self._lock = lock
        self._hardware = hardware
        self._journal = journal
        self._clock = clock
        self._changed = changed
        self._timer: asyncio.TimerHandle | None = None
        self._scheduled: tuple[Scheduled, Conduct] | None = None
        self._passages: dict[int, Record] = {}
        self._passage = 0
        hardware.set_output(row.output, not self.machine.locked)
        self._double_lock(self.machine.double_locked)

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
        effects = self.machine.apply(happened, self._machine_time())
        for effect in effects:
            if isinstance(effect, Lock):
                self._hardware.set_output(self.row.output, not effect.locked)
            elif isinstance(effect, DoubleLock):
                self._double_lock(effect.engaged)
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

    def schedule(self, scheduled: Scheduled) -> None:
        """Tell the machine whether its schedule holds, where that is news to it."""
        if self._scheduled != (scheduled, self.machine.conduct):
            self._scheduled = scheduled, self.machine.conduct
            self.apply(scheduled)

    def retime(self, row: DoorRow) -> None:
        """Take changed timings and names."""
        self.row = row
        self.machine.timings, self.machine.conduct = Timings.of(row), Conduct.of(row)
        self._wind()

    def report(self) -> DoorReport:
        """Return how the door is now."""
        machine = self.machine
        seen = machine.lock_sensed
        return DoorReport(
            self.row.id,
            machine.mode,
            machine.locked,
            machine.is_open,
            machine.alarm,
            machine.tamper,
            machine.fault,
            level(machine),
            held_by(machine),
            machine.pre_alarm,
            tuple(sorted(machine.faults))[:16],
            "unknown" if seen is None else "locked" if seen else "unlocked",
            machine.awaits_first_person,
        )

    def close(self) -> None:
        """Stop the timer and lock."""
        if self._timer is not None:
            self._timer.cancel()
        self._hardware.set_output(self.row.output, False)
        self._double_lock(False)

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
            more = {"mode": str(self.machine.mode), "priority": level(self.machine), "held_by": held_by(self.machine)}
        if effect.what in STATES:
            more["state"] = STATES[effect.what]
        if effect.source:
            more["source"] = effect.source
        self._journal.add(Record(now, type_, self.row.id, data=more))

    def _machine_time(self) -> int:
        return round(self._clock.monotonic() * SECOND)

    def _double_lock(self, engaged: bool) -> None:
        if self._lock.double_lock is not None:
            self._hardware.set_output(self._lock.double_lock, engaged)

    def _wind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.machine.deadline
        if due is not None:
            delay = max(0.0, (due - self._machine_time()) / SECOND)
            self._timer = asyncio.get_running_loop().call_later(delay, self.apply, Tick())
