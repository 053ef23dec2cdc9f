"""What a door promises over any life: hypothesis plays it against a reference that only remembers why it may be unlocked."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.access.door import _WHOLE, QUEUE, DoorMachine, run
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
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.clock import SECOND

S = SECOND
WISHES: dict[Priority, list[DoorMode]] = {
    Priority.OPERATOR: [DoorMode.LOCKED, DoorMode.UNLOCKED, DoorMode.BLOCKED, DoorMode.DOUBLE_LOCKED],
    Priority.EMERGENCY: [DoorMode.LOCKED_DOWN, DoorMode.LOCKED_OPEN],
    Priority.FIRE: [DoorMode.LOCKED_OPEN],
}
SET_MODES = st.one_of([st.builds(SetMode, st.just(level), st.none() | st.sampled_from(modes)) for level, modes in WISHES.items()])
INPUTS = st.one_of(
    st.builds(Grant, st.booleans(), st.none() | st.integers(1, 9), st.booleans()),
    st.just(Exit()),
    st.builds(Contact, st.booleans()),
    st.builds(Contact, st.booleans()),
    st.builds(LockSensor, st.booleans()),
    st.builds(TamperContact, st.booleans()),
    st.builds(FaultSignal, st.booleans(), st.sampled_from(["contact", "wiring"])),
    SET_MODES,
    st.builds(Scheduled, st.booleans()),
    st.just(Tick()),
)
TIMINGS = st.builds(
    Timings,
    release=st.integers(0, 5 * S),
    open=st.integers(0, 15 * S),
    extended_release=st.integers(0, 15 * S),
    extended_open=st.integers(0, 40 * S),
    delay_before_relock=st.just(0) | st.integers(0, 3 * S),
    pre_alarm=st.integers(0, 20 * S),
)
CONDUCTS = st.builds(
    Conduct,
    kind=st.sampled_from(["door", "mantrap", "turnstile", "revolving-door", "barrier"]),
    first_person=st.booleans(),
    exit_releases=st.booleans(),
)
STORIES = st.lists(st.tuples(INPUTS, st.integers(0, 8 * S)), max_size=40)
STEPS_BACK = st.lists(st.tuples(INPUTS, st.integers(-20 * S, 8 * S)), max_size=40)


@dataclass
class Reasons:
    """Why the door may be unlocked, kept without the machine: wishes, and the latest end of any momentary access."""

    timings: Timings
    conduct: Conduct
    wishes: dict[Priority, DoorMode] = field(default_factory=dict)
    until: int = -1
    """An upper bound of the end of momentary access, all who wait at a turnstile counted."""
    masked: int = -1
    open: bool = False
    legal: bool = False
    """The door stands open by right."""

    @property
    def mode(self) -> DoorMode:
        return self.wishes[max(self.wishes)] if self.wishes else DoorMode.LOCKED

    def hear(self, happened: Input, at: int) -> None:
        exits = isinstance(happened, Exit)
        if isinstance(happened, Grant) or exits:
            if self.mode in SHUT_MODES:
                return
            if exits and not self.conduct.exit_releases:
                self.masked = at + self.timings.release
                return
            longest = max(self.timings.release, self.timings.extended_release)
            extended = isinstance(happened, Grant) and happened.extended
            turn = longest * (QUEUE + 1) if self.conduct.kind == "turnstile" else 0
            length = self.timings.extended_release if extended else self.timings.release
            self.until = max(self.until, at + turn, at + length)
            self.legal = self.legal or self.open
        elif isinstance(happened, SetMode):
            if happened.mode is None:
                self.wishes.pop(happened.priority, None)
            else:
                self.wishes[happened.priority] = happened.mode
            if self.mode in SHUT_MODES:
                self.until = self.masked = -1
            if self.mode in OPEN_MODES:
                self.legal = self.legal or self.open
        elif isinstance(happened, Contact) and happened.open != self.open:
            self.open = happened.open
            longest = max(self.timings.release, self.timings.extended_release)
            if happened.open:
                self.legal = at < max(self.until, self.masked) or self.mode in OPEN_MODES
            if self.legal and self.mode not in SHUT_MODES:
                queue = longest * QUEUE if self.conduct.kind == "turnstile" else 0
                self.until = max(self.until, at + self.timings.delay_before_relock, at + queue)
            self.legal = self.legal and self.open

    def schedule(self, unlocked: bool) -> None:
        """Take the schedule's wish as the machine holds it; `test_first_person` says when it may."""
        self.wishes.pop(Priority.SCHEDULED, None)
        if unlocked:
            self.wishes[Priority.SCHEDULED] = DoorMode.UNLOCKED

    def justified(self, now: int) -> bool:
        in_the_way = self.conduct.kind in _WHOLE and self.open and self.legal
        return self.mode in OPEN_MODES or now < self.until or in_the_way


def steps(machine: DoorMachine, story: list[tuple[Input, int]], start: int = 0) -> list[tuple[Input, int]]:
    """Yield (input, time) with the ticks that fall due between, as the machine lives."""
    now = start
    for happened, later in story:
        target = now + later
        while (due := machine.deadline) is not None and due <= target and due >= now:
            yield Tick(), due  # type: ignore[misc]
        yield happened, target  # type: ignore[misc]
        now = target


def kinds(effects: list[Effect]) -> list[str]:
    return [effect.what if isinstance(effect, Changed) else type(effect).__name__ for effect in effects]


@given(TIMINGS, CONDUCTS, STORIES)
def test_no_door_is_unlocked_without_a_reason(timings: Timings, conduct: Conduct, story: list[tuple[Input, int]]) -> None:
    machine, reasons = DoorMachine(timings, conduct), Reasons(timings, conduct)
    driven_locked, driven_double = True, False
    for happened, at in steps(machine, story):
        effects = machine.apply(happened, at)
        reasons.hear(happened, at)
        reasons.schedule(Priority.SCHEDULED in machine.slots)
        drives = [effect for effect in effects if not isinstance(effect, Changed)]
        assert effects[: len(drives)] == drives, "the locks are driven first"
        for effect in drives:
            if isinstance(effect, Lock):
                assert effect.locked is not driven_locked, "it is driven once a change"
                driven_locked = effect.locked
            elif isinstance(effect, DoubleLock):
                assert effect.engaged is not driven_double
                driven_double = effect.engaged
            assert driven_locked or not driven_double, "the second lock is never engaged on an unlocked door"
        assert (machine.locked, machine.double_locked) == (driven_locked, driven_double)
        assert machine.base is reasons.mode
        if not machine.locked:
            assert reasons.justified(at), "never unlocked by accident"
            if machine.mode is DoorMode.ACCESSED:
                assert machine.deadline is not None or machine.is_open, "and somebody will lock it"
        elif reasons.mode in OPEN_MODES:
            raise AssertionError("a mode that is open leaves nobody locked in")
        if machine.base in SHUT_MODES and conduct.kind not in _WHOLE:
            assert machine.locked


@given(TIMINGS, CONDUCTS, STORIES)
def test_forced_is_masked_by_accessed_and_open_modes_alone(
    timings: Timings, conduct: Conduct, story: list[tuple[Input, int]]
) -> None:
    machine = DoorMachine(timings, conduct)
    for happened, at in steps(machine, story):
        machine.apply(Tick(), at)
        before, was_open, was_locked = machine.mode, machine.is_open, machine.locked
        said = kinds(machine.apply(happened, at))
        opens = isinstance(happened, Contact) and happened.open and not was_open
        assert ("forced" in said) == (opens and before not in OPEN_MODES | {DoorMode.ACCESSED})
        if opens and was_locked and before is not DoorMode.ACCESSED:
            assert machine.alarm == "door-forced-open"
        if not machine.is_open:
            assert machine.alarm == "normal"


@given(TIMINGS, CONDUCTS, STORIES)
def test_a_door_held_open_always_alarms_in_time(timings: Timings, conduct: Conduct, story: list[tuple[Input, int]]) -> None:
    machine = DoorMachine(timings, conduct)
    longest = max(timings.open, timings.extended_open)
    since: int | None = None
    for happened, at in steps(machine, story):
        may_stay = machine.base in OPEN_MODES
        machine.apply(happened, at)
        granted = isinstance(happened, Grant | Exit)
        if not machine.is_open or machine.base in OPEN_MODES:
            since = None
        elif since is None or may_stay or granted:
            since = at
        if since is not None and at >= since + longest:
            machine.apply(Tick(), at)
            assert machine.alarm != "normal"
        if machine.alarm == "door-open-too-long":
            assert machine.is_open
        if since is not None:
            assert machine.alarm != "normal" or machine.deadline is not None, "somebody will look"


@given(TIMINGS, CONDUCTS, STEPS_BACK)
def test_time_that_goes_backward_does_no_harm(timings: Timings, conduct: Conduct, story: list[tuple[Input, int]]) -> None:
    machine, now = DoorMachine(timings, conduct), 1000 * S
    longest = max(timings.release, timings.extended_release, timings.delay_before_relock)
    for happened, later in story:
        now += later
        machine.apply(happened, now)
        if machine.mode is DoorMode.ACCESSED and not machine._in_the_way:
            assert machine.deadline is not None
            assert machine.deadline <= now + longest, "no access grows longer than its time"


@given(TIMINGS, CONDUCTS, STORIES)
def test_a_grant_is_answered_at_most_once_and_a_monitored_door_answers_all(
    timings: Timings, conduct: Conduct, story: list[tuple[Input, int]]
) -> None:
    machine = DoorMachine(timings, conduct)
    numbered = [(Grant(h.extended, n, h.person) if isinstance(h, Grant) else h, later) for n, (h, later) in enumerate(story, 1)]
    answered: list[int] = []
    now = 0
    for happened, at in steps(machine, numbered):
        now = at
        answered += [e.passage for e in machine.apply(happened, at) if isinstance(e, Changed) and e.passage is not None]
    now += 1
    answered += [
        e.passage
        for batch in run(machine, [(Contact(False), now), (Tick(), now + 3600 * S)])
        for e in batch
        if isinstance(e, Changed) and e.passage is not None
    ]
    asked = [h.passage for h, _ in numbered if isinstance(h, Grant)]
    assert sorted(answered) == sorted(asked)


@given(TIMINGS, STORIES)
def test_first_person_unlocks_only_with_a_person_within_the_schedule(timings: Timings, story: list[tuple[Input, int]]) -> None:
    machine = DoorMachine(timings, Conduct(first_person=True))
    came, holds = False, False
    for happened, at in steps(machine, story):
        shut = machine.base in SHUT_MODES
        machine.apply(happened, at)
        if isinstance(happened, Scheduled):
            holds = happened.holds
            came = came and holds
        elif isinstance(happened, Grant) and happened.person and holds and not shut:
            came = True
        assert (Priority.SCHEDULED in machine.slots) == came
        assert machine.awaits_first_person == (holds and not came)


@given(TIMINGS, CONDUCTS, STORIES)
def test_after_a_restart_only_a_kept_wish_opens(timings: Timings, conduct: Conduct, story: list[tuple[Input, int]]) -> None:
    machine = DoorMachine(timings, conduct)
    for happened, at in steps(machine, story):
        machine.apply(happened, at)
    again = DoorMachine(timings, conduct, slots=machine.slots)
    kept = {priority: mode for priority, mode in machine.slots.items() if priority is not Priority.SCHEDULED}
    assert again.slots == kept
    assert again.locked is (again.base not in OPEN_MODES)
    assert again.base is (kept[max(kept)] if kept else DoorMode.LOCKED)
    assert again.deadline is None


def test_priorities_are_a_total_order_and_life_safety_is_the_highest() -> None:
    ordered = sorted(Priority)
    assert [one.name for one in ordered] == ["SCHEDULED", "OPERATOR", "EMERGENCY", "FIRE"]
    assert all(low < high for low, high in pairwise(ordered))


@given(st.permutations([SetMode(level, modes[0]) for level, modes in WISHES.items()]), st.permutations(list(WISHES)))
def test_the_highest_wish_makes_the_mode_and_each_taken_back_uncovers_the_next(
    wishes: list[SetMode], removals: list[Priority]
) -> None:
    machine = DoorMachine(Timings())
    held: dict[Priority, DoorMode] = {}
    for wish in wishes:
        machine.apply(wish, 0)
        assert wish.mode is not None
        held[wish.priority] = wish.mode
        assert machine.mode is held[max(held)]
    for gone in removals:
        machine.apply(SetMode(gone, None), 0)
        del held[gone]
        assert machine.mode is (held[max(held)] if held else DoorMode.LOCKED)


@pytest.mark.parametrize("mode", sorted(OPEN_MODES))
def test_a_wish_for_an_open_mode_survives_a_restart(mode: DoorMode) -> None:
    assert not DoorMachine(Timings(), slots={Priority.OPERATOR: mode}).locked
