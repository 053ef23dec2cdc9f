"""How a door behaves (ONVIF Door Control): a state machine that is told what happens and when, and says what to do.

Sans-IO: `apply` takes an input and the time and returns effects; `deadline` says when it wants to be woken with `Tick`. Each
priority holds one wish for the mode, and the highest that is set makes it; one that is taken back uncovers the next. A door is
unlocked only by a wish for an open mode, by momentary access that still runs, or by somebody who stands in the way of a barrier
or a revolving door. Time may step back: whatever runs then keeps the length that it had left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, Literal

from sitewarden.domain.access.door_signals import (
    OPEN_MODES,
    SHUT_MODES,
    Changed,
    Conduct,
    Contact,
    DoubleLock,
    Effect,
    Exit,
    FaultSignal,
    Grant,
    Input,
    Lock,
    LockSensor,
    Priority,
    Scheduled,
    SetMode,
    TamperContact,
    Tick,
    Timings,
)
from sitewarden.domain.access.model import DoorKind, DoorMode
from sitewarden.domain.clock import SECOND

LOCK_FOLLOWS: Final = 2 * SECOND
"""A lock whose bond sensor says otherwise for this long has a fault."""
QUEUE: Final = 4
"""Grants that wait at a turnstile for the one before to pass; more are told "not taken" at once."""
_WHOLE: Final[frozenset[DoorKind]] = frozenset({"barrier", "revolving-door"})
"""Kinds that lock only once the way is free: a boom never falls on a car, a door never stops on a person."""


class DoorMachine:
    """One door. `slots` restores the wishes that were kept over a restart; the schedule's is made anew by `Scheduled`."""

    def __init__(
        self, timings: Timings, conduct: Conduct | None = None, *, slots: dict[Priority, DoorMode] | None = None
    ) -> None:
        self.timings = timings
        self.conduct = conduct or Conduct()
        self.slots: dict[Priority, DoorMode] = {
            priority: mode for priority, mode in (slots or {}).items() if priority is not Priority.SCHEDULED
        }
        self.is_open = False
        self.alarm: Literal["normal", "door-forced-open", "door-open-too-long"] = "normal"
        self.pre_alarm = False
        self.tamper = False
        self.faults: set[str] = set()
        self.lock_sensed: bool | None = None
        """What the bond sensor says; None while it never spoke."""
        self.awaits_first_person = False
        self._arrived = False
        self._now: int | None = None
        self._released_until: int | None = None
        self._masked_until: int | None = None
        """Until then an opening is no forced one, though the lock was not driven."""
        self._passage: int | None = None
        self._queue: deque[Grant] = deque()
        self._in_the_way = False
        self._open_limit: int | None = None
        """When an open door is held too long; None while it may stay open."""
        self._follow_limit: int | None = None
        self._extended = False
        self._locked = self.base not in OPEN_MODES
        self._doubled = self.base is DoorMode.DOUBLE_LOCKED
        self._shown = self.mode

    @property
    def holder(self) -> Priority | None:
        """The highest priority that holds a wish."""
        return max(self.slots, default=None)

    @property
    def base(self) -> DoorMode:
        """The mode that the highest request makes."""
        holder = self.holder
        return self.slots[holder] if holder is not None else DoorMode.LOCKED

    @property
    def mode(self) -> DoorMode:
        """The mode, with momentary access in it."""
        base = self.base
        runs = self._released_until is not None or self._masked_until is not None or self._in_the_way
        return DoorMode.ACCESSED if runs and base not in OPEN_MODES | SHUT_MODES else base

    @property
    def locked(self) -> bool:
        """Tell what the lock is driven to."""
        return self._locked

    @property
    def double_locked(self) -> bool:
        """Tell what the second lock is driven to."""
        return self._doubled

    @property
    def fault(self) -> bool:
        """Tell whether anything is at fault."""
        return bool(self.faults)

    @property
    def deadline(self) -> int | None:
        """When the next `Tick` is due, microseconds; None where nothing runs."""
        due = [at for at in (self._released_until, self._masked_until, self._follow_limit) if at is not None]
        if self._open_limit is not None and self.alarm == "normal":
            due.append(self._open_limit)
            if not self.pre_alarm and self.timings.pre_alarm:
                due.append(self._open_limit - self.timings.pre_alarm)
        return min(due, default=None)

    def apply(self, happened: Input, now: int) -> list[Effect]:
        """Take an input at `now` and return what is to be done, the locks first."""
        said: list[Effect] = []
        self._step_back(now)
        self._pass_time(now, said)
        if isinstance(happened, Grant):
            self._grant(happened, now, said)
        elif isinstance(happened, Exit):
            self._exit(now, said)
        elif isinstance(happened, Contact):
            self._contact(happened.open, now, said)
        elif isinstance(happened, LockSensor):
            self.lock_sensed = happened.locked
        elif isinstance(happened, SetMode):
            self._wish(happened.priority, happened.mode, now, said)
        elif isinstance(happened, Scheduled):
            self._schedule(happened.holds, now, said)
        elif isinstance(happened, TamperContact) and happened.active != self.tamper:
            self.tamper = happened.active
            said.append(Changed("tamper" if happened.active else "tamper-cleared"))
        elif isinstance(happened, FaultSignal):
            self._fault(happened.source, happened.active, said)
        return self._settle(now, said)

    # -- time ---------------------------------------------------------------------------------------------------------

    def _step_back(self, now: int) -> None:
        """Move what runs with a clock that was set back."""
        before, self._now = self._now, now
        if before is None or now >= before:
            return
        step = now - before
        for name in ("_released_until", "_masked_until", "_open_limit", "_follow_limit"):
            limit = getattr(self, name)
            if limit is not None:
                setattr(self, name, limit + step)

    def _pass_time(self, now: int, said: list[Effect]) -> None:
        if self._released_until is not None and now >= self._released_until:
            self._end_release(said)
            self._next_grant(now)
        if self._masked_until is not None and now >= self._masked_until:
            self._masked_until = None
        if self._follow_limit is not None and now >= self._follow_limit:
            self._follow_limit = None
            self._fault("lock", True, said)
        if self._open_limit is None or self.alarm != "normal":
            return
        if now >= self._open_limit:
            self.alarm = "door-open-too-long"
            self.pre_alarm = False
            said.append(Changed("held"))
        elif not self.pre_alarm and self.timings.pre_alarm and now >= self._open_limit - self.timings.pre_alarm:
            self.pre_alarm = True
            said.append(Changed("pre-alarm"))

    def _settle(self, now: int, said: list[Effect]) -> list[Effect]:
        """Put the locks first, and tell of a mode that changed."""
        base = self.base
        locked = self._released_until is None and not self._in_the_way and base not in OPEN_MODES
        doubled = locked and base is DoorMode.DOUBLE_LOCKED
        first: list[Effect] = []
        if locked != self._locked:
            self._locked = locked
            first.append(Lock(locked))
        if doubled != self._doubled:
            self._doubled = doubled
            first.insert(len(first) if doubled else 0, DoubleLock(doubled))
        self._watch_lock(now, said)
        if self.mode is not self._shown:
            self._shown = self.mode
            said.append(Changed("mode"))
        return first + said

    def _watch_lock(self, now: int, said: list[Effect]) -> None:
        """Begin or end the time that the lock has to follow. The bolt of an open door has nothing to bond with."""
        follows = self.lock_sensed is None or self.lock_sensed == self._locked or (self._locked and self.is_open)
        if follows:
            self._follow_limit = None
            self._fault("lock", False, said)
        elif self._follow_limit is None and "lock" not in self.faults:
            self._follow_limit = now + LOCK_FOLLOWS

    def _fault(self, source: str, active: bool, said: list[Effect]) -> None:
        if active is (source in self.faults):
            return
        (self.faults.add if active else self.faults.discard)(source)
        said.append(Changed("fault" if active else "fault-cleared", source=source))

    # -- momentary access ---------------------------------------------------------------------------------------------

    def _grant(self, grant: Grant, now: int, said: list[Effect]) -> None:
        if self.base in SHUT_MODES:
            said.append(Changed("refused", grant.passage))
            return
        if grant.person and self.awaits_first_person:
            self._arrived = True
            said.append(Changed("first-person"))
            self._schedule(True, now, said)
        if self.conduct.kind == "turnstile" and (self._released_until is not None or self.is_open):
            if len(self._queue) < QUEUE:
                self._queue.append(grant)
            elif grant.passage is not None:
                said.append(Changed("not-taken", grant.passage))
            return
        if self._passage is not None:
            said.append(Changed("not-taken", self._passage))
            self._passage = None
        self._release(grant, now)
        if self.is_open:
            if grant.passage is not None:
                said.append(Changed("taken", grant.passage))
                self._passage = None
            if self.base not in OPEN_MODES and self.alarm == "normal":
                self._may_stay_open(now)
            self._in_the_way = self.conduct.kind in _WHOLE

    def _release(self, grant: Grant, now: int) -> None:
        """Release for one passage; a longer one that still runs is not cut short."""
        length = self.timings.extended_release if grant.extended else self.timings.release
        self._extended = grant.extended or (self._extended and self._released_until is not None)
        self._released_until = now + length if self._released_until is None else max(now + length, self._released_until)
        self._passage = grant.passage

    def _next_grant(self, now: int) -> None:
        """Let the next who waits at a turnstile pass."""
        if self._queue and not self.is_open and self._released_until is None and self.base not in SHUT_MODES:
            self._release(self._queue.popleft(), now)

    def _exit(self, now: int, said: list[Effect]) -> None:
        if self.conduct.exit_releases:
            self._grant(Grant(), now, said)
        elif self.base in SHUT_MODES:
            said.append(Changed("refused"))
        else:
            self._masked_until = now + self.timings.release

    def _end_release(self, said: list[Effect]) -> None:
        self._released_until = None
        if self._passage is not None:
            said.append(Changed("not-taken", self._passage))
            self._passage = None

    # -- the door -----------------------------------------------------------------------------------------------------

    def _contact(self, is_open: bool, now: int, said: list[Effect]) -> None:
        if is_open == self.is_open:
            return
        self.is_open = is_open
        if is_open:
            said.append(Changed("opened"))
            self._opened(now, said)
            return
        said.append(Changed("closed"))
        if self.alarm == "door-open-too-long":
            said.append(Changed("held-cleared"))
        elif self.alarm == "door-forced-open":
            said.append(Changed("forced-cleared"))
        self.alarm, self.pre_alarm, self._open_limit = "normal", False, None
        if self._in_the_way:
            self._in_the_way = False
            if self.timings.delay_before_relock and self.base not in SHUT_MODES and self._released_until is None:
                self._released_until = now + self.timings.delay_before_relock
        if self._released_until is None:
            self._extended = False
        self._next_grant(now)

    def _opened(self, now: int, said: list[Effect]) -> None:
        released, masked = self._released_until is not None, self._masked_until is not None
        self._masked_until = None
        if self._passage is not None:
            said.append(Changed("taken", self._passage))
            self._passage = None
        if self.base in OPEN_MODES:
            self._released_until = None
            self._in_the_way = self.conduct.kind in _WHOLE
            return
        if not released and not masked:
            self.alarm = "door-forced-open"
            said.append(Changed("forced"))
            return
        self._may_stay_open(now)
        self._in_the_way = released and self.conduct.kind in _WHOLE
        delay = self.timings.delay_before_relock if released and self.conduct.kind == "door" else 0
        self._released_until = now + delay if delay else None

    def _may_stay_open(self, now: int) -> None:
        self._open_limit = now + (self.timings.extended_open if self._extended else self.timings.open)
        self.pre_alarm = False

    # -- wishes -------------------------------------------------------------------------------------------------------

    def _schedule(self, holds: bool, now: int, said: list[Effect]) -> None:
        self._arrived = self._arrived and holds
        self.awaits_first_person = holds and self.conduct.first_person and not self._arrived
        wanted = DoorMode.UNLOCKED if holds and not self.awaits_first_person else None
        if self.slots.get(Priority.SCHEDULED) is not wanted:
            self._wish(Priority.SCHEDULED, wanted, now, said)

    def _wish(self, priority: Priority, mode: DoorMode | None, now: int, said: list[Effect]) -> None:
        before = self.base
        if mode is None:
            self.slots.pop(priority, None)
        else:
            self.slots[priority] = mode
        after = self.base
        commanded = after is not before or (mode is not None and priority is self.holder)
        if after not in OPEN_MODES and commanded and priority is not Priority.SCHEDULED:
            self._drop_access(said)
        if after in OPEN_MODES:
            self._open_limit, self.pre_alarm = None, False
            if self.conduct.kind in _WHOLE and self.is_open:
                self._in_the_way = True
            if self.alarm == "door-open-too-long":
                self.alarm = "normal"
                said.append(Changed("held-cleared"))
        elif before in OPEN_MODES and self.is_open and self.alarm == "normal":
            self._may_stay_open(now)

    def _drop_access(self, said: list[Effect]) -> None:
        """End momentary access, and that of all who wait."""
        self._end_release(said)
        self._masked_until = None
        said += [Changed("not-taken", grant.passage) for grant in self._queue if grant.passage is not None]
        self._queue.clear()


def run(machine: DoorMachine, inputs: Iterable[tuple[Input, int]]) -> list[list[Effect]]:
    """Feed a machine a sequence of (input, time), with the ticks that fall due between."""
    done = []
    for happened, at in inputs:
        while (due := machine.deadline) is not None and due <= at:
            done.append(machine.apply(Tick(), due))
        done.append(machine.apply(happened, at))
    return done
