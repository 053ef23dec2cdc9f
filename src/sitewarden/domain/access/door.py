"""How a door behaves (ONVIF Door Control): a state machine that is told what happens and when, and says what to do.

Sans-IO: `apply` takes an input and the time and returns effects; `deadline` says when it wants to be woken with `Tick`.
Lock requests have priorities, none < scheduled < operator < emergency: the highest that is set makes the mode.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, Literal

from msgspec import Struct

from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.access.snapshot import DoorRow
from sitewarden.domain.clock import SECOND


class Priority(IntEnum):
    """Who wants the mode."""

    SCHEDULED = 0
    OPERATOR = 1
    EMERGENCY = 2


OPEN_MODES: Final = frozenset({DoorMode.UNLOCKED, DoorMode.LOCKED_OPEN})
SHUT_MODES: Final = frozenset({DoorMode.BLOCKED, DoorMode.LOCKED_DOWN})
"""Modes that refuse momentary access."""


class Timings(Struct, frozen=True, kw_only=True):
    """Timings of a door, microseconds."""

    release: int = 3 * SECOND
    open: int = 10 * SECOND
    extended_release: int = 10 * SECOND
    extended_open: int = 30 * SECOND
    delay_before_relock: int = 0
    pre_alarm: int = 5 * SECOND

    @staticmethod
    def of(row: DoorRow) -> Timings:
        """Return the timings of a door of the snapshot, which has seconds."""
        return Timings(
            release=round(row.release_time * SECOND),
            open=round(row.open_time * SECOND),
            extended_release=round(row.extended_release_time * SECOND),
            extended_open=round(row.extended_open_time * SECOND),
            delay_before_relock=round(row.delay_before_relock * SECOND),
            pre_alarm=round(row.pre_alarm_time * SECOND),
        )


class Grant(Struct, frozen=True):
    """Momentary access: a granted request, a request to exit, or an operator's release. `passage` names the request."""

    extended: bool = False
    passage: int | None = None


class Contact(Struct, frozen=True):
    """The door contact."""

    open: bool


class TamperContact(Struct, frozen=True):
    """The tamper contact."""

    active: bool


class FaultSignal(Struct, frozen=True):
    """A fault of the lock or the wiring."""

    active: bool


class SetMode(Struct, frozen=True):
    """A mode asked for at a priority; None takes that request back."""

    priority: Priority
    mode: DoorMode | None


class Tick(Struct, frozen=True):
    """Only time passed."""


Input = Grant | Contact | TamperContact | FaultSignal | SetMode | Tick


class Lock(Struct, frozen=True):
    """Drive the lock."""

    locked: bool


class Changed(Struct, frozen=True):
    """Something to record. `passage` is that of the grant where `what` is "taken" or "not-taken"."""

    what: Literal[
        "opened", "closed", "forced", "pre-alarm", "held", "held-cleared", "forced-cleared", "mode", "taken", "not-taken",
        "tamper", "tamper-cleared", "fault", "fault-cleared", "refused",
    ]  # fmt: skip
    passage: int | None = None


Effect = Lock | Changed


class DoorMachine:
    """One door. `slots` restores lock requests that were kept over a restart."""

    def __init__(self, timings: Timings, *, slots: dict[Priority, DoorMode] | None = None) -> None:
        self.timings = timings
        self.slots: dict[Priority, DoorMode] = dict(slots or {})
        self.is_open = False
        self.alarm: Literal["normal", "door-forced-open", "door-open-too-long"] = "normal"
        self.pre_alarm = False
        self.tamper = False
        self.fault = False
        self._released_until: int | None = None
        self._passage: int | None = None
        self._open_limit: int | None = None
        """When an open door is held too long; None while it may stay open."""
        self._extended = False
        self._locked = self.base not in OPEN_MODES
        self._shown = self.mode

    @property
    def base(self) -> DoorMode:
        """The mode that the highest request makes."""
        return self.slots[max(self.slots)] if self.slots else DoorMode.LOCKED

    @property
    def mode(self) -> DoorMode:
        """The mode, with momentary access in it."""
        return DoorMode.ACCESSED if self._released_until is not None else self.base

    @property
    def locked(self) -> bool:
        """Tell what the lock is driven to."""
        return self._locked

    @property
    def deadline(self) -> int | None:
        """When the next `Tick` is due, microseconds; None where nothing runs."""
        due = [self._released_until] if self._released_until is not None else []
        if self._open_limit is not None and self.alarm == "normal":
            due.append(self._open_limit)
            if not self.pre_alarm:
                due.append(self._open_limit - self.timings.pre_alarm)
        return min(due, default=None)

    def apply(self, happened: Input, now: int) -> list[Effect]:
        """Take an input at `now` and return what is to be done, the lock first."""
        said: list[Effect] = []
        self._pass_time(now, said)
        if isinstance(happened, Grant):
            self._grant(happened, now, said)
        elif isinstance(happened, Contact):
            self._contact(happened.open, now, said)
        elif isinstance(happened, SetMode):
            self._set_mode(happened, now, said)
        elif isinstance(happened, TamperContact) and happened.active != self.tamper:
            self.tamper = happened.active
            said.append(Changed("tamper" if happened.active else "tamper-cleared"))
        elif isinstance(happened, FaultSignal) and happened.active != self.fault:
            self.fault = happened.active
            said.append(Changed("fault" if happened.active else "fault-cleared"))
        return self._settle(said)

    def _settle(self, said: list[Effect]) -> list[Effect]:
        """Put the lock first, and tell of a mode that changed."""
        locked = self._released_until is None and self.base not in OPEN_MODES
        first: list[Effect] = []
        if locked != self._locked:
            self._locked = locked
            first.append(Lock(locked))
        if self.mode is not self._shown:
            self._shown = self.mode
            said.append(Changed("mode"))
        return first + said

    def _pass_time(self, now: int, said: list[Effect]) -> None:
        if self._released_until is not None and now >= self._released_until:
            self._end_release(said)
        if self._open_limit is None or self.alarm != "normal":
            return
        if now >= self._open_limit:
            self.alarm = "door-open-too-long"
            self.pre_alarm = False
            said.append(Changed("held"))
        elif not self.pre_alarm and now >= self._open_limit - self.timings.pre_alarm:
            self.pre_alarm = True
            said.append(Changed("pre-alarm"))

    def _end_release(self, said: list[Effect]) -> None:
        self._released_until = None
        if self._passage is not None:
            said.append(Changed("not-taken", self._passage))
            self._passage = None

    def _grant(self, grant: Grant, now: int, said: list[Effect]) -> None:
        if self.base in SHUT_MODES:
            said.append(Changed("refused", grant.passage))
            return
        self._extended = grant.extended
        if self._passage is not None:
            said.append(Changed("not-taken", self._passage))
            self._passage = None
        if self.base in OPEN_MODES:
            return
        length = self.timings.extended_release if grant.extended else self.timings.release
        self._released_until = now + length
        if self.is_open:
            if grant.passage is not None:
                said.append(Changed("taken", grant.passage))
            if self.alarm == "normal":
                self._may_stay_open(now)
        else:
            self._passage = grant.passage

    def _contact(self, is_open: bool, now: int, said: list[Effect]) -> None:
        if is_open == self.is_open:
            return
        self.is_open = is_open
        if not is_open:
            said.append(Changed("closed"))
            if self.alarm == "door-open-too-long":
                said.append(Changed("held-cleared"))
            elif self.alarm == "door-forced-open":
                said.append(Changed("forced-cleared"))
            self.alarm, self.pre_alarm, self._open_limit, self._extended = "normal", False, None, False
            return
        said.append(Changed("opened"))
        if self.base in OPEN_MODES:
            return
        if self._released_until is None:
            self.alarm = "door-forced-open"
            said.append(Changed("forced"))
            return
        if self._passage is not None:
            said.append(Changed("taken", self._passage))
            self._passage = None
        self._may_stay_open(now)
        until = now + self.timings.delay_before_relock
        self._released_until = until if self.timings.delay_before_relock else None

    def _may_stay_open(self, now: int) -> None:
        self._open_limit = now + (self.timings.extended_open if self._extended else self.timings.open)
        self.pre_alarm = False

    def _set_mode(self, wanted: SetMode, now: int, said: list[Effect]) -> None:
        before = self.base
        if wanted.mode is None:
            self.slots.pop(wanted.priority, None)
        else:
            self.slots[wanted.priority] = wanted.mode
        after = self.base
        if self._released_until is not None and (after is not before or wanted.mode in SHUT_MODES):
            self._end_release(said)
        if after in OPEN_MODES:
            self._open_limit, self.pre_alarm = None, False
            if self.alarm == "door-open-too-long":
                self.alarm = "normal"
                said.append(Changed("held-cleared"))
        elif before in OPEN_MODES and self.is_open and self.alarm == "normal":
            self._may_stay_open(now)


def run(machine: DoorMachine, inputs: Iterable[tuple[Input, int]]) -> list[list[Effect]]:
    """Feed a machine a sequence of (input, time), with the ticks that fall due between."""
    done = []
    for happened, at in inputs:
        while (due := machine.deadline) is not None and due <= at:
            done.append(machine.apply(Tick(), due))
        done.append(machine.apply(happened, at))
    return done
