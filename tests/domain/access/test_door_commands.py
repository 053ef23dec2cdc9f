"""Every command in every mode, as ONVIF Door Control has it: what the mode becomes, or that it is refused."""

from __future__ import annotations

from typing import get_args

import pytest

from sitewarden.domain.access.door import DoorMachine
from sitewarden.domain.access.door_commands import COMMANDS, DoorCommandName, held_by, level, order
from sitewarden.domain.access.door_signals import Grant, Input, Scheduled, Timings
from sitewarden.domain.access.model import DoorMode
from sitewarden.domain.errors import Conflict

MODES: dict[str, list[Input]] = {
    "locked": [],
    "locked by operator": [COMMANDS["lock"]],
    "unlocked": [COMMANDS["unlock"]],
    "unlocked by schedule": [Scheduled(True)],
    "accessed": [Grant()],
    "blocked": [COMMANDS["block"]],
    "double-locked": [COMMANDS["double-lock"]],
    "locked-down": [COMMANDS["lockdown"]],
    "locked-open": [COMMANDS["lock-open"]],
    "fire": [COMMANDS["fire-release"]],
    "fire over lockdown": [COMMANDS["lockdown"], COMMANDS["fire-release"]],
}
ORDER = [
    "release", "lock", "unlock", "block", "double-lock", "normal", "lockdown", "release-lockdown", "lock-open",
    "release-lock-open", "fire-release", "end-fire-release",
]  # fmt: skip
L, U, A, B, D, LD, LO = (
    DoorMode.LOCKED, DoorMode.UNLOCKED, DoorMode.ACCESSED, DoorMode.BLOCKED, DoorMode.DOUBLE_LOCKED, DoorMode.LOCKED_DOWN,
    DoorMode.LOCKED_OPEN,
)  # fmt: skip
TABLE: dict[str, list[DoorMode | None]] = {
    #                      release lock  unl   block dbl   norm  down  rel   open  rel   fire end
    "locked":               [A,    L,    U,    B,    D,    L,    LD,   None, LO,   None, LO,  None],
    "locked by operator":   [A,    L,    U,    B,    D,    L,    LD,   None, LO,   None, LO,  None],
    "unlocked":             [U,    L,    U,    B,    D,    L,    LD,   None, LO,   None, LO,  None],
    "unlocked by schedule": [U,    L,    U,    B,    D,    U,    LD,   None, LO,   None, LO,  None],
    "accessed":             [A,    L,    U,    B,    D,    A,    LD,   None, LO,   None, LO,  None],
    "blocked":              [None, L,    U,    B,    D,    L,    LD,   None, LO,   None, LO,  None],
    "double-locked":        [A,    L,    U,    B,    D,    L,    LD,   None, LO,   None, LO,  None],
    "locked-down":          [None, None, None, None, None, None, LD,   L,    None, None, LO,  None],
    "locked-open":          [None, None, None, None, None, None, None, None, LO,   L,    LO,  None],
    "fire":                 [None, None, None, None, None, None, LO,   None, None, None, LO,  L],
    "fire over lockdown":   [None, None, None, None, None, None, LO,   LO,   None, None, LO,  LD],
}  # fmt: skip
CASES = [(mode, command, after) for mode, row in TABLE.items() for command, after in zip(ORDER, row, strict=True)]


def machine_in(mode: str) -> DoorMachine:
    machine = DoorMachine(Timings())
    for happened in MODES[mode]:
        machine.apply(happened, 0)
    return machine


def test_the_table_is_whole() -> None:
    assert set(ORDER) == set(COMMANDS) == set(get_args(DoorCommandName))
    assert set(MODES) == set(TABLE)


@pytest.mark.parametrize(("mode", "command", "after"), CASES)
def test_every_command_in_every_mode(mode: str, command: DoorCommandName, after: DoorMode | None) -> None:
    machine = machine_in(mode)
    before = machine.mode, dict(machine.slots)
    if after is None:
        with pytest.raises(Conflict) as refused:
            order(command, machine, where="door:main")
        assert refused.value.remedy
        assert (machine.mode, machine.slots) == before
        return
    machine.apply(order(command, machine), 1)
    assert machine.mode is after


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("locked", ("none", "")),
        ("accessed", ("none", "")),
        ("unlocked by schedule", ("scheduled", "schedule")),
        ("blocked", ("operator", "operator")),
        ("locked-down", ("emergency", "lockdown")),
        ("locked-open", ("emergency", "lock-open")),
        ("fire over lockdown", ("emergency", "fire-release")),
    ],
)
def test_who_holds_the_mode(mode: str, told: tuple[str, str]) -> None:
    machine = machine_in(mode)
    assert (level(machine), held_by(machine)) == told


def test_a_lockdown_asked_for_during_a_fire_release_begins_after_it() -> None:
    machine = machine_in("fire")
    machine.apply(order("lockdown", machine), 1)
    assert (machine.mode, machine.locked) == (LO, False)
    machine.apply(order("end-fire-release", machine), 2)
    assert (machine.mode, machine.locked) == (LD, True)


def test_a_release_takes_the_extended_times() -> None:
    machine = machine_in("locked")
    machine.apply(order("release", machine, extended=True), 0)
    assert machine.deadline == machine.timings.extended_release
