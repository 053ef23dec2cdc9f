"""The door machine: its everyday life as tables, its promises as properties over any sequence of inputs."""

from __future__ import annotations

import pytest

from sitewarden.domain.access.door import LOCK_FOLLOWS, QUEUE, DoorMachine, run
from sitewarden.domain.access.door_signals import (
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
Happening = tuple[Input, float]


def life(*inputs: Happening, timings: Timings | None = None, conduct: Conduct | None = None) -> tuple[DoorMachine, list[str]]:
    machine = DoorMachine(timings or Timings(), conduct)
    effects = run(machine, [(happened, round(at * S)) for happened, at in inputs])
    return machine, [name(effect) for batch in effects for effect in batch]


def name(effect: Effect) -> str:
    if isinstance(effect, Lock):
        return "lock" if effect.locked else "unlock"
    if isinstance(effect, DoubleLock):
        return "double-lock" if effect.engaged else "single-lock"
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
        ([(SetMode(Priority.EMERGENCY, DoorMode.LOCKED_DOWN), 0), (SetMode(Priority.FIRE, DoorMode.LOCKED_OPEN), 1),
          (Contact(True), 2), (Contact(False), 3), (SetMode(Priority.FIRE, None), 4)],
         ["mode", "unlock", "mode", "opened", "closed", "lock", "mode"]),
        ([(SetMode(Priority.OPERATOR, DoorMode.DOUBLE_LOCKED), 0), (Grant(), 1), (Tick(), 60)],
         ["double-lock", "mode", "single-lock", "unlock", "mode", "lock", "double-lock", "mode"]),
        ([(Grant(passage=3), 0), (SetMode(Priority.OPERATOR, DoorMode.LOCKED), 1)],
         ["unlock", "mode", "lock", "not-taken 3", "mode"]),
        ([(Grant(extended=True, passage=1), 0), (Grant(passage=2), 1), (Contact(True), 9), (Contact(False), 30)],
         ["unlock", "mode", "not-taken 1", "lock", "opened", "taken 2", "mode", "closed"]),
        ([(SetMode(Priority.OPERATOR, DoorMode.UNLOCKED), 0), (Grant(passage=1), 1), (Contact(True), 2)],
         ["unlock", "mode", "opened", "taken 1"]),
        ([(Exit(), 0), (Contact(True), 1), (Contact(False), 2)], ["unlock", "mode", "lock", "opened", "mode", "closed"]),
        ([(Scheduled(True), 0), (Scheduled(False), 9)], ["unlock", "mode", "lock", "mode"]),
        ([(Scheduled(True), 0), (Grant(passage=1), 8), (Scheduled(False), 9), (Contact(True), 10)],
         ["unlock", "mode", "mode", "lock", "opened", "taken 1", "mode"]),
        ([(TamperContact(True), 0), (TamperContact(True), 1), (TamperContact(False), 2), (FaultSignal(True), 3)],
         ["tamper", "tamper-cleared", "fault"]),
    ],
)  # fmt: skip
def test_everyday_life(inputs: list[Happening], effects: list[str]) -> None:
    assert life(*inputs)[1] == effects


FREE_HANDLE = Conduct(exit_releases=False)
FIRST = Conduct(first_person=True)


@pytest.mark.parametrize(
    ("conduct", "inputs", "effects"),
    [
        (FREE_HANDLE, [(Exit(), 0), (Contact(True), 1), (Contact(False), 2), (Contact(True), 3)],
         ["mode", "opened", "mode", "closed", "opened", "forced"]),
        (FREE_HANDLE, [(Exit(), 0), (Contact(True), 4)], ["mode", "mode", "opened", "forced"]),
        (FREE_HANDLE, [(SetMode(Priority.EMERGENCY, DoorMode.LOCKED_DOWN), 0), (Exit(), 1), (Contact(True), 2)],
         ["mode", "refused", "opened", "forced"]),
        (FIRST, [(Scheduled(True), 0), (Exit(), 1), (Grant(), 5), (Tick(), 20)],
         ["unlock", "mode", "lock", "mode", "unlock", "mode", "lock", "mode"]),
        (FIRST, [(Scheduled(True), 0), (Grant(passage=1, person=True), 5), (Contact(True), 6), (Tick(), 900),
                 (Scheduled(False), 1000)],
         ["unlock", "first-person", "mode", "opened", "taken 1", "lock", "mode"]),
        (FIRST, [(Grant(person=True), 0), (Contact(True), 1), (Contact(False), 2), (Scheduled(True), 9)],
         ["unlock", "mode", "lock", "opened", "mode", "closed"]),
        (Conduct(kind="turnstile"),
         [(Grant(passage=1), 0), (Grant(passage=2), 1), (Contact(True), 2), (Contact(False), 3), (Contact(True), 4),
          (Contact(False), 5), (Contact(True), 6)],
         ["unlock", "mode", "lock", "opened", "taken 1", "mode", "unlock", "closed", "mode", "lock", "opened", "taken 2", "mode",
          "closed", "opened", "forced"]),
        (Conduct(kind="turnstile"), [(Grant(passage=1), 0), (Grant(passage=2), 1), (Tick(), 60)],
         ["unlock", "mode", "not-taken 1", "lock", "not-taken 2", "mode"]),
        (Conduct(kind="turnstile"), [(Grant(passage=n), 0) for n in range(1, QUEUE + 3)],
         ["unlock", "mode", f"not-taken {QUEUE + 2}"]),
        (Conduct(kind="barrier"), [(Grant(passage=1), 0), (Contact(True), 2), (Tick(), 9), (Contact(False), 9.5)],
         ["unlock", "mode", "opened", "taken 1", "pre-alarm", "lock", "closed", "mode"]),
        (Conduct(kind="barrier"),
         [(Grant(), 0), (Contact(True), 2), (SetMode(Priority.EMERGENCY, DoorMode.LOCKED_DOWN), 3), (Contact(False), 4)],
         ["unlock", "mode", "opened", "mode", "lock", "closed"]),
        (Conduct(kind="barrier"), [(Contact(True), 0)], ["opened", "forced"]),
        (Conduct(kind="revolving-door"), [(Grant(), 0), (Contact(True), 2), (Tick(), 30)],
         ["unlock", "mode", "opened", "pre-alarm", "held"]),
    ],
)  # fmt: skip
def test_kinds_and_their_conduct(conduct: Conduct, inputs: list[Happening], effects: list[str]) -> None:
    assert life(*inputs, conduct=conduct)[1] == effects


def test_a_lock_that_does_not_follow_is_a_fault_until_it_does() -> None:
    machine, effects = life((LockSensor(True), 0), (Grant(), 1), (Tick(), 3.5))
    assert effects == ["unlock", "mode", "fault"]
    assert machine.faults == {"lock"}
    assert name(machine.apply(LockSensor(False), 3_600_000)[0]) == "fault-cleared"
    assert [name(effect) for effect in machine.apply(Contact(True), 3_700_000)] == ["lock", "opened", "mode"]
    assert machine.deadline is not None
    assert machine.deadline > 3_700_000 + LOCK_FOLLOWS, "the bolt of an open door bonds with nothing"


def test_faults_of_several_sources_end_each_by_itself() -> None:
    machine, effects = life((FaultSignal(True, "contact"), 0), (FaultSignal(True), 1), (FaultSignal(False, "contact"), 2))
    assert effects == ["fault", "fault", "fault-cleared"]
    assert machine.faults == {"wiring"}


def test_pre_alarm_of_no_time_is_none() -> None:
    assert life((Grant(), 0), (Contact(True), 1), (Tick(), 60), timings=Timings(pre_alarm=0))[1][-1] == "held"


@pytest.mark.parametrize("back", [1, 3600, 10**6])
def test_a_clock_that_is_set_back_lengthens_nothing(back: int) -> None:
    machine = DoorMachine(Timings())
    machine.apply(Grant(), 100 * S)
    machine.apply(Tick(), (100 - back) * S)
    assert machine.deadline == (103 - back) * S
    assert [name(effect) for effect in machine.apply(Tick(), (103 - back) * S)] == ["lock", "mode"]


def test_delay_before_relock_keeps_the_lock_released_while_the_door_stands_open() -> None:
    machine, effects = life((Grant(passage=1), 0), (Contact(True), 1), (Tick(), 1.9), timings=Timings(delay_before_relock=S))
    assert not machine.locked
    assert machine.deadline == 2 * S
    assert effects == ["unlock", "mode", "opened", "taken 1"]
