"""The door machine: its everyday life as tables, its promises as properties over any sequence of inputs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.access.door import (
    OPEN_MODES,
    SHUT_MODES,
    Changed,
    Contact,
    DoorMachine,
    Effect,
    FaultSignal,
    Grant,
    Input,
    Lock,
    Priority,
    SetMode,
    TamperContact,
    Tick,
    Timings,
    run,
)
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.clock import SECOND

S = SECOND
Happening = tuple[Input, float]


def life(*inputs: Happening, timings: Timings | None = None) -> tuple[DoorMachine, list[str]]:
    machine = DoorMachine(timings or Timings())
    effects = run(machine, [(happened, round(at * S)) for happened, at in inputs])
    return machine, [name(effect) for batch in effects for effect in batch]


def name(effect: Effect) -> str:
    if isinstance(effect, Lock):
        return "lock" if effect.locked else "unlock"
    return effect.what if effect.passage is None else f"{effect.what} {effect.passage}"


@pytest.mark.parametrize(
    ("inputs", "effects"),
    [
        ([(Grant(passage=7), 0), (Contact(True), 1), (Contact(False), 4), (Tick(), 60)],
         ["unlock", "mode", "lock", "opened", "taken 7", "mode", "closed"]),
        ([(Grant(passage=7), 0), (Tick(), 60)], ["unlock", "mode", "lock", "not-taken 7", "mode"]),
        ([(Grant(), 0), (Contact(True), 2.9), (Tick(), 8), (Tick(), 13), (Contact(False), 20)],
         ["unlock", "mode", "lock", "opened", "mode", "pre-alarm", "held", "closed", "held-cleared"]),
        ([(Grant(extended=True), 0), (Contact(True), 9), (Tick(), 30), (Contact(False), 33)],
         ["unlock", "mode", "lock", "opened", "mode", "closed"]),
        ([(Contact(True), 1), (Contact(False), 2)], ["opened", "forced", "closed", "forced-cleared"]),
        ([(Grant(), 0), (Contact(True), 1), (Contact(False), 2), (Contact(True), 2.5)],
         ["unlock", "mode", "lock", "opened", "mode", "closed", "opened", "forced"]),
        ([(SetMode(Priority.OPERATOR, DoorMode.UNLOCKED), 0), (Contact(True), 1), (Tick(), 900),
          (SetMode(Priority.OPERATOR, None), 1000), (Tick(), 1011)],
         ["unlock", "mode", "opened", "lock", "mode", "pre-alarm", "held"]),
        ([(SetMode(Priority.EMERGENCY, DoorMode.LOCKED_DOWN), 0), (Grant(passage=3), 1)], ["mode", "refused 3"]),
        ([(Grant(passage=3), 0), (SetMode(Priority.EMERGENCY, DoorMode.LOCKED_DOWN), 1)],
         ["unlock", "mode", "lock", "not-taken 3", "mode"]),
        ([(SetMode(Priority.EMERGENCY, DoorMode.LOCKED_DOWN), 0), (SetMode(Priority.OPERATOR, DoorMode.UNLOCKED), 1),
          (SetMode(Priority.EMERGENCY, None), 2)], ["mode", "unlock", "mode"]),
        ([(SetMode(Priority.SCHEDULED, DoorMode.UNLOCKED), 0), (SetMode(Priority.OPERATOR, DoorMode.LOCKED), 1)],
         ["unlock", "mode", "lock", "mode"]),
        ([(TamperContact(True), 0), (TamperContact(True), 1), (TamperContact(False), 2), (FaultSignal(True), 3)],
         ["tamper", "tamper-cleared", "fault"]),
    ],
)  # fmt: skip
def test_everyday_life(inputs: list[Happening], effects: list[str]) -> None:
    assert life(*inputs)[1] == effects


def test_delay_before_relock_keeps_the_lock_released_while_the_door_stands_open() -> None:
    machine, effects = life((Grant(passage=1), 0), (Contact(True), 1), (Tick(), 1.9), timings=Timings(delay_before_relock=S))
    assert not machine.locked
    assert machine.deadline == 2 * S
    assert effects == ["unlock", "mode", "opened", "taken 1"]


MODES = st.none() | st.sampled_from([mode for mode in DoorMode if mode is not DoorMode.ACCESSED])
INPUTS = st.one_of(
    st.builds(Grant, st.booleans(), st.none() | st.integers(1, 9)),
    st.builds(Contact, st.booleans()),
    st.builds(TamperContact, st.booleans()),
    st.builds(FaultSignal, st.booleans()),
    st.builds(SetMode, st.sampled_from(Priority), MODES),
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
STORIES = st.lists(st.tuples(INPUTS, st.integers(0, 8 * S)), max_size=40)


@given(TIMINGS, STORIES)
def test_promises(timings: Timings, story: list[tuple[Input, int]]) -> None:
    machine = DoorMachine(timings)
    now, driven_locked = 0, True
    allowed_until = 0
    for happened, later in story:
        target = now + later
        while True:
            due = machine.deadline
            step, at = (Tick(), max(due, now)) if due is not None and due <= target else (happened, target)
            was_open, was_locked, was_mode, was_base = machine.is_open, machine.locked, machine.mode, machine.base
            effects = machine.apply(step, at)
            names = [name(effect).split()[0] for effect in effects]
            if isinstance(step, Grant) and was_base not in SHUT_MODES:
                allowed_until = at + (timings.extended_release if step.extended else timings.release)
            if isinstance(step, Contact) and step.open:
                allowed_until = max(allowed_until, at + timings.delay_before_relock)
            for effect in effects:
                if isinstance(effect, Lock):
                    assert effect is effects[0], "the lock is driven first"
                    assert effect.locked is not driven_locked, "it is driven once a change"
                    driven_locked = effect.locked
            assert machine.locked is driven_locked
            if not machine.locked:
                by_mode = machine.base in OPEN_MODES
                assert by_mode or at <= allowed_until, "never unlocked by accident"
                assert by_mode or machine.deadline is not None, "and somebody will lock it"
            if machine.base in SHUT_MODES:
                assert machine.locked
            if isinstance(step, Contact) and step.open and not was_open:
                masked = (was_mode is DoorMode.ACCESSED and at <= allowed_until) or was_base in OPEN_MODES
                assert ("forced" in names) or masked, "forced is masked by Accessed and by an open mode only"
                if was_locked:
                    assert "forced" in names
            if not machine.is_open:
                assert machine.alarm == "normal"
            now = at
            if step is happened and at == target:
                break
    if machine.slots:
        assert machine.base is machine.slots[max(machine.slots)]


@given(TIMINGS, STORIES)
def test_every_grant_is_answered_once(timings: Timings, story: list[tuple[Input, int]]) -> None:
    machine = DoorMachine(timings)
    now, inputs = 0, []
    for number, (happened, later) in enumerate(story, 1):
        now += later
        inputs.append((Grant(happened.extended, number) if isinstance(happened, Grant) else happened, now))
    effects = [effect for batch in run(machine, inputs) for effect in batch]
    told = [effect.passage for effect in effects if isinstance(effect, Changed) and effect.passage is not None]
    assert len(told) == len(set(told))


@given(st.dictionaries(st.sampled_from(Priority), st.sampled_from(sorted(OPEN_MODES | SHUT_MODES))))
def test_lock_requests_survive_a_restart(slots: dict[Priority, DoorMode]) -> None:
    machine = DoorMachine(Timings(), slots=slots)
    assert machine.mode is (slots[max(slots)] if slots else DoorMode.LOCKED)
    assert machine.locked is (machine.mode not in OPEN_MODES)
